//! Does it generalise? How good a network is on what it has not seen, beside what needs no network.
//!
//! - [`Baseline`] knows only the targets: the majority class, or their mean. What a network must beat.
//! - [`CrossValidation`] holds out every sample once, and gives the mean and the spread over the folds.
//! - [`LearningCurve`] says whether more data would help.
//! - [`BiasVariance`] says whether what is wrong is bias, which a larger network lessens, or variance, which more data does.
//!
//! Nothing leaks: a network, its baseline and its [`Scaling`] see the samples that are trained on, never those held out.

mod baseline;
mod bias_variance;
mod cross_validation;
mod error;
mod learning_curve;
mod scaling;
mod scores;
mod spread;
mod tally;
mod target_kind;

pub use baseline::Baseline;
pub use bias_variance::{BiasVariance, BiasVarianceReport, Decomposition};
pub use cross_validation::{CrossValidation, CrossValidationReport, FoldResult};
pub use error::ValidationError;
pub use learning_curve::{LearningCurve, LearningCurveReport, LearningPoint};
pub use scaling::Scaling;
pub use scores::{Metric, Scores};
pub use spread::Spread;
pub(crate) use tally::Tally;
pub use target_kind::TargetKind;
