//! Mean and variance of each channel.

use super::channel_rows::{Repeated, Terms, load, sum_terms};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// Mean and biased variance of each channel over all places, `Σ x / n` and `Σ (x − mean)² / n`.
///
/// Sums are of differences from a value near the mean, which a few places give, and go on in `f64` every so many places: a
/// mean that is large against the spread costs no digits. If the value turns out not to be near, a second pass takes the
/// differences from the mean of the first.
///
/// # Panics
/// If `x` is not whole places, or the results are not as many.
pub struct ChannelMoments<'a, T> {
    /// Places, channels last.
    pub x: &'a [T],
    /// C means, overwritten.
    pub mean: &'a mut [T],
    /// C variances, overwritten.
    pub variance: &'a mut [T],
    /// What the rounding of each mean took away from it, overwritten.
    pub residue: &'a mut [T],
}

/// How many places give the value near the mean.
const PROBES: usize = 8;

impl<T: Real> Kernel<T> for ChannelMoments<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, mean, variance, residue } = self;
        let (channels, len) = (mean.len(), x.len());
        assert!(variance.len() == channels && residue.len() == channels, "moments of {channels} channels");
        assert!(x.is_empty() || (channels > 0 && x.len().is_multiple_of(channels)), "whole places");
        let places = x.len().checked_div(channels).unwrap_or(0);
        probe(x, mean);
        for _ in 0..2 {
            let mut repeated = Repeated::new();
            let centre = repeated.row::<S>(mean);
            let (x, places) = (x.as_ptr(), places as f64);
            let mut moments = Moments { x, centre, places, offset: residue, variance, is_far: false };
            // SAFETY: `x` is whole places, and the centre a row.
            unsafe { sum_terms(simd, channels, len, &mut moments) };
            let is_far = moments.is_far;
            move_centre(mean, residue);
            if !is_far {
                break;
            }
        }
    }
}

/// The mean is so far from the centre; what is lost in rounding it takes the offset's place.
#[inline(always)]
fn move_centre<T: Real>(centre: &mut [T], offset: &mut [T]) {
    for (mean, residue) in centre.iter_mut().zip(offset) {
        let exact = mean.to_f64() + residue.to_f64();
        *mean = T::nearest(exact);
        *residue = T::nearest(exact - mean.to_f64());
    }
}

/// The means of a few places, evenly spaced.
#[inline(always)]
fn probe<T: Real>(x: &[T], mean: &mut [T]) {
    let channels = mean.len();
    let places = x.len().checked_div(channels).unwrap_or(0);
    let probes = PROBES.min(places).max(1);
    let share = T::nearest(1.0 / probes as f64);
    mean.fill(T::zero());
    for place in (0..probes).filter(|_| places > 0).map(|probe| probe * places / probes) {
        for (mean, &x) in mean.iter_mut().zip(&x[place * channels..]) {
            *mean += x * share;
        }
    }
}

/// `x − centre` and its square.
struct Moments<'a, T> {
    x: *const T,
    centre: *const T,
    places: f64,
    /// Of the mean from the centre.
    offset: &'a mut [T],
    variance: &'a mut [T],
    /// Whether a centre lies so far from the mean that the variance has lost digits.
    is_far: bool,
}

impl<T: Real> Terms<T> for Moments<'_, T> {
    #[inline(always)]
    unsafe fn of<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        offset: usize,
        column: usize,
        count: usize,
    ) -> [S::Vector; 2] {
        // SAFETY: the caller's promise.
        let (x, centre) = unsafe {
            let x = load::<T, S, PARTIAL>(simd, self.x.add(offset), count);
            (x, load::<T, S, PARTIAL>(simd, self.centre.add(column), count))
        };
        let difference = simd.sub(x, centre);
        [difference, simd.mul(difference, difference)]
    }

    #[inline(always)]
    fn take(&mut self, channel: usize, [differences, squares]: [f64; 2]) {
        let offset = differences / self.places;
        let variance = squares / self.places - offset * offset;
        // Rounding may leave less than nothing; NaN stays.
        let variance = if variance < 0.0 { 0.0 } else { variance };
        self.is_far |= offset * offset > 4.0 * variance;
        self.variance[channel] = T::nearest(variance);
        self.offset[channel] = T::nearest(offset);
    }
}
