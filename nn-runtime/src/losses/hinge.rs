//! The hinge loss.

use std::borrow::Cow;

use super::elementwise::check_each;
use super::{Elementwise, TargetError};
use crate::Real;
use crate::simd::Simd;

/// The hinge loss, `max(0, 1 − t·y)` for targets `t = ±1`, averaged over all N = O·B values.
///
/// Zero for an answer that is right by a margin of at least 1: the cost of support vector machines.
///
/// ```text
/// L    = 1/N Σ max(0, 1 − t·y)
/// d_y  = −t/N where t·y < 1, and 0 elsewhere
/// ```
///
/// Targets other than −1 and 1 are an error, since labels 0 and 1 would train something else without a word.
///
/// ```
/// use nn_runtime::losses::{Hinge, TargetError, mean_loss, mean_loss_and_gradient};
///
/// let mut d_y = [0.0; 2];
/// let loss = mean_loss_and_gradient(&Hinge, &[0.5, 0.5], &[1.0, -1.0], 1, &mut d_y)?;
/// assert_eq!(loss, (0.5 + 1.5) / 2.0);
/// assert_eq!(d_y, [-0.5, 0.5]);
///
/// let error = mean_loss(&Hinge, &[0.5, 0.5], &[1.0, 0.0], 1).unwrap_err();
/// assert_eq!(error.to_string(), "target 1 of the batch is 0; this loss takes −1 and 1");
/// # Ok::<(), TargetError>(())
/// ```
///
/// Source: Cortes and Vapnik, “Support-vector networks”, 1995.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hinge;

impl Elementwise for Hinge {
    #[inline(always)]
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let zero = simd.splat(T::zero());
        let short = simd.neg_mul_add(target, y, simd.splat(T::one()));
        // With `short` second a NaN in it stays.
        let cost = simd.max(zero, short);
        (cost, simd.select(simd.less_equal(short, zero), zero, simd.sub(zero, target)))
    }

    /// The sign of the mean: the class of the majority, by the margin that costs nothing.
    fn output_for_mean(self, mean: f64, _: usize) -> f64 {
        mean.signum()
    }

    /// None: an output beyond the margin is no worse than one on it.
    fn predictions<T: Real>(self, _: &[T]) -> Option<Cow<'_, [T]>> {
        None
    }

    fn check<T: Real>(self, targets: &[T]) -> Result<(), TargetError> {
        check_each(targets, |t| t.abs() == T::one(), "−1 and 1")
    }
}
