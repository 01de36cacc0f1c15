//! An image made larger.

use crate::Real;
use crate::geometry::{Axis, Extent, Window};
use crate::kernels::{
    Average, AverageGradient, Divisor, Interpolate, InterpolateGradient, Interpolation, Kernels, Windows,
};

/// How an [`Upsample`] fills the places between those of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpsampleMode {
    /// With the value of the nearest place.
    #[default]
    Nearest,
    /// With the mean of the nearest places along each axis, weighted by how near they are.
    Bilinear {
        /// Whether the corner places of both images coincide; else the edges of the images do.
        align_corners: bool,
    },
}

/// `upsample(scale)`: an image `scale` times as high and wide.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; a signal or a volume likewise |
/// | output | `[C, scale·H, scale·W]` |
///
/// No parameters. In `network!`: `upsample(2)`, `upsample([2, 3])`,
/// `upsample(2, mode = bilinear, align_corners = false)`.
///
/// `nearest` repeats each value. `bilinear` takes, along each axis, output `o` from the position
/// `p = (o + ½)/scale − ½` of the input, not before the first place, or `p = o·(H − 1)/(scale·H − 1)` with
/// `align_corners`:
///
/// ```text
/// nearest:   y[c,o]   = x[c,⌊o/scale⌋]
///            d_x[c,i] = Σ d_y[c,o] over the o with ⌊o/scale⌋ = i
/// bilinear:  y[c,o]   = Σᵢ w(o,i)·x[c,i]     w(o,i) = max(0, 1 − |p(o) − i|), multiplied over the axes
///            d_x[c,i] = Σₒ w(o,i)·d_y[c,o]   [C,H′,W′] → [C,H,W]
/// ```
///
/// with `L` the loss and `d_y = ∂L/∂y`; beyond the last place its weight falls to it. Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::{Upsample, UpsampleMode};
/// use nn_runtime::simd::Scalar;
///
/// const LINE: Extent = Extent { channels: 1, axes: [1, 1, 2] };
/// let mut y = [0.0; 4];
/// Upsample::new(LINE, [1, 1, 2], UpsampleMode::Nearest).forward(Scalar, &[1.0, 5.0], &mut y);
/// assert_eq!(y, [1.0, 1.0, 5.0, 5.0]);
/// Upsample::new(LINE, [1, 1, 2], UpsampleMode::Bilinear { align_corners: false }).forward(Scalar, &[1.0, 5.0], &mut y);
/// assert_eq!(y, [1.0, 2.0, 4.0, 5.0]);
/// ```
///
/// Source: the positions are those of PyTorch's `Upsample`; Odena, Dumoulin and Olah, “Deconvolution and checkerboard
/// artifacts” (2016), on why one would use it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upsample {
    places: Interpolation,
    mode: UpsampleMode,
}

impl Upsample {
    /// From an image to one that is larger by `scale` along D, H, W.
    #[must_use]
    pub const fn new(input: Extent, scale: [usize; 3], mode: UpsampleMode) -> Self {
        let align_corners = matches!(mode, UpsampleMode::Bilinear { align_corners: true });
        Self { places: Interpolation { input, scale, align_corners }, mode }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.places.input
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.places.output()
    }

    /// Repeating values is the gradient of summing windows that stand side by side, and the other way round.
    #[inline]
    fn windows(&self) -> Windows {
        let (input, output, scale) = (self.input().axes, self.output().axes, self.places.scale);
        let axis = |a: usize| Axis {
            input: output[a],
            output: input[a],
            size: scale[a],
            stride: scale[a],
            dilation: 1,
            before: 0,
            after: 0,
        };
        Windows::Sliding(Window { axes: [axis(0), axis(1), axis(2)] }, Divisor::One)
    }

    /// The larger image.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        let channels = self.places.input.channels;
        match self.mode {
            UpsampleMode::Nearest => {
                level.average_gradient(AverageGradient { d_y: x, d_x: y, channels, windows: &self.windows() });
            }
            UpsampleMode::Bilinear { .. } => level.interpolate(Interpolate { x, y, places: &self.places }),
        }
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, _: &[T], d_y: &[T], d_x: &mut [T]) {
        let channels = self.places.input.channels;
        match self.mode {
            UpsampleMode::Nearest => {
                level.average(Average { x: d_y, y: d_x, channels, windows: &self.windows() });
            }
            UpsampleMode::Bilinear { .. } => {
                level.interpolate_gradient(InterpolateGradient { d_y, d_x, places: &self.places });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};

    plain!(Upsample);

    /// The weight of input `i` in output `o` along one axis.
    fn weight(layer: &Upsample, axis: usize, o: usize, i: usize) -> f64 {
        let (input, output) = (layer.input().axes[axis], layer.output().axes[axis]);
        let scale = layer.places.scale[axis] as f64;
        let position = match layer.mode {
            UpsampleMode::Nearest => return f64::from(u8::from(o / layer.places.scale[axis] == i)),
            UpsampleMode::Bilinear { align_corners: true } if output == 1 => 0.0,
            UpsampleMode::Bilinear { align_corners: true } => o as f64 * (input as f64 - 1.0) / (output as f64 - 1.0),
            UpsampleMode::Bilinear { align_corners: false } => (o as f64 + 0.5) / scale - 0.5,
        };
        (1.0 - (position.clamp(0.0, input as f64 - 1.0) - i as f64).abs()).max(0.0)
    }

    fn naive(layer: Upsample, x: &[f64]) -> Vec<f64> {
        let (Extent { channels, axes: [id, ih, iw] }, [od, oh, ow]) = (layer.input(), layer.output().axes);
        let mut y = vec![0.0; layer.output().len()];
        for o in 0..od * oh * ow {
            for i in 0..id * ih * iw {
                let along_d = weight(&layer, 0, o / (oh * ow), i / (ih * iw));
                let along_h = weight(&layer, 1, o / ow % oh, i / iw % ih);
                let product = along_d * along_h * weight(&layer, 2, o % ow, i % iw);
                for c in 0..channels {
                    y[o * channels + c] += product * x[i * channels + c];
                }
            }
        }
        y
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        let bilinear = |align_corners| UpsampleMode::Bilinear { align_corners };
        for mode in [UpsampleMode::Nearest, bilinear(false), bilinear(true)] {
            for (channels, axes, scale) in [
                (1, [1, 3, 4], [1, 2, 2]),
                (3, [1, 2, 3], [1, 3, 2]),
                (6, [1, 1, 5], [1, 1, 4]),
                (19, [1, 1, 1], [1, 2, 1]),
                (2, [2, 2, 1], [2, 1, 3]),
            ] {
                let layer = Upsample::new(Extent { channels, axes }, scale, mode);
                check_plain(layer, |x| naive(layer, x));
            }
        }
    }
}
