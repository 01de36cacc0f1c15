//! Convolutions, their transposes and their gradients, of images that lie channels last.
//!
//! With the channels of a place contiguous, a convolution is a sum of matrix products, one a tap: vectors run along the
//! output channels, where the weight is contiguous, and the columns are places, whose channels are broadcast. Nothing is
//! copied into columns and nothing is padded: the sums of a tile stay in registers over all taps, and places are grouped
//! by which taps are inside of the image ([`segments`]).
//!
//! - [`Correlation`] is the forward pass of a convolution and of its transpose, and the gradient of the input of both.
//! - [`WeightGradient`] is the gradient of the weight of both.
//! - Where the geometry says so, [`winograd`] takes the place of the sums of a correlation.
//!
//! Source: Georganas et al., “Anatomy of high-performance deep learning convolutions on SIMD architectures”, 2018.

mod correlation;
mod planar;
mod segments;
#[cfg(test)]
mod tests;
mod tile;
mod weight_gradient;
mod winograd;

pub use correlation::Correlation;
pub use segments::Direction;
pub use weight_gradient::WeightGradient;

use crate::aligned;
use crate::geometry::{Convolution, Extent};

/// In which order a weight lies in memory; the taps, row-major, are outermost in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The weight of a convolution, `[taps][inputs / groups][outputs]`.
    Convolution,
    /// The weight of the transpose of the convolution, `[taps][outputs][inputs / groups]`.
    Transpose,
}

/// The distances between neighbours along the axes of an image, in values.
#[derive(Clone, Copy)]
struct Strides {
    sample: usize,
    axes: [usize; 3],
}

impl Strides {
    fn new(extent: Extent) -> Self {
        let [_, height, width] = extent.axes;
        let channels = extent.channels;
        Self { sample: extent.len(), axes: [height * width * channels, width * channels, channels] }
    }

    /// How many places a sample has.
    fn places(&self) -> usize {
        self.sample / self.axes[2]
    }
}

/// How deep a block is: a panel of it stays in the second cache while it meets every place.
const DEPTH: usize = 1152;

/// A panel is at most so many values tall, on any level.
const HEIGHT: usize = 64;

/// How many channels a block of a correlation has, which sums over so many channels and taps.
const fn block(channels: usize, taps: usize) -> usize {
    let most = if DEPTH / taps > 16 { DEPTH / taps } else { 16 };
    let blocks = channels.div_ceil(most);
    let even = channels.div_ceil(blocks).next_multiple_of(16);
    if even < channels { even } else { channels }
}

/// Room for one packed panel of a correlation over so many channels and taps.
const fn panel_scratch(channels: usize, taps: usize) -> usize {
    HEIGHT * (taps * block(channels, taps)).next_multiple_of(16) + HEIGHT * 16
}

impl Convolution {
    /// How many values of scratch a forward pass needs, of the convolution or of its transpose, whichever is greater; with
    /// room for the scale and the shift of a normalisation.
    #[must_use]
    pub const fn inference_scratch(&self) -> usize {
        let channels = if self.inputs > self.outputs { self.inputs } else { self.outputs };
        2 * aligned(channels) + self.correlation_scratch()
    }

    /// How many values of scratch a [`Correlation`] needs, in either direction.
    #[must_use]
    pub const fn correlation_scratch(&self) -> usize {
        let taps = self.window.taps();
        let forward = panel_scratch(self.inputs / self.groups, taps);
        let transposed = panel_scratch(self.outputs / self.groups, taps);
        let direct = if forward > transposed { forward } else { transposed };
        let winograd = self.winograd_scratch();
        if direct > winograd { direct } else { winograd }
    }

    /// How many values of scratch the forward and the backward pass need: the greater of what the convolution and its
    /// transpose do.
    #[must_use]
    pub const fn training_scratch(&self) -> usize {
        let correlation = self.inference_scratch();
        let gradient = weight_gradient::SCRATCH;
        if correlation > gradient { correlation } else { gradient }
    }

    /// Whether each channel sees only itself.
    const fn is_by_channel(&self) -> bool {
        self.groups == self.inputs && self.groups == self.outputs && self.groups > 1
    }

    /// How many samples there are.
    ///
    /// # Panics
    /// If the lengths do not fit the geometry.
    fn batch(&self, inputs: usize, outputs: usize, weight: usize) -> usize {
        let (input, output) = (self.input().len(), self.output().len());
        assert_eq!(weight, self.weights(), "the weight has the length that the geometry says");
        let batch = inputs / input;
        assert!(batch.checked_mul(input) == Some(inputs), "the input is whole samples of {input} values");
        assert!(batch.checked_mul(output) == Some(outputs), "the output is as many samples, of {output} values");
        batch
    }
}
