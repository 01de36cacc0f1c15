//! Whole slices as vectors: sums of products, multiples added, limits. What optimisers, penalties and line searches are made of.
//!
//! Each is one pass over memory.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many values a sum takes in `T` before it goes on in `f64`: so its error does not grow with the slice.
const STRETCH: usize = 4096;

/// `Σ a·b`.
///
/// The products are summed up in `T` over stretches of 4096 values, and in `f64` over those.
///
/// # Panics
/// If the lengths do not agree.
pub struct Dot<'a, T> {
    /// Any number of values.
    pub a: &'a [T],
    /// As many.
    pub b: &'a [T],
}

/// `y ← y + a·x`.
///
/// # Panics
/// If the lengths do not agree.
pub struct Axpy<'a, T> {
    /// The factor.
    pub a: T,
    /// Any number of values.
    pub x: &'a [T],
    /// As many; updated.
    pub y: &'a mut [T],
}

/// `y ← a·y`.
pub struct Scale<'a, T> {
    /// The factor.
    pub a: T,
    /// Any number of values; updated.
    pub y: &'a mut [T],
}

/// `y ← min(max(y, −limit), limit)`; NaN stays.
pub struct Clamp<'a, T> {
    /// The largest size that is left, not negative.
    pub limit: T,
    /// Any number of values; updated.
    pub y: &'a mut [T],
}

/// `y ← y + a·(x − y)`.
///
/// # Panics
/// If the lengths do not agree.
pub struct Lerp<'a, T> {
    /// How far from `y` to `x`.
    pub a: T,
    /// Any number of values.
    pub x: &'a [T],
    /// As many; updated.
    pub y: &'a mut [T],
}

/// `d ← d + l1·sign(w) + l2·w`: what the penalty `l1·Σ|w| + l2/2·Σw²` adds to the gradient. The sign of 0 is 0.
///
/// # Panics
/// If the lengths do not agree.
pub struct PenaltyGradient<'a, T> {
    /// The factor of `Σ|w|`.
    pub l1: T,
    /// The factor of `Σw²/2`.
    pub l2: T,
    /// The weights.
    pub w: &'a [T],
    /// As many; updated.
    pub d: &'a mut [T],
}

/// `a ← λ·a + (1−λ)·b` and `b ← λ·b + (1−λ)·a`, with what both were: each takes over a share of the other.
///
/// # Panics
/// If the lengths do not agree.
pub struct Mix<'a, T> {
    /// λ, the share that stays.
    pub kept: T,
    /// Any number of values; updated.
    pub a: &'a mut [T],
    /// As many; updated.
    pub b: &'a mut [T],
}

impl<T: Real> Kernel<T> for Mix<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { kept, a, b } = self;
        assert_eq!(a.len(), b.len(), "slices of two lengths are mixed");
        let (whole, tail) = (a.len() / S::LANES, a.len() % S::LANES);
        let (a, b) = (a.as_mut_ptr(), b.as_mut_ptr());
        let (kept, taken) = (simd.splat(kept), simd.splat(T::one() - kept));
        let mix = |x, y| simd.mul_add(kept, x, simd.mul(taken, y));
        // SAFETY: vector i of `whole`, and the tail behind them, lie within both.
        unsafe {
            for i in (0..whole).map(|i| i * S::LANES) {
                let (x, y) = (simd.load(a.add(i)), simd.load(b.add(i)));
                simd.store(a.add(i), mix(x, y));
                simd.store(b.add(i), mix(y, x));
            }
            let (a, b) = (a.add(whole * S::LANES), b.add(whole * S::LANES));
            let (x, y) = (simd.load_partial(a, tail), simd.load_partial(b, tail));
            simd.store_partial(a, mix(x, y), tail);
            simd.store_partial(b, mix(y, x), tail);
        }
    }
}

impl<T: Real> Kernel<T> for Dot<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { a, b } = self;
        assert_eq!(a.len(), b.len(), "a sum of products of slices of two lengths");
        let stretches = a.chunks(STRETCH).zip(b.chunks(STRETCH));
        // SAFETY: both slices of a stretch are of one length.
        stretches.map(|(a, b)| unsafe { dot(simd, a.as_ptr(), b.as_ptr(), a.len()) }.to_f64()).sum()
    }
}

/// `Σ a·b`, in four sums beside each other that do not wait for one another.
///
/// # Safety
/// `len` values at both pointers are readable.
#[inline(always)]
unsafe fn dot<T: Real, S: Simd<T>>(simd: S, a: *const T, b: *const T, len: usize) -> T {
    let mut sums = [simd.splat(T::zero()); 4];
    let (whole, tail) = (len / S::LANES, len % S::LANES);
    let fours = whole - whole % 4;
    // SAFETY: vector i of `whole`, and the tail behind them, lie within the `len` values.
    unsafe {
        for first in (0..fours).step_by(4) {
            for (k, sum) in sums.iter_mut().enumerate() {
                let at = (first + k) * S::LANES;
                *sum = simd.mul_add(simd.load(a.add(at)), simd.load(b.add(at)), *sum);
            }
        }
        for at in (fours..whole).map(|i| i * S::LANES) {
            sums[0] = simd.mul_add(simd.load(a.add(at)), simd.load(b.add(at)), sums[0]);
        }
        let at = whole * S::LANES;
        sums[1] = simd.mul_add(simd.load_partial(a.add(at), tail), simd.load_partial(b.add(at), tail), sums[1]);
    }
    simd.sum(simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3])))
}

impl<T: Real> Kernel<T> for Axpy<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert_eq!(self.x.len(), self.y.len(), "a multiple of a slice is added to one of another length");
        let a = simd.splat(self.a);
        merge(simd, self.x, self.y, |x, y| simd.mul_add(a, x, y));
    }
}

impl<T: Real> Kernel<T> for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let a = simd.splat(self.a);
        map(simd, self.y, |y| simd.mul(a, y));
    }
}

impl<T: Real> Kernel<T> for Clamp<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let (low, high) = (simd.splat(-self.limit), simd.splat(self.limit));
        let clamp = |y| {
            let y = simd.select(simd.less(y, low), low, y);
            simd.select(simd.less(high, y), high, y)
        };
        map(simd, self.y, clamp);
    }
}

impl<T: Real> Kernel<T> for Lerp<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert_eq!(self.x.len(), self.y.len(), "a slice is moved towards one of another length");
        let a = simd.splat(self.a);
        merge(simd, self.x, self.y, |x, y| simd.mul_add(a, simd.sub(x, y), y));
    }
}

impl<T: Real> Kernel<T> for PenaltyGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert_eq!(self.w.len(), self.d.len(), "there is not a gradient for each weight");
        let (zero, l1, l2) = (simd.splat(T::zero()), simd.splat(self.l1), simd.splat(self.l2));
        let formula = |w, d| {
            let slope = simd.select(simd.equal(w, zero), zero, simd.copysign(l1, w));
            simd.add(d, simd.mul_add(l2, w, slope))
        };
        merge(simd, self.w, self.d, formula);
    }
}

/// `y ← f(x, y)`, vector by vector, for slices of one length.
#[inline(always)]
fn merge<T: Real, S: Simd<T>>(simd: S, x: &[T], y: &mut [T], f: impl Fn(S::Vector, S::Vector) -> S::Vector) {
    assert_eq!(x.len(), y.len(), "slices of two lengths");
    let (whole, tail) = (y.len() / S::LANES, y.len() % S::LANES);
    let (x, y) = (x.as_ptr(), y.as_mut_ptr());
    // SAFETY: vector i of `whole`, and the tail behind them, lie within both.
    unsafe {
        for i in (0..whole).map(|i| i * S::LANES) {
            simd.store(y.add(i), f(simd.load(x.add(i)), simd.load(y.add(i))));
        }
        let (x, y) = (x.add(whole * S::LANES), y.add(whole * S::LANES));
        simd.store_partial(y, f(simd.load_partial(x, tail), simd.load_partial(y, tail)), tail);
    }
}

/// `y ← f(y)`, vector by vector.
#[inline(always)]
fn map<T: Real, S: Simd<T>>(simd: S, y: &mut [T], f: impl Fn(S::Vector) -> S::Vector) {
    let (whole, tail) = (y.len() / S::LANES, y.len() % S::LANES);
    let y = y.as_mut_ptr();
    // SAFETY: vector i of `whole`, and the tail behind them, lie within `y`.
    unsafe {
        for i in (0..whole).map(|i| i * S::LANES) {
            simd.store(y.add(i), f(simd.load(y.add(i))));
        }
        let y = y.add(whole * S::LANES);
        simd.store_partial(y, f(simd.load_partial(y, tail)), tail);
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;
    use core::marker::PhantomData;

    use super::*;
    use crate::kernels::Kernels;
    use crate::kernels::tests::{Guarded, on_every_level, tolerance, values};

    const LENGTHS: [usize; 12] = [0, 1, 3, 4, 7, 8, 16, 31, 65, 127, 4096, 9001];

    struct Checks<T, L> {
        level: L,
        scalar: PhantomData<T>,
    }

    impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
        fn all(level: L) {
            let checks = Self { level, scalar: PhantomData };
            for len in LENGTHS {
                checks.dot(len);
                checks.maps(len);
                checks.mix(len);
            }
            checks.edges();
        }

        fn dot(&self, len: usize) {
            let (a, b) = (values::<T>(len, 1), values::<T>(len, 2));
            let expected: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            let dot = self.level.dot(Dot { a: Guarded::<T>::new(&a).slice(), b: Guarded::<T>::new(&b).slice() });
            let bound = tolerance::<T>(len.min(STRETCH));
            assert!((dot - expected).abs() <= bound, "{:?}, {len}: {dot} is not {expected}", self.level);
        }

        fn maps(&self, len: usize) {
            let Self { level, .. } = *self;
            let (x, y) = (values::<T>(len, 1), values::<T>(len, 2));
            let guarded = Guarded::<T>::new(&x);
            let (a, limit, w) = (T::nearest(0.75), T::nearest(0.25), guarded.slice());
            let check = |what: &str, run: &dyn Fn(&mut [T]), formula: &dyn Fn(f64, f64) -> f64| {
                let mut result = Guarded::<T>::new(&y);
                run(result.slice_mut());
                let expected: Vec<_> = x.iter().zip(&y).map(|(x, y)| formula(*x, *y)).collect();
                result.assert_near(&expected, tolerance::<T>(2), (what, len, level));
            };
            check("axpy", &|y| level.axpy(Axpy { a, x: w, y }), &|x, y| y + 0.75 * x);
            check("scale", &|y| level.scale(Scale { a, y }), &|_, y| 0.75 * y);
            check("lerp", &|y| level.lerp(Lerp { a, x: w, y }), &|x, y| 0.25 * y + 0.75 * x);
            check("clamp", &|y| level.clamp(Clamp { limit, y }), &|_, y| y.clamp(-0.25, 0.25));
            let penalty = |d: &mut [T]| level.penalty_gradient(PenaltyGradient { l1: limit, l2: a, w, d });
            check("penalty", &penalty, &|x, y| y + 0.25 * x.signum() + 0.75 * x);
        }

        fn mix(&self, len: usize) {
            let (x, y) = (values::<T>(len, 1), values::<T>(len, 2));
            let (mut a, mut b) = (Guarded::<T>::new(&x), Guarded::<T>::new(&y));
            self.level.mix(Mix { kept: T::nearest(0.75), a: a.slice_mut(), b: b.slice_mut() });
            for (mixed, kept, taken) in [(a, &x, &y), (b, &y, &x)] {
                let expected: Vec<_> = kept.iter().zip(taken).map(|(kept, taken)| 0.75 * kept + 0.25 * taken).collect();
                mixed.assert_near(&expected, tolerance::<T>(2), ("mix", len, self.level));
            }
        }

        fn edges(&self) {
            let mut edge = [T::nearest(f64::NAN), T::nearest(f64::NEG_INFINITY)];
            self.level.clamp(Clamp { limit: T::one(), y: &mut edge });
            assert!(edge[0].to_f64().is_nan(), "{:?}", self.level);
            assert_eq!(edge[1].to_f64(), -1.0, "{:?}", self.level);
            let (w, mut d) = ([T::zero(), T::nearest(-0.0)], [T::one(); 2]);
            self.level.penalty_gradient(PenaltyGradient { l1: T::one(), l2: T::one(), w: &w, d: &mut d });
            assert_eq!(d, [T::one(); 2], "a weight of zero is not pulled anywhere");
        }
    }

    on_every_level!(Checks);
}
