//! How good a network is on data that it need not have seen.

use core::fmt;

use nalgebra::{Const, DimName};

use super::observer::Score;
use super::{TrainError, check};
use crate::data::{Dataset, Target};
use crate::losses::Loss;
use crate::metrics::{ConfusionMatrix, Residuals};
use crate::validation::{Metric, Scores, Tally};
use crate::{CallingThread, Inference, Network, Pool, table};

/// How many samples are evaluated at a time.
const BATCH: usize = 192;

/// How good a network is on a data set. `Display` sets it beside its baseline.
///
/// ```
/// use nn_runtime::Evaluation;
/// use nn_runtime::metrics::ConfusionMatrix;
/// use nn_runtime::validation::Scores;
///
/// let mut confusion = ConfusionMatrix::new(2);
/// for (label, predicted) in [(0, 0), (0, 0), (1, 1), (1, 0)] {
///     confusion.record(label, Some(predicted));
/// }
/// let baseline = Scores { loss: 0.6931, accuracy: Some(0.5), mean_absolute_error: None, r2: None };
/// let evaluation = Evaluation { loss: 0.25, confusion: Some(confusion), residuals: None, baseline: Some(baseline) };
/// assert_eq!(evaluation.accuracy(), Some(0.75));
/// let lines = ["           model  baseline\n", "    loss  0.2500    0.6931\n", "accuracy  0.7500    0.5000\n"];
/// assert_eq!(evaluation.to_string(), lines.concat());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss.
    pub loss: f64,
    /// Which class was taken for which; for class labels and masks.
    pub confusion: Option<ConfusionMatrix>,
    /// How far the outputs are from values; for values.
    pub residuals: Option<Residuals>,
    /// What needs no input comes to on the same data: see [`Baseline`](crate::validation::Baseline). Fitted to those data
    /// themselves, unless it was replaced by [`against`](Self::against): no other class that is always answered is more accurate.
    /// Its loss is near the least of a constant answer, but need not be that: the frequencies of classes are smoothed, and the best
    /// constant for [`AbsoluteError`](crate::losses::AbsoluteError) is the median, where this is the mean. None for a network
    /// with several outputs.
    pub baseline: Option<Scores>,
}

impl Evaluation {
    /// The share of the samples (of masks, pixels) whose class was the largest output; for class labels and masks.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        self.confusion.as_ref().map(ConfusionMatrix::accuracy)
    }

    /// All in a few numbers.
    #[must_use]
    pub fn scores(&self) -> Scores {
        Scores {
            loss: self.loss,
            accuracy: self.accuracy(),
            mean_absolute_error: self.residuals.as_ref().map(Residuals::mean_absolute_error),
            r2: self.residuals.as_ref().map(Residuals::r2),
        }
    }

    /// The same beside another baseline, such as that of the training set, which a network on test data has to be measured
    /// by: `evaluation.against(Baseline::fit(&train)?.evaluate(&test, &loss)?)`.
    #[must_use]
    pub fn against(self, baseline: Scores) -> Self {
        Self { baseline: Some(baseline), ..self }
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scores = self.scores();
        let mut rows = vec![vec![String::new(), "model".into()]];
        rows[0].extend(self.baseline.map(|_| "baseline".into()));
        for metric in Metric::ALL {
            let Some(score) = scores.get(metric) else { continue };
            let mut row = vec![metric.to_string(), format!("{score:.4}")];
            row.extend(self.baseline.and_then(|baseline| baseline.get(metric)).map(|score| format!("{score:.4}")));
            rows.push(row);
        }
        table::write(f, &rows)
    }
}

impl From<Evaluation> for Score {
    fn from(evaluation: Evaluation) -> Self {
        evaluation.scores().into()
    }
}

impl From<Scores> for Score {
    fn from(scores: Scores) -> Self {
        Self { loss: scores.loss, accuracy: scores.accuracy }
    }
}

/// The mean loss of `net` on `data`, for class labels and masks the confusion matrix, for values the residuals of what the loss
/// takes the outputs for ([`Loss::predictions`]), and the baseline of the data.
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
    evaluate_in(&CallingThread, net, data, loss)
}

/// The same with the network's outputs computed on the threads of a pool; the numbers have the same bits.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_in<N, const I: usize, Y, O>(
    pool: &dyn Pool,
    net: &N,
    data: &Dataset<N::Scalar, I, Y>,
    loss: &O,
) -> Result<Evaluation, TrainError>
where
    N: Network<Input = Const<I>>,
    Y: Target,
    O: Loss<N::Scalar, Y::Element>,
{
    let tally = measure(pool, net, data, loss)?;
    let baseline = if N::OUTPUTS.len() == 1 {
        Some(Y::baseline(data.targets(), data.domain()).score(data, loss, N::Output::DIM)?)
    } else {
        None
    };
    Ok(Evaluation { loss: tally.loss(), confusion: tally.confusion, residuals: tally.residuals, baseline })
}

/// The same without the baseline, for those who have another or none.
pub(crate) fn measure<N, const I: usize, Y, O>(
    pool: &dyn Pool,
    net: &N,
    data: &Dataset<N::Scalar, I, Y>,
    loss: &O,
) -> Result<Tally, TrainError>
where
    N: Network<Input = Const<I>>,
    Y: Target,
    O: Loss<N::Scalar, Y::Element>,
{
    let outputs = N::Output::DIM;
    check(data, outputs)?;
    let mut work = Inference::<N>::new(BATCH.min(data.len())).threads(pool.threads());
    let mut tally = Tally::of_network::<N, Y>(outputs, data.domain());
    for batch in data.batches(BATCH) {
        work.run_in(pool, net, &batch.inputs);
        tally.add(loss, work.packed(), batch.targets)?;
    }
    Ok(tally)
}
