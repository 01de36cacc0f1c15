//! The sums that the gradient of a normalisation takes from each channel.

use super::channel_rows::{Repeated, Terms, load, sum_terms};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// `sum = Σ d_y` and `moment = Σ d_y·(x − centre)` of each channel over all places.
///
/// # Panics
/// If the lengths do not agree.
pub struct ChannelGradientSums<'a, T> {
    /// Places, channels last.
    pub x: &'a [T],
    /// As many values.
    pub d_y: &'a [T],
    /// C values.
    pub centre: &'a [T],
    /// C values, overwritten.
    pub sum: &'a mut [T],
    /// C values, overwritten.
    pub moment: &'a mut [T],
}

impl<T: Real> Kernel<T> for ChannelGradientSums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, d_y, centre, sum, moment } = self;
        let (channels, len) = (centre.len(), x.len());
        assert!(sum.len() == channels && moment.len() == channels, "sums of {channels} channels");
        assert_eq!(d_y.len(), len, "a gradient for each value");
        let mut repeated = Repeated::new();
        let centre = repeated.row::<S>(centre);
        let mut sums = Sums { x: x.as_ptr(), d_y: d_y.as_ptr(), centre, sum, moment };
        // SAFETY: both slices have `len` values, and the centre is a row.
        unsafe { sum_terms(simd, channels, len, &mut sums) };
    }
}

struct Sums<'a, T> {
    x: *const T,
    d_y: *const T,
    centre: *const T,
    sum: &'a mut [T],
    moment: &'a mut [T],
}

impl<T: Real> Terms<T> for Sums<'_, T> {
    #[inline(always)]
    unsafe fn of<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        offset: usize,
        column: usize,
        count: usize,
    ) -> [S::Vector; 2] {
        // SAFETY: the caller's promise.
        unsafe {
            let x = load::<T, S, PARTIAL>(simd, self.x.add(offset), count);
            let d_y = load::<T, S, PARTIAL>(simd, self.d_y.add(offset), count);
            let centre = load::<T, S, PARTIAL>(simd, self.centre.add(column), count);
            [d_y, simd.mul(d_y, simd.sub(x, centre))]
        }
    }

    #[inline(always)]
    fn take(&mut self, channel: usize, [sum, moment]: [f64; 2]) {
        self.sum[channel] = T::nearest(sum);
        self.moment[channel] = T::nearest(moment);
    }
}
