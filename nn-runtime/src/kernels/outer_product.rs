//! `d_W += d_y·xᵀ`: the gradient of a product with respect to its weight.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// `d_weight[o,i] += Σ_b d_y[o,b]·x[i,b]`.
pub struct OuterProduct<'a, T> {
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`.
    pub x: &'a [T],
    /// `O × I`, column-major; added to.
    pub d_weight: &'a mut [T],
    /// O.
    pub outputs: usize,
    /// Room for packed panels: [`SCRATCH`](super::SCRATCH) values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for OuterProduct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let _ = (simd, self.d_y, self.x, self.d_weight, self.outputs, self.scratch);
        unimplemented!()
    }
}
