//! The key of what is random in a training step.

/// What makes a training step's random numbers: the same key gives the same numbers, so that the backward pass draws them
/// again instead of keeping them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noise {
    /// The seed of the training.
    pub seed: u64,
    /// How many steps came before.
    pub step: u64,
}
