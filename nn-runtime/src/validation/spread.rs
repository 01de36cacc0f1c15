//! The mean of several numbers, and how far they are apart.

use core::fmt;

/// The mean of n numbers, and how far they are apart. `Display` writes the mean ± the standard deviation.
///
/// ```
/// use nn_runtime::validation::Spread;
///
/// let spread = Spread::of([1.0, 2.0, 3.0, 6.0]);
/// assert_eq!((spread.mean, spread.count), (3.0, 4));
/// assert_eq!(spread.standard_deviation, (14.0_f64 / 3.0).sqrt());
/// assert_eq!(spread.standard_error(), (14.0_f64 / 3.0).sqrt() / 2.0);
/// assert_eq!(spread.to_string(), "3.0000 ± 2.1602");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// `x̄ = 1/n Σ x`; NaN of no number.
    pub mean: f64,
    /// That of a sample, `s = √(1/(n − 1) Σ (x − x̄)²)`; NaN of fewer than two numbers.
    pub standard_deviation: f64,
    /// n.
    pub count: usize,
}

impl Spread {
    /// That of these numbers.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let numbers: Vec<f64> = numbers.into_iter().collect();
        let count = numbers.len();
        let mean = numbers.iter().sum::<f64>() / count as f64;
        let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
        let standard_deviation = if count < 2 { f64::NAN } else { (squares / (count - 1) as f64).sqrt() };
        Self { mean, standard_deviation, count }
    }

    /// That of the mean, if the numbers are independent: `s / √n`.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_deviation / (self.count as f64).sqrt()
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} ± {:.4}", self.mean, self.standard_deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_defined_is_nan() {
        let one = Spread::of([2.0]);
        assert_eq!((one.mean, one.count), (2.0, 1));
        assert!(one.standard_deviation.is_nan() && one.standard_error().is_nan());
        assert!(Spread::of([]).mean.is_nan());
    }
}
