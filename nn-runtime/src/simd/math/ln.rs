//! Logarithms.

use super::polynomial::polynomial;
use super::splat;
use crate::simd::Simd;

/// What `ln (m·2ᵉ) = e·ln 2 + ln m` takes.
pub(super) struct Logarithm<T: 'static> {
    /// The leading bits of `ln 2`, so few that `e` times them is exact.
    ln2_high: T,
    /// The rest of `ln 2`.
    ln2_low: T,
    /// √2.
    sqrt_2: T,
    /// `p` in `2 artanh s = 2s + s³·p(s²)` for `|s| ≤ (√2 − 1)/(√2 + 1)`.
    series: &'static [T],
}

/// Relative error of the polynomial's share 2⁻³⁰.
pub(super) const F32: Logarithm<f32> = Logarithm {
    ln2_high: 0.693_145_75,
    ln2_low: 1.428_606_8e-6,
    sqrt_2: std::f32::consts::SQRT_2,
    series: &[0.666_667_76, 0.399_775_68, 0.298_714_6],
};

/// Relative error of the polynomial's share 2⁻⁵⁹.
pub(super) const F64: Logarithm<f64> = Logarithm {
    ln2_high: 6.931_471_803_691_238e-1,
    ln2_low: 1.908_214_929_270_587_7e-10,
    sqrt_2: std::f64::consts::SQRT_2,
    series: &[
        0.666_666_666_666_673_5,
        0.399_999_999_994_093_4,
        0.285_714_287_436_896_53,
        0.222_221_984_286_685_44,
        0.181_835_723_672_969_85,
        0.153_138_319_889_431_77,
        0.147_982_589_031_598_6,
    ],
};

/// `ln x`.
#[inline(always)]
pub(super) fn ln<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Logarithm<T>, x: S::Vector) -> S::Vector {
    let (m, e) = split(simd, c, x);
    let f = simd.sub(m, splat(simd, 1.0));
    let finite = ln_near_one(simd, c, f, e, simd.mul(e, simd.splat(c.ln2_low)));
    outside_domain(simd, x, x, finite)
}

/// `ln (1 + x)`.
///
/// `1 + x` loses bits of `x`. Where no power of two is split off, `f` is `x` itself; elsewhere the lost part, over
/// `1 + x`, is the correction to first order, and the next order is below the last bit.
#[inline(always)]
pub(super) fn ln_1p<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Logarithm<T>, x: S::Vector) -> S::Vector {
    let one = splat(simd, 1.0);
    let zero = splat(simd, 0.0);
    let u = simd.add(one, x);
    let added = simd.sub(u, one);
    let lost = simd.add(simd.sub(one, simd.sub(u, added)), simd.sub(x, added));
    let (m, e) = split(simd, c, u);
    let is_near_one = simd.equal(e, zero);
    let f = simd.select(is_near_one, x, simd.sub(m, one));
    let correction = simd.select(is_near_one, zero, simd.div(lost, u));
    let finite = ln_near_one(simd, c, f, e, simd.mul_add(e, simd.splat(c.ln2_low), correction));
    simd.copysign(outside_domain(simd, u, x, finite), x)
}

/// `(m, e)` with `x = m·2ᵉ` and `√½ ≤ m ≤ √2`.
#[inline(always)]
fn split<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Logarithm<T>, x: S::Vector) -> (S::Vector, S::Vector) {
    let (m, e) = simd.split_exponent(x);
    let is_high = simd.less(simd.splat(c.sqrt_2), m);
    (simd.select(is_high, simd.mul(m, splat(simd, 0.5)), m), simd.select(is_high, simd.add(e, splat(simd, 1.0)), e))
}

/// `e·ln 2 + ln (1 + f)`, where `low` is what to add beside the leading bits of `e·ln 2`.
///
/// With `s = f/(2 + f)`, `ln (1 + f) = 2 artanh s = f − (f²/2 − s·(f²/2 + s²·p(s²)))`: the form of fdlibm, whose first
/// term is exact and whose others are small.
#[inline(always)]
fn ln_near_one<T: Copy + From<f32>, S: Simd<T>>(
    simd: S,
    c: &Logarithm<T>,
    f: S::Vector,
    e: S::Vector,
    low: S::Vector,
) -> S::Vector {
    let s = simd.div(f, simd.add(splat(simd, 2.0), f));
    let square = simd.mul(s, s);
    let half_square = simd.mul(simd.mul(splat(simd, 0.5), f), f);
    let series = simd.mul_add(square, polynomial(simd, c.series, square), half_square);
    let small = simd.sub(half_square, simd.mul_add(s, series, low));
    simd.mul_add(e, simd.splat(c.ln2_high), simd.sub(f, small))
}

/// `finite`, but −∞ where the logarithm's argument is zero, NaN where it is negative, and `x` where that is ∞ or NaN.
#[inline(always)]
fn outside_domain<T: Copy + From<f32>, S: Simd<T>>(
    simd: S,
    argument: S::Vector,
    x: S::Vector,
    finite: S::Vector,
) -> S::Vector {
    let zero = splat(simd, 0.0);
    let pole = splat(simd, f32::NEG_INFINITY);
    let undefined = splat(simd, f32::NAN);
    let not_positive = simd.select(simd.equal(argument, zero), pole, undefined);
    let below_infinity = simd.select(simd.less(zero, argument), finite, not_positive);
    simd.select(simd.less(x, splat(simd, f32::INFINITY)), below_infinity, x)
}
