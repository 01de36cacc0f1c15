//! Residual networks for images of 32 × 32 pixels.

use crate::network;

network! {
    /// `ResNet`-20: 32 × 32 pixels, the 10 classes of CIFAR-10.
    ///
    /// Its shortcuts have no parameters: where the size is halved, they take every second place of each axis, and zeros
    /// for the new channels, option A of the paper. The zeros are half before and half behind the channels that arrive,
    /// as implementations have them; the paper does not say. 20 are the layers with weights: one, 3 stages of 3 blocks
    /// of two, and the last.
    ///
    /// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015), section 4.2.
    pub struct ResNet20([3, 32, 32]) -> [10] {
        stem: conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
        stage1: repeat(3, basic(16)),
        stage2: down(32) -> repeat(2, basic(32)),
        stage3: down(64) -> repeat(2, basic(64)),
        head: global_avg_pool -> dense(10),
    }

    /// `ResNet`-110: 32 × 32 pixels, the 10 classes of CIFAR-10.
    ///
    /// As [`ResNet20`], with 18 blocks in each stage. (The paper trained it with a smaller learning rate until the
    /// error fell below 80 %.)
    ///
    /// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015), section 4.2.
    pub struct ResNet110([3, 32, 32]) -> [10] {
        stem: conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
        stage1: repeat(18, basic(16)),
        stage2: down(32) -> repeat(17, basic(32)),
        stage3: down(64) -> repeat(17, basic(64)),
        head: global_avg_pool -> dense(10),
    }

    /// `ResNet`-1202: 32 × 32 pixels, the 10 classes of CIFAR-10.
    ///
    /// As [`ResNet20`], with 200 blocks in each stage. In the paper it trains as well as `ResNet`-110, and is worse on
    /// what it has not seen.
    ///
    /// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015), section 4.2.
    pub struct ResNet1202([3, 32, 32]) -> [10] {
        stem: conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
        stage1: repeat(200, basic(16)),
        stage2: down(32) -> repeat(199, basic(32)),
        stage3: down(64) -> repeat(199, basic(64)),
        head: global_avg_pool -> dense(10),
    }

    /// Two convolutions beside the identity.
    block basic(channels) {
        body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input, body) -> relu,
    }

    /// Two convolutions to half the size, beside every second place.
    block down(channels) {
        body: conv2d(channels, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input -> subsample(channels), body) -> relu,
    }
}

const _: () = assert!(ResNet20::PARAMS == 269_722);
const _: () = assert!(ResNet110::PARAMS == 1_727_962);
const _: () = assert!(ResNet1202::PARAMS == 19_421_274);
