//! The fully connected layer.

use nalgebra::{SMatrix, SVector};

use super::{InputGradient, Layer};
use crate::activations::Activation;
use crate::initializers::{Fans, Generator, Initializer};
use crate::kernels::{ColumnSum, Kernels, OuterProduct, Product, SmallProduct, TransposedProduct};
use crate::{Flat, Real, exact_len};

/// `dense(out)`: every output is a weighted sum of all inputs, `y = W·x + b`.
///
/// | | shape |
/// |---|---|
/// | input | `[I]` |
/// | output | `[O]` |
/// | `weight` | `O × I`, columns contiguous; in files `[O, I]`, as in PyTorch |
/// | `bias` | `O`; none with `bias = false` |
///
/// O·(I + 1) parameters, O·I without bias; O·I multiply-accumulates a sample. The weight is initialised for the
/// activation that follows (He for the relu family, Xavier for the others), the bias with zeros.
///
/// In `network!`: `dense(128)`, `dense(HIDDEN)`, `dense(10, bias = false)`, `dense(64, init = he_normal)`.
///
/// The gradient, with `L` the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[b,o]  = Σᵢ x[b,i]·W[o,i] + b[o]
/// d_x     = d_y·W            [B,O]·[O,I] → [B,I]
/// d_W     = d_yᵀ·x           [O,B]·[B,I] → [O,I]
/// d_b     = Σ_b d_y[b,:]     [O]
/// ```
///
/// Cached: `x`. Gradients are overwritten or added to: those of parameters where a layer runs more than once, `d_x`
/// where several layers take `x`.
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct Dense<T, const I: usize, const O: usize, const BIAS: usize = O> {
    /// W, `O × I`.
    pub weight: SMatrix<T, O, I>,
    /// b, of O values, or of none.
    pub bias: SVector<T, BIAS>,
}

impl<T, const I: usize, const O: usize, const BIAS: usize> Layer for Dense<T, I, O, BIAS> {
    const INPUT: &'static [usize] = &[I];
    const OUTPUT: &'static [usize] = &[O];
    const PARAMS: usize = {
        assert!(BIAS == O || BIAS == 0, "a dense layer has a bias for each output, or none");
        O * I + BIAS
    };
    const MACS: usize = O * I;
}

// SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const I: usize, const O: usize, const BIAS: usize> Flat<T> for Dense<T, I, O, BIAS> {
    const LEN: usize = exact_len::<T, Self>(&[Self::PARAMS]);
}

impl<T: Real, const I: usize, const O: usize, const BIAS: usize> Dense<T, I, O, BIAS> {
    /// Draws the weight by `initializer` and zeroes the bias.
    pub fn initialize(&mut self, initializer: impl Initializer, generator: &mut Generator) {
        initializer.fill(self.weight.as_mut_slice(), Fans { inputs: I, outputs: O }, generator);
        self.bias.as_mut_slice().fill(T::zero());
    }

    /// `y = f(W·x + b)` for the columns of `x`.
    #[inline]
    pub fn forward<L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T], activation: Activation, scratch: &mut [T]) {
        let (weight, bias) = (self.weight.as_slice(), self.bias.as_slice());
        if SmallProduct::<T, I, O>::pays::<L>() && y.len() == O {
            return level.run(SmallProduct::<T, I, O> { weight, bias, x, y, activation });
        }
        level.product(Product { weight, bias, x, y, outputs: O, activation, scratch });
    }

    /// Writes the gradients of the parameters to `d`, or adds them to it if they `accumulate`, and gives `d_x` if it is
    /// wanted.
    #[inline]
    pub fn backward<L: Kernels<T>>(
        &self,
        level: L,
        x: &[T],
        d_y: &[T],
        d_x: Option<InputGradient<'_, T>>,
        d: &mut Self,
        accumulate: bool,
        scratch: &mut [T],
    ) {
        let d_weight = d.weight.as_mut_slice();
        level.outer_product(OuterProduct { d_y, x, d_weight, outputs: O, accumulate, scratch });
        if BIAS > 0 {
            level.column_sum(ColumnSum { d_y, d_bias: d.bias.as_mut_slice(), accumulate });
        }
        if let Some(InputGradient { values: d_x, accumulate }) = d_x {
            let weight = self.weight.as_slice();
            level.transposed_product(TransposedProduct { weight, d_y, d_x, outputs: O, accumulate, scratch });
        }
    }
}
