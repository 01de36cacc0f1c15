//! The hyperbolic tangent.

use super::exp::{Exponential, exp_positive};
use super::polynomial::polynomial;
use super::splat;
use crate::simd::Simd;

/// What `tanh` takes besides the exponential.
pub(super) struct Tanh<T: 'static> {
    /// `g` in `tanh x = x − x³/g(x²)` for `|x| < 1`.
    small: &'static [T],
}

/// Relative error of the small branch 2⁻²⁸.
pub(super) const F32: Tanh<f32> = Tanh { small: &[3.000_000_7, 1.199_992_8, -0.005_691_844, 0.000_226_405_87] };

/// Relative error of the small branch 2⁻⁶¹.
pub(super) const F64: Tanh<f64> = Tanh {
    small: &[
        3.000_000_000_000_000_4,
        1.199_999_999_999_978_9,
        -0.005_714_285_713_964_438,
        0.000_253_968_251_645_225_5,
        -1.220_365_998_404_137_3e-5,
        5.987_436_911_643_518e-7,
        -2.953_152_358_654_943_4e-8,
        1.432_596_633_488_827_9e-9,
        -5.711_515_615_039_792e-11,
    ],
};

/// `tanh x`, from `a = |x|`, with one division: `a − a³/g(a²)` where `a < 1`, else `1 − 2/(e²ᵃ + 1)`.
///
/// `x³/(x − tanh x)` is a much tamer function of `x²` than `tanh x / x`: its nearest singularity lies at 4.5i, not at
/// ½πi. Both branches subtract something small from something exact, which keeps the error close to the last rounding.
#[inline(always)]
pub(super) fn tanh<T: Copy + From<f32>, S: Simd<T>>(
    simd: S,
    c: &Tanh<T>,
    e: &Exponential<T>,
    x: S::Vector,
) -> S::Vector {
    let one = splat(simd, 1.0);
    let a = simd.abs(x);
    let square = simd.mul(a, a);
    let is_small = simd.less(a, one);
    let large = simd.add(exp_positive(simd, e, simd.add(a, a)), one);
    let numerator = simd.select(is_small, simd.mul(square, a), splat(simd, 2.0));
    let denominator = simd.select(is_small, polynomial(simd, c.small, square), large);
    let base = simd.select(is_small, a, one);
    simd.copysign(simd.sub(base, simd.div(numerator, denominator)), x)
}
