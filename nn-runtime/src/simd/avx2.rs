//! AVX2 and FMA: vectors of 256 bits, tails by masked loads and stores.

// The intrinsics of an instruction set come by the dozen.
#![allow(clippy::wildcard_imports)]

use core::arch::x86_64::*;

use super::{Kernel, Simd};

/// AVX2 and FMA. A value exists only where the processor has them.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// The token, without asking the processor.
    ///
    /// # Safety
    /// The processor has AVX2 and FMA.
    #[inline(always)]
    #[must_use]
    pub unsafe fn new_unchecked() -> Self {
        Self(())
    }

    /// The level whose kernels are used where those of this one would be no faster.
    #[inline(always)]
    pub(crate) fn for_shared_kernels(self) -> Self {
        self
    }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn enter<T, K: Kernel<T>>(simd: Avx2, kernel: K) -> K::Output
where
    Avx2: Simd<T>,
{
    kernel.run(simd)
}

macro_rules! impl_avx2 {
    (
        $t:ident, $vector:ident, $lanes:literal, $mantissa_bits:literal, $bias:literal,
        $set1:ident, $loadu:ident, $maskload:ident, $storeu:ident, $maskstore:ident,
        $add:ident, $sub:ident, $mul:ident, $div:ident, $fmadd:ident, $fnmadd:ident, $min:ident, $max:ident,
        $sqrt:ident, $and:ident, $andnot:ident, $or:ident, $round:ident, $cmp:ident, $blendv:ident
    ) => {
        // SAFETY (of every block below): the token proves that the processor has the instructions.
        #[allow(clippy::undocumented_unsafe_blocks)]
        impl Simd<$t> for Avx2 {
            type Vector = $vector;
            type Mask = $vector;
            const LANES: usize = $lanes;
            const REGISTERS: usize = 16;

            #[inline(always)]
            fn call<K: Kernel<$t>>(self, kernel: K) -> K::Output {
                unsafe { enter(self, kernel) }
            }
            #[inline(always)]
            fn splat(self, x: $t) -> $vector {
                unsafe { $set1(x) }
            }
            #[inline(always)]
            unsafe fn load(self, from: *const $t) -> $vector {
                unsafe { $loadu(from) }
            }
            #[inline(always)]
            unsafe fn load_partial(self, from: *const $t, count: usize) -> $vector {
                unsafe { $maskload(from, first::$t(count)) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $t, v: $vector) {
                unsafe { $storeu(to, v) }
            }
            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $t, v: $vector, count: usize) {
                unsafe { $maskstore(to, first::$t(count), v) }
            }
            #[inline(always)]
            unsafe fn store_pieces(self, to: *mut $t, v: $vector, count: usize) {
                unsafe { pieces::$t(to, v, count) }
            }
            #[inline(always)]
            fn prefetch(self, from: *const $t) {
                unsafe { _mm_prefetch::<_MM_HINT_T1>(from.cast()) }
            }
            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                unsafe { $add(a, b) }
            }
            #[inline(always)]
            fn sub(self, a: $vector, b: $vector) -> $vector {
                unsafe { $sub(a, b) }
            }
            #[inline(always)]
            fn mul(self, a: $vector, b: $vector) -> $vector {
                unsafe { $mul(a, b) }
            }
            #[inline(always)]
            fn div(self, a: $vector, b: $vector) -> $vector {
                unsafe { $div(a, b) }
            }
            #[inline(always)]
            fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                unsafe { $fmadd(a, b, c) }
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                unsafe { $fnmadd(a, b, c) }
            }
            #[inline(always)]
            fn min(self, a: $vector, b: $vector) -> $vector {
                unsafe { $min(a, b) }
            }
            #[inline(always)]
            fn max(self, a: $vector, b: $vector) -> $vector {
                unsafe { $max(a, b) }
            }
            #[inline(always)]
            fn sqrt(self, a: $vector) -> $vector {
                unsafe { $sqrt(a) }
            }
            #[inline(always)]
            fn abs(self, a: $vector) -> $vector {
                unsafe { $andnot($set1(-0.0), a) }
            }
            #[inline(always)]
            fn copysign(self, a: $vector, sign: $vector) -> $vector {
                unsafe {
                    let bit = $set1(-0.0);
                    $or($andnot(bit, a), $and(bit, sign))
                }
            }
            #[inline(always)]
            fn round(self, a: $vector) -> $vector {
                unsafe { $round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
            }
            #[inline(always)]
            fn less(self, a: $vector, b: $vector) -> $vector {
                unsafe { $cmp::<_CMP_LT_OQ>(a, b) }
            }
            #[inline(always)]
            fn less_equal(self, a: $vector, b: $vector) -> $vector {
                unsafe { $cmp::<_CMP_LE_OQ>(a, b) }
            }
            #[inline(always)]
            fn equal(self, a: $vector, b: $vector) -> $vector {
                unsafe { $cmp::<_CMP_EQ_OQ>(a, b) }
            }
            #[inline(always)]
            fn select(self, mask: $vector, a: $vector, b: $vector) -> $vector {
                unsafe { $blendv(b, a, mask) }
            }
            #[inline(always)]
            fn scale(self, a: $vector, n: $vector) -> $vector {
                unsafe {
                    // Where one factor cannot be a normal number, two are; should the first product round, then the
                    // second underflows to zero.
                    let normal = $set1($bias - 1.0);
                    let limit = $add(normal, normal);
                    let n = $max($min(n, limit), $sub($set1(0.0), limit));
                    let is_normal = $cmp::<_CMP_LE_OQ>(Simd::<$t>::abs(self, n), normal);
                    let first = $blendv(Simd::<$t>::round(self, $mul(n, $set1(0.5))), n, is_normal);
                    $mul($mul(a, power_of_two::$t(first)), power_of_two::$t($sub(n, first)))
                }
            }
            #[inline(always)]
            fn split_exponent(self, a: $vector) -> ($vector, $vector) {
                unsafe {
                    const LIFTED_BY: u64 = $mantissa_bits + 1;
                    const LIFT: $t = (1u64 << LIFTED_BY) as $t;
                    let subnormal = $cmp::<_CMP_LT_OQ>(a, $set1($t::MIN_POSITIVE));
                    let a = $blendv(a, $mul(a, $set1(LIFT)), subnormal);
                    let offset = $blendv($set1(-$bias), $set1(-$bias - LIFTED_BY as $t), subnormal);
                    let exponent = $add(biased_exponent::$t(a), offset);
                    let mantissa_mask = $set1($t::from_bits((1 << $mantissa_bits) - 1));
                    ($or($and(a, mantissa_mask), $set1(1.0)), exponent)
                }
            }
            #[inline(always)]
            fn sum(self, a: $vector) -> $t {
                unsafe { reduce::$t(a, |x, y| $add(x, y)) }
            }
            #[inline(always)]
            fn sum4(self, a: [$vector; 4]) -> [$t; 4] {
                unsafe { sum4::$t(a) }
            }
            #[inline(always)]
            fn max_lane(self, a: $vector) -> $t {
                unsafe { reduce::$t(a, |x, y| $max(x, y)) }
            }
            #[inline(always)]
            fn spread(self, a: $vector, each: usize) -> $vector {
                unsafe { lanes::spread::$t(a, each) }
            }
            #[inline(always)]
            fn rotate(self, a: $vector, by: usize) -> $vector {
                unsafe { lanes::rotate::$t(a, by) }
            }
            #[inline(always)]
            unsafe fn transpose(self, from: *const $t, from_stride: usize, to: *mut $t, to_stride: usize) {
                unsafe { transpose::$t(from, from_stride, to, to_stride) }
            }
        }
    };
}

impl_avx2!(
    f32,
    __m256,
    8,
    23,
    127.0,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_maskload_ps,
    _mm256_storeu_ps,
    _mm256_maskstore_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    _mm256_fmadd_ps,
    _mm256_fnmadd_ps,
    _mm256_min_ps,
    _mm256_max_ps,
    _mm256_sqrt_ps,
    _mm256_and_ps,
    _mm256_andnot_ps,
    _mm256_or_ps,
    _mm256_round_ps,
    _mm256_cmp_ps,
    _mm256_blendv_ps
);
impl_avx2!(
    f64,
    __m256d,
    4,
    52,
    1023.0,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_maskload_pd,
    _mm256_storeu_pd,
    _mm256_maskstore_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_fmadd_pd,
    _mm256_fnmadd_pd,
    _mm256_min_pd,
    _mm256_max_pd,
    _mm256_sqrt_pd,
    _mm256_and_pd,
    _mm256_andnot_pd,
    _mm256_or_pd,
    _mm256_round_pd,
    _mm256_cmp_pd,
    _mm256_blendv_pd
);

/// Masks of the first `count` lanes, read from a table of ones followed by zeros.
mod first {
    use core::arch::x86_64::*;

    static ONES_ZEROS_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    static ONES_ZEROS_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

    /// # Safety
    /// `count ≤ 8`.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub unsafe fn f32(count: usize) -> __m256i {
        debug_assert!(count <= 8);
        // SAFETY: `count ≤ LANES` leaves eight values from there on.
        unsafe { _mm256_loadu_si256(ONES_ZEROS_32.as_ptr().add(8 - count).cast()) }
    }

    /// # Safety
    /// `count ≤ 4`.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub unsafe fn f64(count: usize) -> __m256i {
        debug_assert!(count <= 4);
        // SAFETY: `count ≤ LANES` leaves four values from there on.
        unsafe { _mm256_loadu_si256(ONES_ZEROS_64.as_ptr().add(4 - count).cast()) }
    }
}

/// `2ⁿ` for integral `n` in the range of normal exponents. Beside 1.5·2^mantissa an integer stands in the low bits, from
/// where it moves to the exponent.
mod power_of_two {
    use core::arch::x86_64::*;

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f32(n: __m256) -> __m256 {
        let biased = _mm256_add_ps(n, _mm256_set1_ps(12_582_912.0 + 127.0));
        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(biased)))
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f64(n: __m256d) -> __m256d {
        let biased = _mm256_add_pd(n, _mm256_set1_pd(6_755_399_441_055_744.0 + 1023.0));
        _mm256_castsi256_pd(_mm256_slli_epi64::<52>(_mm256_castpd_si256(biased)))
    }
}

/// The exponent bits of positive numbers, as numbers.
mod biased_exponent {
    use core::arch::x86_64::*;

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f32(a: __m256) -> __m256 {
        _mm256_cvtepi32_ps(_mm256_srli_epi32::<23>(_mm256_castps_si256(a)))
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f64(a: __m256d) -> __m256d {
        // 2⁵² with the integer in its low bits is 2⁵² plus the integer.
        let magic = _mm256_set1_pd(4_503_599_627_370_496.0);
        let exponent = _mm256_srli_epi64::<52>(_mm256_castpd_si256(a));
        _mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(exponent), magic), magic)
    }
}

/// Folds the lanes of a vector, halves first.
mod reduce {
    use core::arch::x86_64::*;

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f32(a: __m256, fold: impl Fn(__m256, __m256) -> __m256) -> f32 {
        let halves = fold(a, _mm256_permute2f128_ps::<0x01>(a, a));
        let quarters = fold(halves, _mm256_permute_ps::<0b01_00_11_10>(halves));
        let all = fold(quarters, _mm256_permute_ps::<0b10_11_00_01>(quarters));
        _mm256_cvtss_f32(all)
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f64(a: __m256d, fold: impl Fn(__m256d, __m256d) -> __m256d) -> f64 {
        let halves = fold(a, _mm256_permute2f128_pd::<0x01>(a, a));
        let all = fold(halves, _mm256_permute_pd::<0b0101>(halves));
        _mm256_cvtsd_f64(all)
    }
}

/// The sums of four vectors, folded together: neighbours first, then the halves.
pub(super) mod sum4 {
    use core::arch::x86_64::*;

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f32([a, b, c, d]: [__m256; 4]) -> [f32; 4] {
        let quads = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
        let sums = _mm_add_ps(_mm256_castps256_ps128(quads), _mm256_extractf128_ps::<1>(quads));
        let mut to = [0.0; 4];
        // SAFETY: room for four values.
        unsafe { _mm_storeu_ps(to.as_mut_ptr(), sums) };
        to
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub fn f64([a, b, c, d]: [__m256d; 4]) -> [f64; 4] {
        let (ab, cd) = (_mm256_hadd_pd(a, b), _mm256_hadd_pd(c, d));
        let crossed = _mm256_permute2f128_pd::<0x21>(ab, cd);
        let sums = _mm256_add_pd(_mm256_blend_pd::<0b1100>(ab, cd), crossed);
        let mut to = [0.0; 4];
        // SAFETY: room for four values.
        unsafe { _mm256_storeu_pd(to.as_mut_ptr(), sums) };
        to
    }
}

/// Vectors whose lanes come from others; the processor takes the numbers of lanes modulo how many there are. A lane of 64 bits
/// is a pair of 32.
mod lanes {
    use core::arch::x86_64::*;

    pub mod spread {
        use super::*;

        #[target_feature(enable = "avx2,fma")]
        #[inline]
        pub fn f32(a: __m256, each: usize) -> __m256 {
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let power = _mm256_set1_epi32(each.trailing_zeros() as i32);
            _mm256_permutevar8x32_ps(a, _mm256_srlv_epi32(lane, power))
        }

        #[target_feature(enable = "avx2,fma")]
        #[inline]
        pub fn f64(a: __m256d, each: usize) -> __m256d {
            let power = _mm256_set1_epi32(each.trailing_zeros() as i32);
            let pair = _mm256_srlv_epi32(_mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3), power);
            let half = _mm256_setr_epi32(0, 1, 0, 1, 0, 1, 0, 1);
            let lane = _mm256_add_epi32(_mm256_add_epi32(pair, pair), half);
            _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(a), lane))
        }
    }

    pub mod rotate {
        use super::*;

        #[target_feature(enable = "avx2,fma")]
        #[inline]
        pub fn f32(a: __m256, by: usize) -> __m256 {
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_permutevar8x32_ps(a, _mm256_add_epi32(lane, _mm256_set1_epi32(by as i32)))
        }

        #[target_feature(enable = "avx2,fma")]
        #[inline]
        pub fn f64(a: __m256d, by: usize) -> __m256d {
            _mm256_castps_pd(f32(_mm256_castpd_ps(a), 2 * by))
        }
    }
}

/// Square blocks, turned in registers: pairs of rows first, then pairs of pairs, then the halves.
mod transpose {
    use core::arch::x86_64::*;

    /// 8 × 8.
    ///
    /// # Safety
    /// As [`Simd::transpose`](super::Simd::transpose).
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub unsafe fn f32(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let mut quads = [_mm256_setzero_ps(); 8];
            for i in 0..2 {
                let row = |j: usize| _mm256_loadu_ps(from.add((4 * i + j) * from_stride));
                let [a, b, c, d] = [row(0), row(1), row(2), row(3)];
                let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
                let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
                quads[4 * i] = _mm256_shuffle_ps::<0x44>(ab_low, cd_low);
                quads[4 * i + 1] = _mm256_shuffle_ps::<0xee>(ab_low, cd_low);
                quads[4 * i + 2] = _mm256_shuffle_ps::<0x44>(ab_high, cd_high);
                quads[4 * i + 3] = _mm256_shuffle_ps::<0xee>(ab_high, cd_high);
            }
            for i in 0..4 {
                let (a, b) = (quads[i], quads[4 + i]);
                _mm256_storeu_ps(to.add(i * to_stride), _mm256_permute2f128_ps::<0x20>(a, b));
                _mm256_storeu_ps(to.add((4 + i) * to_stride), _mm256_permute2f128_ps::<0x31>(a, b));
            }
        }
    }

    /// 4 × 4.
    ///
    /// # Safety
    /// As [`Simd::transpose`](super::Simd::transpose).
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub unsafe fn f64(from: *const f64, from_stride: usize, to: *mut f64, to_stride: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let row = |j: usize| _mm256_loadu_pd(from.add(j * from_stride));
            let [a, b, c, d] = [row(0), row(1), row(2), row(3)];
            let (ab_low, ab_high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            let (cd_low, cd_high) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
            let columns = [
                _mm256_permute2f128_pd::<0x20>(ab_low, cd_low),
                _mm256_permute2f128_pd::<0x20>(ab_high, cd_high),
                _mm256_permute2f128_pd::<0x31>(ab_low, cd_low),
                _mm256_permute2f128_pd::<0x31>(ab_high, cd_high),
            ];
            for (j, column) in columns.into_iter().enumerate() {
                _mm256_storeu_pd(to.add(j * to_stride), column);
            }
        }
    }
}

/// Stores of the first `count` lanes in pieces of falling powers of two.
pub(super) mod pieces {
    use core::arch::x86_64::*;

    /// # Safety
    /// `count ≤ 8` values at `to` are writable.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub unsafe fn f32(to: *mut f32, v: __m256, count: usize) {
        // SAFETY: the caller's promise; the pieces add up to `count`.
        unsafe {
            if count == 8 {
                return _mm256_storeu_ps(to, v);
            }
            let (mut to, mut quarter) = (to, _mm256_castps256_ps128(v));
            if count & 4 != 0 {
                _mm_storeu_ps(to, quarter);
                (to, quarter) = (to.add(4), _mm256_extractf128_ps::<1>(v));
            }
            if count & 2 != 0 {
                _mm_storel_pd(to.cast(), _mm_castps_pd(quarter));
                (to, quarter) = (to.add(2), _mm_movehl_ps(quarter, quarter));
            }
            if count & 1 != 0 {
                _mm_store_ss(to, quarter);
            }
        }
    }

    /// # Safety
    /// `count ≤ 4` values at `to` are writable.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    pub unsafe fn f64(to: *mut f64, v: __m256d, count: usize) {
        // SAFETY: the caller's promise; the pieces add up to `count`.
        unsafe {
            if count == 4 {
                return _mm256_storeu_pd(to, v);
            }
            let (mut to, mut half) = (to, _mm256_castpd256_pd128(v));
            if count & 2 != 0 {
                _mm_storeu_pd(to, half);
                (to, half) = (to.add(2), _mm256_extractf128_pd::<1>(v));
            }
            if count & 1 != 0 {
                _mm_store_sd(to, half);
            }
        }
    }
}
