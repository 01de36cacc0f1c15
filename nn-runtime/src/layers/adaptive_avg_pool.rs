//! Average pooling to a given size.

use crate::Real;
use crate::geometry::Extent;
use crate::kernels::{Average, AverageGradient, Kernels, Windows};

/// `adaptive_avg_pool2d([H′, W′])`: the means of H′×W′ bins that cover the image evenly, channel by channel.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]` |
/// | output | `[C, H′, W′]` |
///
/// No parameters. Bin `o` of an axis holds the inputs from `⌊o·H/H′⌋` up to `⌈(o + 1)·H/H′⌉`, so that neighbours share an
/// input where H′ does not divide H.
///
/// In `network!`: `adaptive_avg_pool2d([6, 6])`, `adaptive_avg_pool2d(7)`.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y` and `n(o)` the size of a bin:
///
/// ```text
/// y[c,o]   = 1/n(o) · Σ x[c,i] over the inputs i of bin o
/// d_x[c,i] = Σ d_y[c,o]/n(o) over the bins o that hold input i     [C,H′,W′] → [C,H,W]
/// ```
///
/// Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::AdaptiveAvgPool2d;
/// use nn_runtime::simd::Scalar;
///
/// const POOL: AdaptiveAvgPool2d = AdaptiveAvgPool2d::new(Extent { channels: 1, axes: [1, 1, 5] }, [1, 2]);
/// let mut y = [0.0; 2];
/// POOL.forward(Scalar, &[1.0, 2.0, 3.0, 4.0, 5.0], &mut y);
/// assert_eq!(y, [2.0, 4.0]);
/// ```
///
/// Source: the bins are those of PyTorch's `AdaptiveAvgPool2d`; the idea is of He et al., “Spatial pyramid pooling in deep
/// convolutional networks for visual recognition” (2014).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptiveAvgPool2d {
    windows: Windows,
    channels: usize,
}

impl AdaptiveAvgPool2d {
    /// From an image to one of so many rows and columns.
    #[must_use]
    pub const fn new(input: Extent, [height, width]: [usize; 2]) -> Self {
        let axes = [input.axes[0], height, width];
        Self { windows: Windows::Bins { input: input.axes, output: axes }, channels: input.channels }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.windows.input(self.channels)
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.windows.output(self.channels)
    }

    /// `y = Σ x / n` over each bin.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        level.average(Average { x, y, channels: self.channels, windows: &self.windows });
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, _: &[T], d_y: &[T], d_x: &mut [T]) {
        level.average_gradient(AverageGradient { d_y, d_x, channels: self.channels, windows: &self.windows });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};

    plain!(AdaptiveAvgPool2d);

    fn naive(pool: AdaptiveAvgPool2d, x: &[f64]) -> Vec<f64> {
        let ([_, height, width], [_, rows, columns]) = (pool.input().axes, pool.output().axes);
        let channels = pool.channels;
        let bin = |o: usize, input: usize, output: usize| o * input / output..((o + 1) * input).div_ceil(output);
        let mut y = Vec::new();
        for (h, w, c) in (0..rows).flat_map(|h| (0..columns).flat_map(move |w| (0..channels).map(move |c| (h, w, c)))) {
            let (bin_h, bin_w) = (bin(h, height, rows), bin(w, width, columns));
            let count = bin_h.len() * bin_w.len();
            let sum: f64 = bin_h.flat_map(|i| bin_w.clone().map(move |j| x[(i * width + j) * channels + c])).sum();
            y.push(sum / count as f64);
        }
        y
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        for channels in [1, 3, 16, 70] {
            for (axes, output) in [([1, 6, 4], [3, 2]), ([1, 7, 5], [3, 4]), ([1, 2, 3], [4, 3]), ([1, 5, 5], [1, 1])] {
                let pool = AdaptiveAvgPool2d::new(Extent { channels, axes }, output);
                check_plain(pool, |x| naive(pool, x));
            }
        }
    }
}
