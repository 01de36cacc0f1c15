//! The largest value of each window, and its gradient.

use super::channel_rows::load;
use super::windows::{AtWindow, Taps, Windows, each_window, samples};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many vectors of channels are compared at a time, so that one comparison need not wait for the one before.
const ABREAST: usize = 4;

/// `y[o,c] = max x[i,c]` over the inputs `i` of window `o`; NaN if one of them is, −∞ if there is none.
///
/// # Panics
/// If `x` and `y` are not equally many whole samples.
pub struct Maximum<'a, T> {
    /// B samples, channels last.
    pub x: &'a [T],
    /// As many, overwritten.
    pub y: &'a mut [T],
    /// C.
    pub channels: usize,
    /// Where the windows stand.
    pub windows: &'a Windows,
}

/// `d_x[i,c] = Σ d_y[o,c]` over the windows `o` whose maximum is input `i`: the first of equals, the last of several NaN.
///
/// # Panics
/// As [`Maximum`].
pub struct MaximumGradient<'a, T> {
    /// B samples, channels last.
    pub x: &'a [T],
    /// As many gradients of the output.
    pub d_y: &'a [T],
    /// As many gradients of the input, overwritten.
    pub d_x: &'a mut [T],
    /// C.
    pub channels: usize,
    /// Where the windows stand.
    pub windows: &'a Windows,
}

impl<T: Real> Kernel<T> for Maximum<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, channels, windows } = self;
        let samples = samples(windows, channels, x.len(), y.len());
        let work = Largest { x: x.as_ptr(), y: y.as_mut_ptr(), channels };
        // SAFETY: the slices hold as many samples of the windows' sizes.
        unsafe { each_window(simd, windows, (samples, channels), &work) };
    }
}

impl<T: Real> Kernel<T> for MaximumGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, d_y, d_x, channels, windows } = self;
        assert_eq!(x.len(), d_x.len(), "a gradient for each input");
        let samples = samples(windows, channels, x.len(), d_y.len());
        if !windows.are_partition() {
            d_x.fill(T::zero());
        }
        let (x, d_y, d_x) = (x.as_ptr(), d_y.as_ptr(), d_x.as_mut_ptr());
        // SAFETY: the slices hold as many samples of the windows' sizes.
        unsafe {
            if windows.are_disjoint() {
                each_window(simd, windows, (samples, channels), &Credit::<T, false> { x, d_y, d_x, channels });
            } else {
                each_window(simd, windows, (samples, channels), &Credit::<T, true> { x, d_y, d_x, channels });
            }
        }
    }
}

/// The larger of what was found so far and `x`. A NaN stays: `max` gives its second operand where there is one.
#[inline(always)]
fn larger<T: Real, S: Simd<T>>(simd: S, x: S::Vector, largest: S::Vector) -> S::Vector {
    simd.select(simd.equal(x, x), simd.max(x, largest), x)
}

#[inline(always)]
fn lowest<T: Real, S: Simd<T>>(simd: S) -> S::Vector {
    simd.splat(T::nearest(f64::NEG_INFINITY))
}

struct Largest<T> {
    x: *const T,
    y: *mut T,
    channels: usize,
}

impl<T: Real> AtWindow<T> for Largest<T> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>>(&self, simd: S, taps: Taps, place: usize) {
        let mut c = 0;
        // SAFETY: the caller's promise; from channel `c` on there are as many as each call takes.
        unsafe {
            while c + ABREAST * S::LANES <= self.channels {
                let largest = self.largest::<S, ABREAST>(simd, taps, c);
                for (v, largest) in largest.into_iter().enumerate() {
                    simd.store(self.y.add(place + c + v * S::LANES), largest);
                }
                c += ABREAST * S::LANES;
            }
            while c + S::LANES <= self.channels {
                let [largest] = self.largest::<S, 1>(simd, taps, c);
                simd.store(self.y.add(place + c), largest);
                c += S::LANES;
            }
            if c < self.channels {
                let largest = self.largest_partial(simd, taps, c);
                simd.store_partial(self.y.add(place + c), largest, self.channels - c);
            }
        }
    }
}

impl<T: Real> Largest<T> {
    /// The largest values of the window in `V` vectors of channels from `c` on.
    #[inline(always)]
    unsafe fn largest<S: Simd<T>, const V: usize>(&self, simd: S, taps: Taps, c: usize) -> [S::Vector; V] {
        let mut largest = [lowest(simd); V];
        for first in taps.rows() {
            for tap in taps.row() {
                for (v, largest) in largest.iter_mut().enumerate() {
                    // SAFETY: the caller's promise.
                    let x = unsafe { simd.load(self.x.add(first + tap + c + v * S::LANES)) };
                    *largest = larger(simd, x, *largest);
                }
            }
        }
        largest
    }

    /// The same of the channels from `c` on that fill no vector.
    #[inline(always)]
    unsafe fn largest_partial<S: Simd<T>>(&self, simd: S, taps: Taps, c: usize) -> S::Vector {
        let mut largest = lowest(simd);
        for first in taps.rows() {
            for tap in taps.row() {
                // SAFETY: the caller's promise.
                let x = unsafe { simd.load_partial(self.x.add(first + tap + c), self.channels - c) };
                largest = larger(simd, x, largest);
            }
        }
        largest
    }
}

/// Finds the maximum again, and gives it the gradient; adds it, if windows overlap.
struct Credit<T, const OVERLAP: bool> {
    x: *const T,
    d_y: *const T,
    d_x: *mut T,
    channels: usize,
}

impl<T: Real, const OVERLAP: bool> AtWindow<T> for Credit<T, OVERLAP> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>>(&self, simd: S, taps: Taps, place: usize) {
        for c in (0..self.channels).step_by(S::LANES) {
            let count = S::LANES.min(self.channels - c);
            // SAFETY: the caller's promise.
            unsafe {
                if count == S::LANES {
                    self.credit::<S, false>(simd, taps, place, (c, count));
                } else {
                    self.credit::<S, true>(simd, taps, place, (c, count));
                }
            }
        }
    }
}

impl<T: Real, const OVERLAP: bool> Credit<T, OVERLAP> {
    /// `count` channels from `c` on: a whole vector, or a part of one. Taps are numbered in order; the numbers are as
    /// exact as those of values.
    #[inline(always)]
    unsafe fn credit<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        taps: Taps,
        place: usize,
        (c, count): (usize, usize),
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let winner = self.winner::<S, PARTIAL>(simd, taps, (c, count));
            let d = load::<T, S, PARTIAL>(simd, self.d_y.add(place + c), count);
            let (zero, one) = (simd.splat(T::zero()), simd.splat(T::one()));
            let mut number = zero;
            for first in taps.rows() {
                for tap in taps.row() {
                    let to = self.d_x.add(first + tap + c);
                    let mut credit = simd.select(simd.equal(number, winner), d, zero);
                    if OVERLAP {
                        credit = simd.add(load::<T, S, PARTIAL>(simd, to, count), credit);
                    }
                    if PARTIAL {
                        simd.store_pieces(to, credit, count);
                    } else {
                        simd.store(to, credit);
                    }
                    number = simd.add(number, one);
                }
            }
        }
    }

    /// The number of the tap with the largest value.
    #[inline(always)]
    unsafe fn winner<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        taps: Taps,
        (c, count): (usize, usize),
    ) -> S::Vector {
        let one = simd.splat(T::one());
        let (mut largest, mut winner, mut number) = (lowest(simd), simd.splat(T::zero()), simd.splat(T::zero()));
        for first in taps.rows() {
            for tap in taps.row() {
                // SAFETY: the caller's promise.
                let x = unsafe { load::<T, S, PARTIAL>(simd, self.x.add(first + tap + c), count) };
                winner = simd.select(simd.less(largest, x), number, winner);
                winner = simd.select(simd.equal(x, x), winner, number);
                largest = larger(simd, x, largest);
                number = simd.add(number, one);
            }
        }
        winner
    }
}
