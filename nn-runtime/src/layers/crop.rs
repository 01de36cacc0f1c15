//! An image without its margin.

use crate::Real;
use crate::claims::Message;
use crate::geometry::Extent;
use crate::kernels::{Inset, Kernels};

/// `crop(n)`: an image without the outer n places of each side.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; a signal or a volume likewise |
/// | output | `[C, H − before − after, W − before − after]` |
///
/// No parameters. In `network!`: `crop(2)`, `crop([1, 2])` for one row above and below and two columns at the sides.
///
/// The gradient, with `L` the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[c,o]   = x[c,o + before]
/// d_x[c,i] = d_y[c,i − before] inside, zero in the margin     [C,H′,W′] → [C,H,W]
/// ```
///
/// Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::Crop;
/// use nn_runtime::simd::Scalar;
///
/// const CROP: Crop = Crop::new(Extent { channels: 1, axes: [1, 1, 5] }, [0, 0, 2], [0, 0, 1]);
/// let mut y = [0.0; 2];
/// CROP.forward(Scalar, &[9.0, 9.0, 1.0, 2.0, 9.0], &mut y);
/// assert_eq!(y, [1.0, 2.0]);
/// ```
///
/// Source: Ronneberger, Fischer and Brox, “U-Net: convolutional networks for biomedical image segmentation” (2015), whose
/// skip connections are cropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    inset: Inset,
}

impl Crop {
    /// Without so many places before and after along D, H, W.
    ///
    /// # Panics
    /// If nothing is left: at compile time.
    #[must_use]
    pub const fn new(input: Extent, before: [usize; 3], after: [usize; 3]) -> Self {
        let mut axes = input.axes;
        let mut axis = 0;
        while axis < 3 {
            let margin = before[axis] + after[axis];
            if margin >= axes[axis] {
                let message = Message::new().text("a margin of ").number(margin);
                message.text(" leaves nothing of ").number(axes[axis]).panic();
            }
            axes[axis] -= margin;
            axis += 1;
        }
        Self { inset: Inset { small: Extent { channels: input.channels, axes }, before, after } }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.inset.large()
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.inset.small
    }

    /// The image without its margin.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T]) {
        self.inset.extract(x, y);
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, _: L, _: &[T], d_y: &[T], d_x: &mut [T]) {
        self.inset.embed(d_y, d_x, T::zero());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};

    plain!(Crop);

    #[test]
    fn follows_its_definition_and_its_gradient() {
        for (channels, axes, before, after) in [
            (1, [1, 5, 4], [0, 1, 1], [0, 1, 1]),
            (3, [1, 4, 4], [0, 2, 0], [0, 0, 3]),
            (17, [3, 3, 3], [1, 0, 1], [0, 2, 0]),
            (2, [1, 1, 3], [0, 0, 0], [0, 0, 0]),
        ] {
            let layer = Crop::new(Extent { channels, axes }, before, after);
            check_plain(layer, |x| {
                let is_kept = |i: &usize| {
                    let place = [
                        i / (channels * axes[2] * axes[1]),
                        i / (channels * axes[2]) % axes[1],
                        i / channels % axes[2],
                    ];
                    (0..3).all(|a| (before[a]..axes[a] - after[a]).contains(&place[a]))
                };
                (0..x.len()).filter(is_kept).map(|i| x[i]).collect()
            });
        }
    }

    #[test]
    #[should_panic(expected = "a margin of 4 leaves nothing of 3")]
    fn something_is_left() {
        let _ = Crop::new(Extent { channels: 1, axes: [1, 5, 3] }, [0, 0, 2], [0, 0, 2]);
    }
}
