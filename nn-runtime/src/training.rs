//! The workspace of training: forward, loss, backward.

mod shard;
mod sharded;
mod statistics;

use core::fmt;

use nalgebra::{Dim, DimName, Dyn, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::kernels::Kernels;
use crate::layers::Noise;
use crate::losses::{Loss, TargetError};
use crate::ports::{self, Inputs, Losses, Port};
use crate::simd::Dispatch;
use crate::{Buffer, CallingThread, Pool, Real, Trainable};
use shard::Shard;
use sharded::Sharded;
use statistics::Statistics;

/// The memory that training needs: the activations and gradients of the largest batch, and the gradient of the parameters,
/// which has the network's own type.
///
/// Made once, owned by the caller; a training step allocates nothing.
///
/// # Shards
///
/// [`shards`](Self::shards) divides each batch into parts that can be computed on several threads, by
/// [`backprop_in`](Self::backprop_in). What a step gives depends on how many shards there are, and not on threads: it is the same,
/// bit for bit, on whatever threads they are computed. Against a batch in one piece
///
/// - outputs and the loss have the same bits, unless there is batch normalisation: the loss is that of all samples, and dropout draws for each the noise that it would draw
///   in the whole batch;
/// - gradients differ by rounding: that of the parameters is the sum of the shards', in their order;
/// - **batch normalisation takes the statistics of each shard**, not of the batch, as `DistributedDataParallel` of PyTorch does without
///   `SyncBatchNorm`, and Hoffer, Hubara and Soudry recommend for large batches (“Train longer, generalize better”, 2017, “ghost batch
///   normalization”). The running statistics move once, towards mean and variance of all samples of the batch.
///   A shard of one sample of a vector gives `beta`, whatever the sample: choose shards of several.
///
/// Each shard has a gradient of its own: memory for as many networks, and an addition of them for each step.
pub struct Training<N: Trainable> {
    /// At least one. The gradient of the batch is in the first.
    shards: Vec<Shard<N>>,
    /// How many shards the last batch had.
    active: usize,
    /// The outputs of the last batch and the gradient of the loss there, packed, if there are several shards.
    outputs: Buffer<N::Scalar>,
    d_outputs: Buffer<N::Scalar>,
    d_input: Option<Buffer<N::Scalar>>,
    /// The inputs of the batch, packed, if there are several inputs and several shards.
    input: Buffer<N::Scalar>,
    /// What is to be pooled after the passes of several shards.
    statistics: Vec<Statistics>,
    capacity: usize,
    samples: usize,
    noise: Noise,
}

impl<N: Trainable> fmt::Debug for Training<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Training::<{}> of up to {} samples", N::NAME, self.capacity)
    }
}

impl<N: Trainable> Training<N> {
    /// A workspace for batches of up to `capacity` samples.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with(capacity, 1, false)
    }

    /// The same, which also computes the gradient with respect to the network's input: see
    /// [`input_gradient`](Self::input_gradient).
    #[must_use]
    pub fn with_input_gradient(capacity: usize) -> Self {
        Self::with(capacity, 1, true)
    }

    /// Divides each batch into so many parts of consecutive samples, as large as each other or one sample apart. A batch of fewer
    /// samples has as many shards as samples. See [above](Self#shards) for what depends on it, and what does not.
    ///
    /// As many as there are threads is a good number, or twice as many, if the threads have other work too.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn shards(self, shards: usize) -> Self {
        assert!(shards > 0, "a batch has at least one shard");
        let with_input_gradient = self.shards[0].d_input.is_some();
        Self { noise: self.noise, ..Self::with(self.capacity, shards, with_input_gradient) }
    }

    fn with(capacity: usize, shards: usize, input_gradient: bool) -> Self {
        let divided = if shards > 1 { capacity } else { 0 };
        let packed = if N::INPUTS.len() > 1 { divided } else { 0 };
        Self {
            shards: (0..shards).map(|_| Shard::new(capacity.div_ceil(shards), input_gradient)).collect(),
            active: 1,
            outputs: Buffer::zeroed(N::OUTPUT.len * divided),
            d_outputs: Buffer::zeroed(N::OUTPUT.len * divided),
            d_input: (input_gradient && divided > 0).then(|| Buffer::zeroed(N::Input::DIM * divided)),
            input: Buffer::zeroed(N::Input::DIM * packed),
            statistics: if shards > 1 { statistics::of::<N>() } else { Vec::new() },
            capacity,
            samples: 0,
            noise: Noise::default(),
        }
    }

    /// The same, whose dropout draws from this seed instead of 0.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { noise: Noise::new(seed, 0), ..self }
    }

    /// How many samples a batch may have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Forward, loss and backward: gives the mean loss of the batch, and leaves the gradient of that mean in
    /// [`gradient`](Self::gradient).
    ///
    /// The parameters of `net` stay as they are; the running statistics of its batch normalisations, if it has some, move
    /// towards those of the batch.
    ///
    /// `targets` is what the loss asks for: a class index a sample, or as many values as the network gives, sample after
    /// sample. Targets of a data set with values are that by `as_flattened()`.
    ///
    /// A network with several inputs has all of a sample in a column of `x`, one behind the other. One with several outputs wants
    /// the losses that `network!` declares for it, or takes them by [`backprop_ports`](Self::backprop_ports).
    ///
    /// # Errors
    /// If the targets do not fit the batch or the loss.
    ///
    /// # Panics
    /// If `x` has more columns than the workspace was made for.
    #[track_caller]
    pub fn backprop<B: Dim, S, Target, O>(
        &mut self,
        net: &mut N,
        x: &Matrix<N::Scalar, N::Input, B, S>,
        loss: &O,
        targets: &[Target],
    ) -> Result<N::Scalar, TargetError>
    where
        S: RawStorage<N::Scalar, N::Input, B> + IsContiguous,
        O: Loss<N::Scalar, Target>,
    {
        self.begin(x.ncols());
        self.step_columns(&CallingThread, net, x.as_slice(), loss, targets)
    }

    /// The same with the [shards](Self::shards) of the batch on several threads, those of `pool`. The results have the same bits.
    ///
    /// The loss and what follows from it are computed on one thread, that of [`Pool::enter`]; the gradients of the shards are added
    /// up on all.
    ///
    /// ```
    /// use nn_runtime::losses::SoftmaxCrossEntropy;
    /// use nn_runtime::{Pool, Trainable, Training};
    ///
    /// fn steps<N: Trainable<Scalar = f32, Input = nalgebra::Const<64>>>(net: &mut N, pool: &dyn Pool) {
    ///     let mut training = Training::<N>::new(32).shards(4);
    ///     let x = nalgebra::SMatrix::<f32, 64, 32>::zeros();
    ///     let loss = training.backprop_in(pool, net, &x, &SoftmaxCrossEntropy, &[0_u32; 32]);
    ///     assert!(loss.is_ok());
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`backprop`](Self::backprop).
    ///
    /// # Panics
    /// As [`backprop`](Self::backprop).
    #[track_caller]
    pub fn backprop_in<B: Dim, S, Target: Sync, O>(
        &mut self,
        pool: &dyn Pool,
        net: &mut N,
        x: &Matrix<N::Scalar, N::Input, B, S>,
        loss: &O,
        targets: &[Target],
    ) -> Result<N::Scalar, TargetError>
    where
        S: RawStorage<N::Scalar, N::Input, B> + IsContiguous,
        O: Loss<N::Scalar, Target>,
    {
        let (x, samples) = (x.as_slice(), x.ncols());
        self.enter_columns(pool, net, x, samples, loss, targets)
    }

    /// The same for columns that lie one after another, with any losses and targets of the network.
    #[track_caller]
    pub(crate) fn enter_columns<Targets: Send>(
        &mut self,
        pool: &dyn Pool,
        net: &mut N,
        x: &[N::Scalar],
        samples: usize,
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        self.begin(samples);
        let pool = self.pool_for(pool);
        within(pool, || self.step_columns(pool, net, x, losses, targets))
    }

    fn step_columns<Targets>(
        &mut self,
        pool: &dyn Pool,
        net: &mut N,
        x: &[N::Scalar],
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        if N::INPUTS.len() == 1 {
            return self.step(pool, net, Some(x), losses, targets);
        }
        ports::pack(N::INPUTS, x, self.packed_input());
        self.step(pool, net, None, losses, targets)
    }

    /// Draws dropout from another seed from now on.
    pub(crate) fn reseed(&mut self, seed: u64) {
        self.noise = Noise::new(seed, 0);
    }

    /// The same for a network with several inputs or outputs: a batch of its inputs, and losses and targets for its outputs, those
    /// that are there in training alone too.
    ///
    /// # Errors
    /// If the targets do not fit the batch or the losses.
    ///
    /// # Panics
    /// If there are more samples than the workspace was made for, or an input has another number of values than they need.
    #[track_caller]
    pub fn backprop_ports<Targets>(
        &mut self,
        net: &mut N,
        inputs: &impl Inputs<N>,
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        ports::check_inputs(inputs);
        self.begin(inputs.samples());
        self.step_ports(&CallingThread, net, inputs, losses, targets)
    }

    /// The same with the shards of the batch on several threads, as by [`backprop_in`](Self::backprop_in).
    ///
    /// # Errors
    /// As [`backprop_ports`](Self::backprop_ports).
    ///
    /// # Panics
    /// As [`backprop_ports`](Self::backprop_ports).
    #[track_caller]
    pub fn backprop_ports_in<Targets: Send>(
        &mut self,
        pool: &dyn Pool,
        net: &mut N,
        inputs: &(impl Inputs<N> + Sync),
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        ports::check_inputs(inputs);
        self.begin(inputs.samples());
        let pool = self.pool_for(pool);
        within(pool, || self.step_ports(pool, net, inputs, losses, targets))
    }

    fn step_ports<Targets>(
        &mut self,
        pool: &dyn Pool,
        net: &mut N,
        inputs: &impl Inputs<N>,
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        if N::INPUTS.len() == 1 {
            return self.step(pool, net, Some(inputs.port(0)), losses, targets);
        }
        let samples = self.samples;
        let input = self.packed_input();
        for index in 0..N::INPUTS.len() {
            input[ports::packed(N::INPUTS, index, samples)].copy_from_slice(inputs.port(index));
        }
        self.step(pool, net, None, losses, targets)
    }

    /// Divides a batch.
    #[track_caller]
    fn begin(&mut self, samples: usize) {
        assert!(
            samples <= self.capacity,
            "this workspace was made for {} samples, but the batch has {samples}",
            self.capacity
        );
        self.samples = samples;
        self.active = self.shards.len().min(samples).max(1);
        if self.active == 1 {
            // A small network takes less time than a few divisions.
            self.shards[0].samples = 0..samples;
            return;
        }
        for (k, shard) in self.shards[..self.active].iter_mut().enumerate() {
            shard.samples = samples * k / self.active..samples * (k + 1) / self.active;
        }
    }

    /// The pool for the batch: to enter one with a single piece would be to wait for nothing.
    fn pool_for<'p>(&self, pool: &'p dyn Pool) -> &'p dyn Pool {
        if self.active == 1 { &CallingThread } else { pool }
    }

    /// Where several inputs of the batch are packed.
    fn packed_input(&mut self) -> &mut [N::Scalar] {
        let len = N::Input::DIM * self.samples;
        if self.active == 1 { &mut self.shards[0].input[..len] } else { &mut self.input[..len] }
    }

    /// One pass forward and back, from `x`, or from the inputs that have been packed.
    fn step<Targets>(
        &mut self,
        pool: &dyn Pool,
        net: &mut N,
        x: Option<&[N::Scalar]>,
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        let mean = if self.active == 1 {
            N::Scalar::dispatch(Backprop { shard: &mut self.shards[0], net, x, losses, targets, noise: self.noise })?
        } else {
            N::Scalar::dispatch(Sharded { training: self, pool, net, x, losses, targets })?
        };
        // Statistics of a batch whose loss is no number would stay for good.
        if self.samples > 0 && mean.to_f64().is_finite() {
            self.pool_statistics();
            net.update_buffers(&self.shards[0].gradient, self.samples);
        }
        self.noise.step += 1;
        Ok(mean)
    }

    /// Brings the statistics of the shards together in the gradient of the first.
    fn pool_statistics(&mut self) {
        let Some((first, others)) = self.shards[..self.active].split_first_mut() else { return };
        if others.is_empty() {
            return;
        }
        let others = others.iter().map(|shard| (shard.gradient.as_flat(), shard.samples.len()));
        for layer in &self.statistics {
            layer.pool(first.gradient.as_flat_mut(), first.samples.len(), &others);
        }
    }

    /// The gradient of the last batch's mean loss, parameter by parameter.
    #[must_use]
    pub fn gradient(&self) -> &N {
        &self.shards[0].gradient
    }

    /// The same, to be changed before an optimiser uses it: clipped, or added to.
    #[must_use]
    pub fn gradient_mut(&mut self) -> &mut N {
        &mut self.shards[0].gradient
    }

    /// The network's outputs for the last batch: those of its one output of inference, wherever that stands among the outputs of
    /// training. Several are given by [`port`](Self::port).
    ///
    /// # Panics
    /// If the network has several outputs in inference.
    #[must_use]
    #[track_caller]
    pub fn output(&self) -> MatrixView<'_, N::Scalar, N::Output, Dyn> {
        let [Port { name, .. }] = N::OUTPUTS else {
            panic!("`{}` has several outputs; `port` gives each of them", N::NAME);
        };
        let index = N::TRAINING_OUTPUTS.iter().position(|port| port.name == *name);
        let output = self.port(index.expect("an output of inference is one of training"));
        MatrixView::from_slice_generic(output, N::Output::name(), Dyn(self.samples))
    }

    /// The columns of an output for the last batch, one after the other: the output at this place in
    /// [`Trainable::TRAINING_OUTPUTS`].
    ///
    /// # Panics
    /// If the network has not so many outputs.
    #[must_use]
    #[track_caller]
    pub fn port(&self, index: usize) -> &[N::Scalar] {
        let packed = if self.active == 1 { self.shards[0].outputs() } else { &self.outputs };
        &packed[ports::packed(N::TRAINING_OUTPUTS, index, self.samples)]
    }

    /// The gradient of the last batch's mean loss with respect to the network's input, if the workspace was made
    /// [for it](Self::with_input_gradient). Several are given by [`input_gradient_port`](Self::input_gradient_port).
    ///
    /// # Panics
    /// If the network has several inputs.
    #[must_use]
    #[track_caller]
    pub fn input_gradient(&self) -> Option<MatrixView<'_, N::Scalar, N::Input, Dyn>> {
        assert!(N::INPUTS.len() == 1, "`{}` has several inputs; `input_gradient_port` gives each gradient", N::NAME);
        let d_input = self.input_gradient_port(0)?;
        Some(MatrixView::from_slice_generic(d_input, N::Input::name(), Dyn(self.samples)))
    }

    /// The same with respect to the input at this place in [`Network::INPUTS`](crate::Network::INPUTS), column after column.
    ///
    /// # Panics
    /// If the network has not so many inputs.
    #[must_use]
    #[track_caller]
    pub fn input_gradient_port(&self, index: usize) -> Option<&[N::Scalar]> {
        let d_input = if self.active == 1 { &self.shards[0].d_input } else { &self.d_input };
        let d_input = d_input.as_deref()?;
        Some(&d_input[ports::packed(N::INPUTS, index, self.samples)])
    }
}

/// What `work` gives, [entered](Pool::enter).
#[track_caller]
fn within<R: Send>(pool: &dyn Pool, work: impl FnOnce() -> R + Send) -> R {
    let (mut work, mut result) = (Some(work), None);
    pool.enter(&mut || {
        if let Some(work) = work.take() {
            result = Some(work());
        }
    });
    result.expect("a pool calls the work that is to enter it")
}

/// One pass forward and back of a batch in one piece, on one instruction set.
struct Backprop<'a, N: Trainable, O, Targets> {
    shard: &'a mut Shard<N>,
    net: &'a N,
    x: Option<&'a [N::Scalar]>,
    losses: &'a O,
    targets: Targets,
    noise: Noise,
}

impl<N: Trainable, Targets, O: Losses<N, Targets>> Dispatch<N::Scalar> for Backprop<'_, N, O, Targets> {
    type Output = Result<N::Scalar, TargetError>;

    #[inline]
    fn at<L: Kernels<N::Scalar>>(self, level: L) -> Self::Output {
        let Self { shard, net, x, losses, targets, noise } = self;
        let samples = shard.samples.len();
        let loss =
            shard.forward(level, net, x, noise, |y, d_y| losses.forward_backward(level, y, samples, targets, d_y))?;
        shard.backward(level, net, x, noise);
        Ok(loss)
    }
}
