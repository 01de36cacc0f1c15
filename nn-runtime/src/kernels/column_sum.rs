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
        if !accumulate {
            d_bias.fill(T::zero());
        }
        for column in d_y.chunks_exact(rows) {
            for (sum, d_y) in d_bias.chunks_mut(S::LANES).zip(column.chunks(S::LANES)) {
                // SAFETY: both parts have that many values.
                unsafe {
                    let count = sum.len();
                    let d_y = simd.load_partial(d_y.as_ptr(), count);
                    let total = simd.add(simd.load_partial(sum.as_ptr(), count), d_y);
                    simd.store_partial(sum.as_mut_ptr(), total, count);
                }
            }
        }
    }
}
