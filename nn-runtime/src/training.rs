//! The workspace of training: forward, loss, backward.

use core::fmt;

use nalgebra::{Dim, DimName, Dyn, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::kernels::Kernels;
use crate::layers::Noise;
use crate::losses::{Loss, TargetError};
use crate::plan::Arena;
use crate::ports::{self, Inputs, Losses, Port};
use crate::simd::Dispatch;
use crate::{Buffer, Real, Trainable};

/// The memory that training needs: the activations and gradients of the largest batch, and the gradient of the parameters,
/// which has the network's own type.
///
/// Made once, owned by the caller; a training step allocates nothing.
pub struct Training<N: Trainable> {
    arena: Buffer<N::Scalar>,
    scratch: Buffer<N::Scalar>,
    gradient: Box<N>,
    d_input: Option<Buffer<N::Scalar>>,
    /// The inputs of a batch, packed, if there are several.
    input: Buffer<N::Scalar>,
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
        Self {
            arena: Buffer::zeroed(N::TRAINING_SIZE.unwrap_or_default() * capacity),
            scratch: Buffer::zeroed(N::TRAINING_SCRATCH),
            gradient: N::zeroed_box(),
            d_input: None,
            input: Buffer::zeroed(if N::INPUTS.len() > 1 { N::Input::DIM * capacity } else { 0 }),
            capacity,
            samples: 0,
            noise: Noise::default(),
        }
    }

    /// The same, which also computes the gradient with respect to the network's input: see
    /// [`input_gradient`](Self::input_gradient).
    #[must_use]
    pub fn with_input_gradient(capacity: usize) -> Self {
        let d_input = Some(Buffer::zeroed(N::Input::DIM * capacity));
        Self { d_input, ..Self::new(capacity) }
    }

    /// The same, whose dropout draws from this seed instead of 0.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { noise: Noise { seed, step: 0 }, ..self }
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
        self.backprop_columns(net, x.as_slice(), x.ncols(), loss, targets)
    }

    /// The same for columns that lie one after another, with any losses and targets of the network.
    #[track_caller]
    pub(crate) fn backprop_columns<Targets>(
        &mut self,
        net: &mut N,
        x: &[N::Scalar],
        samples: usize,
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        self.begin(samples);
        if N::INPUTS.len() == 1 {
            return self.step(net, Some(x), losses, targets);
        }
        ports::pack(N::INPUTS, x, &mut self.input[..x.len()]);
        self.step(net, None, losses, targets)
    }

    /// Draws dropout from another seed from now on.
    pub(crate) fn reseed(&mut self, seed: u64) {
        self.noise = Noise { seed, step: 0 };
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
        if N::INPUTS.len() == 1 {
            return self.step(net, Some(inputs.port(0)), losses, targets);
        }
        for index in 0..N::INPUTS.len() {
            self.input[ports::packed(N::INPUTS, index, self.samples)].copy_from_slice(inputs.port(index));
        }
        self.step(net, None, losses, targets)
    }

    #[track_caller]
    fn begin(&mut self, samples: usize) {
        assert!(
            samples <= self.capacity,
            "this workspace was made for {} samples, but the batch has {samples}",
            self.capacity
        );
        self.samples = samples;
    }

    /// One pass forward and back, from `x`, or from the inputs that have been packed.
    fn step<Targets>(
        &mut self,
        net: &mut N,
        x: Option<&[N::Scalar]>,
        losses: &impl Losses<N, Targets>,
        targets: Targets,
    ) -> Result<N::Scalar, TargetError> {
        let mean = N::Scalar::dispatch(Backprop { training: self, net, x, losses, targets })?;
        // Statistics of a batch whose loss is no number would stay for good.
        if self.samples > 0 && mean.to_f64().is_finite() {
            net.update_buffers(&self.gradient, self.samples);
        }
        self.noise.step += 1;
        Ok(mean)
    }

    /// The gradient of the last batch's mean loss, parameter by parameter.
    #[must_use]
    pub fn gradient(&self) -> &N {
        &self.gradient
    }

    /// The same, to be changed before an optimiser uses it: clipped, or added to.
    #[must_use]
    pub fn gradient_mut(&mut self) -> &mut N {
        &mut self.gradient
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
        let packed = &self.arena[N::OUTPUT.range(self.capacity, self.samples)];
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
        let d_input = self.d_input.as_deref()?;
        Some(&d_input[ports::packed(N::INPUTS, index, self.samples)])
    }
}

/// One pass forward and back on one instruction set.
struct Backprop<'a, N: Trainable, O, Targets> {
    training: &'a mut Training<N>,
    net: &'a N,
    x: Option<&'a [N::Scalar]>,
    losses: &'a O,
    targets: Targets,
}

impl<N: Trainable, Targets, O: Losses<N, Targets>> Dispatch<N::Scalar> for Backprop<'_, N, O, Targets> {
    type Output = Result<N::Scalar, TargetError>;

    #[inline]
    fn at<L: Kernels<N::Scalar>>(self, level: L) -> Self::Output {
        let Training { arena, scratch, gradient, d_input, input, capacity, samples, noise } = self.training;
        let x = self.x.unwrap_or_else(|| &input[..N::Input::DIM * *samples]);
        let mut arena = Arena::new(arena, *capacity, *samples);
        self.net.forward_training(level, x, &mut arena, scratch, gradient, *noise);
        let [y, d_y] = arena.views([N::OUTPUT, N::D_OUTPUT]);
        let loss = self.losses.forward_backward(level, y, *samples, self.targets, d_y)?;
        let d_x = d_input.as_deref_mut().map(|d_x| &mut d_x[..x.len()]);
        self.net.backward(level, x, &mut arena, scratch, gradient, *noise, d_x);
        Ok(loss)
    }
}
