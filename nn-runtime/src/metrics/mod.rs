//! How good a classifier is.

mod accuracy;
mod confusion_matrix;

pub use accuracy::{accuracy, predicted_class};
pub use confusion_matrix::ConfusionMatrix;
