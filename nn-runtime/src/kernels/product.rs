//! `y = f(W·x + b)`: the forward product.

use crate::Real;
use crate::activations::Activation;
use crate::simd::{Kernel, Simd};

/// `y[o,b] = f(Σᵢ W[o,i]·x[i,b] + bias[o])`.
pub struct Product<'a, T> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O` values, or none.
    pub bias: &'a [T],
    /// `I × B`.
    pub x: &'a [T],
    /// `O × B`; overwritten.
    pub y: &'a mut [T],
    /// O.
    pub outputs: usize,
    /// What is applied to each result before it is stored.
    pub activation: Activation,
    /// Room for packed panels: [`SCRATCH`](super::SCRATCH) values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let _ = (simd, self.weight, self.bias, self.x, self.y, self.outputs, self.activation, self.scratch);
        unimplemented!()
    }
}
