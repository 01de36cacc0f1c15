//! U-Net.

use crate::network;

network! {
    /// U-Net: a tile of 572 × 572 grey pixels, and the scores of two classes for each of the 388 × 388 in its middle.
    ///
    /// The convolutions have no padding, so that no score depends on a border that is not there: a larger image is cut
    /// into tiles that overlap by 92 pixels on each side. What a transposed convolution gives lies behind what was
    /// there on the way down, which is cut to its size: 4, 16, 40 and 88 on each side.
    ///
    /// 31,030,658 parameters: 18 convolutions of 3 × 3, four transposed ones of 2 × 2 and one of 1 × 1, each with a
    /// bias, no batch normalisation; counts that differ a little have other channels at the ends. The paper mentions
    /// dropout at the end of the way down, without saying how much; here is none. The paper's loss weighs pixels near
    /// borders of cells.
    ///
    /// Source: Ronneberger, Fischer and Brox, “U-Net: convolutional networks for biomedical image segmentation” (2015).
    pub struct UNet(image: [1, 572, 572]) -> (mask: [2, 388, 388]) {
        d1: valid(64),
        d2: max_pool2d(2) -> valid(128),
        d3: max_pool2d(2) -> valid(256),
        d4: max_pool2d(2) -> valid(512),
        d5: max_pool2d(2) -> valid(1024),
        u4: conv_transpose2d(512, 2, stride = 2) -> concat(d4 -> crop(4), _) -> valid(512),
        u3: conv_transpose2d(256, 2, stride = 2) -> concat(d3 -> crop(16), _) -> valid(256),
        u2: conv_transpose2d(128, 2, stride = 2) -> concat(d2 -> crop(40), _) -> valid(128),
        u1: conv_transpose2d(64, 2, stride = 2) -> concat(d1 -> crop(88), _) -> valid(64),
        mask: conv2d(2, 1),
    }

    /// A small U-Net on grey images of 128 × 128 pixels: the scores of two classes for each pixel.
    ///
    /// It differs from [`UNet`] in what is usual today: convolutions with padding, so that the scores have the size of
    /// the image and nothing is cut; batch normalisation; two steps down in place of four, and a quarter of the
    /// channels.
    ///
    /// Source: after Ronneberger, Fischer and Brox, “U-Net: convolutional networks for biomedical image segmentation”
    /// (2015).
    pub struct SmallUNet(image: [1, 128, 128]) -> (mask: [2, 128, 128]) {
        d1: padded(16),
        d2: max_pool2d(2) -> padded(32),
        d3: max_pool2d(2) -> padded(64),
        u2: conv_transpose2d(32, 2, stride = 2) -> concat(d2, _) -> padded(32),
        u1: conv_transpose2d(16, 2, stride = 2) -> concat(d1, _) -> padded(16),
        mask: conv2d(2, 1),
    }

    /// Two convolutions, each of which takes a border of one away.
    block valid(channels) {
        conv1: conv2d(channels, 3) -> relu,
        conv2: conv2d(channels, 3) -> relu,
    }

    /// Two convolutions that keep the size.
    block padded(channels) {
        conv1: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
        conv2: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
    }
}

const _: () = assert!(UNet::PARAMS == 31_030_658);
const _: () = assert!(SmallUNet::PARAMS == 117_090);
