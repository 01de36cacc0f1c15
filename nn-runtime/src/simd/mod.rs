//! Vectors of one instruction set, behind one small trait.
//!
//! [`Simd`] is what a kernel is written against: a handful of operations on a vector of `T`. Each
//! instruction set is a zero-sized token ([`Scalar`], `Avx2`, `Avx512`) that exists only where
//! the processor has it, so that its methods are safe to call. A kernel is a struct of its arguments
//! that implements [`Kernel`]; [`Simd::call`] runs it inside a function compiled for that
//! instruction set. The set is chosen once per public call, by [`Real::dispatch`](crate::Real::dispatch).
//!
//! The cargo features `avx2` and `avx512` say which sets are compiled besides [`Scalar`]; both are on by default, and
//! `avx512` implies `avx2`. Without a feature its token does not exist, and [`force_level`] refuses its [`Level`].

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
mod avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
mod avx512;
mod level;
mod math;
mod scalar;
#[cfg(test)]
mod tests;

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
pub use avx2::Avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
pub use avx512::Avx512;
pub use level::{Level, UnsupportedLevel, force_level, level};
pub use math::Elementary;
pub use scalar::Scalar;

use crate::kernels::Kernels;

mod sealed {
    /// What only the instruction sets of this crate are: kernels rely on them.
    pub trait Sealed {}
    impl Sealed for super::Scalar {}
    #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
    impl Sealed for super::Avx2 {}
    #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
    impl Sealed for super::Avx512 {}
}

pub(crate) use sealed::Sealed;

/// Work that is generic over the instruction set, run once it is known.
pub trait Dispatch<T> {
    /// What the work gives.
    type Output;

    /// Does the work with the kernels of `level`.
    fn at<L: Kernels<T>>(self, level: L) -> Self::Output;
}

/// Does the work in a function that is compiled for the level: small kernels become part of it.
#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
#[inline]
pub(crate) fn run_at<T, D: Dispatch<T>, L: Kernels<T>>(task: D, level: L) -> D::Output {
    level.run(At { task, level })
}

/// What [`run_at`] runs.
#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
struct At<D, L> {
    task: D,
    level: L,
}

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
impl<T, D: Dispatch<T>, L: Kernels<T>> Kernel<T> for At<D, L> {
    type Output = D::Output;

    #[inline(always)]
    fn run<S: Simd<T>>(self, _simd: S) -> D::Output {
        self.task.at(self.level)
    }
}

/// A kernel: its arguments are its fields, its body is generic over the vectors.
pub trait Kernel<T> {
    /// What the kernel gives.
    type Output;

    /// The body. Implementations are `#[inline(always)]`, so that it is compiled inside [`Simd::call`].
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output;
}

/// Vectors of `T` on one instruction set. A value of the implementing type proves that the processor has it.
///
/// Comparisons with NaN are false. `min` and `max` return their second argument if either is NaN, as
/// the x86 instructions do.
pub trait Simd<T>: Sealed + Copy + Send + Sync + 'static {
    /// A vector of [`LANES`](Self::LANES) values.
    type Vector: Copy;
    /// A truth value for each lane.
    type Mask: Copy;
    /// How many values a vector holds.
    const LANES: usize;
    /// How many vectors the registers hold.
    const REGISTERS: usize;

    /// Runs a kernel in a function compiled for this instruction set.
    fn call<K: Kernel<T>>(self, kernel: K) -> K::Output;

    /// `x` in every lane.
    fn splat(self, x: T) -> Self::Vector;

    /// Reads a vector; no alignment is required.
    ///
    /// # Safety
    /// `LANES` values at `from` are readable.
    unsafe fn load(self, from: *const T) -> Self::Vector;

    /// Reads the first `count ≤ LANES` values; the other lanes are zero and their memory is not touched.
    ///
    /// # Safety
    /// `count` is at most `LANES`, and as many values at `from` are readable.
    unsafe fn load_partial(self, from: *const T, count: usize) -> Self::Vector;

    /// Writes a vector; no alignment is required.
    ///
    /// # Safety
    /// `LANES` values at `to` are writable.
    unsafe fn store(self, to: *mut T, v: Self::Vector);

    /// Writes the first `count ≤ LANES` lanes and leaves the memory behind them alone.
    ///
    /// # Safety
    /// `count` is at most `LANES`, and as many values at `to` are writable.
    unsafe fn store_partial(self, to: *mut T, v: Self::Vector, count: usize);

    /// As [`store_partial`](Self::store_partial), in pieces of 1, 2, 4 … values: a value that is read back at once can be
    /// forwarded from such a store, but not from a masked one.
    ///
    /// # Safety
    /// `count` is at most `LANES`, and as many values at `to` are writable.
    unsafe fn store_pieces(self, to: *mut T, v: Self::Vector, count: usize);

    /// Asks for the cache line at `from` to be brought to the second cache. The address need not be readable.
    #[inline(always)]
    fn prefetch(self, from: *const T) {
        let _ = from;
    }

    /// `a + b`.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a − b`.
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a · b`.
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a / b`.
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a · b + c`, rounded once where the instruction set can.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `c − a · b`, rounded once where the instruction set can.
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The smaller; `b` if either is NaN.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The larger; `b` if either is NaN.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The square root, correctly rounded.
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// The absolute value.
    fn abs(self, a: Self::Vector) -> Self::Vector;
    /// The magnitude of `a` with the sign bit of `sign`.
    fn copysign(self, a: Self::Vector, sign: Self::Vector) -> Self::Vector;
    /// The nearest integer, ties to even.
    fn round(self, a: Self::Vector) -> Self::Vector;
    /// `a < b`.
    fn less(self, a: Self::Vector, b: Self::Vector) -> Self::Mask;
    /// `a ≤ b`.
    fn less_equal(self, a: Self::Vector, b: Self::Vector) -> Self::Mask;
    /// `a = b`.
    fn equal(self, a: Self::Vector, b: Self::Vector) -> Self::Mask;
    /// `a` where the mask is true, `b` elsewhere.
    fn select(self, mask: Self::Mask, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a · 2ⁿ`, with a single rounding also where the result is subnormal or overflows, for integral `n` as large as the
    /// quotient of two normal numbers: `|n| ≤ 252` in `f32`, `2044` in `f64`.
    fn scale(self, a: Self::Vector, n: Self::Vector) -> Self::Vector;
    /// `(m, e)` with `a = m · 2ᵉ` and `1 ≤ m < 2`, for finite positive `a`, subnormal ones included.
    fn split_exponent(self, a: Self::Vector) -> (Self::Vector, Self::Vector);
    /// The sum of all lanes.
    fn sum(self, a: Self::Vector) -> T;
    /// The sum of all lanes of each of four vectors, folded together.
    fn sum4(self, a: [Self::Vector; 4]) -> [T; 4];
    /// The largest lane, of a vector without NaN.
    fn max_lane(self, a: Self::Vector) -> T;

    /// Lane `l` has what lane `l / each` of `a` has, for a power of two.
    fn spread(self, a: Self::Vector, each: usize) -> Self::Vector;
    /// Lane `l` has what lane `l + by` of `a` has, after the last the first.
    fn rotate(self, a: Self::Vector, by: usize) -> Self::Vector;

    /// Transposes a `LANES × LANES` block: `to[r + c·to_stride] = from[c + r·from_stride]`.
    ///
    /// # Safety
    /// Both blocks lie in valid memory and do not overlap.
    unsafe fn transpose(self, from: *const T, from_stride: usize, to: *mut T, to_stride: usize);
}
