//! `d_W = d_y·xᵀ`: the gradient of a product with respect to its weight.

use super::SCRATCH;
use super::blocked::{Blocked, blocked};
use super::packing::{Lines, Packing};
use super::product::shape;
use super::tile::{Operands, Start};
use crate::Real;
use crate::activations::Activation;
use crate::simd::{Kernel, Simd};

/// Up to this depth, reading and writing the result takes so much of the time that it has to be met in the order of memory.
const SHALLOW: usize = 128;

/// How many columns of a shallow result are met at a time: enough for each panel of `d_y` to be used several times.
const SPAN: usize = 24;

/// `d_weight[o,i] = Σ_b d_y[o,b]·x[i,b]`, or added to what is there.
///
/// # Panics
/// If the lengths of the slices do not fit one another.
pub struct OuterProduct<'a, T> {
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`.
    pub x: &'a [T],
    /// `O × I`, column-major.
    pub d_weight: &'a mut [T],
    /// O.
    pub outputs: usize,
    /// Whether the product is added to `d_weight`; else it overwrites it.
    pub accumulate: bool,
    /// Room for packed panels: [`SCRATCH`] values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for OuterProduct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { d_y, x, d_weight, outputs, accumulate, scratch } = self;
        if d_y.is_empty() || d_weight.is_empty() {
            if !accumulate {
                d_weight.fill(T::zero());
            }
            return;
        }
        let (inputs, batch) = shape(x.len(), d_y.len(), outputs, d_weight.len());
        assert!(scratch.len() >= SCRATCH, "the scratch is too short");
        if batch == 1 {
            if outputs <= FLAT_ROWS && !outputs.is_multiple_of(S::LANES) && inputs > S::LANES {
                simd.call(FlatRankOne { d_y, x, d_weight, accumulate, scratch });
            } else {
                simd.call(RankOne { d_y, x, d_weight, accumulate });
            }
            return;
        }
        let operands = Operands {
            a: d_y.as_ptr(),
            a_step: outputs,
            b: x.as_ptr(),
            b_step: inputs,
            b_column: 1,
            depth: batch,
            start: if accumulate { Start::Output } else { Start::Zero },
            c: d_weight.as_mut_ptr(),
            c_column: outputs,
            last: 0,
            rectify: false,
            activation: &Activation::Linear,
            ahead: Lines::NONE,
        };
        let span = if batch <= SHALLOW { SPAN.min(inputs) } else { inputs };
        let packing =
            if batch <= SHALLOW { Packing::None } else { Packing::copied_if_it_pays::<T, S>(outputs, inputs) };
        let scratch = scratch.as_mut_ptr();
        // SAFETY: the lengths of all slices have been checked.
        unsafe { blocked(simd, &mut Blocked { operands, rows: outputs, columns: inputs, span, packing, scratch }) };
    }
}

/// The product of two vectors: each column gets a multiple of `d_y`.
struct RankOne<'a, T> {
    d_y: &'a [T],
    x: &'a [T],
    d_weight: &'a mut [T],
    accumulate: bool,
}

impl<T: Real> Kernel<T> for RankOne<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let rows = self.d_y.len();
        let full = rows / S::LANES * S::LANES;
        let zero = simd.splat(T::zero());
        for (column, &x) in self.d_weight.chunks_exact_mut(rows).zip(self.x) {
            let right = simd.splat(x);
            let (d_y, column) = (self.d_y.as_ptr(), column.as_mut_ptr());
            // SAFETY: `rows` values in `d_y` and in the column.
            unsafe {
                for r in (0..full).step_by(S::LANES) {
                    let start = if self.accumulate { simd.load(column.add(r)) } else { zero };
                    let sum = simd.mul_add(simd.load(d_y.add(r)), right, start);
                    simd.store(column.add(r), sum);
                }
                if full < rows {
                    let last = rows - full;
                    let left = simd.load_partial(d_y.add(full), last);
                    let start = if self.accumulate { simd.load_partial(column.add(full), last) } else { zero };
                    let sum = simd.mul_add(left, right, start);
                    simd.store_partial(column.add(full), sum, last);
                }
            }
        }
    }
}

/// [`RankOne`] for short columns that are not whole vectors. They would be written and read in overlapping parts, and each
/// would wait for the one before; so both factors are written out as long as the result, which is then one flat array.
struct FlatRankOne<'a, T> {
    d_y: &'a [T],
    x: &'a [T],
    d_weight: &'a mut [T],
    accumulate: bool,
    scratch: &'a mut [T],
}

/// What a short column has at most.
const FLAT_ROWS: usize = 16;

/// How many columns are written out at a time: a multiple of every LANES, after which `d_y` begins anew.
const FLAT_COLUMNS: usize = 256;

/// Room for `d_y` repeated LANES times, and for the vector that reaches beyond its end.
const FLAT_PATTERN: usize = 512;

impl<T: Real> Kernel<T> for FlatRankOne<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        const { assert!((FLAT_ROWS + 1) * S::LANES <= FLAT_PATTERN && FLAT_COLUMNS.is_multiple_of(S::LANES)) };
        const { assert!(FLAT_PATTERN + FLAT_COLUMNS * FLAT_ROWS + S::LANES <= SCRATCH) };
        let Self { d_y, x, d_weight, accumulate, scratch } = self;
        let rows = d_y.len();
        assert!(rows <= FLAT_ROWS && scratch.len() >= SCRATCH);
        let (pattern, spread) = scratch.split_at_mut(FLAT_PATTERN);
        // SAFETY: the asserted sizes leave room for each repetition and the vector that reaches beyond the last.
        unsafe {
            for r in 0..S::LANES {
                for (part, d_y) in (0..).step_by(S::LANES).zip(d_y.chunks(S::LANES)) {
                    let d_y = simd.load_partial(d_y.as_ptr(), d_y.len());
                    simd.store(pattern.as_mut_ptr().add(r * rows + part), d_y);
                }
            }
            for (x, d_weight) in x.chunks(FLAT_COLUMNS).zip(d_weight.chunks_mut(FLAT_COLUMNS * rows)) {
                for (i, &x) in x.iter().enumerate() {
                    for part in (0..rows).step_by(S::LANES) {
                        simd.store(spread.as_mut_ptr().add(i * rows + part), simd.splat(x));
                    }
                }
                if !accumulate {
                    d_weight.fill(T::zero());
                }
                add_products(simd, &pattern[..rows * S::LANES], spread, d_weight);
            }
        }
    }
}

/// `d_weight += pattern ⊙ spread`, where the pattern repeats.
#[inline(always)]
fn add_products<T: Real, S: Simd<T>>(simd: S, pattern: &[T], spread: &[T], d_weight: &mut [T]) {
    let patterns = pattern.chunks_exact(S::LANES).cycle();
    for ((sum, spread), d_y) in d_weight.chunks_mut(S::LANES).zip(spread.chunks_exact(S::LANES)).zip(patterns) {
        // SAFETY: the first two parts have LANES values, the third as many as it says.
        unsafe {
            let (d_y, x) = (simd.load(d_y.as_ptr()), simd.load(spread.as_ptr()));
            let count = sum.len();
            if count == S::LANES {
                simd.store(sum.as_mut_ptr(), simd.mul_add(d_y, x, simd.load(sum.as_ptr())));
            } else {
                let total = simd.mul_add(d_y, x, simd.load_partial(sum.as_ptr(), count));
                simd.store_partial(sum.as_mut_ptr(), total, count);
            }
        }
    }
}
