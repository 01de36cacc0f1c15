//! `d_b += Σ_b d_y`: the gradient of a bias.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// `d_bias[o] += Σ_b d_y[o,b]`.
pub struct ColumnSum<'a, T> {
    /// `O × B`.
    pub d_y: &'a [T],
    /// `O` values; added to.
    pub d_bias: &'a mut [T],
}

impl<T: Real> Kernel<T> for ColumnSum<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let _ = (simd, self.d_y, self.d_bias);
        unimplemented!()
    }
}
