//! Means over windows: average pooling of every kind, its gradient, and sums.

use super::windows::{AtWindow, Taps, Windows, each_window, samples};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many vectors of channels are summed at a time, so that one addition need not wait for the one before.
const ABREAST: usize = 4;

/// `y[o,c] = 1/divisor · Σ x[i,c]` over the inputs `i` of window `o`.
///
/// The sum of a row of taps is taken first and then added to the others, so that the mean of a whole image loses little.
///
/// # Panics
/// If `x` and `y` are not equally many whole samples.
pub struct Average<'a, T> {
    /// B samples, channels last.
    pub x: &'a [T],
    /// As many, overwritten.
    pub y: &'a mut [T],
    /// C.
    pub channels: usize,
    /// Where the windows stand.
    pub windows: &'a Windows,
}

/// `d_x[i,c] = Σ d_y[o,c]/divisor` over the windows `o` that cover input `i`.
///
/// # Panics
/// As [`Average`].
pub struct AverageGradient<'a, T> {
    /// B samples, channels last.
    pub d_y: &'a [T],
    /// As many, overwritten.
    pub d_x: &'a mut [T],
    /// C.
    pub channels: usize,
    /// Where the windows stand.
    pub windows: &'a Windows,
}

impl<T: Real> Kernel<T> for Average<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, channels, windows } = self;
        let samples = samples(windows, channels, x.len(), y.len());
        let work = Gather { x: x.as_ptr(), y: y.as_mut_ptr(), channels };
        // SAFETY: the slices hold as many samples of the windows' sizes.
        unsafe { each_window(simd, windows, (samples, channels), &work) };
    }
}

impl<T: Real> Kernel<T> for AverageGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { d_y, d_x, channels, windows } = self;
        let samples = samples(windows, channels, d_x.len(), d_y.len());
        if !windows.are_partition() {
            d_x.fill(T::zero());
        }
        let (d_y, d_x) = (d_y.as_ptr(), d_x.as_mut_ptr());
        // SAFETY: the slices hold as many samples of the windows' sizes.
        unsafe {
            if windows.are_disjoint() {
                each_window(simd, windows, (samples, channels), &Scatter::<T, false> { d_y, d_x, channels });
            } else {
                each_window(simd, windows, (samples, channels), &Scatter::<T, true> { d_y, d_x, channels });
            }
        }
    }
}

/// One over the divisor; a window without taps sums nothing.
#[inline(always)]
fn share<T: Real, S: Simd<T>>(simd: S, divisor: usize) -> S::Vector {
    simd.splat(T::nearest(1.0 / divisor.max(1) as f64))
}

struct Gather<T> {
    x: *const T,
    y: *mut T,
    channels: usize,
}

impl<T: Real> AtWindow<T> for Gather<T> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>>(&self, simd: S, taps: Taps, place: usize) {
        let share = share(simd, taps.divisor);
        let mut c = 0;
        // SAFETY: the caller's promise; from channel `c` on there are as many as each call takes.
        unsafe {
            while c + ABREAST * S::LANES <= self.channels {
                let sums = self.sum::<S, ABREAST>(simd, taps, c);
                for (v, sum) in sums.into_iter().enumerate() {
                    simd.store(self.y.add(place + c + v * S::LANES), simd.mul(sum, share));
                }
                c += ABREAST * S::LANES;
            }
            while c + S::LANES <= self.channels {
                let [sum] = self.sum::<S, 1>(simd, taps, c);
                simd.store(self.y.add(place + c), simd.mul(sum, share));
                c += S::LANES;
            }
            if c < self.channels {
                let sum = self.sum_partial(simd, taps, c);
                simd.store_partial(self.y.add(place + c), simd.mul(sum, share), self.channels - c);
            }
        }
    }
}

impl<T: Real> Gather<T> {
    /// The sums over the window of `V` vectors of channels from `c` on.
    #[inline(always)]
    unsafe fn sum<S: Simd<T>, const V: usize>(&self, simd: S, taps: Taps, c: usize) -> [S::Vector; V] {
        let mut sums = [simd.splat(T::zero()); V];
        for first in taps.rows() {
            let mut row = [simd.splat(T::zero()); V];
            for tap in taps.row() {
                for (v, sum) in row.iter_mut().enumerate() {
                    // SAFETY: the caller's promise.
                    *sum = simd.add(*sum, unsafe { simd.load(self.x.add(first + tap + c + v * S::LANES)) });
                }
            }
            for (sum, row) in sums.iter_mut().zip(row) {
                *sum = simd.add(*sum, row);
            }
        }
        sums
    }

    /// The same of the channels from `c` on that fill no vector.
    #[inline(always)]
    unsafe fn sum_partial<S: Simd<T>>(&self, simd: S, taps: Taps, c: usize) -> S::Vector {
        let count = self.channels - c;
        let mut sum = simd.splat(T::zero());
        for first in taps.rows() {
            let mut row = simd.splat(T::zero());
            for tap in taps.row() {
                // SAFETY: the caller's promise.
                row = simd.add(row, unsafe { simd.load_partial(self.x.add(first + tap + c), count) });
            }
            sum = simd.add(sum, row);
        }
        sum
    }
}

/// Adds to the inputs, if windows overlap; else it is the only one to write them.
struct Scatter<T, const OVERLAP: bool> {
    d_y: *const T,
    d_x: *mut T,
    channels: usize,
}

impl<T: Real, const OVERLAP: bool> AtWindow<T> for Scatter<T, OVERLAP> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>>(&self, simd: S, taps: Taps, place: usize) {
        let share = share(simd, taps.divisor);
        for c in (0..self.channels).step_by(S::LANES) {
            let count = S::LANES.min(self.channels - c);
            // SAFETY: the caller's promise.
            unsafe {
                if count == S::LANES {
                    let d = simd.mul(simd.load(self.d_y.add(place + c)), share);
                    self.spread(simd, taps, c, d);
                } else {
                    let d = simd.mul(simd.load_partial(self.d_y.add(place + c), count), share);
                    self.spread_partial(simd, taps, (c, count), d);
                }
            }
        }
    }
}

impl<T: Real, const OVERLAP: bool> Scatter<T, OVERLAP> {
    /// `d` to every tap.
    #[inline(always)]
    unsafe fn spread<S: Simd<T>>(&self, simd: S, taps: Taps, c: usize, d: S::Vector) {
        for first in taps.rows() {
            for tap in taps.row() {
                // SAFETY: the caller's promise.
                unsafe {
                    let to = self.d_x.add(first + tap + c);
                    simd.store(to, if OVERLAP { simd.add(simd.load(to), d) } else { d });
                }
            }
        }
    }

    /// `d` to `count` channels of every tap.
    #[inline(always)]
    unsafe fn spread_partial<S: Simd<T>>(&self, simd: S, taps: Taps, (c, count): (usize, usize), d: S::Vector) {
        for first in taps.rows() {
            for tap in taps.row() {
                // SAFETY: the caller's promise.
                unsafe {
                    let to = self.d_x.add(first + tap + c);
                    let d = if OVERLAP { simd.add(simd.load_partial(to, count), d) } else { d };
                    simd.store_pieces(to, d, count);
                }
            }
        }
    }
}
