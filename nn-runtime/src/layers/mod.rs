//! Layers, one a file.

mod conv1d;
mod conv2d;
mod conv3d;
mod conv_transpose1d;
mod conv_transpose2d;
mod conv_transpose3d;
mod convolution;
mod dense;
mod empty;
mod flatten;

pub use conv_transpose1d::ConvTranspose1d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv_transpose3d::ConvTranspose3d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use conv3d::Conv3d;
pub use dense::Dense;
pub use empty::Empty;
pub use flatten::Flatten;

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
