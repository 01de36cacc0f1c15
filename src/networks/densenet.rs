//! `DenseNet`.

use crate::network;

network! {
    /// `DenseNet`-121: 224 × 224 pixels, the 1000 classes of `ImageNet`.
    ///
    /// Each of its 58 growing layers takes all that the layers before it in its block gave, and puts 32 channels behind
    /// it; between the blocks channels and size are halved. Normalisation and activation stand before the convolutions;
    /// there is no dropout.
    ///
    /// Source: Huang, Liu, van der Maaten and Weinberger, “Densely connected convolutional networks” (2016).
    pub struct DenseNet121([3, 224, 224]) -> [1000] {
        stem: conv2d(64, 7, stride = 2, padding = 3, bias = false) -> batch_norm -> relu
            -> max_pool2d(3, stride = 2, padding = 1),
        block1_1: concat(_, growing(128, 32)),
        block1_2: concat(_, growing(128, 32)),
        block1_3: concat(_, growing(128, 32)),
        block1_4: concat(_, growing(128, 32)),
        block1_5: concat(_, growing(128, 32)),
        block1_6: concat(_, growing(128, 32)),
        transition1: batch_norm -> relu -> conv2d(128, 1, bias = false) -> avg_pool2d(2),
        block2_1: concat(_, growing(128, 32)),
        block2_2: concat(_, growing(128, 32)),
        block2_3: concat(_, growing(128, 32)),
        block2_4: concat(_, growing(128, 32)),
        block2_5: concat(_, growing(128, 32)),
        block2_6: concat(_, growing(128, 32)),
        block2_7: concat(_, growing(128, 32)),
        block2_8: concat(_, growing(128, 32)),
        block2_9: concat(_, growing(128, 32)),
        block2_10: concat(_, growing(128, 32)),
        block2_11: concat(_, growing(128, 32)),
        block2_12: concat(_, growing(128, 32)),
        transition2: batch_norm -> relu -> conv2d(256, 1, bias = false) -> avg_pool2d(2),
        block3_1: concat(_, growing(128, 32)),
        block3_2: concat(_, growing(128, 32)),
        block3_3: concat(_, growing(128, 32)),
        block3_4: concat(_, growing(128, 32)),
        block3_5: concat(_, growing(128, 32)),
        block3_6: concat(_, growing(128, 32)),
        block3_7: concat(_, growing(128, 32)),
        block3_8: concat(_, growing(128, 32)),
        block3_9: concat(_, growing(128, 32)),
        block3_10: concat(_, growing(128, 32)),
        block3_11: concat(_, growing(128, 32)),
        block3_12: concat(_, growing(128, 32)),
        block3_13: concat(_, growing(128, 32)),
        block3_14: concat(_, growing(128, 32)),
        block3_15: concat(_, growing(128, 32)),
        block3_16: concat(_, growing(128, 32)),
        block3_17: concat(_, growing(128, 32)),
        block3_18: concat(_, growing(128, 32)),
        block3_19: concat(_, growing(128, 32)),
        block3_20: concat(_, growing(128, 32)),
        block3_21: concat(_, growing(128, 32)),
        block3_22: concat(_, growing(128, 32)),
        block3_23: concat(_, growing(128, 32)),
        block3_24: concat(_, growing(128, 32)),
        transition3: batch_norm -> relu -> conv2d(512, 1, bias = false) -> avg_pool2d(2),
        block4_1: concat(_, growing(128, 32)),
        block4_2: concat(_, growing(128, 32)),
        block4_3: concat(_, growing(128, 32)),
        block4_4: concat(_, growing(128, 32)),
        block4_5: concat(_, growing(128, 32)),
        block4_6: concat(_, growing(128, 32)),
        block4_7: concat(_, growing(128, 32)),
        block4_8: concat(_, growing(128, 32)),
        block4_9: concat(_, growing(128, 32)),
        block4_10: concat(_, growing(128, 32)),
        block4_11: concat(_, growing(128, 32)),
        block4_12: concat(_, growing(128, 32)),
        block4_13: concat(_, growing(128, 32)),
        block4_14: concat(_, growing(128, 32)),
        block4_15: concat(_, growing(128, 32)),
        block4_16: concat(_, growing(128, 32)),
        head: batch_norm -> relu -> global_avg_pool -> dense(1000),
    }

    /// The channels that a layer adds: 1 × 1 to `width` channels, and 3 × 3.
    block growing(width, channels) {
        narrow: batch_norm -> relu -> conv2d(width, 1, bias = false),
        out: batch_norm -> relu -> conv2d(channels, 3, padding = 1, bias = false),
    }
}

const _: () = assert!(DenseNet121::PARAMS == 7_978_856);
