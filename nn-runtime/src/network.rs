//! What every declared network is: the traits that trainers, optimisers and tools are written against.

use std::path::Path;

use nalgebra::{Dim, DimName, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::initializers::Generator;
use crate::kernels::{Kernels, SCRATCH};
use crate::layers::Noise;
use crate::plan::{Arena, Region};
use crate::summary::{LayerInfo, Summary};
use crate::tensors::{TensorEntry, TensorInfo, resolve};
use crate::weights::{self, WeightsError};
use crate::{Flat, Inference, Pool, Port, Real, aligned, plan};

/// A declared network: its parameters, its table, and its inference.
///
/// `network!` implements it. Everything that works on any network (trainers, weights files, tools) asks for this or for
/// [`Trainable`]. The struct itself has the constructors, `workspace`, `summary` and the constants `PARAMS`, `ACTIVATIONS`,
/// `MACS`, `INFERENCE_BYTES`, `TRAINING_BYTES` and `RECEPTIVE_FIELD` once more, for `f32`, so that `Net::new()` needs no annotation; `Net::<f64>::new()` and
/// `Net::<f64>::tensors()` come from here.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network",
    note = "networks are declared by `network!`; a boxed one, as `new()` gives it, is passed as `&mut *net` or `&*net`"
)]
pub trait Network: Flat<Self::Scalar> + Send + Sync {
    /// What it computes with.
    type Scalar: Real;
    /// The number of input values, `Const<784>`; of all inputs, if there are several.
    type Input: DimName;
    /// The number of output values, `Const<10>`; of all outputs of inference, if there are several.
    type Output: DimName;

    /// The name in the declaration.
    const NAME: &'static str;
    /// The shape of a sample; `[total]` if there are several inputs.
    const INPUT_SHAPE: &'static [usize];
    /// The shape of a result; `[total]` if there are several outputs.
    const OUTPUT_SHAPE: &'static [usize];
    /// The inputs, in the order of the declaration.
    const INPUTS: &'static [Port] = &[Port { name: "input", shape: Self::INPUT_SHAPE }];
    /// The outputs of inference, in the order of the declaration.
    const OUTPUTS: &'static [Port] = &[Port { name: "output", shape: Self::OUTPUT_SHAPE }];
    /// The layers, in order.
    const LAYERS: &'static [LayerInfo];
    /// The tensors of the parameters, in order; [`tensors`](Self::tensors) gives them one by one.
    const TENSORS: &'static [TensorEntry];
    /// Those of the running statistics, also counted from the beginning of the network.
    const BUFFER_TENSORS: &'static [TensorEntry] = &[];
    /// How many values at the end of the struct are running statistics, which are no parameters.
    const BUFFERS_LEN: usize = 0;
    /// How many values of room the kernels need in inference.
    const INFERENCE_SCRATCH: usize = SCRATCH;
    /// How many values of room the kernels need in training.
    const TRAINING_SCRATCH: usize = SCRATCH;
    /// Values of inference workspace that a sample needs while it is on its way.
    const INFERENCE_SIZE: usize;
    /// How many of them are needed at once: no plan of these steps could do with less. A block is one step, and counts with
    /// all that it works in.
    const INFERENCE_BOUND: usize = Self::INFERENCE_SIZE;
    /// Values of training workspace a sample; `None` if the network cannot be trained by gradients.
    const TRAINING_SIZE: Option<usize>;

    /// Parameters in all, without padding.
    const PARAMS: usize = crate::summary::total(Self::LAYERS).0;
    /// Values that the layers give for a sample, in all.
    const ACTIVATIONS: usize = crate::summary::total(Self::LAYERS).1;
    /// Multiply-accumulates a sample. This, like the other sums, counts every line of the declaration, also one that
    /// nothing uses, of which the compiler warns.
    const MACS: usize = crate::summary::total(Self::LAYERS).2;
    /// How much of the input one value of the output depends on, by axis without the channels.
    const RECEPTIVE_FIELD: &'static [usize];
    /// Bytes of an inference workspace for one sample, its output included. One for several threads has as many arenas and as
    /// much room for the kernels for each of them.
    const INFERENCE_BYTES: usize =
        (aligned(Self::INFERENCE_SIZE) + Self::INFERENCE_SCRATCH + aligned(Self::Output::DIM))
            * size_of::<Self::Scalar>();
    /// Bytes of a training workspace: those it has in any case (the gradient, and room for the kernels), and those for each
    /// sample. `None` if the network cannot be trained by gradients. With several shards each has a gradient and room for the
    /// kernels, and the outputs are there twice.
    const TRAINING_BYTES: Option<(usize, usize)> = match Self::TRAINING_SIZE {
        Some(size) => {
            let scratch = Self::TRAINING_SCRATCH * size_of::<Self::Scalar>();
            Some((size_of::<Self>() + scratch, size * size_of::<Self::Scalar>()))
        }
        None => None,
    };
    /// How many samples inference takes through the whole network at a time.
    const CHUNK: usize = plan::chunk(Self::INFERENCE_SIZE, Self::LEN);

    /// Draws every parameter anew, each layer by its initialiser.
    fn initialize(&mut self, generator: &mut Generator);

    /// Takes the samples of `arena` through the network: `x` to `y`, a column a sample. With several inputs they are in `x` one
    /// behind the other, each of them with its columns for all samples, and so are several outputs in `y`.
    fn infer<L: Kernels<Self::Scalar>>(
        &self,
        level: L,
        x: &[Self::Scalar],
        y: &mut [Self::Scalar],
        arena: &mut Arena<'_, Self::Scalar>,
        scratch: &mut [Self::Scalar],
    );

    /// A network with initialised parameters, by seed 0.
    #[must_use]
    fn new() -> Box<Self> {
        Self::seeded(0)
    }

    /// A network with initialised parameters: the same for the same seed, on every machine.
    #[must_use]
    fn seeded(seed: u64) -> Box<Self> {
        let mut net = Self::zeroed_box();
        net.initialize(&mut Generator::seed(seed));
        net
    }

    /// A network of zeros: to load weights into, or to hold gradients.
    #[must_use]
    fn zeroed() -> Box<Self> {
        Self::zeroed_box()
    }

    /// A workspace for inference with up to `samples` samples a call.
    #[must_use]
    fn workspace(samples: usize) -> Inference<Self> {
        Inference::new(samples)
    }

    /// The network's outputs for the columns of `x`: what the method of the same name on each network does, for code that
    /// works on any network.
    ///
    /// # Panics
    /// If `x` has more columns than `work` was made for.
    #[track_caller]
    fn forward<'work, B, S>(
        &self,
        x: &Matrix<Self::Scalar, Self::Input, B, S>,
        work: &'work mut Inference<Self>,
    ) -> MatrixView<'work, Self::Scalar, Self::Output, B>
    where
        B: Dim,
        S: RawStorage<Self::Scalar, Self::Input, B> + IsContiguous,
    {
        work.run(self, x)
    }

    /// The same on the threads of a pool: as many of them as `work` has [room](Inference::threads) for. The outputs have the same
    /// bits.
    ///
    /// # Panics
    /// If `x` has more columns than `work` was made for.
    #[track_caller]
    fn forward_in<'work, B, S>(
        &self,
        pool: &dyn Pool,
        x: &Matrix<Self::Scalar, Self::Input, B, S>,
        work: &'work mut Inference<Self>,
    ) -> MatrixView<'work, Self::Scalar, Self::Output, B>
    where
        B: Dim,
        S: RawStorage<Self::Scalar, Self::Input, B> + IsContiguous,
    {
        work.run_in(pool, self, x)
    }

    /// All parameters as one slice. Each layer starts on a multiple of [`ALIGN`](crate::ALIGN), behind zeros. Running
    /// statistics are not among them.
    #[inline]
    fn params(&self) -> &[Self::Scalar] {
        &self.as_flat()[..Self::LEN - Self::BUFFERS_LEN]
    }

    /// All parameters as one slice.
    #[inline]
    fn params_mut(&mut self) -> &mut [Self::Scalar] {
        &mut self.as_flat_mut()[..Self::LEN - Self::BUFFERS_LEN]
    }

    /// Every tensor of the parameters, in the order of memory: its name, its shape in a file, and its place in
    /// [`params`](Self::params).
    #[must_use]
    fn tensors() -> Vec<TensorInfo> {
        resolve(Self::TENSORS)
    }

    /// The same, and behind them those of the running statistics: all that a file holds. Places are those in
    /// [`as_flat`](Flat::as_flat).
    #[must_use]
    fn state() -> Vec<TensorInfo> {
        let mut tensors = Self::tensors();
        tensors.extend(resolve(Self::BUFFER_TENSORS));
        tensors
    }

    /// Takes over the parameters of `other`, and its running statistics.
    fn copy_from(&mut self, other: &Self) {
        self.as_flat_mut().copy_from_slice(other.as_flat());
    }

    /// Writes the parameters and running statistics to a `safetensors` file, by the names of the declaration and in PyTorch's layout. The file is
    /// replaced in one step: if anything fails, what was there is still there.
    ///
    /// # Errors
    /// If the file cannot be written.
    fn save(&self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        weights::save(path, Self::NAME, &Self::state(), self.as_flat())
    }

    /// Takes over the parameters and running statistics of a `safetensors` file.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is of another network; the error says everything that differs, and no
    /// parameter has changed.
    fn load(&mut self, path: impl AsRef<Path>) -> Result<(), WeightsError> {
        weights::load(path, &Self::state(), self.as_flat_mut())
    }

    /// Folds each batch normalisation into the convolution before it: the weights take over its scale, and it is left with
    /// nothing but a shift. The outputs of inference stay what they are, but for rounding.
    ///
    /// Inference needs this for nothing, as it normalises in the convolution's registers; other programs may, that take the
    /// weights over without the normalisation. Training goes on from another point than it would have without.
    fn fold_batch_norms(&mut self) {}

    /// The table of layers; `println!("{}", Net::summary())` shows it.
    #[must_use]
    fn summary() -> Summary {
        Summary {
            name: Self::NAME,
            input: Self::INPUT_SHAPE,
            layers: Self::LAYERS,
            parameter_bytes: size_of::<Self>(),
            inference_bytes: Self::INFERENCE_BYTES,
            inference_values: Self::INFERENCE_SIZE,
            inference_bound: Self::INFERENCE_BOUND,
            training_bytes: Self::TRAINING_BYTES,
        }
    }
}

/// A network that gradients can train.
///
/// `network!` implements it for every network whose layers have a useful derivative.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be trained by gradients",
    label = "not trainable",
    note = "a network with `step` or `threshold` is not: their derivative is zero wherever it exists, so no gradient reaches the parameters before them; write `logistic` or `tanh` instead, or train a single layer, `dense(n) -> step`, by `monograd::perceptron::PerceptronRule`",
    note = "a boxed network, as `new()` gives it, is passed as `&mut *net` or `&*net`"
)]
pub trait Trainable: Network {
    /// The outputs of training, in the order of the declaration: those of inference, and those that are there in training alone.
    const TRAINING_OUTPUTS: &'static [Port] = Self::OUTPUTS;
    /// Where the training pass leaves the network's output: with several they are one behind the other, each with its columns
    /// for all samples.
    const OUTPUT: Region;
    /// Where the backward pass finds the gradient of the loss with respect to the output.
    const D_OUTPUT: Region;

    /// Takes the samples of `arena` to the output and keeps what the backward pass needs. The statistics of the batch are left
    /// in the running statistics of `d`.
    fn forward_training<L: Kernels<Self::Scalar>>(
        &self,
        level: L,
        x: &[Self::Scalar],
        arena: &mut Arena<'_, Self::Scalar>,
        scratch: &mut [Self::Scalar],
        d: &mut Self,
        noise: Noise,
    );

    /// From the gradient at the output to those of the parameters, which overwrite `d`, and to that of the input, if it is
    /// wanted. `noise` is that of the forward pass.
    fn backward<L: Kernels<Self::Scalar>>(
        &self,
        level: L,
        x: &[Self::Scalar],
        arena: &mut Arena<'_, Self::Scalar>,
        scratch: &mut [Self::Scalar],
        d: &mut Self,
        noise: Noise,
        d_x: Option<&mut [Self::Scalar]>,
    );

    /// Moves the running statistics towards those of a batch of so many samples.
    fn update_buffers(&mut self, batch: &Self, samples: usize) {
        _ = (batch, samples);
    }
}
