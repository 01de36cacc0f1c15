//! A network's loss over a whole data set, as a function of its parameters.

use core::fmt;

use nalgebra::{Const, DimName};

use super::descent::make_room;
use super::{Minimizer, Minimum, Watch};
use crate::data::{Dataset, Target};
use crate::losses::Loss;
use crate::regularizers::{Penalty, weights};
use crate::trainer::check;
use crate::{Buffer, CallingThread, Flow, Pool, Real, TensorInfo, TrainError, Trainable, Training, vector};

/// How many samples pass through the network at a time, unless it is set.
const BATCH: usize = 256;

/// The mean loss of a network over a whole data set, to be minimised by a full-batch method.
///
/// With θ the parameters, N the samples and P the [penalty](Self::penalty) on the weights, none unless it is set,
///
/// ```text
/// f(θ)  = 1/N·Σ loss(net(xᵢ), tᵢ) + P(θ)
/// ∇f(θ) = 1/N·Σ ∂loss/∂θ + ∂P/∂θ
/// ```
///
/// Samples pass through the network 256 at a time, always in the same order, so that memory does not grow with the data set; the loss is summed up in
/// `f64`, the gradient in the network's scalar.
///
/// A full-batch method compares values, and therefore needs a function of the parameters alone:
///
/// - Dropout drops the same values in every evaluation, so that what is minimised is the loss of one drawn network for
///   each sample.
/// - A network with running statistics, of batch normalisation, is refused: its loss also depends on which samples share a batch, and
///   each evaluation would move the statistics, those of rejected steps too.
///
/// ```
/// use nn_runtime::data::Dataset;
/// use nn_runtime::minimizers::{FullBatch, LBfgs};
/// # use nn_runtime::{TrainError, Trainable};
///
/// # fn fit<N: Trainable<Scalar = f32, Input = nalgebra::Const<2>>>(net: &mut N) -> Result<(), TrainError> {
/// # use nn_runtime::losses::MeanSquaredError;
/// let rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let data = Dataset::<f32, 2, [f32; 1]>::from_rows(&rows, &[[0.0], [1.0], [1.0], [0.0]]).expect("a data set");
/// let minimum = FullBatch::new(net, &data, MeanSquaredError).minimize(&mut LBfgs::new())?;
/// println!("{minimum}");
/// # Ok(())
/// # }
/// ```
pub struct FullBatch<'a, N: Trainable, const I: usize, Y: Target, O> {
    net: &'a mut N,
    data: &'a Dataset<N::Scalar, I, Y>,
    loss: O,
    penalty: Penalty,
    batch_size: usize,
    shards: usize,
    pool: &'a dyn Pool,
}

impl<N: Trainable, const I: usize, Y: Target, O> fmt::Debug for FullBatch<'_, N, I, Y, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the loss of {} over {} samples", N::NAME, self.data.len())
    }
}

impl<'a, N, const I: usize, Y, O> FullBatch<'a, N, I, Y, O>
where
    N: Trainable<Input = Const<I>>,
    Y: Target,
    O: Loss<N::Scalar, Y::Element>,
{
    /// The mean loss of `net` over `data`.
    #[must_use]
    pub fn new(net: &'a mut N, data: &'a Dataset<N::Scalar, I, Y>, loss: O) -> Self {
        Self { net, data, loss, penalty: Penalty::default(), batch_size: BATCH, shards: 1, pool: &CallingThread }
    }

    /// Adds a price on the size of the weights. A loss that has no minimum, as the cross-entropy of classes that can be told apart without
    /// an error, gets one by L2. L1 has a kink where a weight is 0, and these methods get stuck at kinks.
    #[must_use]
    pub fn penalty(self, penalty: Penalty) -> Self {
        Self { penalty, ..self }
    }

    /// How many samples pass through the network at a time: the memory of an evaluation, and how it rounds.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn batch_size(self, batch_size: usize) -> Self {
        assert!(batch_size > 0, "a batch holds at least one sample");
        Self { batch_size, ..self }
    }

    /// Divides each batch into so many parts, which may be computed on several threads: see [`Training`](crate::Training#shards). One
    /// unless it is set.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn shards(self, shards: usize) -> Self {
        assert!(shards > 0, "a batch has at least one shard");
        Self { shards, ..self }
    }

    /// Computes the loss on the threads of `pool`, which share the [shards](Self::shards) of a batch. The result has the same bits on any
    /// pool, and none.
    #[must_use]
    pub fn pool(self, pool: &'a dyn Pool) -> Self {
        Self { pool, ..self }
    }

    /// Brings the loss to a minimum; the network then has its parameters.
    ///
    /// # Errors
    /// If the data set is empty or does not fit the network or the loss, or the network has running statistics; the network is as it
    /// was then. A loss that is not finite is no error, but an [`Outcome`](super::Outcome).
    ///
    /// # Panics
    /// If the method refuses so many parameters, as [`Bfgs`](super::Bfgs) does.
    pub fn minimize(&mut self, method: &mut (impl Minimizer<N::Scalar> + ?Sized)) -> Result<Minimum, TrainError> {
        self.minimize_watched(method, &mut |_| Flow::Continue(()))
    }

    /// The same, and shows the start and each iteration to `watch`, which may end it.
    ///
    /// # Errors
    /// As [`minimize`](Self::minimize).
    ///
    /// # Panics
    /// As [`minimize`](Self::minimize).
    pub fn minimize_watched(
        &mut self,
        method: &mut (impl Minimizer<N::Scalar> + ?Sized),
        watch: &mut Watch<'_, N::Scalar>,
    ) -> Result<Minimum, TrainError> {
        check(self.data, N::Output::DIM)?;
        if N::BUFFERS_LEN > 0 {
            return Err(TrainError::RunningStatistics { network: N::NAME });
        }
        let mut training = Training::new(self.batch_size.min(self.data.len())).shards(self.shards);
        let mut point = Buffer::default();
        make_room(&mut point, self.net.params().len());
        point.copy_from_slice(self.net.params());
        let weights = weights::<N>();
        let mut error = None;
        let mut objective = |params: &[N::Scalar], gradient: &mut [N::Scalar]| {
            let value = self.evaluate(&mut training, &weights, params, gradient);
            value.unwrap_or_else(|found| {
                error = Some(found);
                f64::NAN
            })
        };
        let minimum = method.minimize_watched(&mut point, &mut objective, watch);
        self.net.params_mut().copy_from_slice(&point);
        error.map_or(Ok(minimum), Err)
    }

    /// The value at `params`, and the gradient there.
    fn evaluate(
        &mut self,
        training: &mut Training<N>,
        weights: &[TensorInfo],
        params: &[N::Scalar],
        gradient: &mut [N::Scalar],
    ) -> Result<f64, TrainError> {
        self.net.params_mut().copy_from_slice(params);
        training.reseed(0);
        gradient.fill(N::Scalar::nearest(0.0));
        let mut value = 0.0;
        for batch in self.data.batches(self.batch_size) {
            let targets = Y::elements(batch.targets);
            let mean = training.backprop_in(self.pool, self.net, &batch.inputs, &self.loss, targets)?;
            let share = batch.targets.len() as f64 / self.data.len() as f64;
            value += share * mean.to_f64();
            vector::axpy(N::Scalar::nearest(share), training.gradient().params(), gradient);
        }
        value += self.penalty.of_tensors(weights, params);
        self.penalty.add_gradient_of(weights, params, gradient);
        Ok(value)
    }
}
