//! The absolute error.

use super::Elementwise;
use crate::Real;
use crate::simd::Simd;

/// The absolute error, averaged over all N = O·B values: `1/N Σ |y − t|`.
///
/// Large errors weigh less than in a squared error, so that outliers do. Its minimum is the median.
///
/// ```text
/// L    = 1/N Σ |y − t|
/// d_y  = sign(y − t) / N,   0 where y = t
/// ```
///
/// As PyTorch's `L1Loss`.
///
/// ```
/// use nn_runtime::losses::{AbsoluteError, mean_loss_and_gradient};
///
/// let mut d_y = [0.0; 4];
/// let loss = mean_loss_and_gradient(&AbsoluteError, &[1.0, 2.0, -3.0, 4.0], &[1.0, 0.0, 0.0, 4.0], 2, &mut d_y)?;
/// assert_eq!(loss, (2.0 + 3.0) / 4.0);
/// assert_eq!(d_y, [0.0, 0.25, -0.25, 0.0]);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Boscovich, 1757, and Laplace, 1789 (least absolute deviations).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AbsoluteError;

impl Elementwise for AbsoluteError {
    #[inline(always)]
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let difference = simd.sub(y, target);
        let cost = simd.abs(difference);
        // What is not above zero is zero or NaN, and is its own sign.
        let sign = simd.copysign(simd.splat(T::one()), difference);
        (cost, simd.select(simd.less(simd.splat(T::zero()), cost), sign, difference))
    }
}
