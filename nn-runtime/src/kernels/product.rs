//! `y = f(W·x + b)`: the forward product.

use super::SCRATCH;
use super::blocked::{Blocked, blocked, single_column};
use super::matrix_vector::MatrixVector;
use super::packing::{Lines, Packing};
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
    fn run<S: Simd<T>>(mut self, simd: S) {
        if self.y.is_empty() {
            return;
        }
        let (inputs, batch) = shape(self.x.len(), self.y.len(), self.outputs, self.weight.len());
        assert!(self.bias.is_empty() || self.bias.len() == self.outputs, "the bias has one value for each output");
        assert!(self.scratch.len() >= SCRATCH, "the scratch is too short");
        // A single vector passes through any activation before it leaves its register.
        let single_vector = batch == 1 && self.outputs <= S::LANES;
        self.sums(simd, inputs, batch, single_vector);
        if !single_vector && !matches!(self.activation, Activation::Linear | Activation::Relu(_)) {
            simd.call(ActivateInPlace { activation: self.activation, y: self.y });
        }
    }
}

impl<T: Real> Product<'_, T> {
    /// All but the activations that registers are too few for; the lengths have been checked. The result of a single vector
    /// passes through any.
    #[inline(always)]
    fn sums<S: Simd<T>>(&mut self, simd: S, inputs: usize, columns: usize, single_vector: bool) {
        let rectify = matches!(self.activation, Activation::Relu(_));
        let mut operands = Operands {
            a: self.weight.as_ptr(),
            a_step: self.outputs,
            b: self.x.as_ptr(),
            b_step: 1,
            b_column: inputs,
            depth: inputs,
            start: if self.bias.is_empty() { Start::Zero } else { Start::Column(self.bias.as_ptr()) },
            c: self.y.as_mut_ptr(),
            c_column: self.outputs,
            last: 0,
            rectify,
            activation: if single_vector { &self.activation } else { &Activation::Linear },
            ahead: Lines::NONE,
        };
        let rows = self.outputs;
        // SAFETY: the slices have the lengths that the sizes say.
        let done = columns == 1 && unsafe { single_column(simd, &mut operands, rows) };
        if done {
            return;
        }
        if columns == 1 {
            simd.call(MatrixVector { weight: self.weight, bias: self.bias, x: self.x, y: self.y, rectify });
            return;
        }
        let packing = Packing::copied_if_it_pays::<T, S>(rows, columns);
        let scratch = self.scratch.as_mut_ptr();
        // SAFETY: as above; the scratch has SCRATCH values.
        unsafe { blocked(simd, &mut Blocked { operands, rows, columns, span: columns, packing, scratch }) };
    }
}

/// `(I, B)` from the lengths of `x`, `y` and the weight; without a division for a single column.
///
/// # Panics
/// If they do not fit one another.
#[inline(always)]
pub(super) fn shape(x: usize, y: usize, outputs: usize, weight: usize) -> (usize, usize) {
    let (inputs, batch) = if y == outputs { (x, 1) } else { (weight / outputs, y / outputs) };
    // Checked, because pointers rest on these: a product that wraps would agree with a slice that is too short.
    assert!(batch.checked_mul(outputs) == Some(y), "the output is O × B");
    assert!(inputs.checked_mul(batch) == Some(x), "the input is I × B");
    assert!(inputs.checked_mul(outputs) == Some(weight), "the weight is O × I");
    (inputs, batch)
}
