//! `y = f(W·x + b)`: the forward product.

use super::SCRATCH;
use super::blocked::{Blocked, blocked, single_column};
use super::matrix_vector::MatrixVector;
use super::packing::Packing;
use super::tile::{Operands, Start};
use crate::Real;
use crate::activations::{ActivateInPlace, Activation};
use crate::simd::{Kernel, Simd};

/// `y[o,b] = f(Σᵢ W[o,i]·x[i,b] + bias[o])`.
///
/// Each value of `y` is the same, bit for bit, whatever the number of columns it is computed with.
///
/// # Panics
/// If the lengths of the slices do not fit one another.
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
    /// Room for packed panels: [`SCRATCH`] values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { weight, bias, x, y, outputs, activation, scratch } = self;
        if y.is_empty() {
            return;
        }
        let (inputs, batch) = shape(x.len(), y.len(), outputs, weight.len());
        assert!(bias.is_empty() || bias.len() == outputs, "the bias has one value for each output");
        assert!(scratch.len() >= SCRATCH, "the scratch is too short");
        let rectify = matches!(activation, Activation::Relu(_));
        let mut operands = Operands {
            a: weight.as_ptr(),
            a_step: outputs,
            b: x.as_ptr(),
            b_step: 1,
            b_column: inputs,
            depth: inputs,
            start: if bias.is_empty() { Start::Zero } else { Start::Column(bias.as_ptr()) },
            c: y.as_mut_ptr(),
            c_column: outputs,
            last: 0,
            rectify,
        };
        if batch != 1 {
            let packing = if outputs * size_of::<T>() >= 1024 && batch >= 48 { Packing::Copied } else { Packing::None };
            let scratch = scratch.as_mut_ptr();
            // SAFETY: the lengths of all slices have been checked.
            unsafe { blocked(simd, &mut Blocked { operands, rows: outputs, columns: batch, packing, scratch }) };
        } else if !unsafe { single_column(simd, &mut operands, outputs) } {
            simd.call(MatrixVector { weight, bias, x, y, rectify });
        }
        if !matches!(activation, Activation::Linear | Activation::Relu(_)) {
            simd.call(ActivateInPlace { activation, y });
        }
    }
}

/// `(I, B)` from the lengths of `x`, `y` and the weight; without a division for a single column.
///
/// # Panics
/// If they do not fit one another.
#[inline(always)]
pub(super) fn shape(x: usize, y: usize, outputs: usize, weight: usize) -> (usize, usize) {
    let (inputs, batch) = if y == outputs { (x, 1) } else { (weight / outputs, y / outputs) };
    assert!(y == batch * outputs, "the output is O × B");
    assert!(x == inputs * batch, "the input is I × B");
    assert!(weight == inputs * outputs, "the weight is O × I");
    (inputs, batch)
}
