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
//!
//! The layers:
//!
//! | word | options | |
//! |---|---|---|
//! | [`dense(outputs)`](layers::Dense) | `bias`, `init`, `std` | `y = W·x + b` |
//! | [`conv2d(outputs, size)`](layers::Conv2d), [`conv1d`](layers::Conv1d), [`conv3d`](layers::Conv3d) | `stride`, `padding`, `dilation`, `groups`, `bias`, `init`, `std`; but for 1d `winograd` | convolution |
//! | [`conv_transpose2d(outputs, size)`](layers::ConvTranspose2d), [`1d`](layers::ConvTranspose1d), [`3d`](layers::ConvTranspose3d) | the same, `output_padding` | its transpose |
//! | [`max_pool2d(size)`](layers::MaxPool2d), `1d`, `3d` | `stride`, `padding`, `dilation`, `ceil_mode` | the largest of a window |
//! | [`avg_pool2d(size)`](layers::AvgPool2d), `1d`, `3d` | `stride`, `padding`, `ceil_mode`, `count_padding` | the mean of a window |
//! | [`adaptive_avg_pool2d([height, width])`](layers::AdaptiveAvgPool2d) | | means that give this size |
//! | [`global_avg_pool`](layers::GlobalAvgPool), [`global_max_pool`](layers::GlobalMaxPool) | | one value for each channel |
//! | [`upsample(scale)`](layers::Upsample) | `mode` = `nearest`, `bilinear`; `align_corners` | larger images |
//! | [`pad(size)`](layers::Pad), [`crop(size)`](layers::Crop) | `value` | a border more, or less |
//! | [`subsample(channels)`](layers::Subsample) | `stride` | every second place, channels of zeros beside |
//! | [`batch_norm`](layers::BatchNorm) | `eps`, `momentum` | each channel over the batch |
//! | [`layer_norm`](layers::LayerNorm), [`group_norm(groups)`](layers::GroupNorm), [`instance_norm`](layers::InstanceNorm) | `eps`, `affine` | each sample by itself |
//! | [`local_response_norm(size)`](layers::LocalResponseNorm) | `alpha`, `beta`, `k` | each value by its neighbours in other channels |
//! | [`dropout(p)`](layers::Dropout), [`dropout2d(p)`](layers::Dropout2d) | | noise in training, nothing in inference |
//! | [`flatten`](layers::Flatten) | | any shape to a vector |
//! | [`linear`](activations::Linear) | | `x` |
//! | [`step`](activations::Step) | | 0 below zero, else 1; not trainable by gradients |
//! | [`threshold(theta)`](layers::Threshold) | `excitatory`, `inhibitory` | a McCulloch–Pitts unit over 0 and 1; no parameters |
//! | [`logistic`](activations::Logistic) | `k` | `1 / (1 + e^(−k·x))` |
//! | [`tanh`](activations::Tanh) | | `tanh x` |
//! | [`relu`](activations::Relu) | | `max(0, x)` |
//! | [`relu6`](activations::Relu6) | | `min(max(0, x), 6)` |
//! | [`leaky_relu`](activations::LeakyRelu) | `slope` | `x` above zero, `slope·x` below |
//! | [`elu`](activations::Elu) | `alpha` | `x` above zero, `alpha·(eˣ − 1)` below |
//! | [`gelu`](activations::Gelu) | `approximate` = `none`, `tanh` | `x·Φ(x)` |
//! | [`silu`](activations::Silu) | | `x / (1 + e⁻ˣ)` |
//! | [`softplus`](activations::Softplus) | `beta` | `ln(1 + e^(beta·x)) / beta` |
//! | [`softmax`](activations::Softmax) | | `eˣ / Σ eˣ`, over a vector |
//!
//! # Images
//!
//! ```
//! use monograd::prelude::*;
//!
//! network! {
//!     pub struct Small([3, 32, 32]) -> [10] {
//!         conv1: conv2d(16, 3, padding = same, bias = false) -> batch_norm -> relu -> max_pool2d(2),
//!         conv2: conv2d(32, [3, 5], stride = [1, 2], padding = [1, 2]) -> relu -> dropout2d(0.1),
//!         head: global_avg_pool -> dense(10),
//!     }
//! }
//!
//! assert_eq!(Small::RECEPTIVE_FIELD, [32, 32]);
//! let net = Small::new();
//! assert_eq!(net.conv1.conv2d.weight[2][2].shape(), (16, 3)); // a matrix of outputs × inputs for each tap
//! assert_eq!(net.buffers.conv1.batch_norm.running_var[0], 1.0);
//! ```
//!
//! - Sizes and options are a number for all axes, or `[height, width]`. `padding` is also `valid` (none), `same` (as many outputs
//!   as inputs), `half` and `full`. A stride that never reads the end of an image is a warning; `#[allow(skipped_input)]`
//!   silences it.
//! - Inputs and outputs are in `PyTorch`'s order, `[C, H, W]`, and so are vectors behind `flatten`. In between, images lie channels
//!   last; nobody sees that but a debugger.
//! - [`networks`] holds the classic networks, from [`LeNet5`](networks::LeNet5) to
//!   [`ResNet50`](networks::ResNet50) and [`UNet`](networks::UNet).
//! - **Training and inference differ** for `batch_norm` and `dropout`, and are different methods here: `forward` normalises by
//!   running statistics and drops nothing, [`Training::backprop`] by those of the batch, which it also adds to the running ones.
//!   Those are no parameters: they are in `net.buffers`, are saved and copied with the network, and no optimiser sees them.
//!   Which values are dropped follows from [`Training::seed`].
//! - `net.fold_batch_norms()` multiplies each normalisation into the convolution before it. `forward` is as fast without: it
//!   normalises before a result leaves the registers.
//!
//! # Graphs
//!
//! Merges take branches: a chain, the name of a line or an input, or `_`, the value that arrives. A branch that begins with a
//! layer starts from `_`.
//!
//! ```
//! use monograd::prelude::*;
//!
//! network! {
//!     /// ResNet-20 for CIFAR-10 (after He et al., 2015).
//!     pub struct ResNet20([3, 32, 32]) -> [10] {
//!         stem:   conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
//!         stage1: repeat(3, basic(16)),
//!         stage2: down(32) -> repeat(2, basic(32)),
//!         stage3: down(64) -> repeat(2, basic(64)),
//!         head:   global_avg_pool -> dense(10),
//!     }
//!
//!     block basic(channels) {
//!         body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
//!            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
//!         out:  add(input, body) -> relu,
//!     }
//!
//!     block down(channels) {
//!         body: conv2d(channels, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
//!            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
//!         out:  add(input -> conv2d(channels, 1, stride = 2, bias = false) -> batch_norm, body) -> relu,
//!     }
//! }
//!
//! let net = ResNet20::new();
//! assert_eq!(net.stage2.repeat[1].body.conv2d_2.weight[1][1].shape(), (32, 32));
//! assert_eq!(ResNet20::<f32>::tensors()[3].name, "stage1.0.body.conv2d.weight");
//! ```
//!
//! | word | |
//! |---|---|
//! | [`add(a, b, …)`](layers::Add) | the sum of branches of one shape |
//! | [`multiply(a, b)`](layers::Multiply) | their product, value by value |
//! | [`concat(a, b, …)`](layers::Concat) | side by side: channels, features, or another `axis` |
//! | [`repeat(n, chain)`](layers::Repeat) | copies one after the other, each with its own parameters |
//!
//! - `block name(sizes) { lines }` stands beside the structs of a `network!`, and is used like a layer. Its sizes may have
//!   defaults, `block mlp(width, hidden = 4 * width)`, and stand in const expressions and in the arguments of other blocks. A block is
//!   known in its own `network!` alone. `input` is the block's input. A block becomes a
//!   struct of its lines, once for each choice of sizes and each shape that arrives, not once for each use.
//! - `repeat` is an array and a loop: `net.stage1[0]`, so that a network of 1202 layers costs the compiler what one of 20 does. What
//!   is repeated gives the shape that it takes. It sees nothing but what arrives.
//! - A block's name goes before a layer's, and a value's before both where no arguments follow, so that new layers never change what a
//!   program means.
//! - In a line with several items that have parameters the fields are the words: `stage2.down`, `stage2.repeat`.
//! - Inference needs room for the values that are alive at the same time only; `Net::summary()` compares that with a lower bound and
//!   with the sum of all activations.
//!
//! ## Several inputs and outputs
//!
//! They have names. `forward` takes and gives them in structs, and a struct of losses is a loss:
//!
//! ```
//! use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy, Weighted};
//! use monograd::nalgebra::SMatrix;
//! use monograd::prelude::*;
//!
//! network! {
//!     pub struct Driver(image: [1, 8, 8], speed: [2]) -> (turn: [3], brake: [1], aux: [3] in training) {
//!         seen:  image -> conv2d(4, 3) -> relu -> flatten,
//!         aux:   dense(3),
//!         all:   concat(seen, speed) -> dense(16) -> relu,
//!         turn:  all -> dense(3),
//!         brake: all -> dense(1),
//!     }
//! }
//!
//! let mut net = Driver::new();
//! let (image, speed) = (SMatrix::<f32, 64, 5>::repeat(0.1), SMatrix::<f32, 2, 5>::repeat(1.0));
//! let inputs = DriverInputs { image: &image, speed: &speed };
//!
//! let mut work = Driver::workspace(5);
//! let y = net.forward(inputs, &mut work);
//! assert_eq!((y.turn.shape(), y.brake.shape()), ((3, 5), (1, 5)));
//!
//! let losses = DriverOutputs {
//!     turn: SoftmaxCrossEntropy,
//!     brake: HalfSquaredError,
//!     aux: Weighted::new(0.3, SoftmaxCrossEntropy),
//! };
//! let (turns, brakes) = ([0, 1, 2, 1, 0], [0.0, 0.0, 1.0, 0.0, 0.5]);
//! let targets = DriverOutputs { turn: &turns[..], brake: &brakes[..], aux: &turns[..] };
//! let mut training = Training::<Driver>::new(5);
//! let loss = training.backprop_ports(&mut net, &inputs, &losses, targets)?;
//! assert!(loss.is_finite());
//! # Ok::<(), monograd::losses::TargetError>(())
//! ```
//!
//! A single input is the bare matrix, and so is the output if inference has one; the structs are for several. Targets that are values
//! are one flat slice, sample after sample (`rows.as_flattened()`), also of outputs wider than the one above. Outputs with different
//! targets are trained by a loop around `backprop_ports` and `optimizer.step(net.params_mut(), training.gradient().params())`, as
//! below under [Training](#training).
//!
//! An output marked `in training` costs inference nothing, unless another is computed from it, which is a warning: the line behind it
//! begins with a name, as `all` does. Where all outputs have the same targets, as the auxiliary heads of
//! [`GoogLeNet`](networks::GoogLeNet) have, the struct of losses goes to [`Trainer`] and [`Training::backprop`] like any loss.
//! Code for any network sees a sample's inputs one after the other in one column, and its outputs likewise.
//!
//! ## Networks and types of your own as layers
//!
//! A path in CamelCase is a type from elsewhere: another network, or a struct that implements [`CustomLayer`], with its arguments as
//! generics, `Blur::<3>`; of a generic network an alias, `type Small<T> = Mlp<16, T>;`.
//!
//! ```
//! use monograd::prelude::*;
//!
//! network! {
//!     pub struct Encoder([784]) -> [32] {
//!         hidden: dense(128) -> relu,
//!         code: dense(32),
//!     }
//!
//!     pub struct Classifier([784]) -> [10] {
//!         encoder: Encoder,
//!         head: relu -> dense(10),
//!     }
//! }
//!
//! let (encoder, mut classifier) = (Encoder::seeded(1), Classifier::new());
//! classifier.encoder.copy_from(&encoder);
//! ```
//!
//! The compiler knows what such a type gives, the macro does not: the layers behind it are checked by constants that the compiler
//! evaluates, and sizes are numerals of [`typenum`] wherever they come from. A contract, `encoder: Encoder -> [32]`, gives the shape back, and with it the table and the trail in messages;
//! `batch_norm`, global pools, and merges of nothing else need one. Running statistics lie at the end of a network, where no
//! optimiser looks, so that only the last type from elsewhere can have some, and none in a block.
//!
//! [`CustomLayer`] is a forward and a backward pass over whole batches, [`plain_data!`] declares its parameters; the example
//! `own_layer` is a blur-pool whose output shape is computed in types by `typenum`.
//!
//! ## Generic declarations
//!
//! ```
//! use monograd::prelude::*;
//!
//! network! {
//!     pub struct Mlp<const HIDDEN: usize>([784]) -> [10] {
//!         hidden: dense(HIDDEN) -> relu,
//!         out: dense(10),
//!     }
//! }
//!
//! assert_eq!(Mlp::<64>::PARAMS, 784 * 64 + 64 + 64 * 10 + 10);
//! let small = Mlp::<16>::new();
//! let precise = Mlp::<16, f64>::new();
//! ```
//!
//! A parameter is a size by itself; what is computed from it, `2 * HIDDEN` outputs or the vector behind `flatten`, is no type on
//! stable Rust, and an error that says so. The layers of a generic network are not padded to the boundaries of vectors. Its claims are
//! verified for each choice of sizes that the program constructs or runs: by `cargo build`, not by `cargo check`. Types from elsewhere cannot stand in it;
//! as a layer of another network it goes by an alias, `type Small<T> = Mlp<16, T>;`.
//!
//! ## Advice
//!
//! Some declarations are correct, but hardly meant. They are warnings (on stable Rust: uses of something deprecated), which
//! `#[allow(name)]` on a line, a block or a network silences:
//!
//! | name | |
//! |---|---|
//! | `unused_value`, `unused_block` | nothing uses a line's value, an input, or a block |
//! | `training_output` | inference is computed from an output that is declared for training alone |
//! | `skipped_input` | a stride passes over the end of an image |
//! | `stacked_linear` | two linear layers without an activation between compute no more than one |
//! | `softmax_output` | `softmax` at the end, which `SoftmaxCrossEntropy` applies itself |
//! | `bias_before_norm` | a bias that `batch_norm` takes off again |
//! | `saturating_stack` | five `logistic` or `tanh` in a row without a normalisation |
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
//! run time; `simd::force_level(Some(Level::Avx2))` fixes it for the process: see [`simd::force_level`]. A program for known
//! hardware compiles what it needs: `default-features = false` leaves scalar code, the features `avx2` and `avx512` (which
//! implies `avx2`) add theirs.
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
//! A network that segments images gives a channel of scores for each class, as by `conv2d(2, 1)`, and learns by
//! [`PixelCrossEntropy`](losses::PixelCrossEntropy) from a data set of images and masks,
//! [`Dataset::from_masks`](data::Dataset::from_masks).
//!
//! A trainer also takes a [schedule](schedules) of the learning rate, a [penalty](regularizers) on the weights, limits on the gradient
//! and on the weights, mixup, early stopping, and checkpoints from which a training that was stopped goes on to the same bits:
//!
//! ```
//! # use monograd::prelude::*;
//! # network! { pub struct Net([3]) -> [2] { hidden: dense(4) -> tanh, out: dense(2), } }
//! use monograd::EarlyStopping;
//! use monograd::losses::LabelSmoothing;
//! use monograd::optimizers::{AdamW, ParameterGroups};
//! use monograd::regularizers::Penalty;
//! use monograd::schedules::{Cosine, Schedule};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let rows: Vec<[f32; 3]> = (0..30).map(|k| [k as f32 / 30.0, (k % 7) as f32, 1.0]).collect();
//! # let labels: Vec<u32> = (0..30).map(|k| k / 15).collect();
//! # let data = Dataset::<f32, 3, u32>::from_labelled_rows(&rows, &labels, 2)?;
//! # let path = std::env::temp_dir().join(format!("monograd-guide-{}", std::process::id()));
//! let [train, validation] = data.stratified_split([0.8, 0.2], 1)?;
//! let trainer = || -> Result<_, Box<dyn std::error::Error>> {
//!     // The last line learns ten times as fast, and the biases of the others do not decay.
//!     let is_bias = |name: &str| name.ends_with("bias") && !name.starts_with("out.");
//!     let groups = ParameterGroups::new::<Net>(AdamW::new(1e-3))
//!         .group("out", AdamW::new(1e-2))?
//!         .group_where(is_bias, AdamW::new(1e-3).weight_decay(0.0))?;
//!     Ok(Trainer::new(LabelSmoothing::new(0.1), groups)
//!         .epochs(20)
//!         .schedule(Cosine::new(18).warm_up(2))
//!         .penalty(Penalty::l1(1e-5))
//!         .clip_norm(1.0)
//!         .early_stopping(EarlyStopping::new(5))
//!         .checkpoint(&path))
//! };
//! let mut net = Net::new();
//! let history = trainer()?.fit_and_validate(&mut *net, &train, &validation)?;
//! println!("{history}best: epoch {:?}", history.best);
//!
//! // After an interruption: the same trainer, the same data, and whatever network.
//! let mut again = Net::zeroed();
//! trainer()?.resume(&path)?.fit_and_validate(&mut *again, &train, &validation)?;
//! assert_eq!(again.params(), net.params());
//! # std::fs::remove_file(&path)?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Trainer::test_rates`] finds a learning rate to begin with. An [optimiser](optimizers) makes a step of each gradient; a
//! [minimiser](minimizers), such as BFGS, asks for the loss and the gradient of a whole data set where it wants them, by
//! [`FullBatch`](minimizers::FullBatch).
//!
//! Whether a network generalises is asked by [`validation`]: cross-validation, learning curves, bias and variance, and a baseline beside
//! every [`Evaluation`]. [`Dataset::stratified_split`](data::Dataset::stratified_split) divides data into parts with their share of each
//! class. [`metrics`] has confusion matrices, precision, recall and F₁ with their averages, the area under the ROC curve, and the errors of
//! values.
//!
//! Not everything learns by gradients: the rules in [`perceptron`] train a single layer of threshold units, `dense(n) -> step`, and
//! [`ImplicitSgd`](optimizers::ImplicitSgd) one of linear units, `dense(n)`, whatever the learning rate is. The word
//! [`threshold`](layers::Threshold) is a unit of McCulloch and Pitts, which does not learn at all.
//!
//! Images can be changed a little each time that they are shown, `.augment(Augment::images([1, 28, 28]).shift(2))` on a
//! trainer: see [`Augment`](data::Augment). [`Standardiser`](data::Standardiser) takes mean and spread out of features, or of
//! the channels of images.
//!
//! A training is followed by [`Trainer::on_epoch`], or by an [`Observer`], such as the progress bar of the crate
//! `nn-progress`: `.observe(ProgressBar::new())`.
//!
//! # Threads
//!
//! Nothing in this crate starts a thread. A program that has some lends them as a [`Pool`]: with the cargo feature `rayon` a
//! `rayon::ThreadPool` is one, and any other executor can be. A batch is then divided among them. No bit of a result depends on the
//! pool: a training on eight threads can be repeated on one.
//!
//! ```
//! # use monograd::prelude::*;
//! # network! { pub struct Net([3]) -> [2] { hidden: dense(4) -> tanh, out: dense(2), } }
//! # use monograd::nalgebra::SMatrix;
//! use monograd::losses::SoftmaxCrossEntropy;
//! use monograd::optimizers::Adam;
//! use monograd::rayon::ThreadPoolBuilder; // with the feature
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let rows: Vec<[f32; 3]> = (0..30).map(|k| [k as f32 / 30.0, (k % 7) as f32, 1.0]).collect();
//! # let labels: Vec<u32> = (0..30).map(|k| k / 15).collect();
//! # let data = Dataset::<f32, 3, u32>::from_labelled_rows(&rows, &labels, 2)?;
//! # let x = SMatrix::<f32, 3, 5>::from_fn(|row, column| (row * column) as f32 * 0.1);
//! let pool = ThreadPoolBuilder::new().num_threads(2).build()?;
//!
//! // Inference, with room for two threads.
//! let mut net = Net::new();
//! let (mut one, mut two) = (Net::workspace(64), Net::workspace(64).threads(2));
//! assert_eq!(net.forward_in(&pool, &x, &mut two), net.forward(&x, &mut one));
//!
//! // A step by hand, in two shards; and all steps.
//! let mut training = Training::<Net>::new(64).shards(2);
//! let loss = training.backprop_in(&pool, &mut net, &x, &SoftmaxCrossEntropy, &[0, 1, 0, 1, 1])?;
//! Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3)).batch_size(16).shards(2).pool(&pool).fit(&mut *net, &data)?;
//! # assert!(loss.is_finite());
//! # Ok(())
//! # }
//! ```
//!
//! Into how many shards a batch is divided is a part of the training, as its size is: gradients of other shards differ by rounding, and
//! `batch_norm` takes the statistics of each shard: see [`Training`](Training#shards). It pays from batches on that take one thread
//! some hundred microseconds. `pool.install(|| …)` around a loop of small batches saves handing each of them over.
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

// The networks of this crate are declared as those of any other.
extern crate self as monograd;

pub mod networks;

pub use nalgebra;
pub use nn_macros::network;
pub use nn_runtime::*;

/// What a program that declares networks wants in scope.
pub mod prelude {
    pub use crate::data::Dataset;
    pub use crate::optimizers::Optimizer;
    pub use crate::{Generator, Inference, Network, Trainable, Trainer, Training, evaluate, network};
}
