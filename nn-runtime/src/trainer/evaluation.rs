//! How good a network is on data that it need not have seen.

use nalgebra::{Const, DimName, Dyn, MatrixView};

use super::observer::Score;
use super::{TrainError, check, confusion_matrix};
use crate::data::{Dataset, Target};
use crate::losses::{Loss, mean_loss};
use crate::metrics::ConfusionMatrix;
use crate::{Inference, Network, Real};

/// How many samples are evaluated at a time.
const BATCH: usize = 192;

/// How good a network is on a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss.
    pub loss: f64,
    /// Which class was taken for which; for class labels and masks.
    pub confusion: Option<ConfusionMatrix>,
}

impl Evaluation {
    /// The share of the samples (of masks, pixels) whose class was the largest output; for class labels and masks.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        self.confusion.as_ref().map(ConfusionMatrix::accuracy)
    }
}

impl From<Evaluation> for Score {
    fn from(evaluation: Evaluation) -> Self {
        Self { loss: evaluation.loss, accuracy: evaluation.accuracy() }
    }
}

/// The mean loss of `net` on `data`, and for class labels and masks the confusion matrix.
///
/// # Errors
/// If the data set is empty, or does not fit the network or the loss.
pub fn evaluate<N, const I: usize, Y, O>(
    net: &N,
    data: &Dataset<N::Scalar, I, Y>,
    loss: &O,
) -> Result<Evaluation, TrainError>
where
    N: Network<Input = Const<I>>,
    Y: Target,
    O: Loss<N::Scalar, Y::Element>,
{
    let outputs = N::Output::DIM;
    check(data, outputs)?;
    let mut work = Inference::<N>::new(BATCH.min(data.len()));
    let mut confusion = confusion_matrix::<N, Y>(data.domain());
    let mut sum = 0.0;
    for batch in data.batches(BATCH) {
        work.run(net, &batch.inputs);
        let mean = mean_loss(loss, work.packed(), Y::elements(batch.targets), outputs)?;
        if let Some(confusion) = &mut confusion {
            let y = MatrixView::from_slice_generic(work.packed(), N::Output::name(), Dyn(batch.targets.len()));
            Y::record(confusion, &y, batch.targets);
        }
        sum += mean.to_f64() * batch.targets.len() as f64;
    }
    Ok(Evaluation { loss: sum / data.len() as f64, confusion })
}
