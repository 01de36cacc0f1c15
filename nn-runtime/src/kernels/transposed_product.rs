//! `d_x = Wᵀ·d_y`: the gradient of a product with respect to its input.

use super::SCRATCH;
use super::blocked::{Blocked, blocked};
use super::dot_products::DotProducts;
use super::packing::{Lines, Packing};
use super::product::shape;
use super::tile::{Operands, Start};
use crate::Real;
use crate::activations::Activation;
use crate::simd::{Kernel, Simd};

/// Up to this many columns, packing the weight costs more than it gains.
const FEW: usize = 6;

/// `d_x[i,b] = Σ_o W[o,i]·d_y[o,b]`, or added to what is there.
///
/// # Panics
/// If the lengths of the slices do not fit one another.
pub struct TransposedProduct<'a, T> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`.
    pub d_x: &'a mut [T],
    /// O.
    pub outputs: usize,
    /// Whether the products are added to `d_x`; else they overwrite it.
    pub accumulate: bool,
    /// Room for packed panels: [`SCRATCH`] values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for TransposedProduct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { weight, d_y, d_x, outputs, accumulate, scratch } = self;
        if outputs == 0 || d_y.is_empty() {
            if !accumulate {
                d_x.fill(T::zero());
            }
            return;
        }
        let (inputs, batch) = shape(d_x.len(), d_y.len(), outputs, weight.len());
        assert!(scratch.len() >= SCRATCH, "the scratch is too short");
        if batch <= FEW {
            simd.call(DotProducts { weight, d_y, d_x, outputs, inputs, accumulate });
            return;
        }
        let operands = Operands {
            a: weight.as_ptr(),
            a_step: outputs,
            b: d_y.as_ptr(),
            b_step: 1,
            b_column: outputs,
            depth: outputs,
            start: if accumulate { Start::Output } else { Start::Zero },
            c: d_x.as_mut_ptr(),
            c_column: inputs,
            last: 0,
            rectify: false,
            activation: &Activation::Linear,
            ahead: Lines::NONE,
        };
        let (packing, scratch) = (Packing::Transposed, scratch.as_mut_ptr());
        let mut product = Blocked { operands, rows: inputs, columns: batch, span: batch, packing, scratch };
        // SAFETY: the lengths of all slices have been checked.
        unsafe { blocked(simd, &mut product) };
    }
}
