//! Why a data set cannot be divided as asked.

use thiserror::Error;

/// Why a data set cannot be divided as asked.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A share is no positive number.
    #[error("part {part} has the share {share}, expected a number above 0 and at most 1")]
    Share {
        /// Which part, from 0.
        part: usize,
        /// Its share.
        share: f64,
    },
    /// The shares are more than the whole.
    #[error("the shares sum to {sum}, expected at most 1")]
    Sum {
        /// What they sum to.
        sum: f64,
    },
    /// A part has a share, but no sample.
    #[error(
        "part {part}, of the share {share}, has none of the {samples} samples: a larger share or more data is needed"
    )]
    EmptyPart {
        /// Which part, from 0.
        part: usize,
        /// Its share.
        share: f64,
        /// The samples of the data set.
        samples: usize,
    },
    /// Fewer than two folds leave nothing to train on.
    #[error("{folds} folds, expected at least 2: one to hold out and one to train on")]
    Folds {
        /// How many were asked for.
        folds: usize,
    },
    /// A fold would have no sample.
    #[error("{samples} samples cannot be held out in {folds} folds, expected at least one for each")]
    TooFewSamples {
        /// How many folds were asked for.
        folds: usize,
        /// The samples of the data set.
        samples: usize,
    },
    /// A subset would have no sample, or more than there are.
    #[error("a subset of {size} samples, expected 1 to {samples}")]
    Size {
        /// How many it should have.
        size: usize,
        /// The samples of the data set.
        samples: usize,
    },
}
