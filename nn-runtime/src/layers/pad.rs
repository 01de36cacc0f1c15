//! A margin around an image.

use crate::Real;
use crate::geometry::Extent;
use crate::kernels::{Inset, Kernels};

/// `pad(n)`: an image with a margin of n places on each side, all of one value.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; a signal or a volume likewise |
/// | output | `[C, before + H + after, before + W + after]` |
///
/// No parameters. In `network!`: `pad(1)`, `pad([1, 2])` for one margin above and below and two at the sides,
/// `pad([1, 2], value = 0.0)`.
///
/// The gradient, with `L` the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[c,o]   = x[c,o − before] inside, value in the margin
/// d_x[c,i] = d_y[c,i + before]     [C,H′,W′] → [C,H,W]
/// ```
///
/// Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::Pad;
/// use nn_runtime::simd::Scalar;
///
/// const PAD: Pad = Pad::new(Extent { channels: 1, axes: [1, 1, 2] }, [0, 0, 2], [0, 0, 1], 9.0);
/// let mut y = [0.0; 5];
/// PAD.forward(Scalar, &[1.0, 2.0], &mut y);
/// assert_eq!(y, [9.0, 9.0, 1.0, 2.0, 9.0]);
/// ```
///
/// Source: PyTorch's `ConstantPad`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pad {
    inset: Inset,
    value: f64,
}

impl Pad {
    /// With so many places of `value` before and after along D, H, W.
    #[must_use]
    pub const fn new(input: Extent, before: [usize; 3], after: [usize; 3], value: f64) -> Self {
        Self { inset: Inset { small: input, before, after }, value }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.inset.small
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.inset.large()
    }

    /// The image within its margin.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T]) {
        self.inset.embed(x, y, T::nearest(self.value));
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, _: L, _: &[T], d_y: &[T], d_x: &mut [T]) {
        self.inset.extract(d_y, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};

    plain!(Pad);

    fn naive(layer: Pad, x: &[f64]) -> Vec<f64> {
        let (Extent { channels, axes }, [depth, height, width]) = (layer.input(), layer.output().axes);
        let mut y = Vec::new();
        for i in 0..depth * height * width * channels {
            let place = [i / (channels * width * height), i / (channels * width) % height, i / channels % width];
            let inside = (0..3).map(|a| place[a].checked_sub(layer.inset.before[a]).filter(|&i| i < axes[a]));
            let inside: Option<Vec<_>> = inside.collect();
            let at = |p: Vec<usize>| x[((p[0] * axes[1] + p[1]) * axes[2] + p[2]) * channels + i % channels];
            y.push(inside.map_or(layer.value, at));
        }
        y
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        for (channels, axes, before, after) in [
            (1, [1, 3, 4], [0, 1, 1], [0, 1, 1]),
            (3, [1, 2, 3], [0, 2, 0], [0, 0, 3]),
            (17, [2, 1, 2], [1, 0, 1], [0, 2, 0]),
            (2, [1, 1, 3], [0, 0, 0], [0, 0, 0]),
        ] {
            for value in [0.0, -1.5] {
                let layer = Pad::new(Extent { channels, axes }, before, after, value);
                check_plain(layer, |x| naive(layer, x));
            }
        }
    }
}
