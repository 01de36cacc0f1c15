//! One value at a time: for processors without the vector units that we know, and the reference for those with.

use super::{Kernel, Simd};

/// Vectors of a single lane, on any processor.
#[derive(Clone, Copy, Debug)]
pub struct Scalar;

impl Scalar {
    /// The level whose kernels are used where those of this one would be no faster.
    #[inline(always)]
    pub(crate) fn for_shared_kernels(self) -> Self {
        self
    }
}

/// As on the other levels a kernel has a function of its own, so that in an unoptimised build the temporaries of all kernels
/// inside of it do not add up in one frame. Nor does an optimised build inline it: it would do so wherever a tile is called,
/// and this level, the one that is hardly ever in force, would be larger than both others.
#[inline(never)]
fn enter<T, K: Kernel<T>>(simd: Scalar, kernel: K) -> K::Output
where
    Scalar: Simd<T>,
{
    kernel.run(simd)
}

macro_rules! impl_scalar {
    ($t:ident, $bits:ty, $exponent_bits:expr, $mantissa_bits:expr) => {
        // Exponents are small, whatever integer holds them.
        #[allow(clippy::cast_lossless, clippy::cast_possible_wrap)]
        impl Simd<$t> for Scalar {
            type Vector = $t;
            type Mask = bool;
            const LANES: usize = 1;
            const REGISTERS: usize = 16;

            #[inline(always)]
            fn call<K: Kernel<$t>>(self, kernel: K) -> K::Output {
                enter(self, kernel)
            }
            #[inline(always)]
            fn splat(self, x: $t) -> $t {
                x
            }
            #[inline(always)]
            unsafe fn load(self, from: *const $t) -> $t {
                // SAFETY: the caller's promise.
                unsafe { *from }
            }
            #[inline(always)]
            unsafe fn load_partial(self, from: *const $t, count: usize) -> $t {
                // SAFETY: the caller's promise.
                if count == 0 { 0.0 } else { unsafe { *from } }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $t, v: $t) {
                // SAFETY: the caller's promise.
                unsafe { *to = v }
            }
            #[inline(always)]
            unsafe fn store_partial(self, to: *mut $t, v: $t, count: usize) {
                if count != 0 {
                    // SAFETY: the caller's promise.
                    unsafe { *to = v }
                }
            }
            #[inline(always)]
            unsafe fn store_pieces(self, to: *mut $t, v: $t, count: usize) {
                // SAFETY: the caller's promise.
                unsafe { Simd::<$t>::store_partial(self, to, v, count) }
            }
            #[inline(always)]
            fn add(self, a: $t, b: $t) -> $t {
                a + b
            }
            #[inline(always)]
            fn sub(self, a: $t, b: $t) -> $t {
                a - b
            }
            #[inline(always)]
            fn mul(self, a: $t, b: $t) -> $t {
                a * b
            }
            #[inline(always)]
            fn div(self, a: $t, b: $t) -> $t {
                a / b
            }
            #[inline(always)]
            fn mul_add(self, a: $t, b: $t, c: $t) -> $t {
                // Without the instruction `mul_add` is a slow library call.
                if cfg!(any(target_feature = "fma", target_arch = "aarch64")) { a.mul_add(b, c) } else { a * b + c }
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $t, b: $t, c: $t) -> $t {
                Simd::<$t>::mul_add(self, -a, b, c)
            }
            #[inline(always)]
            fn min(self, a: $t, b: $t) -> $t {
                if a < b { a } else { b }
            }
            #[inline(always)]
            fn max(self, a: $t, b: $t) -> $t {
                if a > b { a } else { b }
            }
            #[inline(always)]
            fn sqrt(self, a: $t) -> $t {
                a.sqrt()
            }
            #[inline(always)]
            fn abs(self, a: $t) -> $t {
                a.abs()
            }
            #[inline(always)]
            fn copysign(self, a: $t, sign: $t) -> $t {
                a.copysign(sign)
            }
            #[inline(always)]
            fn round(self, a: $t) -> $t {
                // Beside 2^mantissa there is no room for a fraction; values from there on have none.
                const WHOLE: $t = (1u64 << $mantissa_bits) as $t;
                let magic = WHOLE.copysign(a);
                if a.abs() < WHOLE { ((a + magic) - magic).copysign(a) } else { a }
            }
            #[inline(always)]
            fn less(self, a: $t, b: $t) -> bool {
                a < b
            }
            #[inline(always)]
            fn less_equal(self, a: $t, b: $t) -> bool {
                a <= b
            }
            #[inline(always)]
            fn equal(self, a: $t, b: $t) -> bool {
                a == b
            }
            #[inline(always)]
            fn select(self, mask: bool, a: $t, b: $t) -> $t {
                if mask { a } else { b }
            }
            #[inline(always)]
            fn scale(self, a: $t, n: $t) -> $t {
                const BIAS: $t = ((1 << ($exponent_bits - 1)) - 1) as $t;
                const NORMAL: $t = BIAS - 1.0;
                // Beside 1.5·2^mantissa an integer stands in the low bits, from where it moves to the exponent.
                const MAGIC: $t = 1.5 * (1u64 << $mantissa_bits) as $t;
                let power = |n: $t| $t::from_bits((n + (MAGIC + BIAS)).to_bits() << $mantissa_bits);
                let n = n.clamp(-2.0 * NORMAL, 2.0 * NORMAL);
                // Where one factor cannot be a normal number, two are; should the first product round, then the second
                // underflows to zero.
                let first = if n.abs() <= NORMAL { n } else { (0.5 * n + MAGIC) - MAGIC };
                a * power(first) * power(n - first)
            }
            #[inline(always)]
            fn split_exponent(self, a: $t) -> ($t, $t) {
                const BIAS: i64 = (1 << ($exponent_bits - 1)) - 1;
                const LIFT: i64 = $mantissa_bits + 1;
                let subnormal = a < $t::MIN_POSITIVE;
                let lifted = if subnormal { a * (1u64 << LIFT) as $t } else { a };
                let bits = lifted.to_bits();
                let exponent = (bits >> $mantissa_bits) as i64 - BIAS - if subnormal { LIFT } else { 0 };
                let mantissa = bits & ((1 << $mantissa_bits) - 1) | $t::to_bits(1.0);
                ($t::from_bits(mantissa), exponent as $t)
            }
            #[inline(always)]
            fn sum(self, a: $t) -> $t {
                a
            }
            #[inline(always)]
            fn sum4(self, a: [$t; 4]) -> [$t; 4] {
                a
            }
            #[inline(always)]
            fn max_lane(self, a: $t) -> $t {
                a
            }
            #[inline(always)]
            fn spread(self, a: $t, _: usize) -> $t {
                a
            }
            #[inline(always)]
            fn rotate(self, a: $t, _: usize) -> $t {
                a
            }
            #[inline(always)]
            unsafe fn transpose(self, from: *const $t, _: usize, to: *mut $t, _: usize) {
                // SAFETY: the caller's promise.
                unsafe { *to = *from }
            }
        }
    };
}

impl_scalar!(f32, u32, 8, 23);
impl_scalar!(f64, u64, 11, 52);
