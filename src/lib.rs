//! Neural networks known when the program is compiled: declared in one screen, trained and run near the speed of the
//! machine, on stable Rust.
//!
//! [`network!`] reads a network the way one would write it on a whiteboard, and generates a plain struct whose shapes,
//! buffers, forward pass and hand-derived backward pass are all known to the compiler. A shape mistake is a compile error
//! at the word that caused it; a correct network is straight-line SIMD code without an allocator, a graph or a dispatcher
//! behind it.
//!
//! ```
//! use monograd::losses::MeanSquaredError;
//! use monograd::optimizers::Adam;
//! use monograd::prelude::*;
//!
//! network! {
//!     /// Learns the exclusive or.
//!     pub struct Xor([2]) -> [1] {
//!         hidden: dense(8) -> tanh,
//!         out: dense(1),
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let inputs = [[0.0_f32, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
//! let data = Dataset::<f32, 2, [f32; 1]>::from_rows(&inputs, &[[0.0], [1.0], [1.0], [0.0]])?;
//!
//! let mut net = Xor::new();
//! Trainer::new(MeanSquaredError, Adam::new(0.05)).batch_size(4).epochs(300).fit(&mut *net, &data)?;
//!
//! let mut work = Xor::workspace(4);
//! let y = net.forward(data.inputs(), &mut work);
//! assert!(y[0] < 0.1 && y[1] > 0.9 && y[2] > 0.9 && y[3] < 0.1);
//! # Ok(())
//! # }
//! ```
//!
//! # The language
//!
//! A declaration reads as a function from shapes to shapes: `pub struct Name([inputs]) -> [outputs] { lines }`. Every line
//! is `name: chain,`; a chain is layers joined by `->`. A line starts from the value of the line before it, unless its
//! chain begins with a *value*: the name of an earlier line, or `input`.
//!
//! ```
//! use monograd::prelude::*;
//!
//! const HIDDEN: usize = 64;
//!
//! network! {
//!     /// A controller: 8 sensors in, 4 motors out.
//!     pub struct Controller([8]) -> [4] {
//!         /// Lines and the struct take documentation and attributes.
//!         body: dense(HIDDEN) -> relu -> dense({ HIDDEN / 2 }, bias = false) -> gelu(approximate = tanh),
//!         out: dense(4, init = normal, std = 0.01) -> tanh,
//!     }
//! }
//!
//! assert_eq!(Controller::PARAMS, 8 * 64 + 64 + 64 * 32 + 32 * 4 + 4);
//! println!("{}", Controller::summary());
//! ```
//!
//! - Sizes come first and options by name: `dense(128, bias = false)`. A dimension is a literal or any `usize` const
//!   expression.
//! - Shapes are `[F]`, `[C, H, W]` (image), `[C, D, H, W]` (volume), `sequence [T, F]` and `signal [C, L]`, row-major, the
//!   last axis contiguous, as in PyTorch. Nothing is reshaped silently: an image goes through `flatten` to `dense`.
//! - The output is the last line, or the one that is named: `-> (logits: [10])`. The declared shape is a checked contract.
//! - Lines are fields. A line with one layer that has parameters is that layer, `net.hidden.weight`; with several it is a
//!   struct of the layer words, `net.body.dense`, `net.body.dense_2`; without parameters it is empty. The same names,
//!   dotted, are the keys of a weights file.
//! - A line that nothing uses is a warning; `#[allow(unused_value)]` on the declaration silences it.
//!
//! The layers:
//!
//! | word | options | |
//! |---|---|---|
//! | [`dense(outputs)`](layers::Dense) | `bias`, `init`, `std` | `y = W·x + b` |
//! | [`flatten`](layers::Flatten) | | any shape to a vector |
//! | [`linear`](activations::Linear) | | `x` |
//! | [`step`](activations::Step) | | 0 below zero, else 1; not trainable by gradients |
//! | [`logistic`](activations::Logistic) | `k` | `1 / (1 + e^(−k·x))` |
//! | [`tanh`](activations::Tanh) | | `tanh x` |
//! | [`relu`](activations::Relu) | | `max(0, x)` |
//! | [`leaky_relu`](activations::LeakyRelu) | `slope` | `x` above zero, `slope·x` below |
//! | [`elu`](activations::Elu) | `alpha` | `x` above zero, `alpha·(eˣ − 1)` below |
//! | [`gelu`](activations::Gelu) | `approximate` = `none`, `tanh` | `x·Φ(x)` |
//! | [`silu`](activations::Silu) | | `x / (1 + e⁻ˣ)` |
//! | [`softplus`](activations::Softplus) | `beta` | `ln(1 + e^(beta·x)) / beta` |
//! | [`softmax`](activations::Softmax) | | `eˣ / Σ eˣ`, over a vector |
//!
//! # Running
//!
//! One column is one sample. `forward` takes a static, a dynamic or a view of a batch, and gives a view into a workspace
//! that the caller owns and made once; nothing is allocated after that.
//!
//! ```
//! # use monograd::prelude::*;
//! # network! { pub struct Controller([8]) -> [4] { out: dense(4) -> tanh, } }
//! use monograd::nalgebra::{Const, Dyn, OMatrix, SVector};
//!
//! let net = Controller::seeded(7);
//! let mut work = Controller::workspace(100);
//!
//! let one = net.forward(&SVector::<f32, 8>::repeat(0.5), &mut work)[0];
//! let many = OMatrix::<f32, Const<8>, Dyn>::from_element(100, 0.5);
//! assert_eq!(net.forward(&many, &mut work)[(0, 99)], one);
//! assert_eq!(net.forward(&many.columns(90, 10), &mut work).ncols(), 10);
//! ```
//!
//! `new` and its like give a `Box`, because a network can be larger than a stack; functions that take any network are
//! given `&*net` or `&mut *net`. `new()` is `seeded(0)`. To keep a copy: `let mut best = Controller::zeroed();
//! best.copy_from(&net);`.
//!
//! `Controller` alone is `Controller<f32>`. In `f64`: `Controller::<f64>::new()`, `Controller::<f64>::workspace(1)`,
//! `Training::<Controller<f64>>::new(32)`. The instruction set (scalar, AVX2 with FMA, AVX-512) is chosen once per call, at
//! run time; `simd::force_level(Some(Level::Avx2))` fixes it for the process: see [`simd::force_level`].
//!
//! Code that works on any network asks for [`Network`], or [`Trainable`]:
//!
//! ```
//! # use monograd::prelude::*;
//! use monograd::nalgebra::{Const, SVector};
//!
//! fn largest<N: Network<Scalar = f32, Input = Const<I>>, const I: usize>(net: &N, x: &SVector<f32, I>) -> f32 {
//!     net.forward(x, &mut N::workspace(1)).iter().copied().fold(f32::MIN, f32::max)
//! }
//! ```
//!
//! # Training
//!
//! [`Trainer`] is the loop over a [`Dataset`](data::Dataset). What it is made of can be used by itself:
//!
//! ```
//! # use monograd::prelude::*;
//! # network! { pub struct Net([3]) -> [2] { hidden: dense(4) -> tanh, out: dense(2), } }
//! # use monograd::nalgebra::SMatrix;
//! use monograd::losses::SoftmaxCrossEntropy;
//! use monograd::optimizers::Sgd;
//!
//! let x = SMatrix::<f32, 3, 5>::from_fn(|row, column| (row * column) as f32 * 0.1);
//! let labels = [0, 1, 0, 1, 1];
//!
//! let mut net = Net::new();
//! let mut training = Training::<Net>::new(5);
//! let mut optimizer = Sgd::new(0.1).momentum(0.9);
//! let mut losses = Vec::new();
//! for _ in 0..100 {
//!     losses.push(training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &labels)?);
//!     optimizer.step(net.params_mut(), training.gradient().params());
//! }
//! assert!(losses[99] < losses[0]);
//! # Ok::<(), monograd::losses::TargetError>(())
//! ```
//!
//! Gradients have the network's own type: `training.gradient().hidden.weight`. `data.batches(32)` gives the batches of a data
//! set; targets that are values go to `backprop` as `batch.targets.as_flattened()`.
//!
//! A training is followed by [`Trainer::on_epoch`], or by an [`Observer`], such as the progress bar of the crate
//! `nn-progress`: `.observe(ProgressBar::new())`.
//!
//! # Speed
//!
//! The kernels are explicit SIMD in the crate `nn-runtime`. An unoptimised build of them is a hundred times slower; so that
//! they are fast while the rest of a program is built for debugging, put this into the program's `Cargo.toml`:
//!
//! ```toml
//! [profile.dev.package.nn-runtime]
//! opt-level = 3
//! ```

pub use nalgebra;
pub use nn_macros::network;
pub use nn_runtime::*;

/// What a program that declares networks wants in scope.
pub mod prelude {
    pub use crate::data::Dataset;
    pub use crate::optimizers::Optimizer;
    pub use crate::{Generator, Inference, Network, Trainable, Trainer, Training, evaluate, network};
}
