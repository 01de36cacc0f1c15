//! Layers, one a file.

mod dense;
mod empty;
mod flatten;
mod noise;

pub use dense::Dense;
pub use empty::Empty;
pub use flatten::Flatten;
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
