//! How a column falls into vectors, and the passes over it that softmax and the losses share.

use crate::Real;
use crate::simd::{Elementary, Simd};

/// No vector has more lanes.
pub(crate) const MOST_LANES: usize = 16;

/// `full` values in whole vectors, and the `tail` behind them.
#[derive(Clone, Copy)]
pub(crate) struct Column<T, S: Simd<T>> {
    pub simd: S,
    /// How many values lie in whole vectors.
    pub full: usize,
    /// How many are left for a partial vector.
    pub tail: usize,
    in_tail: S::Mask,
}

impl<T: Real, S: Simd<T>> Column<T, S> {
    #[inline(always)]
    pub fn new(simd: S, rows: usize) -> Self {
        const { assert!(S::LANES <= MOST_LANES) };
        let tail = rows % S::LANES;
        let mut lane = [T::zero(); MOST_LANES];
        for (index, lane) in lane.iter_mut().enumerate() {
            *lane = T::nearest(index as f64);
        }
        // SAFETY: the array is at least as long as a vector.
        let lane = unsafe { simd.load(lane.as_ptr()) };
        let in_tail = simd.less(lane, simd.splat(T::nearest(tail as f64)));
        Self { simd, full: rows - tail, tail, in_tail }
    }

    /// `v` in the lanes of the tail, `fill` in the others.
    #[inline(always)]
    pub fn in_tail(self, v: S::Vector, fill: S::Vector) -> S::Vector {
        self.simd.select(self.in_tail, v, fill)
    }

    /// The offsets of the whole vectors.
    #[inline(always)]
    pub fn whole_vectors(self) -> impl Iterator<Item = usize> {
        (0..self.full).step_by(S::LANES)
    }

    /// The largest value; any value if one is NaN.
    ///
    /// # Safety
    /// The column at `x` is readable.
    #[inline(always)]
    pub unsafe fn max(self, x: *const T) -> T {
        let simd = self.simd;
        let lowest = simd.splat(T::nearest(f64::NEG_INFINITY));
        // One chain of comparisons would wait for each of them.
        let mut largest = [lowest; 4];
        // SAFETY: whole vectors and the tail lie in the column.
        unsafe {
            let quads = self.full - self.full % (4 * S::LANES);
            for i in (0..quads).step_by(4 * S::LANES) {
                for (chain, largest) in largest.iter_mut().enumerate() {
                    *largest = simd.max(*largest, simd.load(x.add(i + chain * S::LANES)));
                }
            }
            for i in (quads..self.full).step_by(S::LANES) {
                largest[0] = simd.max(largest[0], simd.load(x.add(i)));
            }
            if self.tail > 0 {
                let tail = simd.load_partial(x.add(self.full), self.tail);
                largest[0] = simd.max(largest[0], self.in_tail(tail, lowest));
            }
        }
        let [a, b, c, d] = largest;
        simd.max_lane(simd.max(simd.max(a, b), simd.max(c, d)))
    }

    /// `Σ exp(x − shift)`; the terms are written to `e` if there is one.
    ///
    /// # Safety
    /// The column at `x` is readable, that at `e` writable; they may be the same.
    #[inline(always)]
    pub unsafe fn exp(self, x: *const T, shift: T, e: Option<*mut T>) -> T {
        let simd = self.simd;
        let (zero, shift) = (simd.splat(T::zero()), simd.splat(shift));
        let mut sum = zero;
        // SAFETY: whole vectors and the tail lie in the columns.
        unsafe {
            for i in self.whole_vectors() {
                let term = <T as Elementary>::exp(simd, simd.sub(simd.load(x.add(i)), shift));
                sum = simd.add(sum, term);
                if let Some(e) = e {
                    simd.store(e.add(i), term);
                }
            }
            if self.tail > 0 {
                let x = simd.load_partial(x.add(self.full), self.tail);
                let term = <T as Elementary>::exp(simd, simd.sub(x, shift));
                sum = simd.add(sum, self.in_tail(term, zero));
                if let Some(e) = e {
                    simd.store_partial(e.add(self.full), term, self.tail);
                }
            }
        }
        simd.sum(sum)
    }

    /// Largest value and `Σ exp(x − largest)`; `weight·softmax(x)` is written to `y` if there is one.
    ///
    /// # Safety
    /// As [`exp`](Self::exp).
    #[inline(always)]
    pub unsafe fn softmax(self, x: *const T, weight: T, y: Option<*mut T>) -> (T, T) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.full == 0 {
                return self.softmax_of_tail(x, weight, y);
            }
            let largest = self.max(x);
            let sum = self.exp(x, largest, y);
            if let Some(y) = y {
                self.scale(y, weight / sum);
            }
            (largest, sum)
        }
    }

    /// [`softmax`](Self::softmax) of a column that fills no vector, all in registers.
    ///
    /// # Safety
    /// As [`exp`](Self::exp).
    #[inline(always)]
    unsafe fn softmax_of_tail(self, x: *const T, weight: T, y: Option<*mut T>) -> (T, T) {
        let simd = self.simd;
        let lowest = simd.splat(T::nearest(f64::NEG_INFINITY));
        // SAFETY: the column is its tail.
        let x = unsafe { simd.load_partial(x, self.tail) };
        let largest = simd.max_lane(self.in_tail(x, lowest));
        // The lanes behind the tail are cleared after the exponential: that of −∞ would be slow to underflow.
        let term = <T as Elementary>::exp(simd, simd.sub(x, simd.splat(largest)));
        let term = self.in_tail(term, simd.splat(T::zero()));
        let sum = simd.sum(term);
        if let Some(y) = y {
            // SAFETY: the column is its tail.
            unsafe { simd.store_partial(y, simd.mul(term, simd.splat(weight / sum)), self.tail) };
        }
        (largest, sum)
    }

    /// `y = factor·y`.
    ///
    /// # Safety
    /// The column at `y` is readable and writable.
    #[inline(always)]
    pub unsafe fn scale(self, y: *mut T, factor: T) {
        let simd = self.simd;
        let factor = simd.splat(factor);
        // SAFETY: whole vectors and the tail lie in the column.
        unsafe {
            for i in self.whole_vectors() {
                simd.store(y.add(i), simd.mul(simd.load(y.add(i)), factor));
            }
            if self.tail > 0 {
                let y = y.add(self.full);
                simd.store_partial(y, simd.mul(simd.load_partial(y, self.tail), factor), self.tail);
            }
        }
    }

    /// `ln x` by the vector function, so that it does not depend on the platform's library.
    #[inline(always)]
    pub fn ln(self, x: T) -> T {
        let mut result = T::zero();
        // SAFETY: one value is written to one place.
        unsafe { self.simd.store_partial(&raw mut result, <T as Elementary>::ln(self.simd, self.simd.splat(x)), 1) };
        result
    }
}
