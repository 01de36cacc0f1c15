//! Training over a data set, epoch after epoch, and what came of it.

mod checkpoint;
mod early_stopping;
mod evaluation;
mod history;
mod mixup;
mod observer;
mod random;
mod rate_range;
mod run;

pub use checkpoint::CheckpointError;
pub use early_stopping::EarlyStopping;
pub(crate) use evaluation::measure;
pub use evaluation::{Evaluation, evaluate, evaluate_in};
pub use history::History;
pub use observer::{Epoch, Observer, Progress, Score};
pub use rate_range::{RatePoint, RateRange, RateTest};

use std::path::PathBuf;

use core::fmt;
use core::ops::ControlFlow;

use nalgebra::{Const, DimName};
use thiserror::Error;

use crate::data::{Augment, Dataset, Target};
use crate::losses::{Loss, TargetError};
use crate::metrics::ConfusionMatrix;
use crate::optimizers::{GroupError, Optimizer};
use crate::regularizers::{MaxNorm, Penalty};
use crate::schedules::Schedule;
use crate::settings::positive;
use crate::validation::TargetKind;
use crate::{CallingThread, Network, Pool, Real, StateVisitor, Trainable};
use checkpoint::Stored;
use random::Random;
use run::Run;

/// Why a training or an evaluation stopped.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// There is nothing to learn from.
    #[error("the data set is empty")]
    Empty,
    /// A class has no output.
    #[error("the data set has {classes} classes, but the network has {outputs} outputs")]
    Classes {
        /// The classes of the data set.
        classes: usize,
        /// The outputs of the network; for masks, those of each place.
        outputs: usize,
    },
    /// A baseline was fitted to targets of another kind, or of fewer classes.
    #[error("the baseline is of {baseline}, but the targets are of {targets}")]
    Baseline {
        /// What it was fitted to.
        baseline: TargetKind,
        /// What the data set has.
        targets: TargetKind,
    },
    /// The targets do not fit the loss.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The images of the augmentation are no samples of the data set.
    #[error(
        "the augmentation is for images of {shape:?}, {} values, but a sample of the data set has {features}",
        shape.iter().product::<usize>()
    )]
    Augment {
        /// The shape of the augmentation's images, `[C, H, W]`.
        shape: [usize; 3],
        /// The features of a sample.
        features: usize,
    },
    /// The augmentation moves pixels, and their labels would stay where they are.
    #[error(
        "the augmentation shifts or flips images, but their masks would stay as they are: with masks only `noise` is possible"
    )]
    Masks,
    /// A full-batch method was to train a network whose loss is no function of its parameters alone.
    #[error(
        "`{network}` has running statistics, so that its loss depends on how the data set is split into batches: a full-batch \
         method cannot minimise it; train it by `Trainer`, or declare `layer_norm` or `group_norm` for `batch_norm`"
    )]
    RunningStatistics {
        /// The network.
        network: &'static str,
    },
    /// The optimiser's groups are those of another network.
    #[error("the optimiser's groups are those of `{made_for}`, but the network is `{network}`")]
    Optimizer {
        /// The network that the optimiser was made for.
        made_for: &'static str,
        /// The network that was to be trained.
        network: &'static str,
    },
    /// The parameters of the network cannot be divided into these groups: for functions that make an optimiser and train by it.
    #[error(transparent)]
    Groups(#[from] GroupError),
    /// A checkpoint could not be written, or is of another training.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The gradient cannot be clipped to a norm. The network has the parameters from before that batch, or with
    /// [`EarlyStopping`] those of the best epoch.
    #[error(
        "the norm of the gradient is not finite in epoch {epoch}, batch {batch}, though the loss is: it cannot be clipped"
    )]
    Gradient {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The batch, counted from 1.
        batch: usize,
    },
    /// The loss is no number any more. The network has the parameters from before that batch, or with [`EarlyStopping`] those of the
    /// best epoch.
    #[error(
        "the loss is {loss} in epoch {epoch}, batch {batch}: the training has diverged; a smaller learning rate, inputs of \
         similar size (`Standardiser`) or another initialiser may help"
    )]
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The batch, counted from 1.
        batch: usize,
        /// NaN or an infinity.
        loss: f64,
    },
}

/// Trains a network on a data set: shuffled batches, the mean loss of each, an update for each.
///
/// ```text
/// for epoch in 1..=epochs
///     shuffle
///     for each batch
///         random changes to its images, if there is an augmentation; mixup
///         gradient of the mean loss, by backpropagation
///         gradient of the penalty on the weights added; clipping
///         update of the parameters, by the optimiser, at the learning rate of the schedule; the largest norms
///     validation; early stopping; a checkpoint
/// ```
///
/// A new trainer with the same seed, data and network gives the same parameters, bit for bit, on one instruction set. From
/// one `fit` to the next the optimiser keeps its moments and the schedule its place, and the random numbers go on: two calls for
/// three epochs each are one call for six, to the last bit. (But early stopping begins anew in each.) For another network make
/// another trainer.
///
/// The buffers are made at the beginning of a `fit`; an epoch allocates nothing, but its validation and its checkpoint do, and a pool
/// may where work is handed to it from outside, as rayon's does now and then.
pub struct Trainer<'a, O, P> {
    loss: O,
    optimizer: P,
    batch_size: usize,
    shards: usize,
    pool: &'a dyn Pool,
    epochs: usize,
    random: Random,
    augment: Option<Augment>,
    mixup: Option<f64>,
    penalty: Option<Penalty>,
    clipping: Clipping,
    max_norm: Option<MaxNorm>,
    pace: Option<Pace<'a>>,
    place: Place,
    early_stopping: Option<EarlyStopping>,
    checkpoint: Option<PathBuf>,
    /// A checkpoint that the next `fit` goes on from.
    resumed: Option<Stored>,
    observers: Vec<Box<dyn Observer + 'a>>,
}

/// A schedule, and what its steps are.
struct Pace<'a> {
    schedule: Box<dyn Schedule + 'a>,
    by_batch: bool,
}

/// How far a trainer has come in its life.
#[derive(Clone, Copy, Default)]
struct Place {
    epochs: u64,
    batches: u64,
    /// The base learning rate, and the learning rate that the schedule made of it: if the optimiser has another one by now, that is
    /// the new base.
    base: f64,
    scheduled: f64,
}

impl Place {
    fn visit_state<T: Real>(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.count("epochs", &mut self.epochs);
        visitor.count("batches", &mut self.batches);
        visitor.number("base_learning_rate", &mut self.base);
        visitor.number("learning_rate", &mut self.scheduled);
    }
}

/// The limits of a gradient.
#[derive(Clone, Copy, Default)]
struct Clipping {
    value: Option<f64>,
    norm: Option<f64>,
}

impl<O: fmt::Debug, P: fmt::Debug> fmt::Debug for Trainer<'_, O, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trainer")
            .field("loss", &self.loss)
            .field("optimizer", &self.optimizer)
            .field("batch_size", &self.batch_size)
            .field("shards", &self.shards)
            .field("epochs", &self.epochs)
            .finish_non_exhaustive()
    }
}

impl<'a, O, P> Trainer<'a, O, P> {
    /// Batches of 32 samples, 10 epochs, seed 0, nobody watching, nothing else.
    #[must_use]
    pub fn new(loss: O, optimizer: P) -> Self {
        Self {
            loss,
            optimizer,
            batch_size: 32,
            shards: 1,
            pool: &CallingThread,
            epochs: 10,
            random: Random::seed(0),
            augment: None,
            mixup: None,
            penalty: None,
            clipping: Clipping::default(),
            max_norm: None,
            pace: None,
            place: Place::default(),
            early_stopping: None,
            checkpoint: None,
            resumed: None,
            observers: Vec::new(),
        }
    }

    /// How many samples an update is made from. With 1 it is stochastic gradient descent in the word's first sense, with as many
    /// as there are gradient descent.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn batch_size(self, batch_size: usize) -> Self {
        assert!(batch_size > 0, "a batch holds at least one sample");
        Self { batch_size, ..self }
    }

    /// Divides each batch into so many parts, which may be computed on several threads: see [`Training`](crate::Training#shards) for
    /// what that changes. One unless it is set.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn shards(self, shards: usize) -> Self {
        assert!(shards > 0, "a batch has at least one shard");
        Self { shards, ..self }
    }

    /// Trains and validates on the threads of `pool`. They share the [shards](Self::shards) of a batch, so that there should be at least
    /// as many of these; the result has the same bits on any pool, and none.
    ///
    /// ```
    /// use nn_runtime::losses::SoftmaxCrossEntropy;
    /// use nn_runtime::optimizers::Adam;
    /// use nn_runtime::{CallingThread, Pool, Trainer};
    ///
    /// fn trainer(pool: &dyn Pool) -> Trainer<'_, SoftmaxCrossEntropy, Adam<f32>> {
    ///     Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3)).batch_size(64).shards(4).pool(pool)
    /// }
    /// # let _ = trainer(&CallingThread);
    /// ```
    #[must_use]
    pub fn pool(self, pool: &'a dyn Pool) -> Self {
        Self { pool, ..self }
    }

    /// How often the whole data set is gone through.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// The seed of the order of the samples, of dropout, of augmentation and of mixup.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { random: Random::seed(seed), ..self }
    }

    /// Changes the images of each batch at random before the network learns from them. What it is validated on stays as it
    /// is.
    ///
    /// ```
    /// use nn_runtime::Trainer;
    /// use nn_runtime::data::Augment;
    /// use nn_runtime::losses::SoftmaxCrossEntropy;
    /// use nn_runtime::optimizers::Adam;
    ///
    /// let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::<f32>::new(1e-3))
    ///     .augment(Augment::images([1, 28, 28]).shift(2).flip_horizontal(0.5).noise(0.05));
    /// ```
    #[must_use]
    pub fn augment(self, augment: Augment) -> Self {
        Self { augment: Some(augment), ..self }
    }

    /// Trains on mixtures of two samples. For each batch a share λ is drawn from the beta distribution with both parameters
    /// `alpha`, commonly 0.1 to 0.4, and each sample is mixed with another one of the batch, that as far from its other end:
    ///
    /// ```text
    /// x ← λ·x_b + (1−λ)·x_(B−1−b)
    /// L = λ·L(y, t_b) + (1−λ)·L(y, t_(B−1−b))
    /// ```
    ///
    /// The accuracy of training compares with the first of both targets.
    ///
    /// Source: Zhang, Cissé, Dauphin and Lopez-Paz, “mixup: beyond empirical risk minimization” (2018).
    ///
    /// # Panics
    /// Unless `alpha` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn mixup(self, alpha: f64) -> Self {
        Self { mixup: Some(positive("alpha", alpha)), ..self }
    }

    /// Adds a price on the size of the weights to the loss. The losses that are reported do not contain it.
    ///
    /// ```
    /// use nn_runtime::Trainer;
    /// use nn_runtime::losses::SoftmaxCrossEntropy;
    /// use nn_runtime::optimizers::Sgd;
    /// use nn_runtime::regularizers::Penalty;
    ///
    /// let elastic = Penalty::l1(1e-4).and_l2(1e-3);
    /// let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::<f32>::new(0.1)).penalty(elastic).max_norm(3.0);
    /// ```
    #[must_use]
    pub fn penalty(self, penalty: Penalty) -> Self {
        Self { penalty: Some(penalty), ..self }
    }

    /// Keeps the norm of the weights that lead into each unit at most this large: see [`MaxNorm`].
    ///
    /// # Panics
    /// Unless `limit` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn max_norm(self, limit: f64) -> Self {
        Self { max_norm: Some(MaxNorm::new(limit)), ..self }
    }

    /// Clips each value of the gradient, the penalty's included, to `−limit … limit`: see
    /// [`clip_by_value`](crate::optimizers::clip_by_value). It comes before [`clip_norm`](Self::clip_norm).
    ///
    /// # Panics
    /// Unless `limit` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn clip_value(mut self, limit: f64) -> Self {
        self.clipping.value = Some(positive("the limit", limit));
        self
    }

    /// Scales the gradient, the penalty's included, so that its norm is at most this large: see
    /// [`clip_by_norm`](crate::optimizers::clip_by_norm).
    ///
    /// # Panics
    /// Unless `limit` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn clip_norm(mut self, limit: f64) -> Self {
        self.clipping.norm = Some(positive("the limit", limit));
        self
    }

    /// Changes the learning rate from epoch to epoch: the optimiser's own is the base of the schedule. One that the optimiser is
    /// given between two calls of `fit` is the base from then on.
    ///
    /// ```
    /// use nn_runtime::Trainer;
    /// use nn_runtime::losses::SoftmaxCrossEntropy;
    /// use nn_runtime::optimizers::Sgd;
    /// use nn_runtime::schedules::{Cosine, Schedule};
    ///
    /// let schedule = Cosine::new(45).warm_up(5);
    /// let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::<f32>::new(0.1)).epochs(50).schedule(schedule);
    /// ```
    #[must_use]
    pub fn schedule(self, schedule: impl Schedule + 'a) -> Self {
        Self { pace: Some(Pace { schedule: Box::new(schedule), by_batch: false }), ..self }
    }

    /// Changes the learning rate from batch to batch: the same, with a step for each batch.
    #[must_use]
    pub fn schedule_by_batch(self, schedule: impl Schedule + 'a) -> Self {
        Self { pace: Some(Pace { schedule: Box::new(schedule), by_batch: true }), ..self }
    }

    /// Ends a `fit` when the loss improves no more, and restores the best parameters.
    #[must_use]
    pub fn early_stopping(self, rule: EarlyStopping) -> Self {
        Self { early_stopping: Some(rule), ..self }
    }

    /// Writes a checkpoint after each epoch, from which [`resume`](Self::resume) goes on. The file is replaced in one step: when
    /// the program ends while it is written, the one before is still there, whole.
    #[must_use]
    pub fn checkpoint(self, path: impl Into<PathBuf>) -> Self {
        Self { checkpoint: Some(path.into()), ..self }
    }

    /// Goes on from a checkpoint: the next `fit` begins with the epoch behind those of the checkpoint, and ends with the network
    /// that it would have had without the stop, bit for bit. Network, trainer and data are to be made as they were before; an epoch
    /// that an observer stopped between two batches has left nothing, and begins again.
    ///
    /// The file is read and checked here, and compared by `fit` with the network, the state of the trainer's parts, the kinds of
    /// optimiser and loss, the size of a batch, its shards and the inputs of the data. Its learning rate and all else
    /// that a training changes replace what the optimiser has; what it does not change, the other settings, is the trainer's.
    ///
    /// # Errors
    /// If the file cannot be read, is cut short or is no checkpoint.
    pub fn resume(self, path: impl Into<PathBuf>) -> Result<Self, CheckpointError> {
        Ok(Self { resumed: Some(Stored::read(&path.into())?), ..self })
    }

    /// Lets `observer` follow the training: each batch, each epoch. It can end it. The progress bar of the crate
    /// `nn-progress` is one.
    #[must_use]
    pub fn observe(mut self, observer: impl Observer + 'a) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Calls `report` after each epoch.
    #[must_use]
    pub fn on_epoch(self, report: impl FnMut(&Epoch) + 'a) -> Self {
        self.observe(observer::Report(report))
    }

    /// The optimiser, with the moments that it has now.
    #[must_use]
    pub fn optimizer(&mut self) -> &mut P {
        &mut self.optimizer
    }

    /// Trains `net` on `data`.
    ///
    /// # Errors
    /// If the data do not fit the network or the loss, the loss stops being a number, or a checkpoint cannot be written or taken
    /// over.
    ///
    /// # Panics
    /// If the optimiser has the moments of a network of another size.
    pub fn fit<N, const I: usize, Y>(
        &mut self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
    ) -> Result<History, TrainError>
    where
        N: Trainable<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        self.run(net, data, None)
    }

    /// Trains `net` on `data`, and evaluates it on `validation` after each epoch.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    ///
    /// # Panics
    /// As [`fit`](Self::fit).
    pub fn fit_and_validate<N, const I: usize, Y>(
        &mut self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
        validation: &Dataset<N::Scalar, I, Y>,
    ) -> Result<History, TrainError>
    where
        N: Trainable<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        self.run(net, data, Some(validation))
    }

    fn run<N, const I: usize, Y>(
        &mut self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
        validation: Option<&Dataset<N::Scalar, I, Y>>,
    ) -> Result<History, TrainError>
    where
        N: Trainable<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        let history = Run::new(self, net, data, validation).and_then(|run| run.epochs(self, net));
        self.observers.iter_mut().for_each(|observer| observer.end());
        history
    }

    /// Whether the images that are to be changed are samples of so many features, and their labels remain true.
    fn check_augmentation(&self, features: usize, places: usize) -> Result<(), TrainError> {
        match &self.augment {
            Some(augment) if augment.features() != features => {
                Err(TrainError::Augment { shape: augment.shape(), features })
            }
            Some(augment) if places > 1 && augment.moves_pixels() => Err(TrainError::Masks),
            _ => Ok(()),
        }
    }

    fn progress(&self, epoch: usize, samples: usize, of: usize, loss: f64) -> Progress {
        Progress { epoch, epochs: self.epochs, samples, of, loss }
    }

    /// The learning rate of the batch that comes next.
    fn learning_rate<T: Real>(&mut self) -> f64
    where
        P: Optimizer<T>,
    {
        let Place { epochs, batches, base, scheduled } = &mut self.place;
        let Some(pace) = &self.pace else { return self.optimizer.learning_rate() };
        let current = self.optimizer.learning_rate();
        if *epochs + *batches == 0 || current != *scheduled {
            *base = current;
        }
        let step = if pace.by_batch { *batches } else { *epochs };
        *scheduled = *base * pace.schedule.factor(step as usize);
        *scheduled
    }
}

/// Tells every observer; whether one of them ends the training.
fn tell<'a>(observers: &mut [Box<dyn Observer + 'a>], mut event: impl FnMut(&mut dyn Observer) -> Flow) -> bool {
    let mut ended = false;
    for observer in observers {
        ended |= event(&mut **observer).is_break();
    }
    ended
}

/// A data set that a network of `outputs` outputs can be compared with.
pub(crate) fn check<T: Real, const I: usize, Y: Target>(
    data: &Dataset<T, I, Y>,
    outputs: usize,
) -> Result<(), TrainError> {
    if data.is_empty() {
        return Err(TrainError::Empty);
    }
    let outputs = outputs / Y::PLACES.max(1);
    match Y::classes(data.domain()) {
        Some(classes) if classes > outputs => Err(TrainError::Classes { classes, outputs }),
        _ => Ok(()),
    }
}

/// The confusion matrix for class labels and masks: of a network with one output, as several have no one class.
fn confusion_matrix<N: Network, Y: Target>(domain: Y::Domain) -> Option<ConfusionMatrix> {
    let classes = N::Output::DIM / Y::PLACES.max(1);
    Y::classes(domain).filter(|_| N::OUTPUTS.len() == 1).map(|_| ConfusionMatrix::new(classes))
}

/// Whether to go on.
pub type Flow = ControlFlow<()>;
