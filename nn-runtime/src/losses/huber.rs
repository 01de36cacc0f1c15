//! Huber's loss.

use super::Elementwise;
use super::elementwise::constant;
use crate::Real;
use crate::simd::Simd;

/// Huber's loss, a parabola that goes on as its tangents beyond `±delta`, averaged over all N = O·B values.
///
/// With `e = y − t`:
///
/// ```text
/// c(e) = ½·e²                      for |e| ≤ delta
///        delta·(|e| − ½·delta)     beyond
/// L    = 1/N Σ c(e)
/// d_y  = clamp(e, −delta, delta) / N
/// ```
///
/// With `m = min(|e|, delta)` both lines are `m·(|e| − ½·m)`. As PyTorch's `HuberLoss`.
///
/// ```
/// use nn_runtime::losses::{Huber, mean_loss_and_gradient};
///
/// let mut d_y = [0.0; 2];
/// let loss = mean_loss_and_gradient(&Huber { delta: 2.0 }, &[1.0, 5.0], &[0.0, 0.0], 1, &mut d_y)?;
/// assert_eq!(loss, (0.5 + 2.0 * 4.0) / 2.0);
/// assert_eq!(d_y, [0.5, 1.0]);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Huber, “Robust estimation of a location parameter”, 1964.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// Where the parabola ends, 1 by default; positive.
    pub delta: f64,
}

impl Default for Huber {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Elementwise for Huber {
    #[inline(always)]
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let delta = constant(simd, self.delta);
        let difference = simd.sub(y, target);
        let size = simd.abs(difference);
        // With the difference second a NaN in it stays.
        let bent = simd.min(delta, size);
        let cost = simd.mul(bent, simd.neg_mul_add(constant(simd, 0.5), bent, size));
        (cost, simd.max(constant(simd, -self.delta), simd.min(delta, difference)))
    }
}
