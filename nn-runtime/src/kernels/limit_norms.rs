//! Rows that are too long, scaled back.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// `W[o,:] ← W[o,:]·min(1, limit/‖W[o,:]‖)`, row by row of a matrix that lies column by column.
///
/// Each vector of rows is gone through twice: for its norms, and, if one of them is too large, to be scaled.
///
/// # Panics
/// If the matrix is not made of columns of `outputs` values.
pub struct LimitNorms<'a, T> {
    /// The largest norm, positive.
    pub limit: T,
    /// How many rows there are.
    pub outputs: usize,
    /// The matrix; updated.
    pub weight: &'a mut [T],
}

impl<T: Real> Kernel<T> for LimitNorms<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { limit, outputs, weight } = self;
        if weight.is_empty() {
            return;
        }
        assert!(outputs > 0 && weight.len().is_multiple_of(outputs), "a weight is made of columns of {outputs} values");
        let columns = weight.len() / outputs;
        for at in (0..outputs).step_by(S::LANES) {
            let count = S::LANES.min(outputs - at);
            // SAFETY: each column has `count` values from `at` on.
            unsafe { limit_rows(simd, weight.as_mut_ptr().add(at), outputs, columns, count, simd.splat(limit)) }
        }
    }
}

/// The same for `count` rows, at most a vector of them.
///
/// # Safety
/// `count` values from `first` on, and from every multiple of `stride` behind it below `columns` of them, are writable.
#[inline(always)]
unsafe fn limit_rows<T: Real, S: Simd<T>>(
    simd: S,
    first: *mut T,
    stride: usize,
    columns: usize,
    count: usize,
    limit: S::Vector,
) {
    let one = simd.splat(T::one());
    // SAFETY: the caller's promise.
    unsafe {
        let mut squares = simd.splat(T::zero());
        for column in 0..columns {
            let w = simd.load_partial(first.add(column * stride), count);
            squares = simd.mul_add(w, w, squares);
        }
        let norm = simd.sqrt(squares);
        // Weights whose norm is no number or infinite stay, so that what went wrong remains to be seen.
        let finite = simd.less(norm, simd.splat(T::nearest(f64::INFINITY)));
        let scale = simd.select(simd.less(limit, norm), simd.select(finite, simd.div(limit, norm), one), one);
        for column in 0..columns {
            let w = first.add(column * stride);
            simd.store_partial(w, simd.mul(simd.load_partial(w, count), scale), count);
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

    struct Checks<T, L> {
        level: L,
        scalar: PhantomData<T>,
    }

    impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
        fn all(level: L) {
            let checks = Self { level, scalar: PhantomData };
            for outputs in [1, 2, 3, 7, 8, 9, 16, 17, 33] {
                for columns in [0, 1, 2, 5, 19] {
                    checks.limits(outputs, columns);
                }
            }
            checks.a_norm_that_is_not_finite_stays();
        }

        fn a_norm_that_is_not_finite_stays(&self) {
            // Two rows: (8, 6), and one with an infinity and NaN.
            let mut weight = [8.0, f64::INFINITY, 6.0, f64::NAN].map(T::nearest);
            self.level.limit_norms(LimitNorms { limit: T::nearest(5.0), outputs: 2, weight: &mut weight });
            let [first, infinite, second, none] = weight.map(Real::to_f64);
            assert_eq!((first, infinite, second), (4.0, f64::INFINITY, 3.0));
            assert!(none.is_nan());
        }

        fn limits(&self, outputs: usize, columns: usize) {
            let before = values::<T>(outputs * columns, 3);
            let norm = |o: usize| (0..columns).map(|i| before[i * outputs + o].powi(2)).sum::<f64>().sqrt();
            let scale = |o: usize| if norm(o) > 0.75 { 0.75 / norm(o) } else { 1.0 };
            let expected: Vec<_> = before.iter().enumerate().map(|(i, w)| w * scale(i % outputs)).collect();
            let mut weight = Guarded::<T>::new(&before);
            self.level.limit_norms(LimitNorms { limit: T::nearest(0.75), outputs, weight: weight.slice_mut() });
            weight.assert_near(&expected, tolerance::<T>(columns), ("limit norms", self.level, outputs, columns));
        }
    }

    on_every_level!(Checks);
}
