//! The convolution of an image of one channel into a few: with less than half of a vector of outputs, vectors run along
//! the width instead.
//!
//! A single channel lies contiguous along its rows, so that a vector of neighbouring places is read at once and a weight
//! is broadcast. The sums of a row come out plane by plane, a plane for each output, and are turned before they are
//! stored.

use super::tile::Run;
use crate::Real;
use crate::activations::{ActivateInPlace, Activation, Pointwise, Relu};
use crate::geometry::Convolution;
use crate::simd::{Kernel, Simd};

/// How many planes are summed at a time.
const PLANES: usize = 6;

/// How many vectors of places are summed at a time.
const VECTORS: usize = 2;

/// Whether vectors along the width are better than vectors along the outputs.
#[inline(always)]
pub(super) fn pays<T: Real, S: Simd<T>>(geometry: &Convolution) -> bool {
    geometry.inputs == 1 && geometry.window.axes[2].stride == 1 && geometry.outputs <= S::LANES / 2
}

/// How much scratch a row needs: planes of two vectors, and a square to turn.
const fn scratch(lanes: usize) -> usize {
    lanes * lanes * (VECTORS + 1)
}

/// A row of places with the same taps.
pub(super) struct Row<'a, T> {
    /// What the first tap of the first place reads.
    pub x: *const T,
    /// The weights of the first tap.
    pub weight: *const T,
    /// The taps: steps in `x` and in the weights.
    pub taps: [Run; 3],
    /// A value for each output, or none.
    pub bias: Option<*const T>,
    /// A factor and a summand for each output, or none.
    pub scale: Option<(*const T, *const T)>,
    /// What the results pass through.
    pub activation: Activation,
    /// Where the results go, place by place.
    pub y: *mut T,
    /// How many places there are.
    pub places: usize,
    /// How many values each has.
    pub outputs: usize,
    /// At least 3·LANES² values.
    pub scratch: &'a mut [T],
}

/// Computes the row.
///
/// # Safety
/// For all places and taps, `x`, the weights and the values for each output are readable and `y` is writable, and nothing
/// else writes them.
#[inline(always)]
pub(super) unsafe fn row<T: Real, S: Simd<T>>(simd: S, row: Row<'_, T>) {
    simd.call(row);
}

impl<T: Real> Kernel<T> for Row<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert!(self.scratch.len() >= scratch(S::LANES) && self.outputs <= S::LANES);
        let scratch = self.scratch.as_mut_ptr();
        let planes_end = VECTORS * S::LANES * S::LANES;
        for place in (0..self.places).step_by(VECTORS * S::LANES) {
            let places = (self.places - place).min(VECTORS * S::LANES);
            // SAFETY: the promise of `row`'s caller, for a part of the places; the scratch has room for LANES planes and a
            // square.
            unsafe {
                for first in (0..self.outputs).step_by(PLANES) {
                    self.planes(simd, place, places, first, scratch);
                }
                let y = self.y.add(place * self.outputs);
                self.turn(simd, scratch, scratch.add(planes_end), y, places);
            }
        }
        if !matches!(self.activation, Activation::Linear | Activation::Relu(_)) {
            // SAFETY: the row has been written and is nobody else's.
            let y = unsafe { core::slice::from_raw_parts_mut(self.y, self.places * self.outputs) };
            simd.call(ActivateInPlace { activation: self.activation, y });
        }
    }
}

impl<T: Real> Row<'_, T> {
    /// The planes of the outputs from `first` on, at the places from `place` on.
    #[inline(always)]
    unsafe fn planes<S: Simd<T>>(&self, simd: S, place: usize, places: usize, first: usize, to: *mut T) {
        // Where there are fewer outputs, the last is computed again.
        let output = |j: usize| (first + j).min(self.outputs - 1);
        let tails = [places.min(S::LANES), places.saturating_sub(S::LANES)];
        let [outer, middle, inner] = self.taps;
        // SAFETY: the caller's promise; a partial load reads no further than the places.
        unsafe {
            let mut sums = [[simd.splat(T::zero()); VECTORS]; PLANES];
            if let Some(bias) = self.bias {
                for (j, sums) in sums.iter_mut().enumerate() {
                    *sums = [simd.splat(*bias.add(output(j))); VECTORS];
                }
            }
            for o in 0..outer.count {
                for m in 0..middle.count {
                    let offset = |o_step: usize, m_step: usize| o * o_step + m * m_step;
                    let mut x = self.x.wrapping_add(place + offset(outer.a, middle.a));
                    let mut weight = self.weight.wrapping_add(offset(outer.b, middle.b));
                    for _ in 0..inner.count {
                        let left =
                            [simd.load_partial(x, tails[0]), simd.load_partial(x.wrapping_add(S::LANES), tails[1])];
                        for (j, sums) in sums.iter_mut().enumerate() {
                            let right = simd.splat(*weight.add(output(j)));
                            for (sum, left) in sums.iter_mut().zip(left) {
                                *sum = simd.mul_add(left, right, *sum);
                            }
                        }
                        x = x.wrapping_add(inner.a);
                        weight = weight.wrapping_add(inner.b);
                    }
                }
            }
            for (j, sums) in sums.into_iter().enumerate() {
                for (v, sum) in sums.into_iter().enumerate() {
                    let result = self.finished(simd, sum, output(j));
                    simd.store(to.add((output(j) * VECTORS + v) * S::LANES), result);
                }
            }
        }
    }

    /// A sum of an output, scaled and rectified.
    #[inline(always)]
    unsafe fn finished<S: Simd<T>>(&self, simd: S, sum: S::Vector, output: usize) -> S::Vector {
        let scaled = match self.scale {
            // SAFETY: there is a value for each output.
            Some((scale, shift)) => unsafe {
                simd.mul_add(sum, simd.splat(*scale.add(output)), simd.splat(*shift.add(output)))
            },
            None => sum,
        };
        if matches!(self.activation, Activation::Relu(_)) { Relu.forward(simd, scaled) } else { scaled }
    }

    /// From planes to places.
    #[inline(always)]
    unsafe fn turn<S: Simd<T>>(&self, simd: S, planes: *const T, square: *mut T, y: *mut T, places: usize) {
        for place in (0..places).step_by(S::LANES) {
            // SAFETY: LANES planes of two vectors, and a square; what lies in planes that are no output's is not stored.
            unsafe {
                simd.transpose(planes.add(place), VECTORS * S::LANES, square, S::LANES);
                for p in 0..S::LANES.min(places - place) {
                    let values = simd.load(square.add(p * S::LANES));
                    simd.store_partial(y.add((place + p) * self.outputs), values, self.outputs);
                }
            }
        }
    }
}
