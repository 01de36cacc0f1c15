//! `d_b = Σ_b d_y`: the gradient of a bias.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// `d_bias[o] = Σ_b d_y[o,b]`, in ascending order of b, or added to what is there.
///
/// # Panics
/// If `d_y` is not a whole number of columns.
pub struct ColumnSum<'a, T> {
    /// `O × B`.
    pub d_y: &'a [T],
    /// `O` values.
    pub d_bias: &'a mut [T],
    /// Whether the sum is added to `d_bias`; else it overwrites it.
    pub accumulate: bool,
}

impl<T: Real> Kernel<T> for ColumnSum<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { d_y, d_bias, accumulate } = self;
        let rows = d_bias.len();
        if rows == 0 {
            return;
        }
        assert!(d_y.len().is_multiple_of(rows), "d_y is O × B");
        for first in (0..rows).step_by(S::LANES) {
            let count = S::LANES.min(rows - first);
            let bias = d_bias[first..].as_mut_ptr();
            // SAFETY: from row `first` on, the bias and each column have `count` more values.
            unsafe {
                let mut sum = if accumulate { simd.load_partial(bias, count) } else { simd.splat(T::zero()) };
                for column in d_y.chunks_exact(rows) {
                    sum = simd.add(sum, simd.load_partial(column.as_ptr().add(first), count));
                }
                simd.store_partial(bias, sum, count);
            }
        }
    }
}
