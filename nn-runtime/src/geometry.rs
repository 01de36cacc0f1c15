//! Where a window that slides over an image stands: the arithmetic of convolutions and pooling, one axis at a time.
//!
//! Everything runs at compile time: `network!` writes these values as constants. An image has the axes `[1, H, W]`, a
//! volume `[D, H, W]`, a signal `[1, 1, L]`, so that one set of kernels serves all three.
//!
//! Inside of a network the values of an image lie channels last, `[D, H, W, C]`, with the channels of a place contiguous;
//! its inputs, its outputs and flattened vectors are in `PyTorch`'s order, channels first.
//!
//! Source: Dumoulin and Visin, “A guide to convolution arithmetic for deep learning” (2016).

use crate::claims::Message;

/// The sizes of an image: its channels, and its axes, depth first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// C.
    pub channels: usize,
    /// D, H, W; 1 where there is no such axis.
    pub axes: [usize; 3],
}

impl Extent {
    /// How many places there are, D·H·W.
    #[must_use]
    pub const fn places(&self) -> usize {
        product(&self.axes)
    }

    /// How many values there are, C·D·H·W.
    ///
    /// # Panics
    /// If they are more than can be counted, as the number of places.
    #[must_use]
    pub const fn len(&self) -> usize {
        product(&[self.channels, self.places()])
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The product of sizes. Pointers rest on these: one that wraps would agree with a slice that is too short.
///
/// # Panics
/// If it is no `usize`.
const fn product(sizes: &[usize]) -> usize {
    let (mut product, mut i) = (1, 0);
    while i < sizes.len() {
        match usize::checked_mul(product, sizes[i]) {
            Some(more) => product = more,
            None => panic!("the sizes of an image or a weight are too large: their product is no `usize`"),
        }
        i += 1;
    }
    product
}

/// One axis of a sliding window.
///
/// Tap `t` of output `o` reads input `o·stride + t·dilation − before`; what lies outside of the input counts as zero (or,
/// for a maximum, as nothing).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// How many inputs there are.
    pub input: usize,
    /// How many outputs there are.
    pub output: usize,
    /// How many taps the window has.
    pub size: usize,
    /// From one output to the next.
    pub stride: usize,
    /// From one tap to the next.
    pub dilation: usize,
    /// Padding before the first input.
    pub before: usize,
    /// Padding behind the last.
    pub after: usize,
}

impl Axis {
    /// No window: an axis that is not there.
    pub const NONE: Self = Self { input: 1, output: 1, size: 1, stride: 1, dilation: 1, before: 0, after: 0 };

    /// The window stands wherever it fits: `⌊(input + padding − extent) / stride⌋ + 1` outputs, with an extent of
    /// `dilation·(size − 1) + 1`.
    ///
    /// # Panics
    /// If it fits nowhere, or if a size, a stride or a dilation is 0: at compile time.
    #[must_use]
    pub const fn new(input: usize, size: usize, stride: usize, dilation: usize, before: usize, after: usize) -> Self {
        check_steps(size, stride, dilation);
        let (padded, extent) = (input + before + after, dilation * (size - 1) + 1);
        if extent > padded {
            let message = Message::new().text("a kernel of extent ").number(extent);
            message.text(" is larger than its padded input of ").number(padded).panic();
        }
        Self { input, output: (padded - extent) / stride + 1, size, stride, dilation, before, after }
    }

    /// As [`new`](Self::new), but with a last window that reaches beyond the padded input, if it begins within the input or
    /// the padding before it: `ceil_mode`.
    ///
    /// # Panics
    /// If the window fits nowhere: at compile time.
    #[must_use]
    pub const fn ceil(input: usize, size: usize, stride: usize, dilation: usize, before: usize, after: usize) -> Self {
        let floor = Self::new(input, size, stride, dilation, before, after);
        let (padded, extent) = (input + before + after, dilation * (size - 1) + 1);
        let reaches_beyond = (padded - extent) % stride > 0 && floor.output * stride < input + before;
        Self { output: floor.output + reaches_beyond as usize, ..floor }
    }

    /// The axis of the convolution whose transpose takes `small` values: its `output` is `small`, and its `input` is
    /// `(small − 1)·stride − before − after + dilation·(size − 1) + output_padding + 1`, what the transpose gives.
    ///
    /// # Panics
    /// If nothing is left of it, if the padding of the output is as large as the stride and the dilation, or if a size, a
    /// stride or a dilation is 0: at compile time.
    #[must_use]
    pub const fn transposed(
        small: usize,
        size: usize,
        stride: usize,
        dilation: usize,
        before: usize,
        after: usize,
        output_padding: usize,
    ) -> Self {
        check_steps(size, stride, dilation);
        if output_padding >= stride && output_padding >= dilation {
            let message = Message::new().text("`output_padding` is smaller than the stride or the dilation, found ");
            message.number(output_padding).panic();
        }
        let whole = (small - 1) * stride + dilation * (size - 1) + output_padding + 1;
        if whole <= before + after {
            let message = Message::new().text("a padding of ").number(before + after);
            message.text(" leaves nothing of an output of ").number(whole).panic();
        }
        Self { input: whole - before - after, output: small, size, stride, dilation, before, after }
    }

    /// How many inputs the window reaches over.
    #[must_use]
    pub const fn extent(&self) -> usize {
        self.dilation * (self.size - 1) + 1
    }

    /// Whether there are three taps beside one another, and a place for each of them.
    const fn has_three_neighbours(&self) -> bool {
        self.size == 3 && self.stride == 1 && self.dilation == 1
    }

    /// Whether the window reads an input wherever it stands: the taps of a dilated one may all lie around a small image.
    const fn reads_everywhere(&self) -> bool {
        let mut output = 0;
        while output < self.output {
            let first = output * self.stride;
            let mut tap = 0;
            while tap < self.size {
                let place = first + tap * self.dilation;
                if place >= self.before && place - self.before < self.input {
                    break;
                }
                tap += 1;
            }
            if tap == self.size {
                return false;
            }
            output += 1;
        }
        true
    }
}

/// What a window is made of is at least 1.
const fn check_steps(size: usize, stride: usize, dilation: usize) {
    assert!(size > 0, "a window has at least one tap");
    assert!(stride > 0, "a stride is at least 1, found 0");
    assert!(dilation > 0, "a dilation is at least 1, found 0");
}

/// A window that slides over the axes of an image: what pooling has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Depth, height, width.
    pub axes: [Axis; 3],
}

impl Window {
    /// The window of a pool, which reads an input wherever it stands.
    ///
    /// # Panics
    /// If its padding is larger than half its extent, or if it stands somewhere without an input: at compile time.
    #[must_use]
    pub(crate) const fn of_pool(self) -> Self {
        let mut i = 0;
        while i < 3 {
            let axis = self.axes[i];
            let padding = if axis.before > axis.after { axis.before } else { axis.after };
            if padding > axis.extent() / 2 {
                let message = Message::new().text("the padding of a pool is at most half its window's ");
                message.number(axis.extent()).text(", found ").number(padding).panic();
            }
            assert!(axis.reads_everywhere(), "a window of this pool has no tap inside of the image");
            i += 1;
        }
        self
    }

    /// How many taps there are.
    #[must_use]
    pub const fn taps(&self) -> usize {
        product(&[self.axes[0].size, self.axes[1].size, self.axes[2].size])
    }

    /// Whether it stands on each place of an image, with three taps beside one another along height and width.
    const fn slides_by_one(&self) -> bool {
        let [depth, height, width] = self.axes;
        let is_image = depth.input == 1 && depth.output == 1 && depth.size == 1 && depth.before == 0;
        is_image && height.has_three_neighbours() && width.has_three_neighbours()
    }

    /// The sizes of what it slides over, with that many channels.
    #[must_use]
    pub const fn input(&self, channels: usize) -> Extent {
        Extent { channels, axes: [self.axes[0].input, self.axes[1].input, self.axes[2].input] }
    }

    /// The sizes of what it gives, with that many channels.
    #[must_use]
    pub const fn output(&self, channels: usize) -> Extent {
        Extent { channels, axes: [self.axes[0].output, self.axes[1].output, self.axes[2].output] }
    }
}

/// How a convolution is computed: forward, and backward to its input.
///
/// Winograd's algorithms cut an image into tiles of 2×2 or 4×4 outputs and need fewer multiplications, but add numbers of
/// different sizes. For inputs and weights that are normally distributed, the root mean square of the error in `f32` is, as a
/// part of that of the results:
///
/// | channels | definition | `Winograd2` | `Winograd4` |
/// |---:|---:|---:|---:|
/// | 16 | 2.0·10⁻⁷ | 1.8·10⁻⁷ | 4.9·10⁻⁷ |
/// | 64 | 4.1·10⁻⁷ | 2.7·10⁻⁷ | 7.7·10⁻⁷ |
/// | 256 | 8.6·10⁻⁷ | 4.9·10⁻⁷ | 1.5·10⁻⁶ |
/// | 512 | 1.2·10⁻⁶ | 7.4·10⁻⁷ | 2.1·10⁻⁶ |
///
/// In `f64` it is as much smaller as the type is finer.
///
/// [`Convolution::new`] takes one of them for windows of 3×3 that move by one place, without dilation or groups, where input and
/// output have at least 16 channels and the output at least 7×7 places: fewer channels fill no vector, and smaller images are met by too
/// few tiles for the transforms to pay. It is `Winograd4`, but `Winograd2` where fewer than 24 tiles of 4×4 meet a weight of more than
/// 16,384 channels by channels: such a weight is better transformed to 16 points than to 36. That was the fastest with vectors of 512
/// bits and several samples; a single sample of a small image may be faster by the definition.
///
/// The error of a value is relative to the largest of its tile, not to itself: beside large values, one that is exactly zero by
/// the definition may come out as a rounding of theirs. Each output of a tile reads all of the tile's inputs, so what is not finite
/// spreads over the tile, up to five places from where the window would have met it.
///
/// Sources: Winograd, “Arithmetic complexity of computations”, 1980; Lavin and Gray, “Fast algorithms for convolutional
/// neural networks”, 2016.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// By its definition.
    Direct,
    /// By Winograd's F(2×2, 3×3), in 16 multiplications for the 36 of the definition.
    Winograd2,
    /// By Winograd's F(4×4, 3×3), in 36 multiplications for the 144 of the definition.
    Winograd4,
}

impl Algorithm {
    /// The choice that the documentation of the type explains.
    const fn of(window: Window, inputs: usize, outputs: usize, groups: usize) -> Self {
        let [_, height, width] = window.axes;
        let is_open = groups == 1 && window.slides_by_one();
        if !is_open || inputs < 16 || outputs < 16 || height.output < 7 || width.output < 7 {
            return Self::Direct;
        }
        let tiles = height.output.div_ceil(4) * width.output.div_ceil(4);
        if tiles < 24 && inputs * outputs > 16_384 { Self::Winograd2 } else { Self::Winograd4 }
    }
}

/// A convolution: its window, its channels, its groups.
///
/// The transposed convolution has the geometry of the convolution whose transpose it is: it takes what that one gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Where the window stands.
    pub window: Window,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Into how many groups the channels are divided, each of which sees only itself.
    pub groups: usize,
    /// How it is computed.
    pub algorithm: Algorithm,
}

impl Convolution {
    /// The convolution with these axes, depth first.
    ///
    /// # Panics
    /// If the groups do not divide the channels: at compile time.
    #[must_use]
    pub const fn new(axes: [Axis; 3], inputs: usize, outputs: usize, groups: usize) -> Self {
        if !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            let message = Message::new().number(groups).text(" groups do not divide ").number(inputs);
            message.text(" inputs and ").number(outputs).text(" outputs").panic();
        }
        let window = Window { axes };
        Self { window, inputs, outputs, groups, algorithm: Algorithm::of(window, inputs, outputs, groups) }
    }

    /// The same convolution, computed by its definition.
    #[must_use]
    pub const fn direct(self) -> Self {
        Self { algorithm: Algorithm::Direct, ..self }
    }

    /// Whether it can be computed so.
    pub(crate) const fn takes(&self, algorithm: Algorithm) -> bool {
        matches!(algorithm, Algorithm::Direct) || self.groups == 1 && self.window.slides_by_one()
    }

    /// The same convolution, computed in a given way.
    ///
    /// ```
    /// use nn_runtime::geometry::{Algorithm, Axis, Convolution};
    ///
    /// let axis = Axis::new(32, 3, 1, 1, 1, 1);
    /// let convolution = Convolution::new([Axis::NONE, axis, axis], 16, 16, 1);
    /// assert_eq!(convolution.algorithm, Algorithm::Winograd4);
    /// assert_eq!(convolution.by(Algorithm::Winograd2).algorithm, Algorithm::Winograd2);
    /// assert_eq!(convolution.direct().algorithm, Algorithm::Direct);
    /// ```
    ///
    /// # Panics
    /// If that way is not open to it.
    #[must_use]
    pub const fn by(self, algorithm: Algorithm) -> Self {
        assert!(
            self.takes(algorithm),
            "Winograd's algorithms are for images, a kernel of 3×3, and a stride, a dilation and groups of 1"
        );
        Self { algorithm, ..self }
    }

    /// The sizes of what the convolution takes, and its transpose gives.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.window.input(self.inputs)
    }

    /// The sizes of what the convolution gives, and its transpose takes.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.window.output(self.outputs)
    }

    /// How many weights there are.
    #[must_use]
    pub const fn weights(&self) -> usize {
        product(&[self.window.taps(), self.inputs / self.groups, self.outputs])
    }

    /// Multiply-accumulates a sample: each weight once for each place of the output.
    #[must_use]
    pub const fn macs(&self) -> usize {
        self.weights() * self.output().places()
    }
}
