//! Checks of the numbers that a program sets. A number that cannot be meant is a mistake in the program: each of these panics
//! at the line that gave it, with what was expected and found.

/// `value`, which has to be finite and at least 0.
#[track_caller]
pub(crate) fn non_negative(name: &str, value: f64) -> f64 {
    assert!(value.is_finite() && value >= 0.0, "{name} must be finite and at least 0, found {value:?}");
    value
}

/// `value`, which has to be finite and above 0.
#[track_caller]
pub(crate) fn positive(name: &str, value: f64) -> f64 {
    assert!(value.is_finite() && value > 0.0, "{name} must be finite and above 0, found {value:?}");
    value
}

/// `value`, which has to be a share that is not the whole.
#[track_caller]
pub(crate) fn below_one(name: &str, value: f64) -> f64 {
    assert!((0.0..1.0).contains(&value), "{name} must be at least 0 and below 1, found {value:?}");
    value
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn refuses(check: fn(&str, f64) -> f64, values: &[f64]) -> bool {
        values.iter().all(|value| catch_unwind(|| check("a number", *value)).is_err())
    }

    #[test]
    fn each_takes_its_range_and_nothing_else() {
        assert!([0.0, f64::MIN_POSITIVE, f64::MAX].iter().all(|x| non_negative("x", *x) == *x));
        assert!(refuses(non_negative, &[-f64::MIN_POSITIVE, f64::INFINITY, f64::NAN]));
        assert!([f64::MIN_POSITIVE, f64::MAX].iter().all(|x| positive("x", *x) == *x));
        assert!(refuses(positive, &[0.0, -1.0, f64::INFINITY, f64::NAN]));
        assert!([0.0, 1.0 - f64::EPSILON].iter().all(|x| below_one("x", *x) == *x));
        assert!(refuses(below_one, &[-f64::MIN_POSITIVE, 1.0, f64::INFINITY, f64::NAN]));
    }
}
