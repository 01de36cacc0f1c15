//! Gradients that are not allowed to be large.

use crate::settings::non_negative;
use crate::{Real, vector};

/// What is added to a norm before it divides: as in `torch`, to which the results then agree to the last digits.
const EPS: f64 = 1e-6;

/// Makes a gradient no longer than `max_norm`, in the same direction, and gives the norm that it had:
/// `g ← g · min(max_norm / (‖g‖ + 10⁻⁶), 1)`.
///
/// As `torch.nn.utils.clip_grad_norm_`, but for norms that are not finite: with NaN or ∞ among its values the gradient is
/// left as it is (in `torch` it becomes 0 or NaN), so that the caller decides, and the norm says so. A norm too large for
/// `f32` alone is none of these: it is computed again in `f64`.
///
/// ```
/// use nn_runtime::optimizers::clip_by_norm;
///
/// let mut gradient = [3.0_f64, -4.0];
/// assert_eq!(clip_by_norm(&mut gradient, 10.0), 5.0);
/// assert_eq!(gradient, [3.0, -4.0]);
/// assert_eq!(clip_by_norm(&mut gradient, 1.0), 5.0);
/// assert!((gradient[0] - 0.6).abs() < 1e-6 && (gradient[1] + 0.8).abs() < 1e-6);
/// ```
///
/// # Panics
/// If `max_norm` is negative or not finite.
///
/// Source: Pascanu, Mikolov and Bengio, “On the difficulty of training recurrent neural networks” (2013), algorithm 1.
#[track_caller]
pub fn clip_by_norm<T: Real>(gradient: &mut [T], max_norm: f64) -> f64 {
    let max_norm = non_negative("max_norm", max_norm);
    let norm = norm_beyond_range(gradient);
    let factor = max_norm / (norm + EPS);
    if norm.is_finite() && factor < 1.0 {
        vector::scale(T::nearest(factor), gradient);
    }
    norm
}

/// The Euclidean norm, also where a square overflows `f32`.
fn norm_beyond_range<T: Real>(x: &[T]) -> f64 {
    let norm = vector::norm(x);
    if norm.is_finite() {
        return norm;
    }
    x.iter().map(|x| Real::to_f64(*x).powi(2)).sum::<f64>().sqrt()
}

/// Limits every value of a gradient: `g ← min(max(g, −limit), limit)`. As `torch.nn.utils.clip_grad_value_`; the direction
/// changes, ∞ becomes the limit, and NaN stays.
///
/// ```
/// use nn_runtime::optimizers::clip_by_value;
///
/// let mut gradient = [3.0_f32, -4.0, 0.5];
/// clip_by_value(&mut gradient, 1.0);
/// assert_eq!(gradient, [1.0, -1.0, 0.5]);
/// ```
///
/// # Panics
/// If `limit` is negative or not finite.
#[track_caller]
pub fn clip_by_value<T: Real>(gradient: &mut [T], limit: f64) {
    vector::clamp(T::nearest(non_negative("limit", limit)), gradient);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_that_is_not_finite_leaves_the_gradient_as_it_is() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut gradient = [1.0, bad, -2.0];
            assert!(!clip_by_norm(&mut gradient, 0.5).is_finite());
            assert_eq!((gradient[0], gradient[1].to_bits(), gradient[2]), (1.0, bad.to_bits(), -2.0));
        }
    }

    #[test]
    fn a_large_gradient_is_clipped_though_its_square_overflows() {
        let mut gradient = [3e30_f32, -4e30];
        let norm = clip_by_norm(&mut gradient, 1.0);
        assert!((norm / 5e30 - 1.0).abs() < 1e-6);
        assert!((gradient[0] - 0.6).abs() < 1e-6 && (gradient[1] + 0.8).abs() < 1e-6);
    }

    #[test]
    fn no_gradient_has_the_norm_zero() {
        assert_eq!(clip_by_norm::<f64>(&mut [], 1.0), 0.0);
        let mut gradient = [0.0_f64; 3];
        assert_eq!(clip_by_norm(&mut gradient, 0.0), 0.0);
        assert_eq!(gradient, [0.0; 3]);
    }

    #[test]
    #[should_panic(expected = "max_norm must be finite and at least 0, found -1.0")]
    fn a_negative_norm_is_refused() {
        clip_by_norm(&mut [1.0_f32], -1.0);
    }

    #[test]
    #[should_panic(expected = "limit must be finite and at least 0, found NaN")]
    fn a_limit_that_is_no_number_is_refused() {
        clip_by_value(&mut [1.0_f32], f64::NAN);
    }
}
