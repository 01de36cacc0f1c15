//! What the normalisations of single samples know when the program is compiled.

use crate::claims::Message;
use crate::geometry::Extent;

/// The settings of a [`LayerNorm`](super::LayerNorm), [`GroupNorm`](super::GroupNorm) or
/// [`InstanceNorm`](super::InstanceNorm).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormSettings {
    extent: Extent,
    pub(super) groups: usize,
    pub(super) eps: f64,
}

impl NormSettings {
    /// Of a layer normalisation: all values of a sample, or of each step of a sequence, together.
    #[must_use]
    pub const fn layer(extent: Extent, eps: f64) -> Self {
        Self { extent, groups: 1, eps }
    }

    /// Of a group normalisation.
    ///
    /// # Panics
    /// If the groups do not divide the channels: at compile time.
    #[must_use]
    pub const fn group(extent: Extent, groups: usize, eps: f64) -> Self {
        if groups == 0 || !extent.channels.is_multiple_of(groups) {
            let message = Message::new().number(groups).text(" groups do not divide ").number(extent.channels);
            message.text(" channels").panic();
        }
        Self { extent, groups, eps }
    }

    /// Of an instance normalisation: each channel by itself.
    #[must_use]
    pub const fn instance(extent: Extent, eps: f64) -> Self {
        Self { extent, groups: extent.channels, eps }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.extent
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.extent
    }

    /// How many values of scratch the forward pass needs.
    #[must_use]
    pub const fn inference_scratch(&self) -> usize {
        5 * self.extent.channels
    }

    /// How many values of scratch the passes of training need.
    #[must_use]
    pub const fn training_scratch(&self) -> usize {
        7 * self.extent.channels
    }
}
