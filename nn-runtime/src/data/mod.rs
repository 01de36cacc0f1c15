//! Data to train and test on: files, data sets in memory, batches, augmentation, standardisation.

mod augment;
mod dataset;
mod idx;
mod mnist;
mod shuffled_batches;
mod standardiser;

pub use augment::Augment;
pub use dataset::{Batch, Dataset, DatasetError, Target};
pub use idx::{Idx, IdxError};
pub use mnist::{LabelledImages, TrainAndTest, idx_folder, mnist_folder};
pub use shuffled_batches::ShuffledBatches;
pub use standardiser::Standardiser;
