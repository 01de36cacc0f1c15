//! The receiver operating characteristic, and the area under it.

use nalgebra::{Dim, Matrix, RawStorage};
use thiserror::Error;

use crate::Real;

/// Why scores have no receiver operating characteristic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RocError {
    /// A score is NaN, which is neither above nor below a threshold.
    #[error("the score of sample {sample} is NaN, expected a number")]
    NotANumber {
        /// Which sample, from 0.
        sample: usize,
    },
    /// One of the two classes has no sample, so that one of the two rates is none.
    #[error("{positives} of {samples} samples are positive, expected at least one of either kind")]
    OneClass {
        /// How many are positive.
        positives: usize,
        /// How many there are.
        samples: usize,
    },
    /// A class has every sample or none.
    #[error("{positives} of {samples} samples are of class {class}, expected at least one of it and one of another")]
    Class {
        /// Which class.
        class: usize,
        /// How many samples are of it.
        positives: usize,
        /// How many there are.
        samples: usize,
    },
    /// A label is no class.
    #[error("sample {sample} has label {label}, which is out of range for {classes} classes")]
    Label {
        /// Which sample, from 0.
        sample: usize,
        /// Its label.
        label: u32,
        /// The classes: the outputs of a sample.
        classes: usize,
    },
    /// There are fewer than two classes to tell apart.
    #[error("{classes} outputs, expected at least 2: one for each class")]
    Classes {
        /// The outputs of a sample.
        classes: usize,
    },
}

/// The receiver operating characteristic of a score: how many of the positive samples, and how many of the negative ones, score at
/// least a threshold, for every threshold.
///
/// ```text
/// TPR(θ) = #{positive, score ≥ θ} / #{positive}        FPR(θ) = #{negative, score ≥ θ} / #{negative}
/// ```
///
/// There is one point for each different score, from the largest down, behind that of the threshold +∞ at the origin: equal scores
/// are one step, which is slanted. The area under the curve is the probability that a positive sample scores above a negative
/// one, a tie counting as half: `AUC = U / (P·N)` with the statistic U of Mann and Whitney (1947). It is computed in whole numbers
/// from the counts, so that ties are exact. Source: Fawcett, “An introduction to ROC analysis” (2006).
///
/// ```
/// use nn_runtime::metrics::RocCurve;
///
/// let roc = RocCurve::new(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true])?;
/// assert_eq!(roc.auc(), 0.75);
/// assert_eq!(roc.true_positive_rate(), [0.0, 0.5, 0.5, 1.0, 1.0]);
/// assert_eq!(roc.false_positive_rate(), [0.0, 0.0, 0.5, 0.5, 1.0]);
/// assert_eq!(roc.thresholds(), [f64::INFINITY, 0.8, 0.4, 0.35, 0.1]);
/// # Ok::<(), nn_runtime::metrics::RocError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RocCurve {
    thresholds: Vec<f64>,
    /// The positive and the negative samples that score at least each threshold.
    counts: Vec<[u64; 2]>,
}

impl RocCurve {
    /// The curve of a score of each sample, logit or probability, and whether the sample is positive.
    ///
    /// # Errors
    /// If a score is NaN, or all samples are positive or none is.
    ///
    /// # Panics
    /// If there is not one score for each sample.
    pub fn new<T: Real>(scores: &[T], positive: &[bool]) -> Result<Self, RocError> {
        assert_eq!(scores.len(), positive.len(), "there is not one score for each sample");
        let mut samples: Vec<_> = scores.iter().map(|score| score.to_f64()).zip(positive.iter().copied()).collect();
        if let Some(sample) = samples.iter().position(|(score, _)| score.is_nan()) {
            return Err(RocError::NotANumber { sample });
        }
        let positives = positive.iter().filter(|&&positive| positive).count();
        if positives == 0 || positives == positive.len() {
            return Err(RocError::OneClass { positives, samples: positive.len() });
        }
        samples.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(Self::of_sorted(&samples))
    }

    /// From samples whose scores fall. A zero equals a negative zero.
    fn of_sorted(samples: &[(f64, bool)]) -> Self {
        let (mut thresholds, mut counts) = (vec![f64::INFINITY], vec![[0; 2]]);
        let mut count = [0; 2];
        for ties in samples.chunk_by(|a, b| a.0 == b.0) {
            for &(_, positive) in ties {
                count[usize::from(!positive)] += 1;
            }
            thresholds.push(ties[0].0);
            counts.push(count);
        }
        Self { thresholds, counts }
    }

    /// The thresholds, from +∞ down.
    #[must_use]
    pub fn thresholds(&self) -> &[f64] {
        &self.thresholds
    }

    /// The share of the positive samples that score at least each threshold: the recall.
    #[must_use]
    pub fn true_positive_rate(&self) -> Vec<f64> {
        self.rate(0)
    }

    /// The share of the negative samples that score at least each threshold.
    #[must_use]
    pub fn false_positive_rate(&self) -> Vec<f64> {
        self.rate(1)
    }

    fn rate(&self, kind: usize) -> Vec<f64> {
        let all = self.all()[kind] as f64;
        self.counts.iter().map(|count| count[kind] as f64 / all).collect()
    }

    /// All samples, as those that score at least the last threshold.
    fn all(&self) -> [u64; 2] {
        self.counts[self.counts.len() - 1]
    }

    /// The area under the curve, from 0 to 1; ½ for scores that say nothing.
    #[must_use]
    pub fn auc(&self) -> f64 {
        let [positives, negatives] = self.all();
        let trapezoid = |pair: &[[u64; 2]]| u128::from(pair[1][1] - pair[0][1]) * u128::from(pair[0][0] + pair[1][0]);
        let twice: u128 = self.counts.windows(2).map(trapezoid).sum();
        twice as f64 / (2 * u128::from(positives) * u128::from(negatives)) as f64
    }
}

/// The area under the receiver operating characteristic of a score: see [`RocCurve`].
///
/// ```
/// use nn_runtime::metrics::roc_auc;
///
/// // Of six pairs of a positive and a negative sample four are in order, and one is a tie.
/// let auc = roc_auc(&[0.9_f32, 0.5, 0.5, 0.3, 0.2], &[true, true, false, true, false])?;
/// assert_eq!(auc, 4.5 / 6.0);
/// # Ok::<(), nn_runtime::metrics::RocError>(())
/// ```
///
/// # Errors
/// As [`RocCurve::new`].
///
/// # Panics
/// If there is not one score for each sample.
pub fn roc_auc<T: Real>(scores: &[T], positive: &[bool]) -> Result<f64, RocError> {
    Ok(RocCurve::new(scores, positive)?.auc())
}

/// The mean over the classes of the area for that class against all others: one column of outputs a sample, scored by the output of
/// the class. Each class counts alike (the macro average).
///
/// ```
/// use nalgebra::Matrix3x4;
/// use nn_runtime::metrics::roc_auc_one_vs_rest;
///
/// let outputs = Matrix3x4::new(
///     0.7, 0.2, 0.1, 0.4, // class 0 of four samples
///     0.2, 0.7, 0.1, 0.3, // class 1
///     0.1, 0.1, 0.8, 0.3, // class 2
/// );
/// let auc = roc_auc_one_vs_rest(&outputs, &[0, 1, 2, 1])?;
/// assert_eq!(auc, (1.0 + 1.0 + 1.0) / 3.0);
/// # Ok::<(), nn_runtime::metrics::RocError>(())
/// ```
///
/// # Errors
/// If there are fewer than two outputs, a label is no class, an output is NaN, or a class has every sample or none.
///
/// # Panics
/// If there are not as many labels as columns.
pub fn roc_auc_one_vs_rest<T: Real, O: Dim, B: Dim>(
    outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
    labels: &[u32],
) -> Result<f64, RocError> {
    assert_eq!(labels.len(), outputs.ncols(), "there is not one label for each column of outputs");
    let classes = outputs.nrows();
    if classes < 2 {
        return Err(RocError::Classes { classes });
    }
    if let Some(sample) = labels.iter().position(|&label| label as usize >= classes) {
        return Err(RocError::Label { sample, label: labels[sample], classes });
    }
    let mut sum = 0.0;
    for (class, row) in outputs.row_iter().enumerate() {
        let scores: Vec<T> = row.iter().copied().collect();
        let positive: Vec<bool> = labels.iter().map(|&label| label as usize == class).collect();
        sum += roc_auc(&scores, &positive).map_err(|error| match error {
            RocError::OneClass { positives, samples } => RocError::Class { class, positives, samples },
            other => other,
        })?;
    }
    Ok(sum / classes as f64)
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, Matrix3x2};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_area_is_the_statistic_of_mann_and_whitney(
            samples in proptest::collection::vec((0_u8..12, any::<bool>()), 2..60),
        ) {
            let scores: Vec<f64> = samples.iter().map(|(score, _)| f64::from(*score)).collect();
            let positive: Vec<bool> = samples.iter().map(|(_, positive)| *positive).collect();
            let of = |kind| samples.iter().filter(move |(_, positive)| *positive == kind).map(|(score, _)| *score);
            let pairs = of(true).count() * of(false).count();
            prop_assume!(pairs > 0);
            let twice: usize = of(true)
                .flat_map(|p| of(false).map(move |n| if p > n { 2 } else { usize::from(p == n) }))
                .sum();
            prop_assert_eq!(roc_auc(&scores, &positive).unwrap(), twice as f64 / (2 * pairs) as f64);
        }
    }

    #[test]
    fn equal_scores_are_one_step() {
        let roc = RocCurve::new(&[0.5_f32; 4], &[true, false, true, true]).unwrap();
        assert_eq!((roc.true_positive_rate(), roc.false_positive_rate()), (vec![0.0, 1.0], vec![0.0, 1.0]));
        assert_eq!(roc.auc(), 0.5);
        assert_eq!(roc_auc(&[0.0, -0.0], &[true, false]), Ok(0.5));
    }

    #[test]
    fn infinite_scores_have_an_order() {
        let scores = [f64::INFINITY, f64::NEG_INFINITY, 0.0];
        assert_eq!(roc_auc(&scores, &[true, false, false]), Ok(1.0));
    }

    #[test]
    fn errors() {
        let message = |scores: &[f64], positive: &[bool]| roc_auc(scores, positive).unwrap_err().to_string();
        assert_eq!(message(&[0.0, f64::NAN], &[true, false]), "the score of sample 1 is NaN, expected a number");
        let expected = "2 of 2 samples are positive, expected at least one of either kind";
        assert_eq!(message(&[0.0, 1.0], &[true, true]), expected);
        assert!(roc_auc::<f32>(&[], &[]).is_err());
        let error = roc_auc_one_vs_rest(&Matrix3x2::<f64>::zeros(), &[0, 1]).unwrap_err();
        let expected = "0 of 2 samples are of class 2, expected at least one of it and one of another";
        assert_eq!(error.to_string(), expected);
        let error = roc_auc_one_vs_rest(&DMatrix::<f64>::zeros(2, 3), &[0, 1, 2]).unwrap_err();
        assert_eq!(error.to_string(), "sample 2 has label 2, which is out of range for 2 classes");
        let error = roc_auc_one_vs_rest(&DMatrix::<f64>::zeros(1, 2), &[0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "1 outputs, expected at least 2: one for each class");
    }
}
