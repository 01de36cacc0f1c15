//! Half the squared error.

use super::Elementwise;
use super::elementwise::constant;
use crate::Real;
use crate::simd::Simd;

/// Half the squared error, summed over a sample's outputs and averaged over the batch: `1/(2B) Σ_b Σ_o (y[o,b] − t[o,b])²`.
///
/// The cost of linear regression and of the classic derivations of back-propagation: half of the square, so that its
/// gradient is the plain difference.
///
/// ```text
/// L         = 1/B Σ_b Σ_o ½·(y[o,b] − t[o,b])²
/// d_y[o,b]  = (y[o,b] − t[o,b]) / B
/// ```
///
/// It is O/2 times [`MeanSquaredError`](super::MeanSquaredError), for O outputs.
///
/// ```
/// use nn_runtime::losses::{HalfSquaredError, mean_loss_and_gradient};
///
/// // Two samples of two outputs.
/// let (y, targets) = ([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 0.0, 4.0]);
/// let mut d_y = [0.0; 4];
/// let loss = mean_loss_and_gradient(&HalfSquaredError, &y, &targets, 2, &mut d_y)?;
/// assert_eq!(loss, (0.5 * 4.0 + 0.5 * 9.0) / 2.0);
/// assert_eq!(d_y, [0.0, 1.0, 1.5, 0.0]);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Widrow and Hoff, “Adaptive switching circuits”, 1960; Rumelhart, Hinton and Williams, “Learning representations
/// by back-propagating errors”, 1986.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HalfSquaredError;

impl Elementwise for HalfSquaredError {
    #[inline(always)]
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let difference = simd.sub(y, target);
        (simd.mul(simd.mul(constant(simd, 0.5), difference), difference), difference)
    }

    fn divisor(self, _: usize, samples: usize) -> usize {
        samples
    }
}
