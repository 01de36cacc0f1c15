//! The rectified linear unit.

use super::{Cached, Pointwise};
use crate::Real;
use crate::simd::Simd;

/// `f(x) = max(0, x)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relu;

impl Pointwise for Relu {
    const CACHED: Cached = Cached::Output;

    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let zero = simd.splat(T::zero());
        simd.max(zero, x)
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector) -> S::Vector {
        let zero = simd.splat(T::zero());
        simd.select(simd.less(zero, y), simd.splat(T::one()), zero)
    }
}
