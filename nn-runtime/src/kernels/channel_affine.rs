//! A scale and a shift for each channel.

use super::channel_rows::{AtVector, Repeated, each_vector, load, store};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// `y = (x − centre)·scale + shift`, channel by channel; then `max(0, y)`, if it is to `rectify`.
///
/// # Panics
/// If the lengths do not agree.
pub struct ChannelAffine<'a, T> {
    /// Places, channels last.
    pub x: &'a [T],
    /// As many values, overwritten.
    pub y: &'a mut [T],
    /// C values.
    pub centre: &'a [T],
    /// C values.
    pub scale: &'a [T],
    /// C values.
    pub shift: &'a [T],
    /// Whether what is negative becomes zero.
    pub rectify: bool,
}

/// `d_x = slope·d_y + curve·(x − centre) + shift`, channel by channel, or added to what is there: the gradient of a
/// normalisation.
///
/// # Panics
/// If the lengths do not agree.
pub struct ChannelGradient<'a, T> {
    /// Places, channels last.
    pub x: &'a [T],
    /// As many values.
    pub d_y: &'a [T],
    /// As many values.
    pub d_x: &'a mut [T],
    /// C values.
    pub centre: &'a [T],
    /// C values.
    pub slope: &'a [T],
    /// C values.
    pub curve: &'a [T],
    /// C values.
    pub shift: &'a [T],
    /// Whether it is added to `d_x`; else it overwrites it.
    pub accumulate: bool,
}

/// `scale = gamma / √(variance + eps)`, channel by channel.
///
/// # Panics
/// If the lengths do not agree.
pub struct ChannelScale<'a, T> {
    /// C values, or none, which stand for ones.
    pub gamma: &'a [T],
    /// C values.
    pub variance: &'a [T],
    /// What keeps the root from zero.
    pub eps: f64,
    /// C values, overwritten.
    pub scale: &'a mut [T],
}

impl<T: Real> Kernel<T> for ChannelAffine<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, centre, scale, shift, rectify } = self;
        let (channels, len) = (centre.len(), x.len());
        assert!(scale.len() == channels && shift.len() == channels, "a scale and a shift for each channel");
        assert_eq!(len, y.len(), "as many values as it takes");
        let (mut a, mut b, mut c) = (Repeated::new(), Repeated::new(), Repeated::new());
        let (centre, scale, shift) = (a.row::<S>(centre), b.row::<S>(scale), c.row::<S>(shift));
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        // SAFETY: both slices have `len` values, and the others are rows.
        unsafe {
            if rectify {
                each_vector(simd, channels, len, &Affine::<T, true> { x, y, centre, scale, shift });
            } else {
                each_vector(simd, channels, len, &Affine::<T, false> { x, y, centre, scale, shift });
            }
        }
    }
}

struct Affine<T, const RECTIFY: bool> {
    x: *const T,
    y: *mut T,
    centre: *const T,
    scale: *const T,
    shift: *const T,
}

impl<T: Real, const RECTIFY: bool> AtVector<T> for Affine<T, RECTIFY> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>, const PARTIAL: bool>(&self, simd: S, offset: usize, column: usize, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let x = load::<T, S, PARTIAL>(simd, self.x.add(offset), count);
            let centred = simd.sub(x, load::<T, S, PARTIAL>(simd, self.centre.add(column), count));
            let scale = load::<T, S, PARTIAL>(simd, self.scale.add(column), count);
            let shift = load::<T, S, PARTIAL>(simd, self.shift.add(column), count);
            let mut y = simd.mul_add(centred, scale, shift);
            if RECTIFY {
                // With `y` second a NaN in it stays.
                y = simd.max(simd.splat(T::zero()), y);
            }
            store::<T, S, PARTIAL>(simd, self.y.add(offset), y, count);
        }
    }
}

impl<T: Real> Kernel<T> for ChannelGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, d_y, d_x, centre, slope, curve, shift, accumulate } = self;
        let (channels, len) = (centre.len(), x.len());
        let same = [slope, curve, shift].iter().all(|values| values.len() == channels);
        assert!(same, "a slope, a curve and a shift for each channel");
        assert!(d_y.len() == len && d_x.len() == len, "a gradient for each value");
        let (mut a, mut b, mut c, mut d) = (Repeated::new(), Repeated::new(), Repeated::new(), Repeated::new());
        let work = Gradient::<T, false> {
            x: x.as_ptr(),
            d_y: d_y.as_ptr(),
            d_x: d_x.as_mut_ptr(),
            centre: a.row::<S>(centre),
            slope: b.row::<S>(slope),
            curve: c.row::<S>(curve),
            shift: d.row::<S>(shift),
        };
        // SAFETY: the three slices have `len` values, and the others are rows.
        unsafe {
            if accumulate {
                each_vector(simd, channels, len, &work.adding());
            } else {
                each_vector(simd, channels, len, &work);
            }
        }
    }
}

struct Gradient<T, const ADD: bool> {
    x: *const T,
    d_y: *const T,
    d_x: *mut T,
    centre: *const T,
    slope: *const T,
    curve: *const T,
    shift: *const T,
}

impl<T> Gradient<T, false> {
    #[inline(always)]
    fn adding(self) -> Gradient<T, true> {
        let Self { x, d_y, d_x, centre, slope, curve, shift } = self;
        Gradient { x, d_y, d_x, centre, slope, curve, shift }
    }
}

impl<T: Real, const ADD: bool> AtVector<T> for Gradient<T, ADD> {
    #[inline(always)]
    unsafe fn at<S: Simd<T>, const PARTIAL: bool>(&self, simd: S, offset: usize, column: usize, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let x = load::<T, S, PARTIAL>(simd, self.x.add(offset), count);
            let d_y = load::<T, S, PARTIAL>(simd, self.d_y.add(offset), count);
            let centred = simd.sub(x, load::<T, S, PARTIAL>(simd, self.centre.add(column), count));
            let slope = load::<T, S, PARTIAL>(simd, self.slope.add(column), count);
            let curve = load::<T, S, PARTIAL>(simd, self.curve.add(column), count);
            let shift = load::<T, S, PARTIAL>(simd, self.shift.add(column), count);
            let mut d_x = simd.mul_add(slope, d_y, simd.mul_add(curve, centred, shift));
            if ADD {
                d_x = simd.add(load::<T, S, PARTIAL>(simd, self.d_x.add(offset), count), d_x);
            }
            store::<T, S, PARTIAL>(simd, self.d_x.add(offset), d_x, count);
        }
    }
}

impl<T: Real> Kernel<T> for ChannelScale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { gamma, variance, eps, scale } = self;
        let channels = scale.len();
        assert!(variance.len() == channels && (gamma.len() == channels || gamma.is_empty()), "{channels} channels");
        let (eps, one) = (simd.splat(T::nearest(eps)), simd.splat(T::one()));
        for c in (0..channels).step_by(S::LANES) {
            let count = S::LANES.min(channels - c);
            // SAFETY: from channel `c` on there are `count` values of each.
            unsafe {
                let root = simd.sqrt(simd.add(simd.load_partial(variance.as_ptr().add(c), count), eps));
                let gamma = if gamma.is_empty() { one } else { simd.load_partial(gamma.as_ptr().add(c), count) };
                simd.store_partial(scale.as_mut_ptr().add(c), simd.div(gamma, root), count);
            }
        }
    }
}
