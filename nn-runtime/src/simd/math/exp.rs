//! The exponential.

use super::polynomial::polynomial;
use super::{clamp, splat};
use crate::simd::Simd;

/// What `eˣ = 2ⁿ·eʳ` takes.
pub(super) struct Exponential<T: 'static> {
    /// `1 / ln 2`.
    log2_e: T,
    /// The leading bits of `ln 2`, so few that `n` times them is exact.
    ln2_high: T,
    /// The rest of `ln 2`.
    ln2_low: T,
    /// Here and below `eˣ` rounds to zero.
    lowest: T,
    /// Here and below `eˣ − 1` rounds to −1.
    minus_one: T,
    /// Here and above `eˣ` overflows.
    highest: T,
    /// `q` in `eʳ = 1 + r + r²·q(r)` for `|r| ≤ ½ ln 2`.
    tail: &'static [T],
}

/// Relative error of the polynomial 2⁻²⁸.
pub(super) const F32: Exponential<f32> = Exponential {
    log2_e: std::f32::consts::LOG2_E,
    ln2_high: 0.693_145_75,
    ln2_low: 1.428_606_8e-6,
    lowest: -104.0,
    minus_one: -18.0,
    highest: 89.0,
    tail: &[0.499_999_94, 0.166_665_17, 0.041_668_25, 0.008_369_087, 0.001_381_874],
};

/// Relative error of the polynomial 2⁻⁵⁸; `ln 2` is split as in fdlibm.
pub(super) const F64: Exponential<f64> = Exponential {
    log2_e: std::f64::consts::LOG2_E,
    ln2_high: 6.931_471_803_691_238e-1,
    ln2_low: 1.908_214_929_270_587_7e-10,
    lowest: -746.0,
    minus_one: -38.0,
    highest: 710.0,
    tail: &[
        0.500_000_000_000_001_1,
        0.166_666_666_666_664_35,
        0.041_666_666_666_525_77,
        0.008_333_333_333_475_874,
        0.001_388_888_894_486_824_5,
        0.000_198_412_695_550_393_02,
        2.480_149_174_537_568e-5,
        2.755_753_618_173_864_6e-6,
        2.763_075_068_949_22e-7,
        2.501_797_050_225_697_7e-8,
    ],
};

impl<T: Copy> Exponential<T> {
    /// `(n, x − n·(leading bits of ln 2))` for the nearest `n`; the difference is exact without fusion too.
    #[inline(always)]
    fn reduce<S: Simd<T>>(&self, simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let n = simd.round(simd.mul(x, simd.splat(self.log2_e)));
        (n, simd.neg_mul_add(n, simd.splat(self.ln2_high), x))
    }
}

/// `eˣ`.
#[inline(always)]
pub(super) fn exp<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    exp_within(simd, c, clamp(simd, x, c.lowest, c.highest))
}

/// `eˣ` of a negative number.
#[inline(always)]
pub(super) fn exp_negative<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    exp_within(simd, c, simd.max(simd.splat(c.lowest), x))
}

/// `eˣ` of a positive number.
#[inline(always)]
pub(super) fn exp_positive<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    exp_within(simd, c, simd.min(simd.splat(c.highest), x))
}

/// `eˣ` between the bounds.
#[inline(always)]
fn exp_within<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    let (n, r) = c.reduce(simd, x);
    let r = simd.neg_mul_add(n, simd.splat(c.ln2_low), r);
    let beyond_one = simd.mul_add(simd.mul(r, r), polynomial(simd, c.tail, r), r);
    simd.scale(simd.add(splat(simd, 1.0), beyond_one), n)
}

/// `eˣ − 1 = 2ⁿ·((1 − 2⁻ⁿ) + r + r²·q(r))`.
///
/// The sum of the first two terms and the rounding of `r` are carried along, since neither is small against the result
/// where `n` is ±1; where it is 0 the first term vanishes.
#[inline(always)]
pub(super) fn exp_m1<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    let one = splat(simd, 1.0);
    let zero = splat(simd, 0.0);
    let (n, high) = c.reduce(simd, clamp(simd, x, c.minus_one, c.highest));
    let low = simd.splat(c.ln2_low);
    let r = simd.neg_mul_add(n, low, high);
    let r_error = simd.neg_mul_add(n, low, simd.sub(high, r));
    let tail = simd.mul_add(simd.mul(r, r), polynomial(simd, c.tail, r), r_error);
    let start = simd.sub(one, simd.scale(one, simd.sub(zero, n)));
    let sum = simd.add(start, r);
    let sum_error = simd.sub(r, simd.sub(sum, start));
    let total = simd.scale(simd.add(sum, simd.add(sum_error, tail)), n);
    simd.copysign(total, x)
}
