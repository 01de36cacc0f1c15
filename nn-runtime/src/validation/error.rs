//! Why a validation stopped.

use thiserror::Error;

use crate::TrainError;
use crate::data::{DatasetError, SplitError};

/// Why a validation stopped.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// The data cannot be divided as asked.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The data are none.
    #[error(transparent)]
    Data(#[from] DatasetError),
    /// A training or an evaluation stopped.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Too few repetitions to say anything.
    #[error("{found} repetitions, expected at least {expected}")]
    Repeats {
        /// How many are needed.
        expected: usize,
        /// How many were asked for.
        found: usize,
    },
    /// A standard deviation of noise that is none.
    #[error("noise with the standard deviation {noise}, expected a finite number of at least 0")]
    Noise {
        /// The standard deviation.
        noise: f64,
    },
    /// The function that is to be predicted is not finite somewhere.
    #[error("the function is {value} at test point {point}, expected a finite number")]
    Function {
        /// Which test point, from 0.
        point: usize,
        /// The value.
        value: f64,
    },
    /// There is not one prediction for each point.
    #[error("{found} predictions for {expected} test points, expected one for each")]
    Predictions {
        /// How many points there are.
        expected: usize,
        /// How many predictions.
        found: usize,
    },
}
