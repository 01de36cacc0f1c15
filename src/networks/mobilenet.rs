//! `MobileNet`.

use crate::network;

network! {
    /// `MobileNetV2`: 224 × 224 pixels, the 1000 classes of `ImageNet`, for small machines.
    ///
    /// A block goes from few channels to six times as many, convolves each by itself, and goes back to few, with no
    /// activation behind that: what is narrow is linear. So two linear layers follow each other where blocks do, and
    /// that is meant.
    ///
    /// Source: Sandler et al., “`MobileNetV2`: inverted residuals and linear bottlenecks” (2018), with a width of 1;
    /// dropout of 0.2 as torchvision has it.
    pub struct MobileNetV2([3, 224, 224]) -> [1000] {
        stem: conv2d(32, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu6,
        stage1: conv2d(32, 3, padding = 1, groups = 32, bias = false) -> batch_norm -> relu6
            -> conv2d(16, 1, bias = false) -> batch_norm,
        stage2: inverted(96, 24, stride = 2) -> residual(144, 24),
        stage3: inverted(144, 32, stride = 2) -> repeat(2, residual(192, 32)),
        stage4: inverted(192, 64, stride = 2) -> repeat(3, residual(384, 64)),
        stage5: inverted(384, 96) -> repeat(2, residual(576, 96)),
        stage6: inverted(576, 160, stride = 2) -> repeat(2, residual(960, 160)),
        stage7: inverted(960, 320),
        last: conv2d(1280, 1, bias = false) -> batch_norm -> relu6,
        head: global_avg_pool -> dropout(0.2) -> dense(1000),
    }

    /// To `hidden` channels, each convolved by itself, and back to few.
    block inverted(hidden, channels, stride = 1) {
        expand: conv2d(hidden, 1, bias = false) -> batch_norm -> relu6,
        filter: conv2d(hidden, 3, stride = stride, padding = 1, groups = hidden, bias = false) -> batch_norm -> relu6,
        project: conv2d(channels, 1, bias = false) -> batch_norm,
    }

    /// The same beside the identity.
    block residual(hidden, channels) {
        body: inverted(hidden, channels),
        out: add(input, body),
    }
}

const _: () = assert!(MobileNetV2::PARAMS == 3_504_872);
