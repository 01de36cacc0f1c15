//! Layers from elsewhere: those of a user's own, and networks as layers of others.
//!
//! A path in a declaration, `encoder: Encoder` or `Blur::<3>`, names a type that is a [`Module`]. There are two ways to be one:
//!
//! - A struct of one's own implements [`CustomLayer`]; [`plain_data!`](crate::plain_data) declares it without `unsafe`.
//! - A network with one input and one output is a module by what `network!` writes for it.

mod custom;
mod network;
mod plain_data;
mod seam;

pub use custom::{CustomLayer, Handwritten};
#[doc(hidden)]
pub use network::OfNetwork;

use crate::initializers::Generator;
use crate::kernels::Kernels;
use crate::layers::{InputGradient, Noise};
use crate::plan::Arena;
use crate::shapes::Shape;
use crate::{Flat, LayerInfo, Real, TensorEntry};

/// What generated code asks of a layer from elsewhere that takes the shape `In`.
///
/// Nobody implements it by hand: a layer of one's own implements [`CustomLayer`]. At both ends signals, images and volumes lie
/// channels last. Sizes of memory are values a sample and multiples of [`ALIGN`](crate::ALIGN); an [`Arena`] is one of as many
/// samples as the pass has.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer that takes `{In}`",
    label = "not a layer for this shape",
    note = "a layer of one's own implements `monograd::CustomLayer` for the shapes that it takes",
    note = "a network is a layer if it has one input and one output, and can be trained by gradients"
)]
pub trait Module<T: Real, In: Shape>: Flat<T> {
    /// What it gives.
    type Output: Shape;

    /// Parameters in all, without padding.
    const PARAMS: usize;
    /// Values that its layers give for a sample.
    const ACTIVATIONS: usize;
    /// Multiply-accumulates a sample.
    const MACS: usize;
    /// Its layers, in order; none for a layer that is not made of others.
    const LAYERS: &'static [LayerInfo];
    /// The tensors of its parameters, counted from its beginning.
    const TENSORS: &'static [TensorEntry];
    /// Those of its running statistics, counted from its beginning too.
    const BUFFER_TENSORS: &'static [TensorEntry];
    /// How many values at its end are running statistics.
    const BUFFERS_LEN: usize;
    /// Values of work in inference.
    const INFERENCE_SIZE: usize;
    /// Room for the kernels in inference.
    const INFERENCE_SCRATCH: usize;
    /// Values that the forward pass keeps for the backward pass, beside input and output.
    const TAPE: usize;
    /// Values of work in training, for either pass.
    const TRAINING_SIZE: usize;
    /// Room for the kernels in training.
    const TRAINING_SCRATCH: usize;

    /// Draws every parameter anew.
    fn initialize(&mut self, generator: &mut Generator);

    /// Takes the samples of `work` through it: `input` to `output`, a column a sample.
    fn infer<L: Kernels<T>>(&self, level: L, input: &[T], output: &mut [T], work: &mut Arena<'_, T>, scratch: &mut [T]);

    /// The same, and keeps in `tape` what the backward pass needs. The statistics of the batch are left in `d`.
    fn forward_training<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        noise: Noise,
    );

    /// From the gradient at the output, which is used up, to those of the parameters, which overwrite `d`, and to that of the
    /// input, if it is wanted.
    fn backward<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &[T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        noise: Noise,
        d_output: &mut [T],
        d_input: Option<InputGradient<'_, T>>,
    );

    /// Moves the running statistics towards those of a batch of so many samples.
    fn update_buffers(&mut self, batch: &Self, samples: usize);
}
