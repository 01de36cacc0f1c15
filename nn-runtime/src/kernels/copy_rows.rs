//! Parts of rows: what joins channels, takes them apart, and leaves places out.
//!
//! With images channels last, the channels of one branch of a concatenation are a few values of each place: rows whose
//! beginnings lie apart by what a place has in all.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// For each row, `y[r·y_stride ..][..width] = x[r·x_stride ..][..width]`, or `+=`.
///
/// Both slices begin at the first row's first value, and may end with the last row's last.
///
/// # Panics
/// If a slice is too short for its rows, or rows of `y` overlap.
pub struct CopyRows<'a, T> {
    /// What is copied.
    pub x: &'a [T],
    /// From one row of `x` to the next.
    pub x_stride: usize,
    /// Where it goes; what lies between the rows is left alone.
    pub y: &'a mut [T],
    /// From one row of `y` to the next, at least the width.
    pub y_stride: usize,
    /// How many values of each row are copied.
    pub width: usize,
    /// How many rows there are.
    pub rows: usize,
    /// Whether the values are added to those of `y`; else they overwrite them.
    pub accumulate: bool,
}

impl<T: Real> Kernel<T> for CopyRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, x_stride, y, y_stride, width, rows, accumulate } = self;
        if width == 0 || rows == 0 {
            return;
        }
        assert!(rows == 1 || y_stride >= width, "rows of {width} values, {y_stride} apart, overlap");
        assert!(end(rows, x_stride, width).is_some_and(|end| end <= x.len()), "`x` is too short for its rows");
        assert!(end(rows, y_stride, width).is_some_and(|end| end <= y.len()), "`y` is too short for its rows");
        let mut copy = Copied { x: x.as_ptr(), x_stride, y: y.as_mut_ptr(), y_stride, width, rows };
        if x_stride == width && y_stride == width {
            // Without gaps they are one row.
            (copy.width, copy.rows) = (rows * width, 1);
        }
        // SAFETY: the lengths of the slices have been checked.
        unsafe {
            if accumulate {
                copy.by_width::<S, true>(simd);
            } else {
                copy.by_width::<S, false>(simd);
            }
        }
    }
}

/// Where the last row ends.
fn end(rows: usize, stride: usize, width: usize) -> Option<usize> {
    (rows - 1).checked_mul(stride)?.checked_add(width)
}

/// [`CopyRows`] as pointers.
struct Copied<T> {
    x: *const T,
    x_stride: usize,
    y: *mut T,
    y_stride: usize,
    width: usize,
    rows: usize,
}

impl<T: Real> Copied<T> {
    /// By the loop that suits the width.
    ///
    /// # Safety
    /// All rows of `x` are readable, and those of `y` writable.
    #[inline(always)]
    unsafe fn by_width<S: Simd<T>, const ADD: bool>(&self, simd: S) {
        // SAFETY: the caller's promise.
        unsafe {
            match self.width {
                1 => self.few::<1, ADD>(),
                2 => self.few::<2, ADD>(),
                3 => self.few::<3, ADD>(),
                4 => self.few::<4, ADD>(),
                width if width.is_multiple_of(S::LANES) => self.vectors::<S, ADD, false>(simd),
                _ => self.vectors::<S, ADD, true>(simd),
            }
        }
    }

    /// Rows so narrow that no vector is worth its mask.
    ///
    /// # Safety
    /// As [`by_width`](Self::by_width); the width is `WIDTH`.
    #[inline(always)]
    unsafe fn few<const WIDTH: usize, const ADD: bool>(&self) {
        let (mut x, mut y) = (self.x, self.y);
        for _ in 0..self.rows {
            // SAFETY: the caller's promise.
            unsafe {
                let mut row = x.cast::<[T; WIDTH]>().read();
                if ADD {
                    let before = y.cast::<[T; WIDTH]>().read();
                    for (value, before) in row.iter_mut().zip(before) {
                        *value += before;
                    }
                }
                y.cast::<[T; WIDTH]>().write(row);
            }
            (x, y) = (x.wrapping_add(self.x_stride), y.wrapping_add(self.y_stride));
        }
    }

    /// Whole vectors, and behind them with `TAIL` a partial one.
    ///
    /// # Safety
    /// As [`by_width`](Self::by_width); without `TAIL` the width is of whole vectors.
    #[inline(always)]
    unsafe fn vectors<S: Simd<T>, const ADD: bool, const TAIL: bool>(&self, simd: S) {
        let tail = self.width % S::LANES;
        let full = self.width - tail;
        let (mut x, mut y) = (self.x, self.y);
        for _ in 0..self.rows {
            let mut i = 0;
            // SAFETY: the caller's promise.
            unsafe {
                while i < full {
                    let value = simd.load(x.add(i));
                    simd.store(y.add(i), if ADD { simd.add(simd.load(y.add(i)), value) } else { value });
                    i += S::LANES;
                }
                if TAIL {
                    let (value, y) = (simd.load_partial(x.add(full), tail), y.add(full));
                    let value = if ADD { simd.add(simd.load_partial(y, tail), value) } else { value };
                    simd.store_partial(y, value, tail);
                }
            }
            (x, y) = (x.wrapping_add(self.x_stride), y.wrapping_add(self.y_stride));
        }
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;
    use core::marker::PhantomData;

    use super::*;
    use crate::kernels::Kernels;
    use crate::kernels::tests::{Guarded, on_every_level, tolerance, values};
    use crate::simd::Scalar;

    const WIDTHS: [usize; 17] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100];

    struct Checks<T, L> {
        level: L,
        scalar: PhantomData<T>,
    }

    impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
        fn all(level: L) {
            let checks = Self { level, scalar: PhantomData };
            for width in WIDTHS {
                for rows in [0, 1, 2, 3, 7, 64] {
                    for (x_gap, y_gap) in [(0, 0), (0, 1), (3, 0), (5, 17), (40, 2)] {
                        checks.rows(width, rows, [width + x_gap, width + y_gap]);
                    }
                }
            }
        }

        /// Slices that end with the last row, and such that go on.
        fn rows(&self, width: usize, rows: usize, [x_stride, y_stride]: [usize; 2]) {
            let end = |stride: usize| if rows == 0 { 0 } else { (rows - 1) * stride + width };
            for accumulate in [false, true] {
                for rest in [0, 6] {
                    let x = values::<T>(end(x_stride) + rest, 1);
                    let before = values::<T>(end(y_stride) + rest, 2);
                    let mut expected = before.clone();
                    for (row, i) in (0..rows).flat_map(|row| (0..width).map(move |i| (row, i))) {
                        let to = &mut expected[row * y_stride + i];
                        *to = x[row * x_stride + i] + if accumulate { *to } else { 0.0 };
                    }
                    let mut y = Guarded::<T>::new(&before);
                    let from = Guarded::<T>::new(&x);
                    let (x, y_slice) = (from.slice(), y.slice_mut());
                    self.level.copy_rows(CopyRows { x, x_stride, y: y_slice, y_stride, width, rows, accumulate });
                    let what = (self.level, width, rows, x_stride, y_stride, accumulate);
                    y.assert_near(&expected, if accumulate { tolerance::<T>(1) } else { 0.0 }, what);
                }
            }
        }
    }

    on_every_level!(Checks);

    fn copy(x: usize, y: usize, y_stride: usize, rows: usize) {
        let (x, mut y) = (vec![1.0_f32; x], vec![0.0; y]);
        let (x_stride, width, accumulate) = (3, 2, false);
        Kernels::copy_rows(Scalar, CopyRows { x: &x, x_stride, y: &mut y, y_stride, width, rows, accumulate });
    }

    #[test]
    #[should_panic(expected = "`x` is too short for its rows")]
    fn rows_are_readable() {
        copy(7, 8, 3, 3);
    }

    #[test]
    #[should_panic(expected = "`y` is too short for its rows")]
    fn rows_are_writable() {
        copy(8, 64, usize::MAX / 2, 3);
    }

    #[test]
    #[should_panic(expected = "rows of 2 values, 1 apart, overlap")]
    fn rows_do_not_overlap() {
        copy(8, 8, 1, 3);
    }
}
