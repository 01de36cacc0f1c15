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
    highest: 89.0,
    tail: &[0.499_999_94, 0.166_665_17, 0.041_668_247, 0.008_369_085, 0.001_382_247_8],
};

/// Relative error of the polynomial 2⁻⁵⁷; `ln 2` is split as in fdlibm.
pub(super) const F64: Exponential<f64> = Exponential {
    log2_e: std::f64::consts::LOG2_E,
    ln2_high: 6.931_471_803_691_238e-1,
    ln2_low: 1.908_214_929_270_587_7e-10,
    lowest: -746.0,
    highest: 710.0,
    tail: &[
        0.500_000_000_000_001_1,
        0.166_666_666_666_663_63,
        0.041_666_666_666_524_78,
        0.008_333_333_333_449_832,
        0.001_388_888_894_597_114_3,
        0.000_198_412_697_281_862_18,
        2.480_148_971_185_147e-5,
        2.755_729_722_614_283_7e-6,
        2.763_175_697_393_415_5e-7,
        2.511_614_239_119_029e-8,
    ],
};

/// `eˣ`.
#[inline(always)]
pub(super) fn exp<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &Exponential<T>, x: S::Vector) -> S::Vector {
    let x = clamp(simd, x, c.lowest, c.highest);
    let n = simd.round(simd.mul(x, simd.splat(c.log2_e)));
    let r = simd.neg_mul_add(n, simd.splat(c.ln2_high), x);
    let r = simd.neg_mul_add(n, simd.splat(c.ln2_low), r);
    let beyond_one = simd.mul_add(simd.mul(r, r), polynomial(simd, c.tail, r), r);
    simd.scale(simd.add(splat(simd, 1.0), beyond_one), n)
}
