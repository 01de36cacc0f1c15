//! What can be answered without a look at the input.

use super::{Scores, Tally, TargetKind};
use crate::data::{Dataset, DatasetError, Target};
use crate::losses::{Loss, TargetError};
use crate::{Real, TrainError};

/// How many samples are scored at a time.
const BATCH: usize = 192;

/// The answer that never looks at the input, and so knows nothing but the targets that it was fitted to. A network that is no better
/// has learned nothing.
///
/// Of class labels and masks it is how often each class occurs. It predicts the most frequent class, the first of them if several
/// are; its outputs are the logits `ln p_c` with `p_c = (n_c + 1) / (n + C)` for the `n_c` of `n` samples of each of C classes
/// (the rule of succession, Laplace, 1814), so that a class that did not occur is improbable, and not impossible. Of values it is
/// their mean, or what [`Loss::output_for_mean`] makes of it: for logits that of a probability by the same rule.
///
/// ```
/// use nn_runtime::data::Dataset;
/// use nn_runtime::losses::{MeanSquaredError, SoftmaxCrossEntropy};
/// use nn_runtime::validation::Baseline;
///
/// let rows = [[0.0_f64], [1.0], [2.0], [3.0]];
/// let train = Dataset::<f64, 1, u32>::from_labelled_rows(&rows, &[1, 1, 1, 0], 2)?;
/// let test = Dataset::<f64, 1, u32>::from_labelled_rows(&rows[..2], &[1, 0], 2)?;
/// let baseline = Baseline::fit(&train)?;
/// assert_eq!(baseline.majority_class(), Some(1));
/// let scores = baseline.evaluate(&test, &SoftmaxCrossEntropy)?;
/// assert_eq!(scores.accuracy, Some(0.5));
/// assert!((scores.loss + ((2.0_f64 / 6.0).ln() + (4.0_f64 / 6.0).ln()) / 2.0).abs() < 1e-15);
///
/// let values = Dataset::<f64, 1, [f64; 1]>::from_rows(&rows, &[[1.0], [1.0], [3.0], [3.0]])?;
/// let baseline = Baseline::fit(&values)?;
/// assert_eq!(baseline.mean(), Some(&[2.0][..]));
/// let scores = baseline.evaluate(&values, &MeanSquaredError)?;
/// assert_eq!((scores.loss, scores.mean_absolute_error, scores.r2), (1.0, Some(1.0), Some(0.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// How often each class occurs.
    Classes(Vec<u64>),
    /// The mean of each value, and of how many samples it is.
    Values { mean: Vec<f64>, samples: usize },
}

impl Baseline {
    /// That of the targets of `data`, such as a training set.
    ///
    /// # Errors
    /// [`DatasetError::Empty`] if there is no sample.
    pub fn fit<T: Real, const I: usize, Y: Target>(data: &Dataset<T, I, Y>) -> Result<Self, DatasetError> {
        if data.is_empty() {
            return Err(DatasetError::Empty);
        }
        Ok(Y::baseline(data.targets(), data.domain()))
    }

    /// That of labels, each one of `0..classes`.
    ///
    /// # Panics
    /// If a label is no class.
    #[must_use]
    pub fn of_labels(labels: &[u32], classes: usize) -> Self {
        let mut counts = vec![0; classes];
        for &label in labels {
            counts[label as usize] += 1;
        }
        Self(Kind::Classes(counts))
    }

    /// That of samples of `O` values; NaN of none.
    #[must_use]
    pub fn of_values<T: Real, const O: usize>(values: &[[T; O]]) -> Self {
        let mean = |index: usize| values.iter().map(|sample| sample[index].to_f64()).sum::<f64>() / values.len() as f64;
        Self(Kind::Values { mean: (0..O).map(mean).collect(), samples: values.len() })
    }

    /// The most frequent class, the first of several; for class labels and masks.
    #[must_use]
    pub fn majority_class(&self) -> Option<usize> {
        let Kind::Classes(counts) = &self.0 else { return None };
        counts.iter().enumerate().rev().max_by_key(|(_, count)| **count).map(|(class, _)| class)
    }

    /// The mean of each value; for values.
    #[must_use]
    pub fn mean(&self) -> Option<&[f64]> {
        match &self.0 {
            Kind::Classes(_) => None,
            Kind::Values { mean, .. } => Some(mean),
        }
    }

    /// How good this answer is for every sample of `data`, which may be others than it was fitted to.
    ///
    /// # Errors
    /// If the data set is empty, has other targets than this was fitted to or more classes, or does not fit the loss.
    pub fn evaluate<T: Real, const I: usize, Y: Target>(
        &self,
        data: &Dataset<T, I, Y>,
        loss: &impl Loss<T, Y::Element>,
    ) -> Result<Scores, TrainError> {
        if data.is_empty() {
            return Err(TrainError::Empty);
        }
        let baseline = self.kind();
        match TargetKind::of::<Y>(data.domain()) {
            Some(targets) if !baseline.covers(targets) => Err(TrainError::Baseline { baseline, targets }),
            _ => Ok(self.score(data, loss, self.outputs(Y::PLACES))?),
        }
    }

    /// What it was fitted to.
    fn kind(&self) -> TargetKind {
        match &self.0 {
            Kind::Classes(counts) => TargetKind::Classes(counts.len()),
            Kind::Values { mean, .. } => TargetKind::Values(mean.len()),
        }
    }

    /// How many values its outputs for a sample are.
    fn outputs(&self, places: usize) -> usize {
        match &self.0 {
            Kind::Classes(counts) => counts.len() * places,
            Kind::Values { mean, .. } => mean.len(),
        }
    }

    /// The scores of outputs of `rows` values, all alike.
    pub(crate) fn score<T: Real, const I: usize, Y: Target>(
        &self,
        data: &Dataset<T, I, Y>,
        loss: &impl Loss<T, Y::Element>,
        rows: usize,
    ) -> Result<Scores, TargetError> {
        let column: Vec<T> = self.column(rows, Y::PLACES, |mean, samples| loss.output_for_mean(mean, samples));
        let outputs = column.repeat(BATCH.min(data.len()));
        let mut tally = Tally::new::<Y>(rows, data.domain());
        for batch in data.batches(BATCH) {
            tally.add(loss, &outputs[..rows * batch.targets.len()], batch.targets)?;
        }
        Ok(tally.scores())
    }

    /// The outputs for any sample: for classes the logit of each, once for each of its places.
    fn column<T: Real>(&self, rows: usize, places: usize, output: impl Fn(f64, usize) -> f64) -> Vec<T> {
        match &self.0 {
            Kind::Classes(counts) => {
                let places = places.max(1);
                let all = counts.iter().sum::<u64>() as f64 + (rows / places) as f64;
                let share = |class: usize| (counts.get(class).copied().unwrap_or(0) + 1) as f64 / all;
                (0..rows).map(|row| T::nearest(share(row / places).ln())).collect()
            }
            Kind::Values { mean, samples } => mean.iter().map(|&mean| T::nearest(output(mean, *samples))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{Const, Dyn, OMatrix};

    use super::*;
    use crate::losses::{BinaryCrossEntropyWithLogits, Hinge, PixelCrossEntropy, SoftmaxCrossEntropy, Weighted};

    fn values(targets: &[f64]) -> Dataset<f64, 1, [f64; 1]> {
        let rows: Vec<_> = targets.iter().map(|_| [0.0]).collect();
        let targets: Vec<_> = targets.iter().map(|&target| [target]).collect();
        Dataset::from_rows(&rows, &targets).unwrap()
    }

    #[test]
    fn of_equal_classes_the_first_is_the_majority() {
        assert_eq!(Baseline::of_labels(&[2, 1, 1, 2], 4).majority_class(), Some(1));
        assert_eq!(Baseline::of_labels(&[], 2).majority_class(), Some(0));
        assert_eq!(Baseline::of_values(&[[1.0]]).majority_class(), None);
    }

    #[test]
    fn a_class_that_did_not_occur_costs_much_and_not_everything() {
        let data = |labels: &[u32]| {
            let rows: Vec<_> = labels.iter().map(|_| [0.0]).collect();
            Dataset::<f64, 1, u32>::from_labelled_rows(&rows, labels, 3).unwrap()
        };
        let baseline = Baseline::fit(&data(&[0; 97])).unwrap();
        let scores = baseline.evaluate(&data(&[2]), &SoftmaxCrossEntropy).unwrap();
        assert_eq!(scores.accuracy, Some(0.0));
        assert!((scores.loss - 100.0_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn masks_count_by_place() {
        let inputs = OMatrix::<f64, Const<1>, Dyn>::from_vec(vec![0.0, 0.0]);
        let data = Dataset::<f64, 1, [u32; 4]>::from_masks(inputs, &[1, 1, 0, 1, 1, 1, 1, 0], 2).unwrap();
        let baseline = Baseline::fit(&data).unwrap();
        let scores = baseline.evaluate(&data, &PixelCrossEntropy::new(2)).unwrap();
        assert_eq!((baseline.majority_class(), scores.accuracy), (Some(1), Some(0.75)));
        let expected = -(0.75 * (7.0_f64 / 10.0).ln() + 0.25 * (3.0_f64 / 10.0).ln());
        assert!((scores.loss - expected).abs() < 1e-15);
    }

    #[test]
    fn logits_stand_for_the_mean_and_not_are_it() {
        let data = values(&[1.0, 0.0, 0.0, 0.0]);
        let baseline = Baseline::fit(&data).unwrap();
        let entropy = -(0.25 * (2.0_f64 / 6.0).ln() + 0.75 * (4.0_f64 / 6.0).ln());
        let scores = baseline.evaluate(&data, &Weighted::new(2.0, BinaryCrossEntropyWithLogits)).unwrap();
        assert!((scores.loss - 2.0 * entropy).abs() < 1e-15);
        let absolute = 0.25 * (4.0 / 6.0) + 0.75 * (2.0 / 6.0);
        assert!((scores.mean_absolute_error.unwrap() - absolute).abs() < 1e-15, "{scores:?}");
        let data = values(&[1.0, -1.0, -1.0, -1.0]);
        let scores = Baseline::fit(&data).unwrap().evaluate(&data, &Hinge).unwrap();
        assert_eq!((scores.loss, scores.mean_absolute_error, scores.r2), (2.0 / 4.0, None, None));
    }

    #[test]
    fn yes_and_no_are_two_classes() {
        let labels = [0, 0, 1, 0, 1];
        let data = Dataset::<f64, 1, u32>::from_labelled_rows(&[[0.0]; 5], &labels, 2).unwrap();
        let of_classes = Baseline::fit(&data).unwrap().evaluate(&data, &SoftmaxCrossEntropy).unwrap();
        let data = values(&labels.map(f64::from));
        let of_values = Baseline::fit(&data).unwrap().evaluate(&data, &BinaryCrossEntropyWithLogits).unwrap();
        assert!((of_classes.loss - of_values.loss).abs() < 1e-15);
    }

    #[test]
    fn an_answer_that_did_not_occur_costs_much_and_not_everything() {
        let baseline = Baseline::fit(&values(&[0.0; 98])).unwrap();
        let scores = baseline.evaluate(&values(&[1.0, 0.0]), &BinaryCrossEntropyWithLogits).unwrap();
        assert!((scores.loss - (100.0_f64.ln() - 0.99_f64.ln()) / 2.0).abs() < 1e-12, "{scores:?}");
        assert!((scores.mean_absolute_error.unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn distributions_are_counted_as_classes_are() {
        let targets = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]];
        let data = Dataset::<f64, 1, [f64; 3]>::from_rows(&[[0.0]; 2], &targets).unwrap();
        let scores = Baseline::fit(&data).unwrap().evaluate(&data, &SoftmaxCrossEntropy).unwrap();
        let [first, second, third] = [2.5_f64, 1.5, 1.0].map(|count| count / 5.0);
        let entropy = -(0.75 * first.ln() + 0.25 * second.ln());
        assert!((scores.loss - entropy).abs() < 1e-12, "{}", scores.loss);
        let absolute = ((1.0 - first) + (first - 0.5) + second + (0.5 - second) + 2.0 * third) / 6.0;
        assert!((scores.mean_absolute_error.unwrap() - absolute).abs() < 1e-12, "{scores:?}");
    }

    #[test]
    fn more_batches_than_one_are_one_mean() {
        let targets: Vec<f64> = (0..500).map(|k| f64::from(k % 2)).collect();
        let scores =
            Baseline::fit(&values(&targets)).unwrap().evaluate(&values(&targets), &crate::losses::MeanSquaredError);
        let scores = scores.unwrap();
        assert_eq!((scores.loss, scores.mean_absolute_error, scores.r2), (0.25, Some(0.5), Some(0.0)));
    }

    #[test]
    fn errors() {
        assert_eq!(Baseline::fit(&values(&[])), Err(DatasetError::Empty));
        let error = Baseline::of_values(&[[1.0]]).evaluate(&values(&[]), &Hinge).unwrap_err();
        assert_eq!(error, TrainError::Empty);
        let data = Dataset::<f64, 1, u32>::from_labelled_rows(&[[0.0]], &[2], 3).unwrap();
        let error = Baseline::of_labels(&[0, 1], 2).evaluate(&data, &SoftmaxCrossEntropy).unwrap_err();
        assert_eq!(error.to_string(), "the baseline is of 2 classes, but the targets are of 3 classes");
        let error = Baseline::of_values(&[[0.5, 0.25, 0.25]]).evaluate(&data, &SoftmaxCrossEntropy).unwrap_err();
        assert_eq!(error.to_string(), "the baseline is of 3 values, but the targets are of 3 classes");
        let error = Baseline::of_labels(&[0, 1], 2).evaluate(&values(&[1.0]), &Hinge).unwrap_err();
        let (baseline, targets) = (TargetKind::Classes(2), TargetKind::Values(1));
        assert_eq!(error, TrainError::Baseline { baseline, targets });
        let error = Baseline::of_values(&[[1.0, 1.0]]).evaluate(&values(&[1.0]), &Hinge).unwrap_err();
        assert_eq!(error.to_string(), "the baseline is of 2 values, but the targets are of 1 values");
    }
}
