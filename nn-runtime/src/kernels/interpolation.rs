//! Weighted means of neighbours: bilinear upsampling and its gradient.

use super::channel_rows::{load, store};
use crate::Real;
use crate::geometry::Extent;
use crate::simd::{Kernel, Simd};

/// How the places of an image that is `scale` times as large lie between those of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interpolation {
    /// The small image.
    pub input: Extent,
    /// Along D, H, W.
    pub scale: [usize; 3],
    /// Whether the first and last places of both images coincide; else their edges do.
    pub align_corners: bool,
}

/// `y[o] = Σ weight(o,i)·x[i]` over the neighbours `i` of place `o`.
///
/// # Panics
/// If `x` and `y` are not equally many whole samples.
pub struct Interpolate<'a, T> {
    /// B samples, channels last.
    pub x: &'a [T],
    /// As many, overwritten.
    pub y: &'a mut [T],
    /// The places.
    pub places: &'a Interpolation,
}

/// `d_x[i] = Σ weight(o,i)·d_y[o]`.
///
/// # Panics
/// As [`Interpolate`].
pub struct InterpolateGradient<'a, T> {
    /// B samples, channels last.
    pub d_y: &'a [T],
    /// As many, overwritten.
    pub d_x: &'a mut [T],
    /// The places.
    pub places: &'a Interpolation,
}

/// The one or two neighbours along an axis, and their weights.
#[derive(Clone, Copy)]
struct Neighbours {
    at: [usize; 2],
    weights: [f64; 2],
    count: usize,
}

/// The corners of the cell that a place lies in: where channel 0 of each is, and its weight.
struct Corners {
    at: [usize; 8],
    weights: [f64; 8],
    count: usize,
}

impl Interpolation {
    /// The large image.
    pub(crate) const fn output(&self) -> Extent {
        let Extent { channels, axes: [d, h, w] } = self.input;
        Extent { channels, axes: [d * self.scale[0], h * self.scale[1], w * self.scale[2]] }
    }

    #[inline(always)]
    fn neighbours(&self, axis: usize, o: usize) -> Neighbours {
        let (input, scale) = (self.input.axes[axis], self.scale[axis]);
        let position = if self.align_corners {
            o as f64 * (input - 1) as f64 / (input * scale - 1).max(1) as f64
        } else {
            ((o as f64 + 0.5) / scale as f64 - 0.5).max(0.0)
        };
        let first = (position as usize).min(input - 1);
        let second = (first + 1).min(input - 1);
        let weight = position - first as f64;
        let count = if weight > 0.0 && second > first { 2 } else { 1 };
        let weights = if count == 2 { [1.0 - weight, weight] } else { [1.0, 0.0] };
        Neighbours { at: [first, second], weights, count }
    }

    #[inline(always)]
    fn corners(&self, sample: usize, d: Neighbours, h: Neighbours, w: Neighbours) -> Corners {
        let Extent { channels, axes: [depth, height, width] } = self.input;
        let mut corners = Corners { at: [0; 8], weights: [0.0; 8], count: 0 };
        for i in 0..d.count {
            for j in 0..h.count {
                for k in 0..w.count {
                    let place = ((sample * depth + d.at[i]) * height + h.at[j]) * width + w.at[k];
                    corners.at[corners.count] = place * channels;
                    corners.weights[corners.count] = d.weights[i] * h.weights[j] * w.weights[k];
                    corners.count += 1;
                }
            }
        }
        corners
    }

    /// How many samples there are.
    fn samples(&self, x: usize, y: usize) -> usize {
        let samples = x.checked_div(self.input.len()).unwrap_or(0);
        assert_eq!(x, samples * self.input.len(), "the input is whole samples");
        assert_eq!(y, samples * self.output().len(), "the output is as many samples");
        samples
    }
}

impl<T: Real> Kernel<T> for Interpolate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, places } = self;
        let samples = places.samples(x.len(), y.len());
        // SAFETY: the slices hold as many samples.
        unsafe { each_place(simd, places, samples, &Gather { x: x.as_ptr(), y: y.as_mut_ptr() }) };
    }
}

impl<T: Real> Kernel<T> for InterpolateGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { d_y, d_x, places } = self;
        let samples = places.samples(d_x.len(), d_y.len());
        d_x.fill(T::zero());
        // SAFETY: the slices hold as many samples.
        unsafe { each_place(simd, places, samples, &Scatter { d_y: d_y.as_ptr(), d_x: d_x.as_mut_ptr() }) };
    }
}

trait AtPlace<T> {
    /// `count` channels: those of the place at `place`, those of each corner at its own.
    ///
    /// # Safety
    /// The implementor's slices hold them.
    unsafe fn at<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        corners: &Corners,
        c: usize,
        place: usize,
        count: usize,
    );
}

/// # Safety
/// As [`AtPlace::at`].
#[inline(always)]
unsafe fn each_place<T: Real, S: Simd<T>>(simd: S, places: &Interpolation, samples: usize, work: &impl AtPlace<T>) {
    let Extent { channels, axes } = places.output();
    let full = channels - channels % S::LANES;
    let mut place = 0;
    for sample in 0..samples {
        for d in 0..axes[0] {
            let d = places.neighbours(0, d);
            for h in 0..axes[1] {
                let h = places.neighbours(1, h);
                for w in 0..axes[2] {
                    let corners = places.corners(sample, d, h, places.neighbours(2, w));
                    // SAFETY: the caller's promise.
                    unsafe {
                        for c in (0..full).step_by(S::LANES) {
                            work.at::<S, false>(simd, &corners, c, place + c, S::LANES);
                        }
                        if full < channels {
                            work.at::<S, true>(simd, &corners, full, place + full, channels - full);
                        }
                    }
                    place += channels;
                }
            }
        }
    }
}

struct Gather<T> {
    x: *const T,
    y: *mut T,
}

impl<T: Real> AtPlace<T> for Gather<T> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        corners: &Corners,
        c: usize,
        place: usize,
        count: usize,
    ) {
        let mut sum = simd.splat(T::zero());
        // SAFETY: the caller's promise.
        unsafe {
            for (&at, &weight) in corners.at.iter().zip(&corners.weights).take(corners.count) {
                let x = load::<T, S, PARTIAL>(simd, self.x.add(at + c), count);
                sum = simd.mul_add(simd.splat(T::nearest(weight)), x, sum);
            }
            store::<T, S, PARTIAL>(simd, self.y.add(place), sum, count);
        }
    }
}

struct Scatter<T> {
    d_y: *const T,
    d_x: *mut T,
}

impl<T: Real> AtPlace<T> for Scatter<T> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        corners: &Corners,
        c: usize,
        place: usize,
        count: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let d_y = load::<T, S, PARTIAL>(simd, self.d_y.add(place), count);
            for (&at, &weight) in corners.at.iter().zip(&corners.weights).take(corners.count) {
                let to = self.d_x.add(at + c);
                let sum = simd.mul_add(simd.splat(T::nearest(weight)), d_y, load::<T, S, PARTIAL>(simd, to, count));
                store::<T, S, PARTIAL>(simd, to, sum, count);
            }
        }
    }
}
