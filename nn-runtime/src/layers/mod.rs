//! Layers, one a file.

mod adaptive_avg_pool;
mod avg_pool;
mod batch_norm;
mod conv1d;
mod conv2d;
mod conv3d;
mod conv_transpose1d;
mod conv_transpose2d;
mod conv_transpose3d;
mod convolution;
mod crop;
mod dense;
mod dropout;
mod empty;
mod flatten;
mod global_pool;
mod group_norm;
mod input_gradient;
mod instance_norm;
mod layer_norm;
mod local_response_norm;
mod max_pool;
mod merges;
mod norm_settings;
mod pad;
mod subsample;
#[cfg(test)]
pub(crate) mod tests;
mod threshold;
mod upsample;

pub use adaptive_avg_pool::AdaptiveAvgPool2d;
pub use avg_pool::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d};
pub use batch_norm::{BatchNorm, BatchNormSettings, RunningStatistics};
pub use conv_transpose1d::ConvTranspose1d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv_transpose3d::ConvTranspose3d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use conv3d::Conv3d;
pub use crop::Crop;
pub use dense::Dense;
pub use dropout::{Dropout, Dropout2d, Noise};
pub use empty::Empty;
pub use flatten::Flatten;
pub use global_pool::{GlobalAvgPool, GlobalMaxPool};
pub use group_norm::GroupNorm;
pub use input_gradient::InputGradient;
pub use instance_norm::InstanceNorm;
pub use layer_norm::LayerNorm;
pub use local_response_norm::LocalResponseNorm;
pub use max_pool::{MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
pub use merges::{Add, Concat, Multiply, Repeat};
pub use norm_settings::NormSettings;
pub use pad::Pad;
pub use subsample::Subsample;
pub use threshold::Threshold;
pub use upsample::{Upsample, UpsampleMode};

/// What a layer's type says of itself: the runtime's side of what `network!` computes.
///
/// Each expansion has the compiler compare the two.
pub trait Layer {
    /// The shape that it takes.
    const INPUT: &'static [usize];
    /// The shape that it gives.
    const OUTPUT: &'static [usize];
    /// How many parameters it has.
    const PARAMS: usize;
    /// How many multiply-accumulates one sample costs.
    const MACS: usize;
}
