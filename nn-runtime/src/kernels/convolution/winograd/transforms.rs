//! Blocks of inputs, weights and outputs on their way into and out of the transformed domain.

use super::minimal::{Minimal, Transforms};
use super::{Grid, Position};
use crate::Real;
use crate::activations::{ActivateInPlace, Activation, Pointwise, Relu};
use crate::simd::{Kernel, Simd};

/// What one tile's products are taken from: `to[tile][point][channel]`. All pointers and strides are the promise of
/// [`Winograd`](super::Winograd), which alone builds it; so for the other two.
pub(super) struct Inputs<'g, T, const OUTPUTS: usize, const POINTS: usize> {
    pub grid: &'g Grid,
    /// The first tile, and how many there are.
    pub tiles: (usize, usize),
    /// All samples.
    pub x: *const T,
    pub to: *mut T,
    /// From one point to the next, and from one tile to the next.
    pub strides: (usize, usize),
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Kernel<T> for Inputs<'_, T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let (first, count) = self.tiles;
        for i in 0..count {
            let position = self.grid.position::<OUTPUTS>(first + i);
            let to = self.to.wrapping_add(i * self.strides.1);
            // SAFETY: the builder's promise.
            unsafe { self.tile(simd, &position, to) };
        }
    }
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Inputs<'_, T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    #[inline(always)]
    unsafe fn tile<S: Simd<T>>(&self, simd: S, position: &Position, to: *mut T) {
        let Grid { channels, width, .. } = *self.grid;
        let [above, left] = position.source;
        let inside = position.inside::<POINTS>(self.grid);
        let from = self.x.wrapping_add(position.sample * self.grid.sample);
        let from = from.wrapping_offset((above * width as isize + left) * channels as isize);
        let row = width * channels;
        for c in (0..channels).step_by(S::LANES) {
            let (from, to) = (from.wrapping_add(c), to.wrapping_add(c));
            let lanes = channels - c;
            // SAFETY: the builder's promise; only what is inside of the image is read.
            unsafe {
                if lanes >= S::LANES && inside == [(0, POINTS); 2] {
                    self.block(simd, to, |y, x| simd.load(from.wrapping_add(y * row + x * channels)));
                } else {
                    let [(top, bottom), (start, end)] = inside;
                    self.block(simd, to, |y, x| {
                        if y < top || y >= bottom || x < start || x >= end {
                            simd.splat(T::zero())
                        } else if lanes >= S::LANES {
                            simd.load(from.wrapping_add(y * row + x * channels))
                        } else {
                            simd.load_partial(from.wrapping_add(y * row + x * channels), lanes)
                        }
                    });
                }
            }
        }
    }

    /// `Bᵀ·x·B` of one vector of channels.
    #[inline(always)]
    unsafe fn block<S: Simd<T>>(&self, simd: S, to: *mut T, load: impl Fn(usize, usize) -> S::Vector) {
        let mut half = [[simd.splat(T::zero()); POINTS]; POINTS];
        for x in 0..POINTS {
            let mut column = [simd.splat(T::zero()); POINTS];
            for (y, value) in column.iter_mut().enumerate() {
                *value = load(y, x);
            }
            let column = Minimal::<OUTPUTS, POINTS>::input(simd, column);
            for (row, &value) in half.iter_mut().zip(&column) {
                row[x] = value;
            }
        }
        for (y, &row) in half.iter().enumerate() {
            let row = Minimal::<OUTPUTS, POINTS>::input(simd, row);
            for (x, &value) in row.iter().enumerate() {
                // SAFETY: the builder's promise.
                unsafe { simd.store(to.wrapping_add((y * POINTS + x) * self.strides.0), value) };
            }
        }
    }
}

/// Panels of the weight: `to[panel][point][k][row]`, rows filled up with zeros to whole vectors.
pub(super) struct Weights<T, const OUTPUTS: usize, const POINTS: usize> {
    /// The first tap; it may be the last in memory.
    pub from: *const T,
    /// From one tap to the next, and from one `k` to the next.
    pub taps: (usize, usize),
    pub rows: usize,
    pub depth: usize,
    pub to: *mut T,
    /// Rows of a panel, whole vectors: from one `k` to the next.
    pub height: usize,
    /// From one point to the next, and from one panel to the next.
    pub strides: (usize, usize),
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Kernel<T> for Weights<T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        for k in 0..self.depth {
            for r in (0..self.rows).step_by(S::LANES) {
                let (panel, row) = (r / self.height, r % self.height);
                let from = self.from.wrapping_add(k * self.taps.1 + r);
                let to = self.to.wrapping_add(panel * self.strides.1 + k * self.height + row);
                // SAFETY: the builder's promise.
                unsafe { self.block(simd, from, (self.rows - r).min(S::LANES), to) };
            }
        }
    }
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Weights<T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    /// `G·w·Gᵀ` of one vector of rows.
    #[inline(always)]
    unsafe fn block<S: Simd<T>>(&self, simd: S, from: *const T, lanes: usize, to: *mut T) {
        let tap = |t: usize| {
            let from = from.wrapping_add(t.wrapping_mul(self.taps.0));
            // SAFETY: the builder's promise.
            unsafe { if lanes == S::LANES { simd.load(from) } else { simd.load_partial(from, lanes) } }
        };
        let mut half = [[simd.splat(T::zero()); 3]; POINTS];
        for x in 0..3 {
            let column = Minimal::<OUTPUTS, POINTS>::weight(simd, [tap(x), tap(3 + x), tap(6 + x)]);
            for (row, &value) in half.iter_mut().zip(&column) {
                row[x] = value;
            }
        }
        for (y, &row) in half.iter().enumerate() {
            let row = Minimal::<OUTPUTS, POINTS>::weight(simd, row);
            for (x, &value) in row.iter().enumerate() {
                // SAFETY: the builder's promise.
                unsafe { simd.store(to.wrapping_add((y * POINTS + x) * self.strides.0), value) };
            }
        }
    }
}

/// Results of a panel from the sums of its products, `from[tile][point][row]`.
pub(super) struct Outputs<'g, T, const OUTPUTS: usize, const POINTS: usize> {
    pub grid: &'g Grid,
    /// The first tile, and how many there are.
    pub tiles: (usize, usize),
    pub from: *const T,
    /// From one point to the next, and from one tile to the next.
    pub strides: (usize, usize),
    /// The first row of the panel at the first place of the first sample.
    pub y: *mut T,
    pub rows: usize,
    /// A value for each row of the panel.
    pub bias: Option<*const T>,
    /// Whether what `y` holds is added.
    pub accumulate: bool,
    /// A factor and a summand for each row of the panel.
    pub scale: Option<(*const T, *const T)>,
    pub activation: Activation,
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Kernel<T> for Outputs<'_, T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let (first, count) = self.tiles;
        for i in 0..count {
            let position = self.grid.position::<OUTPUTS>(first + i);
            let from = self.from.wrapping_add(i * self.strides.1);
            // SAFETY: the builder's promise.
            unsafe { self.tile(simd, &position, from) };
        }
    }
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Outputs<'_, T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    #[inline(always)]
    unsafe fn tile<S: Simd<T>>(&self, simd: S, position: &Position, from: *const T) {
        let Grid { results: [height, width], result_channels, result_sample, .. } = *self.grid;
        let [top, left] = position.result;
        let (tall, wide) = ((height - top).min(OUTPUTS), (width - left).min(OUTPUTS));
        let to = self.y.wrapping_add(position.sample * result_sample + (top * width + left) * result_channels);
        let at = |y: usize, x: usize| to.wrapping_add((y * width + x) * result_channels);
        for r in (0..self.rows).step_by(S::LANES) {
            let lanes = (self.rows - r).min(S::LANES);
            // SAFETY: the builder's promise.
            let results = unsafe { self.block(simd, from.wrapping_add(r)) };
            for (y, row) in results.iter().enumerate().take(tall) {
                for (x, &value) in row.iter().enumerate().take(wide) {
                    // SAFETY: as above.
                    unsafe { self.finish(simd, value, r, lanes, at(y, x).wrapping_add(r)) };
                }
            }
        }
        if !matches!(self.activation, Activation::Linear | Activation::Relu(_)) {
            for (y, x) in (0..tall).flat_map(|y| (0..wide).map(move |x| (y, x))) {
                // SAFETY: the rows have been written and are nobody else's.
                let y = unsafe { core::slice::from_raw_parts_mut(at(y, x), self.rows) };
                simd.call(ActivateInPlace { activation: self.activation, y });
            }
        }
    }

    /// `Aᵀ·m·A` of one vector of rows.
    #[inline(always)]
    unsafe fn block<S: Simd<T>>(&self, simd: S, from: *const T) -> [[S::Vector; OUTPUTS]; OUTPUTS] {
        let mut half = [[simd.splat(T::zero()); POINTS]; OUTPUTS];
        for x in 0..POINTS {
            let mut column = [simd.splat(T::zero()); POINTS];
            for (y, value) in column.iter_mut().enumerate() {
                // SAFETY: the builder's promise.
                *value = unsafe { simd.load(from.wrapping_add((y * POINTS + x) * self.strides.0)) };
            }
            let column = Minimal::<OUTPUTS, POINTS>::output(simd, column);
            for (row, &value) in half.iter_mut().zip(&column) {
                row[x] = value;
            }
        }
        let mut results = [[simd.splat(T::zero()); OUTPUTS]; OUTPUTS];
        for (result, &row) in results.iter_mut().zip(&half) {
            *result = Minimal::<OUTPUTS, POINTS>::output(simd, row);
        }
        results
    }

    /// Adds, scales, rectifies and stores `lanes` values of row `r` on.
    #[inline(always)]
    unsafe fn finish<S: Simd<T>>(&self, simd: S, mut value: S::Vector, r: usize, lanes: usize, to: *mut T) {
        // SAFETY: the builder's promise.
        unsafe {
            let load =
                |from: *const T| if lanes == S::LANES { simd.load(from) } else { simd.load_partial(from, lanes) };
            if let Some(bias) = self.bias {
                value = simd.add(value, load(bias.wrapping_add(r)));
            }
            if self.accumulate {
                value = simd.add(value, load(to));
            }
            if let Some((scale, shift)) = self.scale {
                value = simd.mul_add(value, load(scale.wrapping_add(r)), load(shift.wrapping_add(r)));
            }
            if matches!(self.activation, Activation::Relu(_)) {
                value = Relu.forward(simd, value);
            }
            if lanes == S::LANES {
                simd.store(to, value);
            } else {
                simd.store_partial(to, value, lanes);
            }
        }
    }
}
