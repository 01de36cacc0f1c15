//! A matrix turned over, sample by sample: from channels first to channels last, and back.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// `y[c·rows + r] = x[r·columns + c]` for each of `x.len()/(rows·columns)` samples.
///
/// # Panics
/// If `x` is not whole samples, or `y` is not as long.
pub struct Transpose<'a, T> {
    /// Row-major `rows × columns` matrices, one after the other.
    pub x: &'a [T],
    /// Row-major `columns × rows` matrices, overwritten.
    pub y: &'a mut [T],
    /// Rows of `x`.
    pub rows: usize,
    /// Columns of `x`.
    pub columns: usize,
}

impl<T: Real> Kernel<T> for Transpose<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, rows, columns } = self;
        let len = rows * columns;
        assert_eq!(x.len(), y.len(), "a transpose has as many values");
        assert!(x.is_empty() || (len > 0 && x.len().is_multiple_of(len)), "whole matrices of {rows} × {columns}");
        for (x, y) in x.chunks_exact(len.max(1)).zip(y.chunks_exact_mut(len.max(1))) {
            if rows == 1 || columns == 1 {
                y.copy_from_slice(x);
            } else if rows >= S::LANES && columns >= S::LANES && S::LANES > 1 {
                simd.call(Blocks { x, y, rows, columns });
            } else {
                narrow(simd, x, y, (rows, columns));
            }
        }
    }
}

/// At least a block of `LANES × LANES` each way. The last block of a row or column is moved back until it fits: what lies
/// in two blocks is written twice, the same.
struct Blocks<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    rows: usize,
    columns: usize,
}

impl<T: Real> Kernel<T> for Blocks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, rows, columns } = self;
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        for c in (0..columns).step_by(S::LANES) {
            let c = c.min(columns - S::LANES);
            for r in (0..rows).step_by(S::LANES) {
                let r = r.min(rows - S::LANES);
                // SAFETY: a block from `(r, c)` on lies in the matrix, and from `(c, r)` on in its transpose.
                unsafe { simd.transpose(x.add(r * columns + c), columns, y.add(c * rows + r), rows) };
            }
        }
    }
}

/// A side shorter than a vector: few of them have a constant length, so that the compiler can interleave whole vectors.
#[inline(always)]
fn narrow<T: Real, S: Simd<T>>(simd: S, x: &[T], y: &mut [T], (rows, columns): (usize, usize)) {
    match (rows, columns) {
        (2, _) => simd.call(Interleave::<T, 2> { x, y }),
        (3, _) => simd.call(Interleave::<T, 3> { x, y }),
        (4, _) => simd.call(Interleave::<T, 4> { x, y }),
        (_, 2) => simd.call(Separate::<T, 2> { x, y }),
        (_, 3) => simd.call(Separate::<T, 3> { x, y }),
        (_, 4) => simd.call(Separate::<T, 4> { x, y }),
        _ => simd.call(Strips { x, y, rows, columns }),
    }
}

/// N rows become N values side by side.
struct Interleave<'a, T, const N: usize> {
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Real, const N: usize> Kernel<T> for Interleave<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) {
        let Self { x, y } = self;
        let columns = x.len() / N;
        let rows: [&[T]; N] = core::array::from_fn(|r| &x[r * columns..][..columns]);
        for (c, y) in y.chunks_exact_mut(N).enumerate().take(columns) {
            for (y, row) in y.iter_mut().zip(rows) {
                *y = row[c];
            }
        }
    }
}

/// N values side by side become N rows.
struct Separate<'a, T, const N: usize> {
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Real, const N: usize> Kernel<T> for Separate<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) {
        let Self { x, y } = self;
        let rows = x.len() / N;
        for (n, y) in y.chunks_exact_mut(rows).enumerate() {
            for (y, x) in y.iter_mut().zip(x.chunks_exact(N)) {
                *y = x[n];
            }
        }
    }
}

/// Strips of columns, so short that what is written with a stride stays in the first cache.
struct Strips<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    rows: usize,
    columns: usize,
}

impl<T: Real> Kernel<T> for Strips<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) {
        const STRIP: usize = 64;
        let Self { x, y, rows, columns } = self;
        for first in (0..columns).step_by(STRIP) {
            let width = STRIP.min(columns - first);
            let y = &mut y[first * rows..][..width * rows];
            for r in 0..rows {
                let x = &x[r * columns + first..][..width];
                for (y, &x) in y[r..].iter_mut().step_by(rows).zip(x) {
                    *y = x;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;

    use super::*;
    use crate::activations::tests::{assert_marks, at_every_level, between_marks};
    use crate::kernels::Kernels;
    use crate::simd::Scalar;

    const SIZES: [(usize, usize); 16] = [
        (1, 7),
        (7, 1),
        (2, 9),
        (3, 50),
        (4, 33),
        (41, 2),
        (37, 3),
        (19, 4),
        (5, 6),
        (6, 130),
        (130, 6),
        (16, 25),
        (8, 16),
        (33, 17),
        (64, 49),
        (67, 35),
    ];

    #[test]
    fn every_value_is_moved_to_its_place() {
        fn check<T: Real, L: Kernels<T> + Debug>(level: L) {
            for ((rows, columns), batch) in SIZES.into_iter().flat_map(|size| [0, 1, 3].map(|batch| (size, batch))) {
                let len = rows * columns * batch;
                let x: Vec<f64> = (0..len).map(|i| i as f64).collect();
                let x = between_marks::<T>(&x);
                let mut y = between_marks::<T>(&vec![f64::NAN; len]);
                level.transpose(Transpose { x: &x[1..=len], y: &mut y[1..=len], rows, columns });
                assert_marks(&y, len, (rows, columns, level));
                for i in 0..len {
                    let (b, r, c) = (i / (rows * columns), i / columns % rows, i % columns);
                    assert_eq!(y[1 + b * rows * columns + c * rows + r], x[1 + i], "{rows} × {columns}, {level:?}");
                }
            }
        }
        at_every_level!(level => { check::<f32, _>(level); check::<f64, _>(level) });
    }

    #[test]
    #[should_panic(expected = "whole matrices of 3 × 4")]
    fn half_a_matrix_is_refused() {
        Kernels::transpose(Scalar, Transpose { x: &[0.0_f32; 18], y: &mut [0.0; 18], rows: 3, columns: 4 });
    }
}
