//! The Heaviside step.

use super::{Cached, Pointwise};
use crate::Real;
use crate::simd::Simd;

/// The threshold unit, `f(x) = 0` for `x < 0` and `1` for `x ≥ 0`.
///
/// ```text
/// f′(x) = 0 for x ≠ 0, and does not exist at 0; here it is 0 everywhere
/// ```
///
/// Range: `{0, 1}`. Cached: the output.
///
/// In `network!`: `dense(1) -> step`. A step passes no gradient, so nothing in front of it learns by gradient descent: it
/// is for McCulloch–Pitts units with given weights, and for inference. The perceptron rule,
/// [`PerceptronRule`](crate::perceptron::PerceptronRule), trains a single layer of them, since it needs no derivative. Glorot's initialisation stands in front of it if no weights are given.
///
/// ```
/// use nn_runtime::activations::{Activation, Step};
///
/// // x₁ AND x₂ as a threshold unit: step(x₁ + x₂ − 1.5).
/// let mut and = [0.0 + 0.0 - 1.5, 0.0 + 1.0 - 1.5, 1.0 + 0.0 - 1.5, 1.0 + 1.0 - 1.5];
/// Activation::from(Step).apply(&mut and);
/// assert_eq!(and, [0.0, 0.0, 0.0, 1.0]);
/// ```
///
/// Source: McCulloch and Pitts, “A logical calculus of the ideas immanent in nervous activity”, 1943; Rosenblatt, “The
/// perceptron”, 1958.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step;

impl Step {
    /// What the backward pass reads.
    #[must_use]
    pub const fn cached(self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Step {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let (zero, one) = (simd.splat(T::zero()), simd.splat(T::one()));
        // Neither comparison holds for NaN, which stays.
        simd.select(simd.less_equal(zero, x), one, simd.select(simd.less(x, zero), zero, x))
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, _: S::Vector) -> S::Vector {
        simd.splat(T::zero())
    }
}
