//! Training over a data set, epoch after epoch, and what came of it.

mod evaluation;
mod history;
mod observer;

pub use evaluation::{Evaluation, evaluate};
pub use history::History;
pub use observer::{Epoch, Observer, Progress, Score};

use std::time::Instant;

use core::fmt;
use core::ops::ControlFlow;

use nalgebra::{Const, DimName};
use thiserror::Error;

use crate::data::{Augment, Dataset, ShuffledBatches, Target};
use crate::initializers::Generator;
use crate::losses::{Loss, TargetError};
use crate::metrics::ConfusionMatrix;
use crate::optimizers::Optimizer;
use crate::{Network, Real, Trainable, Training};

/// Why a training or an evaluation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
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
    /// The loss is no number any more. The network has the parameters from before that batch.
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
///         random changes to its images, if there is an augmentation
///         gradient of the mean loss, by backpropagation
///         update of the parameters, by the optimiser
/// ```
///
/// A new trainer with the same seed, data and network gives the same parameters, bit for bit, on one instruction set. From
/// one `fit` to the next the optimiser keeps its moments and the order of the samples goes on, so that a training can be
/// continued: for another network make another trainer.
///
/// The buffers are made at the beginning of a `fit`; an epoch allocates nothing, but its validation does.
pub struct Trainer<'a, O, P> {
    loss: O,
    optimizer: P,
    batch_size: usize,
    epochs: usize,
    generator: Generator,
    /// Where each `fit` draws the seed of its dropout from.
    noise: Generator,
    augment: Option<Augment>,
    /// What the augmentation draws from.
    changes: Generator,
    observers: Vec<Box<dyn Observer + 'a>>,
}

impl<O: fmt::Debug, P: fmt::Debug> fmt::Debug for Trainer<'_, O, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trainer")
            .field("loss", &self.loss)
            .field("optimizer", &self.optimizer)
            .field("batch_size", &self.batch_size)
            .field("epochs", &self.epochs)
            .finish_non_exhaustive()
    }
}

impl<'a, O, P> Trainer<'a, O, P> {
    /// Batches of 32 samples, 10 epochs, seed 0, nobody watching.
    #[must_use]
    pub fn new(loss: O, optimizer: P) -> Self {
        let [generator, noise, changes] = generators(0);
        let (augment, observers) = (None, Vec::new());
        Self { loss, optimizer, batch_size: 32, epochs: 10, generator, noise, augment, changes, observers }
    }

    /// How many samples an update is made from.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn batch_size(self, batch_size: usize) -> Self {
        assert!(batch_size > 0, "a batch holds at least one sample");
        Self { batch_size, ..self }
    }

    /// How often the whole data set is gone through.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// The seed of the order of the samples, of dropout and of augmentation.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        let [generator, noise, changes] = generators(seed);
        Self { generator, noise, changes, ..self }
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
    /// If the data do not fit the network or the loss, or the loss stops being a number.
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
        let history = self.run(net, data, None);
        self.observers.iter_mut().for_each(|observer| observer.end());
        history
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
        let history = self.run(net, data, Some(validation));
        self.observers.iter_mut().for_each(|observer| observer.end());
        history
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
        check(data, N::Output::DIM)?;
        validation.map_or(Ok(()), |validation| check(validation, N::Output::DIM))?;
        self.check_augmentation(I, Y::PLACES)?;
        let mut training = Training::new(self.batch_size.min(data.len())).seed(self.noise.bits());
        let mut batches = ShuffledBatches::new(data, self.batch_size);
        let mut confusion = confusion_matrix::<N, Y>(data.domain());
        self.optimizer.prepare(N::LEN - N::BUFFERS_LEN);
        let mut history = History { epochs: Vec::with_capacity(self.epochs.min(MOST_RESERVED)) };
        for number in 1..=self.epochs {
            let (mut epoch, stopped) = self.epoch(number, net, &mut training, &mut batches, &mut confusion)?;
            epoch.validation = match validation {
                Some(validation) => Some(evaluate(net, validation, &self.loss)?.into()),
                None => None,
            };
            history.epochs.push(epoch);
            let ended = tell(&mut self.observers, |observer| observer.epoch(&epoch));
            if stopped || ended {
                break;
            }
        }
        Ok(history)
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

    /// One epoch, and whether an observer ended it.
    fn epoch<N, const I: usize, Y>(
        &mut self,
        number: usize,
        net: &mut N,
        training: &mut Training<N>,
        batches: &mut ShuffledBatches<'_, N::Scalar, I, Y>,
        confusion: &mut Option<ConfusionMatrix>,
    ) -> Result<(Epoch, bool), TrainError>
    where
        N: Trainable<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        let start = Instant::now();
        let mut sums = Sums::default();
        if let Some(confusion) = confusion.as_mut() {
            confusion.clear();
        }
        batches.shuffle(&mut self.generator);
        let mut stopped = false;
        while let Some(batch) = match &self.augment {
            Some(augment) => batches.next_augmented(augment, &mut self.changes),
            None => batches.next_batch(),
        } {
            let loss = training.backprop(net, &batch.inputs, &self.loss, Y::elements(batch.targets))?.to_f64();
            if !loss.is_finite() {
                return Err(TrainError::Diverged { epoch: number, batch: sums.batches + 1, loss });
            }
            self.optimizer.step(net.params_mut(), training.gradient().params());
            sums.add(loss, batch.targets.len());
            if let Some(confusion) = confusion.as_mut() {
                Y::record(confusion, &training.output(), batch.targets);
            }
            let of = batches.samples();
            let progress = Progress { epoch: number, epochs: self.epochs, samples: sums.samples, of, loss };
            stopped |= tell(&mut self.observers, |observer| observer.batch(&progress));
            if stopped {
                break;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        let accuracy = confusion.as_ref().map(ConfusionMatrix::accuracy);
        Ok((sums.epoch(number, self.epochs, accuracy, seconds), stopped))
    }
}

/// What an epoch adds up.
#[derive(Default)]
struct Sums {
    loss: f64,
    samples: usize,
    batches: usize,
}

impl Sums {
    fn add(&mut self, loss: f64, samples: usize) {
        self.loss += loss * samples as f64;
        self.samples += samples;
        self.batches += 1;
    }

    fn epoch(&self, number: usize, epochs: usize, accuracy: Option<f64>, seconds: f64) -> Epoch {
        let samples = self.samples as f64;
        Epoch { number, epochs, loss: self.loss / samples, accuracy, validation: None, samples: self.samples, seconds }
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

/// The generators of a seed: for the order of the samples, for dropout, and for augmentation. Each has a stream of its own, so
/// that one of them does not change the others.
fn generators(seed: u64) -> [Generator; 3] {
    [seed, !seed, seed ^ 1 << 63].map(Generator::seed)
}

/// How many epochs a history has room for at first.
const MOST_RESERVED: usize = 1024;

/// A data set that a network of `outputs` outputs can be compared with.
pub(crate) fn check<T: Real, const I: usize, Y: Target>(data: &Dataset<T, I, Y>, outputs: usize) -> Result<(), TrainError> {
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
