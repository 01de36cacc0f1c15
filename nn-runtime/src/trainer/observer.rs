//! Following a training while it runs.

use super::Flow;

/// Where a training is, after a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The epochs in all.
    pub epochs: usize,
    /// The samples of this epoch so far.
    pub samples: usize,
    /// The samples of an epoch.
    pub of: usize,
    /// The mean loss of the batch.
    pub loss: f64,
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Which one, counted from 1.
    pub number: usize,
    /// The epochs in all.
    pub epochs: usize,
    /// The mean loss over the samples, each at the time of its batch.
    pub loss: f64,
    /// The share of the samples (of masks, pixels) whose class was the largest output, each at the time of its batch; for class
    /// labels and masks.
    pub accuracy: Option<f64>,
    /// The network after the epoch, on the validation set, if there is one.
    pub validation: Option<Score>,
    /// How many samples it went through.
    pub samples: usize,
    /// How long it took, validation apart.
    pub seconds: f64,
    /// The learning rate of its last batch.
    pub learning_rate: f64,
}

/// How good a network is on a data set, in two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The mean loss.
    pub loss: f64,
    /// The share of the samples (of masks, pixels) whose class was the largest output; for class labels and masks.
    pub accuracy: Option<f64>,
}

impl Epoch {
    /// How fast it was.
    #[must_use]
    pub fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.seconds
    }
}

/// Something that follows a training: a progress bar, a log, a rule when to stop.
///
/// [`batch`](Self::batch) and [`epoch`](Self::epoch) may end the training; the network stays as it is then,
/// unless early stopping restores the best one.
///
/// To look at the network itself between epochs, call `fit` for one epoch after another: that is the same training, to the last
/// bit.
pub trait Observer {
    /// After a batch.
    fn batch(&mut self, progress: &Progress) -> Flow {
        let _ = progress;
        Flow::Continue(())
    }

    /// After an epoch and its validation.
    fn epoch(&mut self, epoch: &Epoch) -> Flow {
        let _ = epoch;
        Flow::Continue(())
    }

    /// When the training ends, also by an error.
    fn end(&mut self) {}
}

/// A function that is called after each epoch.
pub(super) struct Report<F>(pub F);

impl<F: FnMut(&Epoch)> Observer for Report<F> {
    fn epoch(&mut self, epoch: &Epoch) -> Flow {
        (self.0)(epoch);
        Flow::Continue(())
    }
}
