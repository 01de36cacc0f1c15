//! `d_x = Wᵀ·d_y`: the gradient of a product with respect to its input.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// `d_x[i,b] = Σ_o W[o,i]·d_y[o,b]`.
pub struct TransposedProduct<'a, T> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`; overwritten.
    pub d_x: &'a mut [T],
    /// O.
    pub outputs: usize,
    /// Room for packed panels: [`SCRATCH`](super::SCRATCH) values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for TransposedProduct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let _ = (simd, self.weight, self.d_y, self.d_x, self.outputs, self.scratch);
        unimplemented!()
    }
}
