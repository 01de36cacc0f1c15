//! Arithmetic on whole slices, on the instruction set in force: for methods that think in vectors of parameters.

use crate::Real;
use crate::kernels::{Axpy, Clamp, Dot, Kernels, Lerp, Scale};
use crate::simd::Dispatch;

/// `Σ a·b`.
///
/// ```
/// assert_eq!(nn_runtime::vector::dot(&[1.0, 2.0_f32], &[3.0, 4.0]), 11.0);
/// ```
///
/// # Panics
/// If the lengths do not agree.
#[must_use]
pub fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    T::dispatch(Dot { a, b })
}

/// The Euclidean norm, `√Σ x²`.
#[must_use]
pub fn norm<T: Real>(x: &[T]) -> f64 {
    dot(x, x).sqrt()
}

/// `y ← y + a·x`.
///
/// ```
/// let mut y = [1.0, 2.0];
/// nn_runtime::vector::axpy(0.5, &[2.0, 4.0], &mut y);
/// assert_eq!(y, [2.0, 4.0]);
/// ```
///
/// # Panics
/// If the lengths do not agree.
pub fn axpy<T: Real>(a: T, x: &[T], y: &mut [T]) {
    T::dispatch(Axpy { a, x, y });
}

/// `y ← a·y`.
pub fn scale<T: Real>(a: T, y: &mut [T]) {
    T::dispatch(Scale { a, y });
}

/// `y ← y + a·(x − y)`: `y` itself for `a = 0`, `x` for `a = 1`, but for rounding.
///
/// ```
/// let mut y = [1.0, 2.0];
/// nn_runtime::vector::lerp(0.25, &[5.0, 2.0], &mut y);
/// assert_eq!(y, [2.0, 2.0]);
/// ```
///
/// # Panics
/// If the lengths do not agree.
pub fn lerp<T: Real>(a: T, x: &[T], y: &mut [T]) {
    T::dispatch(Lerp { a, x, y });
}

/// `y ← min(max(y, −limit), limit)`, for a limit that is not negative; NaN stays.
///
/// ```
/// let mut y = [-3.0, 0.5];
/// nn_runtime::vector::clamp(1.0, &mut y);
/// assert_eq!(y, [-1.0, 0.5]);
/// ```
pub fn clamp<T: Real>(limit: T, y: &mut [T]) {
    T::dispatch(Clamp { limit, y });
}

impl<T: Real> Dispatch<T> for Dot<'_, T> {
    type Output = f64;

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) -> f64 {
        level.dot(self)
    }
}

impl<T: Real> Dispatch<T> for Axpy<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.axpy(self);
    }
}

impl<T: Real> Dispatch<T> for Scale<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.scale(self);
    }
}

impl<T: Real> Dispatch<T> for Lerp<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.lerp(self);
    }
}

impl<T: Real> Dispatch<T> for Clamp<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.clamp(self);
    }
}
