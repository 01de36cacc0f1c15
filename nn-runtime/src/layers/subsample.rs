//! Some places of an image, and channels of zeros beside its own.

use crate::Real;
use crate::claims::Message;
use crate::geometry::Extent;
use crate::kernels::{CopyRows, Kernels};

/// `subsample(channels)`: every second place along each axis, with channels of zeros added.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; a signal or a volume likewise |
/// | output | `[channels, ⌈H/stride⌉, ⌈W/stride⌉]` |
///
/// No parameters: the shortcut of a residual network where its size changes. Half of the added channels lie before those
/// of the input and half behind; if they are odd in number, one more behind. In `network!`: `subsample(32)`,
/// `subsample(32, stride = 1)`, `subsample(32, stride = [1, 2])`.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y` and `before = ⌊(channels − C)/2⌋`:
///
/// ```text
/// y[c,o]   = x[c − before, o·stride] for the channels of the input, zero for the others
/// d_x[c,i] = d_y[c + before, i/stride] where the stride divides i, zero elsewhere     [channels,H′,W′] → [C,H,W]
/// ```
///
/// Cached: nothing. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::Subsample;
/// use nn_runtime::simd::Scalar;
///
/// // A row of three places with a channel each.
/// const SHORTCUT: Subsample = Subsample::new(Extent { channels: 1, axes: [1, 1, 3] }, 3, [1, 1, 2]);
/// let mut y = [9.0; 6];
/// SHORTCUT.forward(Scalar, &[1.0, 2.0, 3.0], &mut y);
/// assert_eq!(y, [0.0, 1.0, 0.0, 0.0, 3.0, 0.0]);
/// ```
///
/// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015), shortcuts of option A.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subsample {
    input: Extent,
    channels: usize,
    stride: [usize; 3],
}

/// A row of the places that are kept: where it begins in the large image, and in the small one.
struct Row {
    large: usize,
    small: usize,
}

impl Subsample {
    /// Every `stride`-th place along D, H, W, with so many channels.
    ///
    /// # Panics
    /// If there are fewer channels than the input has, or a stride is zero: at compile time.
    #[must_use]
    pub const fn new(input: Extent, channels: usize, stride: [usize; 3]) -> Self {
        if channels < input.channels {
            let message = Message::new().text("`subsample` adds channels: ").number(channels);
            message.text(" are fewer than the ").number(input.channels).text(" that arrive").panic();
        }
        assert!(stride[0] > 0 && stride[1] > 0 && stride[2] > 0, "a stride is at least 1");
        Self { input, channels, stride }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.input
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        let ([d, h, w], [along_d, along_h, along_w]) = (self.input.axes, self.stride);
        Extent { channels: self.channels, axes: [d.div_ceil(along_d), h.div_ceil(along_h), w.div_ceil(along_w)] }
    }

    /// The rows of so many samples.
    fn rows(&self, samples: usize) -> impl Iterator<Item = Row> {
        let Self { input, channels, stride } = *self;
        let ([_, height, width], [depth, rows, places]) = (input.axes, self.output().axes);
        let before = (channels - input.channels) / 2;
        (0..samples * depth * rows).map(move |row| {
            let (sample, d, h) = (row / (depth * rows), row / rows % depth, row % rows);
            let place = (d * stride[0] * height + h * stride[1]) * width;
            let large = sample * input.len() + place * input.channels;
            Row { large, small: row * places * channels + before }
        })
    }

    /// How many samples there are.
    ///
    /// # Panics
    /// If the images are not equally many.
    fn samples(&self, large: usize, small: usize) -> usize {
        let samples = large.checked_div(self.input.len()).unwrap_or(0);
        assert_eq!(large, samples * self.input.len(), "the input is whole samples");
        assert_eq!(small, samples * self.output().len(), "the output is as many samples");
        samples
    }

    /// The places that are kept, with zeros beside their channels.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        let Self { input: Extent { channels: width, .. }, channels, stride } = *self;
        if channels > width {
            y.fill(T::zero());
        }
        for Row { large, small } in self.rows(self.samples(x.len(), y.len())) {
            level.copy_rows(CopyRows {
                x: &x[large..],
                x_stride: stride[2] * width,
                y: &mut y[small..],
                y_stride: channels,
                width,
                rows: self.output().axes[2],
                accumulate: false,
            });
        }
    }

    /// Writes `d_x`; `x` is not read.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, _: &[T], d_y: &[T], d_x: &mut [T]) {
        let Self { input: Extent { channels: width, .. }, channels, stride } = *self;
        if stride != [1; 3] {
            d_x.fill(T::zero());
        }
        for Row { large, small } in self.rows(self.samples(d_x.len(), d_y.len())) {
            level.copy_rows(CopyRows {
                x: &d_y[small..],
                x_stride: channels,
                y: &mut d_x[large..],
                y_stride: stride[2] * width,
                width,
                rows: self.output().axes[2],
                accumulate: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};

    plain!(Subsample);

    fn naive(layer: Subsample, x: &[f64]) -> Vec<f64> {
        let Extent { channels, axes: [_, height, width] } = layer.input();
        let (output, [along_d, along_h, along_w]) = (layer.output(), layer.stride);
        let before = (output.channels - channels) / 2;
        let mut y = Vec::new();
        for (d, h) in (0..output.axes[0]).flat_map(|d| (0..output.axes[1]).map(move |h| (d, h))) {
            for (w, c) in (0..output.axes[2]).flat_map(|w| (0..output.channels).map(move |c| (w, c))) {
                let place = (d * along_d * height + h * along_h) * width + w * along_w;
                let channel = c.checked_sub(before).filter(|&c| c < channels);
                y.push(channel.map_or(0.0, |c| x[place * channels + c]));
            }
        }
        y
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        for (given, axes, channels, stride) in [
            (4, [1, 4, 4], 8, [1, 2, 2]),
            (1, [1, 5, 3], 1, [1, 2, 2]),
            (3, [1, 5, 4], 6, [1, 2, 3]),
            (2, [3, 2, 5], 5, [2, 1, 2]),
            (17, [1, 1, 7], 40, [1, 1, 2]),
            (6, [1, 3, 3], 9, [1, 1, 1]),
            (5, [1, 2, 2], 5, [1, 1, 1]),
            (16, [1, 1, 1], 32, [1, 2, 2]),
        ] {
            let layer = Subsample::new(Extent { channels: given, axes }, channels, stride);
            check_plain(layer, |x| naive(layer, x));
        }
    }

    /// As `F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, out/4, out/4))` of 16 channels that become 32.
    #[test]
    fn half_of_the_zeros_lie_before_the_channels() {
        const SHORTCUT: Subsample = Subsample::new(Extent { channels: 16, axes: [1, 1, 1] }, 32, [1, 2, 2]);
        let mut y = [f32::NAN; 32];
        SHORTCUT.forward(crate::simd::Scalar, &[1.0; 16], &mut y);
        assert!(y.iter().enumerate().all(|(c, y)| *y == f32::from(u8::from((8..24).contains(&c)))), "{y:?}");
    }

    #[test]
    #[should_panic(expected = "`subsample` adds channels: 4 are fewer than the 16 that arrive")]
    fn channels_are_not_taken_away() {
        let _ = Subsample::new(Extent { channels: 16, axes: [1, 4, 4] }, 4, [1, 2, 2]);
    }
}
