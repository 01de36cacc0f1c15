//! The logistic function.

use super::exp::{Exponential, exp_negative};
use super::splat;
use crate::simd::Simd;

/// `1 / (1 + e⁻ˣ)`, from `t = e^−|x|`, which does not overflow, and `q = t / (1 + t)`: `1 − q` or, for negative `x`,
/// `t − t·q`, which is `q` with less of the rounding of `1 + t` and of the quotient.
#[inline(always)]
pub(super) fn logistic<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    let one = splat(simd, 1.0);
    let t = exp_negative(simd, c, simd.copysign(x, splat(simd, -1.0)));
    let q = simd.div(t, simd.add(one, t));
    let base = simd.select(simd.less(x, splat(simd, 0.0)), t, one);
    simd.neg_mul_add(base, q, base)
}
