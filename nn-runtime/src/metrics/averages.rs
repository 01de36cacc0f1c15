//! Precision, recall and F₁ of each class and over all of them.

use super::ConfusionMatrix;

/// How the measures of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// Their mean: a rare class counts as much as a frequent one.
    Macro,
    /// The measure of all decisions together. Where every sample has a prediction, all three are the accuracy.
    Micro,
    /// Their mean weighted by the samples of each class; the recall is the accuracy.
    Weighted,
}

/// What a measure counts as in an average where it is nothing divided by nothing: the precision of a class that was never
/// predicted, the recall of one without a sample, the F₁ of one with neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZeroDivision {
    /// As 0: a class that a classifier never predicts counts against it.
    #[default]
    Zero,
    /// As 1.
    One,
    /// It is left out, with its weight; where every class is, the average is NaN.
    Skip,
}

/// Precision, recall and F₁ together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecallF1 {
    /// Of the samples predicted as a class, the share that is of it.
    pub precision: f64,
    /// Of the samples of a class, the share that was predicted as it.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

impl ConfusionMatrix {
    /// How many samples are of `class`.
    ///
    /// # Panics
    /// If it is no class.
    #[must_use]
    pub fn support(&self, class: usize) -> u64 {
        self.row(class).iter().sum()
    }

    /// `F₁ = 2·TP / (2·TP + FP + FN)`, the harmonic mean of [`precision`](Self::precision) and [`recall`](Self::recall) (van
    /// Rijsbergen, *Information Retrieval*, 1979), also named after Dice. NaN if no sample is of the class or predicted as it.
    ///
    /// ```
    /// use nn_runtime::metrics::ConfusionMatrix;
    ///
    /// let mut confusion = ConfusionMatrix::new(2);
    /// for (label, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1), (1, 0)] {
    ///     confusion.record(label, Some(predicted));
    /// }
    /// assert_eq!(confusion.f1(1), 2.0 * 2.0 / (2.0 * 2.0 + 1.0 + 1.0));
    /// ```
    ///
    /// # Panics
    /// If it is no class.
    #[must_use]
    pub fn f1(&self, class: usize) -> f64 {
        let correct = self.count(class, class) as f64;
        2.0 * correct / (self.support(class) + self.predicted(class)) as f64
    }

    /// Precision, recall and F₁ over all classes of the matrix, also those without a sample.
    ///
    /// A class whose measure is undefined counts as `zero_division` says; scikit-learn's `zero_division` of 0, 1 and `nan`. A
    /// sample without a prediction is missed by its own class and taken for no other. Over no sample every weight is 0, and
    /// what is weighted by it NaN.
    ///
    /// ```
    /// use nn_runtime::metrics::{Average, ConfusionMatrix, ZeroDivision};
    ///
    /// let mut confusion = ConfusionMatrix::new(3);
    /// for (label, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
    ///     confusion.record(label, Some(predicted));
    /// }
    /// // Class 2 has no sample and no prediction.
    /// let average = |average, zero_division| confusion.average(average, zero_division).recall;
    /// assert_eq!(average(Average::Macro, ZeroDivision::Zero), (2.0 / 3.0 + 1.0 + 0.0) / 3.0);
    /// assert_eq!(average(Average::Macro, ZeroDivision::Skip), (2.0 / 3.0 + 1.0) / 2.0);
    /// assert_eq!(average(Average::Micro, ZeroDivision::Zero), 3.0 / 4.0);
    /// assert_eq!(average(Average::Weighted, ZeroDivision::Zero), 3.0 / 4.0);
    /// ```
    #[must_use]
    pub fn average(&self, average: Average, zero_division: ZeroDivision) -> PrecisionRecallF1 {
        if average == Average::Micro {
            return self.micro(zero_division);
        }
        let mean = |of: fn(&Self, usize) -> f64| {
            let weight = |class| if average == Average::Macro { 1.0 } else { self.support(class) as f64 };
            let pairs =
                (0..self.classes()).filter_map(|class| Some((zero_division.of(of(self, class))?, weight(class))));
            let (sum, weights) =
                pairs.fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + value * weight, all + weight));
            sum / weights
        };
        PrecisionRecallF1 { precision: mean(Self::precision), recall: mean(Self::recall), f1: mean(Self::f1) }
    }

    /// All decisions together.
    fn micro(&self, zero_division: ZeroDivision) -> PrecisionRecallF1 {
        let sum = |of: &dyn Fn(usize) -> u64| (0..self.classes()).map(of).sum::<u64>() as f64;
        let correct = sum(&|class| self.count(class, class));
        let (predicted, all) = (sum(&|class| self.predicted(class)), self.total() as f64);
        let share = |value: f64| zero_division.of(value).unwrap_or(f64::NAN);
        PrecisionRecallF1 {
            precision: share(correct / predicted),
            recall: share(correct / all),
            f1: share(2.0 * correct / (predicted + all)),
        }
    }
}

impl ZeroDivision {
    /// A measure as it counts, if it does.
    fn of(self, measure: f64) -> Option<f64> {
        match self {
            _ if !measure.is_nan() => Some(measure),
            Self::Zero => Some(0.0),
            Self::One => Some(1.0),
            Self::Skip => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_every_sample_is_predicted_micro_and_weighted_recall_are_the_accuracy() {
        let mut confusion = ConfusionMatrix::new(3);
        for (label, predicted) in [(0, 0), (0, 2), (1, 1), (2, 0), (2, 2), (2, 2), (2, 1)] {
            confusion.record(label, Some(predicted));
        }
        let micro = confusion.average(Average::Micro, ZeroDivision::Zero);
        let accuracy = confusion.accuracy();
        assert_eq!((micro.precision, micro.recall, micro.f1), (accuracy, accuracy, accuracy));
        let weighted = confusion.average(Average::Weighted, ZeroDivision::Zero);
        assert!((weighted.recall - accuracy).abs() < 1e-15);
    }

    #[test]
    fn a_sample_without_a_prediction_is_missed() {
        let mut confusion = ConfusionMatrix::new(2);
        confusion.record(0, Some(0));
        confusion.record(0, None);
        let micro = confusion.average(Average::Micro, ZeroDivision::Zero);
        assert_eq!((micro.precision, micro.recall, micro.f1), (1.0, 0.5, 2.0 / 3.0));
        assert_eq!((confusion.support(0), confusion.f1(0)), (2, 2.0 / 3.0));
    }

    #[test]
    fn over_no_sample_nothing_is_defined() {
        let confusion = ConfusionMatrix::new(2);
        assert!(confusion.f1(0).is_nan());
        assert_eq!(confusion.average(Average::Macro, ZeroDivision::Zero).f1, 0.0);
        assert_eq!(confusion.average(Average::Micro, ZeroDivision::One).f1, 1.0);
        assert!(confusion.average(Average::Macro, ZeroDivision::Skip).f1.is_nan());
        assert!(confusion.average(Average::Weighted, ZeroDivision::Zero).f1.is_nan());
    }
}
