//! How good a classifier or a regression is.

mod accuracy;
mod averages;
mod confusion_matrix;
mod residuals;
mod roc;
mod top_k_accuracy;

pub use accuracy::{accuracy, predicted_class};
pub use averages::{Average, PrecisionRecallF1, ZeroDivision};
pub use confusion_matrix::ConfusionMatrix;
pub use residuals::Residuals;
pub use roc::{RocCurve, RocError, roc_auc, roc_auc_one_vs_rest};
pub use top_k_accuracy::top_k_accuracy;
