//! How good something is on a data set, in a few numbers.

use core::fmt;

/// What can be said of the outputs for a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The mean loss; the smaller, the better.
    Loss,
    /// The share of the samples (of masks, places) whose class was the largest output.
    Accuracy,
    /// The mean absolute error over all values; the smaller, the better.
    MeanAbsoluteError,
    /// The coefficient of determination, 1 at best.
    R2,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Loss, Self::Accuracy, Self::MeanAbsoluteError, Self::R2];

    /// Its name in a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::MeanAbsoluteError => "mean absolute error",
            Self::R2 => "R²",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How good outputs are on a data set: the loss, and by the kind of the targets the accuracy, or the absolute error and R².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The mean loss.
    pub loss: f64,
    /// The share of the samples (of masks, places) whose class was the largest output; for class labels and masks.
    pub accuracy: Option<f64>,
    /// The mean absolute error over all values; for values.
    pub mean_absolute_error: Option<f64>,
    /// The coefficient of determination: see [`Residuals`](crate::metrics::Residuals); for values.
    pub r2: Option<f64>,
}

impl Scores {
    /// One of them, if it is defined for the targets.
    ///
    /// ```
    /// use nn_runtime::validation::{Metric, Scores};
    ///
    /// let scores = Scores { loss: 0.25, accuracy: Some(0.9), mean_absolute_error: None, r2: None };
    /// assert_eq!(Metric::ALL.map(|metric| scores.get(metric)), [Some(0.25), Some(0.9), None, None]);
    /// ```
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Loss => Some(self.loss),
            Metric::Accuracy => self.accuracy,
            Metric::MeanAbsoluteError => self.mean_absolute_error,
            Metric::R2 => self.r2,
        }
    }
}
