//! Each value over a power of the energy of the channels around it.

use crate::Real;
use crate::simd::{Elementary, Kernel, Simd};

/// How many values the buffers of a place hold: a block of channels, and those around it that its windows reach.
const BUFFER: usize = 1024;

/// The most channels of a window.
pub(crate) const MOST_WINDOW: usize = 256;

/// The constants of `s = k + alpha/size·Σ x²`, `y = x·s^−beta`, the sum over the `size` channels from `c − ⌊size/2⌋` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Channels of a window.
    pub size: usize,
    /// The weight of the mean of their squares.
    pub alpha: f64,
    /// The power.
    pub beta: f64,
    /// What is added to the mean.
    pub k: f64,
}

/// `y = x·s^−beta`, place by place.
///
/// # Panics
/// If `x` is not whole places, `y` not as long, or the window larger than 256 channels.
pub struct NormaliseResponse<'a, T> {
    /// Places, channels last.
    pub x: &'a [T],
    /// As many values, overwritten.
    pub y: &'a mut [T],
    /// C.
    pub channels: usize,
    /// The constants.
    pub response: Response,
}

/// `d_x = d_y·s^−beta − 2·alpha·beta/size · x·Σ d_y·x·s^(−beta−1)`, the sum over the channels whose windows hold this one.
///
/// # Panics
/// As [`NormaliseResponse`].
pub struct ResponseGradient<'a, T> {
    /// Places, channels last.
    pub x: &'a [T],
    /// As many values.
    pub d_y: &'a [T],
    /// As many values, overwritten.
    pub d_x: &'a mut [T],
    /// C.
    pub channels: usize,
    /// The constants.
    pub response: Response,
}

impl Response {
    /// How many channels a window reaches before its own and behind it.
    fn reach(&self) -> (usize, usize) {
        (self.size / 2, (self.size - 1) / 2)
    }

    /// `s^−beta`.
    #[inline(always)]
    fn inverse_power<T: Real, S: Simd<T>>(&self, simd: S, s: S::Vector) -> S::Vector {
        let one = simd.splat(T::one());
        if self.beta == 0.75 {
            // The usual one takes two roots.
            let root = simd.sqrt(s);
            return simd.div(one, simd.mul(root, simd.sqrt(root)));
        }
        let exponent = simd.mul(simd.splat(T::nearest(-self.beta)), <T as Elementary>::ln(simd, s));
        <T as Elementary>::exp(simd, exponent)
    }

    /// `s` of a vector of channels, from the squares of those that its windows begin with.
    ///
    /// # Safety
    /// `size − 1` values more than a vector are readable.
    #[inline(always)]
    unsafe fn energy<T: Real, S: Simd<T>>(&self, simd: S, squares: *const T) -> S::Vector {
        // SAFETY: the caller's promise.
        let sum = unsafe { window_sum(simd, squares, self.size) };
        simd.mul_add(simd.splat(T::nearest(self.alpha / self.size as f64)), sum, simd.splat(T::nearest(self.k)))
    }
}

/// The sum of `size` vectors, each one value behind the one before.
///
/// # Safety
/// `size − 1` values more than a vector are readable.
#[inline(always)]
unsafe fn window_sum<T: Real, S: Simd<T>>(simd: S, from: *const T, size: usize) -> S::Vector {
    let mut sum = simd.splat(T::zero());
    for tap in 0..size {
        // SAFETY: the caller's promise.
        sum = simd.add(sum, unsafe { simd.load(from.add(tap)) });
    }
    sum
}

/// How many samples' worth of places there are.
fn check<T>(x: &[T], others: usize, channels: usize, response: &Response) {
    assert_eq!(x.len(), others, "as many values as it takes");
    assert!(x.is_empty() || (channels > 0 && x.len().is_multiple_of(channels)), "whole places");
    assert!((1..=MOST_WINDOW).contains(&response.size), "a window of 1 to {MOST_WINDOW} channels");
}

/// The squares of the channels from `first − before` on, `count` in all; those that do not exist are zero. Behind them as
/// many zeros as a vector has.
#[inline(always)]
fn fill_squares<T: Real, S: Simd<T>>(
    _: S,
    place: &[T],
    first: usize,
    before: usize,
    count: usize,
    to: &mut [T; BUFFER],
) {
    let missing = before.saturating_sub(first);
    let begin = (first + missing).saturating_sub(before);
    let existing = (place.len() - begin).min(count - missing);
    to[..missing].fill(T::zero());
    for (to, &x) in to[missing..].iter_mut().zip(&place[begin..begin + existing]) {
        *to = x * x;
    }
    to[missing + existing..count + S::LANES].fill(T::zero());
}

impl<T: Real> Kernel<T> for NormaliseResponse<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        const BLOCK: usize = BUFFER - MOST_WINDOW - 16;
        let Self { x, y, channels, response } = self;
        check(x, y.len(), channels, &response);
        let (before, behind) = response.reach();
        let mut squares = [T::zero(); BUFFER];
        for (x, y) in x.chunks_exact(channels.max(1)).zip(y.chunks_exact_mut(channels.max(1))) {
            for first in (0..channels).step_by(BLOCK) {
                let width = BLOCK.min(channels - first);
                fill_squares(simd, x, first, before, before + width + behind, &mut squares);
                for c in (0..width).step_by(S::LANES) {
                    let count = S::LANES.min(width - c);
                    // SAFETY: from this channel on the place has `count` values, and the buffer those of the windows.
                    unsafe {
                        let s = response.energy(simd, squares.as_ptr().add(c));
                        let x = simd.load_partial(x.as_ptr().add(first + c), count);
                        let power = response.inverse_power(simd, s);
                        simd.store_partial(y.as_mut_ptr().add(first + c), simd.mul(x, power), count);
                    }
                }
            }
        }
    }
}

impl<T: Real> Kernel<T> for ResponseGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        const BLOCK: usize = BUFFER - 2 * MOST_WINDOW - 32;
        let Self { x, d_y, d_x, channels, response } = self;
        check(x, d_y.len(), channels, &response);
        check(x, d_x.len(), channels, &response);
        let (mut squares, mut shares) = ([T::zero(); BUFFER], [T::zero(); BUFFER]);
        let places = x.chunks_exact(channels.max(1)).zip(d_y.chunks_exact(channels.max(1)));
        for ((x, d_y), d_x) in places.zip(d_x.chunks_exact_mut(channels.max(1))) {
            for first in (0..channels).step_by(BLOCK) {
                let width = BLOCK.min(channels - first);
                let place = Place { x, d_y, first, width, response };
                place.fill_shares(simd, &mut squares, &mut shares);
                place.gradient(simd, d_x, &squares, &shares);
            }
        }
    }
}

/// A block of channels of a place.
///
/// Those whose windows hold a channel are, the other way round, as far behind it as its window reaches before it.
struct Place<'a, T> {
    x: &'a [T],
    d_y: &'a [T],
    first: usize,
    width: usize,
    response: Response,
}

impl<T: Real> Place<'_, T> {
    /// `d_y·x·s^(−beta−1)` of the channels from `first − behind` on, as many as the windows of the block reach; and the
    /// squares that they are made of.
    #[inline(always)]
    fn fill_shares<S: Simd<T>>(&self, simd: S, squares: &mut [T; BUFFER], shares: &mut [T; BUFFER]) {
        let Self { x, d_y, first, width, response } = *self;
        let (before, behind) = response.reach();
        let count = behind + width + before;
        fill_squares(simd, x, first, behind + before, before + count + behind, squares);
        let missing = behind.saturating_sub(first);
        let begin = (first + missing).saturating_sub(behind);
        let existing = (x.len() - begin).min(count - missing);
        shares[..missing].fill(T::zero());
        for c in (0..existing).step_by(S::LANES) {
            let lanes = S::LANES.min(existing - c);
            // SAFETY: from this channel on the place has `lanes` values, and the buffers those of the windows.
            unsafe {
                let s = response.energy(simd, squares.as_ptr().add(missing + c));
                let x = simd.load_partial(x.as_ptr().add(begin + c), lanes);
                let d_y = simd.load_partial(d_y.as_ptr().add(begin + c), lanes);
                let power = simd.div(response.inverse_power(simd, s), s);
                let share = simd.mul(simd.mul(d_y, x), power);
                simd.store_partial(shares.as_mut_ptr().add(missing + c), share, lanes);
            }
        }
        shares[missing + existing..count + S::LANES].fill(T::zero());
    }

    /// `d_x` of the block.
    #[inline(always)]
    fn gradient<S: Simd<T>>(&self, simd: S, d_x: &mut [T], squares: &[T; BUFFER], shares: &[T; BUFFER]) {
        let Self { x, d_y, first, width, response } = *self;
        let factor = 2.0 * response.alpha * response.beta / response.size as f64;
        let factor = simd.splat(T::nearest(factor));
        let (_, behind) = response.reach();
        for c in (0..width).step_by(S::LANES) {
            let count = S::LANES.min(width - c);
            // SAFETY: from this channel on the place has `count` values, and the buffers those of the windows.
            unsafe {
                let s = response.energy(simd, squares.as_ptr().add(behind + c));
                let sum = window_sum(simd, shares.as_ptr().add(c), response.size);
                let x = simd.load_partial(x.as_ptr().add(first + c), count);
                let d_y = simd.load_partial(d_y.as_ptr().add(first + c), count);
                let direct = simd.mul(d_y, response.inverse_power(simd, s));
                let d = simd.neg_mul_add(simd.mul(factor, x), sum, direct);
                simd.store_partial(d_x.as_mut_ptr().add(first + c), d, count);
            }
        }
    }
}
