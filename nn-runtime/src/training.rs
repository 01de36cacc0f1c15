//! The workspace of training: forward, loss, backward.

use core::fmt;

use nalgebra::{Dim, DimName, Dyn, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::kernels::Kernels;
use crate::layers::Noise;
use crate::losses::{Loss, TargetError};
use crate::plan::Arena;
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
        let samples = x.ncols();
        assert!(
            samples <= self.capacity,
            "this workspace was made for {} samples, but the batch has {samples}",
            self.capacity
        );
        self.samples = samples;
        let mean = N::Scalar::dispatch(Backprop { training: self, net, x: x.as_slice(), loss, targets })?;
        // Statistics of a batch whose loss is no number would stay for good.
        if samples > 0 && mean.to_f64().is_finite() {
            net.update_buffers(&self.gradient, samples);
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

    /// The network's outputs for the last batch.
    #[must_use]
    pub fn output(&self) -> MatrixView<'_, N::Scalar, N::Output, Dyn> {
        let output = &self.arena[N::OUTPUT.range(self.capacity, self.samples)];
        MatrixView::from_slice_generic(output, N::Output::name(), Dyn(self.samples))
    }

    /// The gradient of the last batch's mean loss with respect to the network's input, if the workspace was made
    /// [for it](Self::with_input_gradient).
    #[must_use]
    pub fn input_gradient(&self) -> Option<MatrixView<'_, N::Scalar, N::Input, Dyn>> {
        let d_input = self.d_input.as_deref()?;
        Some(MatrixView::from_slice_generic(
            &d_input[..N::Input::DIM * self.samples],
            N::Input::name(),
            Dyn(self.samples),
        ))
    }
}

/// One pass forward and back on one instruction set.
struct Backprop<'a, N: Trainable, O, Target> {
    training: &'a mut Training<N>,
    net: &'a N,
    x: &'a [N::Scalar],
    loss: &'a O,
    targets: &'a [Target],
}

impl<N: Trainable, Target, O: Loss<N::Scalar, Target>> Dispatch<N::Scalar> for Backprop<'_, N, O, Target> {
    type Output = Result<N::Scalar, TargetError>;

    #[inline]
    fn at<L: Kernels<N::Scalar>>(self, level: L) -> Self::Output {
        let Training { arena, scratch, gradient, d_input, capacity, samples, noise } = self.training;
        let mut arena = Arena::new(arena, *capacity, *samples);
        self.net.forward_training(level, self.x, &mut arena, scratch, gradient, *noise);
        let [y, d_y] = arena.views([N::OUTPUT, N::D_OUTPUT]);
        let loss = self.loss.forward_backward(level, y, self.targets, N::Output::DIM, d_y)?;
        let d_x = d_input.as_deref_mut().map(|d_x| &mut d_x[..self.x.len()]);
        self.net.backward(level, self.x, &mut arena, scratch, gradient, *noise, d_x);
        Ok(loss)
    }
}
