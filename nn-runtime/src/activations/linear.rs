//! No activation.

use super::{Cached, Pointwise};
use crate::Real;
use crate::simd::Simd;

/// `f(x) = x`: the output of a regression, or logits.
///
/// ```text
/// f′(x) = 1
/// ```
///
/// Range: all numbers. Cached: nothing is read; the gradient passes unchanged.
///
/// A layer without an activation is linear, so in `network!` it need not be written: `dense(10)`, or
/// `dense(10) -> linear`. The weights in front of it start from Glorot's initialisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Linear;

impl Linear {
    /// What the backward pass reads.
    #[must_use]
    pub const fn cached(self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Linear {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, _: S, x: S::Vector) -> S::Vector {
        x
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, _: S::Vector) -> S::Vector {
        simd.splat(T::one())
    }
}
