//! AVX-512: vectors of 512 bits, tails by masks.

// The intrinsics of an instruction set come by the dozen.
#![allow(clippy::wildcard_imports)]

use core::arch::x86_64::*;

use super::{Avx2, Kernel, Simd};

/// AVX-512 F, DQ and VL, and with them AVX2 and FMA. A value exists only where the processor has them.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    /// The token, without asking the processor.
    ///
    /// # Safety
    /// The processor has AVX-512 F, DQ and VL.
    #[inline(always)]
    #[must_use]
    pub unsafe fn new_unchecked() -> Self {
        Self(())
    }

    /// The level whose kernels are used where those of this one would be no faster.
    #[inline(always)]
    pub(crate) fn for_shared_kernels(self) -> Avx2 {
        let Self(()) = self;
        // SAFETY: `self` proves AVX-512 F, which implies AVX2 and FMA.
        unsafe { Avx2::new_unchecked() }
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
#[inline]
fn enter<T, K: Kernel<T>>(simd: Avx512, kernel: K) -> K::Output
where
    Avx512: Simd<T>,
{
    kernel.run(simd)
}

macro_rules! impl_avx512 {
    (
        $t:ident, $vector:ident, $mask:ident, $lanes:literal,
        $set1:ident, $loadu:ident, $maskz_loadu:ident, $storeu:ident, $mask_storeu:ident,
        $add:ident, $sub:ident, $mul:ident, $div:ident, $fmadd:ident, $fnmadd:ident,
        $min:ident, $max:ident, $sqrt:ident, $abs:ident, $and:ident, $andnot:ident, $or:ident,
        $round:ident, $cmp:ident, $blend:ident, $scalef:ident, $getmant:ident, $getexp:ident,
        $reduce_add:ident, $reduce_max:ident
    ) => {
        // SAFETY (of every block below): the token proves that the processor has the instructions.
        #[allow(clippy::undocumented_unsafe_blocks)]
        impl Simd<$t> for Avx512 {
            type Vector = $vector;
            type Mask = $mask;
            const LANES: usize = $lanes;
            const REGISTERS: usize = 32;

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
                unsafe { $maskz_loadu(first(count) as $mask, from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $t, v: $vector) {
                unsafe { $storeu(to, v) }
            }
            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $t, v: $vector, count: usize) {
                unsafe { $mask_storeu(to, first(count) as $mask, v) }
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
                unsafe { $abs(a) }
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
            fn less(self, a: $vector, b: $vector) -> $mask {
                unsafe { $cmp::<_CMP_LT_OQ>(a, b) }
            }
            #[inline(always)]
            fn less_equal(self, a: $vector, b: $vector) -> $mask {
                unsafe { $cmp::<_CMP_LE_OQ>(a, b) }
            }
            #[inline(always)]
            fn equal(self, a: $vector, b: $vector) -> $mask {
                unsafe { $cmp::<_CMP_EQ_OQ>(a, b) }
            }
            #[inline(always)]
            fn select(self, mask: $mask, a: $vector, b: $vector) -> $vector {
                unsafe { $blend(mask, b, a) }
            }
            #[inline(always)]
            fn scale(self, a: $vector, n: $vector) -> $vector {
                unsafe { $scalef(a, n) }
            }
            #[inline(always)]
            fn split_exponent(self, a: $vector) -> ($vector, $vector) {
                unsafe { ($getmant::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_ZERO>(a), $getexp(a)) }
            }
            #[inline(always)]
            fn sum(self, a: $vector) -> $t {
                unsafe { $reduce_add(a) }
            }
            #[inline(always)]
            fn sum4(self, a: [$vector; 4]) -> [$t; 4] {
                unsafe { super::avx2::sum4::$t(halves::$t(a)) }
            }
            #[inline(always)]
            fn max_lane(self, a: $vector) -> $t {
                unsafe { $reduce_max(a) }
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

/// A mask of the first `count` lanes.
#[inline(always)]
fn first(count: usize) -> u32 {
    (1u32 << count) - 1
}

impl_avx512!(
    f32,
    __m512,
    __mmask16,
    16,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_maskz_loadu_ps,
    _mm512_storeu_ps,
    _mm512_mask_storeu_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_div_ps,
    _mm512_fmadd_ps,
    _mm512_fnmadd_ps,
    _mm512_min_ps,
    _mm512_max_ps,
    _mm512_sqrt_ps,
    _mm512_abs_ps,
    _mm512_and_ps,
    _mm512_andnot_ps,
    _mm512_or_ps,
    _mm512_roundscale_ps,
    _mm512_cmp_ps_mask,
    _mm512_mask_blend_ps,
    _mm512_scalef_ps,
    _mm512_getmant_ps,
    _mm512_getexp_ps,
    _mm512_reduce_add_ps,
    _mm512_reduce_max_ps
);
impl_avx512!(
    f64,
    __m512d,
    __mmask8,
    8,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_maskz_loadu_pd,
    _mm512_storeu_pd,
    _mm512_mask_storeu_pd,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd,
    _mm512_fmadd_pd,
    _mm512_fnmadd_pd,
    _mm512_min_pd,
    _mm512_max_pd,
    _mm512_sqrt_pd,
    _mm512_abs_pd,
    _mm512_and_pd,
    _mm512_andnot_pd,
    _mm512_or_pd,
    _mm512_roundscale_pd,
    _mm512_cmp_pd_mask,
    _mm512_mask_blend_pd,
    _mm512_scalef_pd,
    _mm512_getmant_pd,
    _mm512_getexp_pd,
    _mm512_reduce_add_pd,
    _mm512_reduce_max_pd
);

/// The upper half of each of four vectors, added to the lower.
mod halves {
    use core::arch::x86_64::*;

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    #[inline]
    pub fn f32([a, b, c, d]: [__m512; 4]) -> [__m256; 4] {
        let folded = |a| _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps::<1>(a));
        [folded(a), folded(b), folded(c), folded(d)]
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    #[inline]
    pub fn f64([a, b, c, d]: [__m512d; 4]) -> [__m256d; 4] {
        let folded = |a| _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd::<1>(a));
        [folded(a), folded(b), folded(c), folded(d)]
    }
}

/// Vectors whose lanes come from others; the processor takes the numbers of lanes modulo how many there are.
mod lanes {
    use core::arch::x86_64::*;

    #[inline(always)]
    fn power(each: usize) -> i64 {
        i64::from(each.trailing_zeros())
    }

    pub mod spread {
        use super::*;

        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
        #[inline]
        pub fn f32(a: __m512, each: usize) -> __m512 {
            let lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            _mm512_permutexvar_ps(_mm512_srlv_epi32(lane, _mm512_set1_epi32(power(each) as i32)), a)
        }

        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
        #[inline]
        pub fn f64(a: __m512d, each: usize) -> __m512d {
            let lane = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
            _mm512_permutexvar_pd(_mm512_srlv_epi64(lane, _mm512_set1_epi64(power(each))), a)
        }
    }

    pub mod rotate {
        use super::*;

        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
        #[inline]
        pub fn f32(a: __m512, by: usize) -> __m512 {
            let lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            _mm512_permutexvar_ps(_mm512_add_epi32(lane, _mm512_set1_epi32(by as i32)), a)
        }

        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
        #[inline]
        pub fn f64(a: __m512d, by: usize) -> __m512d {
            let lane = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
            _mm512_permutexvar_pd(_mm512_add_epi64(lane, _mm512_set1_epi64(by as i64)), a)
        }
    }
}

/// Square blocks, turned in registers: pairs of rows first, then pairs of pairs, then the 128-bit quarters.
mod transpose {
    use core::arch::x86_64::*;

    /// 16 × 16.
    ///
    /// # Safety
    /// As [`Simd::transpose`](super::Simd::transpose).
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    #[inline]
    pub unsafe fn f32(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let mut rows = [_mm512_setzero_ps(); 16];
            for (i, row) in rows.iter_mut().enumerate() {
                *row = _mm512_loadu_ps(from.add(i * from_stride));
            }
            let mut quads = [_mm512_setzero_ps(); 16];
            for i in 0..4 {
                let [a, b, c, d] = [rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3]];
                let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
                let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
                quads[4 * i] = _mm512_shuffle_ps::<0x44>(ab_low, cd_low);
                quads[4 * i + 1] = _mm512_shuffle_ps::<0xee>(ab_low, cd_low);
                quads[4 * i + 2] = _mm512_shuffle_ps::<0x44>(ab_high, cd_high);
                quads[4 * i + 3] = _mm512_shuffle_ps::<0xee>(ab_high, cd_high);
            }
            for i in 0..4 {
                let [a, b, c, d] = [quads[i], quads[4 + i], quads[8 + i], quads[12 + i]];
                let (ab_even, ab_odd) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
                let (cd_even, cd_odd) = (_mm512_shuffle_f32x4::<0x88>(c, d), _mm512_shuffle_f32x4::<0xdd>(c, d));
                let columns = [
                    _mm512_shuffle_f32x4::<0x88>(ab_even, cd_even),
                    _mm512_shuffle_f32x4::<0x88>(ab_odd, cd_odd),
                    _mm512_shuffle_f32x4::<0xdd>(ab_even, cd_even),
                    _mm512_shuffle_f32x4::<0xdd>(ab_odd, cd_odd),
                ];
                for (j, column) in columns.into_iter().enumerate() {
                    _mm512_storeu_ps(to.add((4 * j + i) * to_stride), column);
                }
            }
        }
    }

    /// 8 × 8.
    ///
    /// # Safety
    /// As [`Simd::transpose`](super::Simd::transpose).
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    #[inline]
    pub unsafe fn f64(from: *const f64, from_stride: usize, to: *mut f64, to_stride: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let mut pairs = [_mm512_setzero_pd(); 8];
            for i in 0..4 {
                let a = _mm512_loadu_pd(from.add(2 * i * from_stride));
                let b = _mm512_loadu_pd(from.add((2 * i + 1) * from_stride));
                pairs[2 * i] = _mm512_unpacklo_pd(a, b);
                pairs[2 * i + 1] = _mm512_unpackhi_pd(a, b);
            }
            for i in 0..2 {
                let [a, b, c, d] = [pairs[i], pairs[2 + i], pairs[4 + i], pairs[6 + i]];
                let (ab_even, ab_odd) = (_mm512_shuffle_f64x2::<0x88>(a, b), _mm512_shuffle_f64x2::<0xdd>(a, b));
                let (cd_even, cd_odd) = (_mm512_shuffle_f64x2::<0x88>(c, d), _mm512_shuffle_f64x2::<0xdd>(c, d));
                let columns = [
                    _mm512_shuffle_f64x2::<0x88>(ab_even, cd_even),
                    _mm512_shuffle_f64x2::<0x88>(ab_odd, cd_odd),
                    _mm512_shuffle_f64x2::<0xdd>(ab_even, cd_even),
                    _mm512_shuffle_f64x2::<0xdd>(ab_odd, cd_odd),
                ];
                for (j, column) in columns.into_iter().enumerate() {
                    _mm512_storeu_pd(to.add((2 * j + i) * to_stride), column);
                }
            }
        }
    }
}

/// Stores of the first `count` lanes in pieces of falling powers of two.
mod pieces {
    use core::arch::x86_64::*;

    use crate::simd::avx2::pieces;

    /// # Safety
    /// `count ≤ 16` values at `to` are writable.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    #[inline]
    pub unsafe fn f32(to: *mut f32, v: __m512, count: usize) {
        // SAFETY: the caller's promise; the pieces add up to `count`.
        unsafe {
            if count < 8 {
                return pieces::f32(to, _mm512_castps512_ps256(v), count);
            }
            _mm256_storeu_ps(to, _mm512_castps512_ps256(v));
            pieces::f32(to.add(8), _mm512_extractf32x8_ps::<1>(v), count - 8);
        }
    }

    /// # Safety
    /// `count ≤ 8` values at `to` are writable.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    #[inline]
    pub unsafe fn f64(to: *mut f64, v: __m512d, count: usize) {
        // SAFETY: the caller's promise; the pieces add up to `count`.
        unsafe {
            if count < 4 {
                return pieces::f64(to, _mm512_castpd512_pd256(v), count);
            }
            _mm256_storeu_pd(to, _mm512_castpd512_pd256(v));
            pieces::f64(to.add(4), _mm512_extractf64x4_pd::<1>(v), count - 4);
        }
    }
}
