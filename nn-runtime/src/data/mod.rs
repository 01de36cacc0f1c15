//! Data to train and test on: files, data sets in memory, batches, splits and folds, augmentation, standardisation.

mod augment;
mod dataset;
mod idx;
mod k_fold;
mod mnist;
mod shuffled_batches;
mod split_error;
mod standardiser;
mod strata;
mod stratified_split;

pub use augment::Augment;
pub use dataset::{Batch, Dataset, DatasetError, Target};
pub use idx::{Idx, IdxError};
pub use k_fold::{Fold, KFold, StratifiedKFold};
pub use mnist::{LabelledImages, TrainAndTest, idx_folder, mnist_folder};
pub use shuffled_batches::ShuffledBatches;
pub use split_error::SplitError;
pub use standardiser::Standardiser;
pub(crate) use strata::stratified_order;
