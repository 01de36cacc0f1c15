//! Residual networks for images of 224 × 224 pixels.

use crate::network;

network! {
    /// `ResNet`-18: 224 × 224 pixels, the 1000 classes of `ImageNet`.
    ///
    /// The blocks that halve the size have a shortcut with a convolution of 1 × 1: option B of the paper. Batch
    /// normalisation is behind each convolution, which has no bias; there is no dropout.
    ///
    /// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015).
    pub struct ResNet18([3, 224, 224]) -> [1000] {
        stem: conv2d(64, 7, stride = 2, padding = 3, bias = false) -> batch_norm -> relu
            -> max_pool2d(3, stride = 2, padding = 1),
        stage1: repeat(2, basic(64)),
        stage2: down(128) -> basic(128),
        stage3: down(256) -> basic(256),
        stage4: down(512) -> basic(512),
        head: global_avg_pool -> dense(1000),
    }

    /// `ResNet`-34: 224 × 224 pixels, the 1000 classes of `ImageNet`.
    ///
    /// As [`ResNet18`], with more blocks in each stage.
    ///
    /// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015).
    pub struct ResNet34([3, 224, 224]) -> [1000] {
        stem: conv2d(64, 7, stride = 2, padding = 3, bias = false) -> batch_norm -> relu
            -> max_pool2d(3, stride = 2, padding = 1),
        stage1: repeat(3, basic(64)),
        stage2: down(128) -> repeat(3, basic(128)),
        stage3: down(256) -> repeat(5, basic(256)),
        stage4: down(512) -> repeat(2, basic(512)),
        head: global_avg_pool -> dense(1000),
    }

    /// `ResNet`-50: 224 × 224 pixels, the 1000 classes of `ImageNet`.
    ///
    /// It differs from the paper in where a block halves the size: in its convolution of 3 × 3, where the paper has it
    /// in the first one, of 1 × 1, which then never reads three quarters of the places. So torchvision and others have
    /// it, by the name of `ResNet` v1.5.
    ///
    /// Source: He, Zhang, Ren and Sun, “Deep residual learning for image recognition” (2015).
    pub struct ResNet50([3, 224, 224]) -> [1000] {
        stem: conv2d(64, 7, stride = 2, padding = 3, bias = false) -> batch_norm -> relu
            -> max_pool2d(3, stride = 2, padding = 1),
        stage1: widen(64, 256, stride = 1) -> repeat(2, bottleneck(64, 256)),
        stage2: widen(128, 512) -> repeat(3, bottleneck(128, 512)),
        stage3: widen(256, 1024) -> repeat(5, bottleneck(256, 1024)),
        stage4: widen(512, 2048) -> repeat(2, bottleneck(512, 2048)),
        head: global_avg_pool -> dense(1000),
    }

    /// Two convolutions beside the identity.
    block basic(channels) {
        body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input, body) -> relu,
    }

    /// Two convolutions to half the size, beside one of 1 × 1.
    block down(channels) {
        body: conv2d(channels, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input -> conv2d(channels, 1, stride = 2, bias = false) -> batch_norm, body) -> relu,
    }

    /// Three convolutions, of which the middle one has fewer channels, beside the identity.
    block bottleneck(width, channels) {
        body: conv2d(width, 1, bias = false) -> batch_norm -> relu
            -> conv2d(width, 3, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 1, bias = false) -> batch_norm,
        out: add(input, body) -> relu,
    }

    /// Three convolutions to more channels, beside one of 1 × 1.
    block widen(width, channels, stride = 2) {
        body: conv2d(width, 1, bias = false) -> batch_norm -> relu
            -> conv2d(width, 3, stride = stride, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 1, bias = false) -> batch_norm,
        out: add(input -> conv2d(channels, 1, stride = stride, bias = false) -> batch_norm, body) -> relu,
    }
}

const _: () = assert!(ResNet18::PARAMS == 11_689_512);
const _: () = assert!(ResNet34::PARAMS == 21_797_672);
const _: () = assert!(ResNet50::PARAMS == 25_557_032);
