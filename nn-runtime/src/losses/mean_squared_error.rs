//! The squared error.

use super::Elementwise;
use crate::Real;
use crate::simd::Simd;

/// The squared error, averaged over all N = O·B values: `1/N Σ (y − t)²`.
///
/// ```text
/// L    = 1/N Σ (y − t)²
/// d_y  = 2·(y − t) / N
/// ```
///
/// As PyTorch's `MSELoss`.
///
/// ```
/// use nn_runtime::losses::{MeanSquaredError, mean_loss_and_gradient};
///
/// let mut d_y = [0.0; 4];
/// let loss = mean_loss_and_gradient(&MeanSquaredError, &[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 0.0, 4.0], 2, &mut d_y)?;
/// assert_eq!(loss, (4.0 + 9.0) / 4.0);
/// assert_eq!(d_y, [0.0, 1.0, 1.5, 0.0]);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Legendre, “Nouvelles méthodes pour la détermination des orbites des comètes”, 1805 (least squares).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanSquaredError;

impl Elementwise for MeanSquaredError {
    #[inline(always)]
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let difference = simd.sub(y, target);
        (simd.mul(difference, difference), simd.add(difference, difference))
    }
}
