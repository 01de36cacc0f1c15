//! How products are computed: by Monograd's kernels, by these with a part of them taken away, or by a library's general
//! product.

mod columns;
mod general;
mod kernels;

pub use general::{Gemm, General, MatrixMultiply};
pub use kernels::{Columns, Direct, Matched, Unfused};

use monograd::activations::{ActivateInPlace, Activation};
use monograd::geometry::Convolution;
use monograd::kernels::Kernels;
use monograd::layers::Dense;

/// A layer's parameters, as slices.
#[derive(Clone, Copy)]
pub struct Parameters<'a> {
    /// Columns of as many values as there are outputs: one for each input, of a convolution for each input of each tap.
    pub weight: &'a [f32],
    /// A value for each output.
    pub bias: &'a [f32],
}

/// A way to compute the layers with weights. `scratch` is as long as [`scratch`] says.
pub trait Products {
    /// `y = f(W·x + b)` with sizes that are known when the program runs.
    fn dense<L: Kernels<f32>>(
        level: L,
        layer: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    );

    /// The same with sizes that the compiler knows.
    #[inline(always)]
    fn dense_of<L: Kernels<f32>, const I: usize, const O: usize>(
        level: L,
        layer: &Dense<f32, I, O>,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        let layer = Parameters { weight: layer.weight.as_slice(), bias: layer.bias.as_slice() };
        Self::dense(level, layer, x, y, activation, scratch);
    }

    /// `y = f(W ∗ x + b)`.
    fn convolution<L: Kernels<f32>>(
        level: L,
        geometry: &Convolution,
        layer: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    );
}

/// How many values of scratch a convolution needs, whichever way it is computed.
pub fn scratch(geometry: &Convolution) -> usize {
    let kernels = geometry.inference_scratch().max(geometry.direct().inference_scratch());
    kernels.max(columns::len(geometry) + monograd::kernels::SCRATCH)
}

/// `y = f(y)`, in a pass of its own.
fn activate<L: Kernels<f32>>(level: L, activation: Activation, y: &mut [f32]) {
    if activation != Activation::Linear {
        level.activate_in_place(ActivateInPlace { activation, y });
    }
}
