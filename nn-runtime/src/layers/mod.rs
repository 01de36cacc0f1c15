//! Layers, one a file.

mod adaptive_avg_pool;
mod avg_pool;
mod batch_norm;
mod dense;
mod empty;
mod flatten;
mod global_pool;
mod max_pool;
mod noise;
#[cfg(test)]
mod tests;

pub use adaptive_avg_pool::AdaptiveAvgPool2d;
pub use avg_pool::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d};
pub use batch_norm::{BatchNorm, BatchNormSettings, RunningStatistics};
pub use dense::Dense;
pub use empty::Empty;
pub use flatten::Flatten;
pub use global_pool::{GlobalAvgPool, GlobalMaxPool};
pub use max_pool::{MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
pub use noise::Noise;

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
