//! Probabilities from scores.

use crate::Real;
use crate::kernels::{Column, Kernels};
use crate::simd::{Dispatch, Kernel, Simd};

/// The probabilities that belong to a column of scores, `y[o] = exp(x[o]) / Σₚ exp(x[p])`.
///
/// Over the O rows of each of B columns. The largest score of the column is taken away first, which changes nothing in
/// the quotient and keeps the exponentials in range. With `δ` one where its indices agree and zero elsewhere:
///
/// ```text
/// ∂y[o]/∂x[p] = y[o]·(δ[o,p] − y[p])
/// d_x[o,b]    = y[o,b]·(d_y[o,b] − Σₚ y[p,b]·d_y[p,b])      [O,B]
/// ```
///
/// Range: 0 to 1, and a column sums to 1. Cached: the output.
///
/// A score of −∞ has probability 0. A column that holds NaN or +∞, or nothing but −∞, is NaN throughout: no
/// probabilities belong to it.
///
/// In `network!`: `dense(10) -> softmax`. The weights in front of it start from Glorot's initialisation. To train a
/// classifier leave it out and give the loss the logits: see
/// [`SoftmaxCrossEntropy`](crate::losses::SoftmaxCrossEntropy).
///
/// ```
/// use nn_runtime::activations::Softmax;
///
/// // Two columns of two scores.
/// let mut y = [0.0, 3.0_f64.ln(), 1000.0, f64::NEG_INFINITY];
/// Softmax.apply(&mut y, 2);
/// assert!((y[0] - 0.25).abs() < 1e-15 && (y[1] - 0.75).abs() < 1e-15);
/// assert_eq!(y[2..], [1.0, 0.0]);
/// ```
///
/// Source: Bridle, “Probabilistic interpretation of feedforward classification network outputs”, 1990.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softmax;

impl Softmax {
    /// `y = softmax(y)`, column by column of `rows` values, on the instruction set in force.
    ///
    /// # Panics
    /// If the values are not whole columns.
    pub fn apply<T: Real>(self, y: &mut [T], rows: usize) {
        T::dispatch(SoftmaxColumns { y, rows });
    }
}

/// `y[o,b] = exp(y[o,b]) / Σₚ exp(y[p,b])`, column by column.
pub struct SoftmaxColumns<'a, T> {
    /// `O × B`; the result takes its place.
    pub y: &'a mut [T],
    /// O.
    pub rows: usize,
}

/// `d_x = y ⊙ (d_y − Σₒ y ⊙ d_y)`, column by column.
pub struct SoftmaxGradient<'a, T> {
    /// The softmax's output, `O × B`.
    pub y: &'a [T],
    /// `d_y` on entry, `d_x` after.
    pub d: &'a mut [T],
    /// O.
    pub rows: usize,
}

impl<T: Real> Dispatch<T> for SoftmaxColumns<'_, T> {
    type Output = ();

    fn at<L: Kernels<T>>(self, level: L) {
        level.softmax(self);
    }
}

impl<T: Real> Kernel<T> for SoftmaxColumns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let column = Column::new(simd, self.rows);
        for y in columns_mut(self.y, self.rows) {
            let y = y.as_mut_ptr();
            // SAFETY: `y` is a column of `rows` values.
            unsafe { column.softmax(y, T::one(), Some(y)) };
        }
    }
}

impl<T: Real> Kernel<T> for SoftmaxGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert_eq!(self.y.len(), self.d.len(), "one output for each gradient");
        let column = Column::new(simd, self.rows);
        for (y, d) in self.y.chunks_exact(self.rows.max(1)).zip(columns_mut(self.d, self.rows)) {
            // SAFETY: `y` and `d` are columns of `rows` values.
            unsafe { column_gradient(column, y.as_ptr(), d.as_mut_ptr()) };
        }
    }
}

/// The columns of a matrix of `rows` rows.
fn columns_mut<T>(values: &mut [T], rows: usize) -> impl Iterator<Item = &mut [T]> {
    // No rows, no values: then the length of a chunk does not matter.
    let rows_or_one = rows.max(1);
    assert!(values.is_empty() || (rows > 0 && values.len().is_multiple_of(rows)), "whole columns of {rows} values");
    values.chunks_exact_mut(rows_or_one)
}

/// `d = y ⊙ (d − Σ y ⊙ d)`.
///
/// # Safety
/// Both point at a column; that at `d` is writable.
#[inline(always)]
unsafe fn column_gradient<T: Real, S: Simd<T>>(column: Column<T, S>, y: *const T, d: *mut T) {
    let Column { simd, full, tail, .. } = column;
    let mut dot = simd.splat(T::zero());
    // SAFETY: whole vectors and the tail lie in the columns.
    unsafe {
        for i in column.whole_vectors() {
            dot = simd.mul_add(simd.load(y.add(i)), simd.load(d.add(i)), dot);
        }
        // The lanes behind the tail are zero.
        let y_tail = simd.load_partial(y.add(full), tail);
        let d_tail = simd.load_partial(d.add(full), tail);
        let mean = simd.splat(simd.sum(simd.mul_add(y_tail, d_tail, dot)));
        for i in column.whole_vectors() {
            let difference = simd.sub(simd.load(d.add(i)), mean);
            simd.store(d.add(i), simd.mul(simd.load(y.add(i)), difference));
        }
        simd.store_partial(d.add(full), simd.mul(y_tail, simd.sub(d_tail, mean)), tail);
    }
}
