//! `GoogLeNet`.

use crate::network;

network! {
    /// `GoogLeNet`: 224 × 224 pixels, the 1000 classes of `ImageNet`, and two classifiers beside the trunk that
    /// training has besides.
    ///
    /// It differs from the paper as torchvision's does: batch normalisation behind each convolution, which has no bias,
    /// in place of the normalisation of responses; 3 × 3 in the third branch of an inception, where the paper has
    /// 5 × 5; the auxiliary classifiers take means over windows of 4 × 4, where the paper has 5 × 5, and have batch
    /// normalisation too; dropout of 0.2 before the last layer, where the paper has 0.4. The pools round up: 112 → 56 →
    /// 28 → 14 → 7.
    ///
    /// 6,624,904 of the parameters are the trunk's, which is all that inference reads; the auxiliary classifiers have
    /// 6,379,984. The loss of a training is that of `class` and, with a weight of 0.3 each, those of `aux1` and `aux2`.
    ///
    /// Source: Szegedy et al., “Going deeper with convolutions” (2014); Ioffe and Szegedy, “Batch normalization”
    /// (2015).
    pub struct GoogLeNet([3, 224, 224]) -> (class: [1000], aux1: [1000] in training, aux2: [1000] in training) {
        conv1: conv2d(64, 7, stride = 2, padding = 3, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> max_pool2d(3, stride = 2, ceil_mode = true),
        conv2: conv2d(64, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        conv3: conv2d(192, 3, padding = 1, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> max_pool2d(3, stride = 2, ceil_mode = true),
        inception3a: inception(64, 96, 128, 16, 32, 32),
        inception3b: inception(128, 128, 192, 32, 96, 64) -> max_pool2d(3, stride = 2, ceil_mode = true),
        inception4a: inception(192, 96, 208, 16, 48, 64),
        inception4b: inception(160, 112, 224, 24, 64, 64),
        inception4c: inception(128, 128, 256, 24, 64, 64),
        inception4d: inception(112, 144, 288, 32, 64, 64),
        inception4e: inception(256, 160, 320, 32, 128, 128) -> max_pool2d(2, ceil_mode = true),
        inception5a: inception(256, 160, 320, 32, 128, 128),
        inception5b: inception(384, 192, 384, 48, 128, 128),
        class: global_avg_pool -> dropout(0.2) -> dense(1000),
        aux1: inception4a -> auxiliary(),
        aux2: inception4d -> auxiliary(),
    }

    /// Four branches, whose channels lie one behind the other: 1 × 1; 1 × 1 and 3 × 3, twice; the maximum of 3 × 3 and
    /// 1 × 1.
    block inception(one, reduced2, three2, reduced3, three3, pooled) {
        branch1: conv2d(one, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        branch2: input -> conv2d(reduced2, 1, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> conv2d(three2, 3, padding = 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        branch3: input -> conv2d(reduced3, 1, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> conv2d(three3, 3, padding = 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        branch4: input -> max_pool2d(3, stride = 1, padding = 1)
            -> conv2d(pooled, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        out: concat(branch1, branch2, branch3, branch4),
    }

    /// A classifier beside the trunk.
    block auxiliary() {
        features: adaptive_avg_pool2d(4) -> conv2d(128, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        hidden: flatten -> dense(1024) -> relu -> dropout(0.7),
        out: dense(1000),
    }
}

/// The parameters of a classifier beside a trunk of so many channels.
const fn auxiliary(channels: usize) -> usize {
    channels * 128 + 2 * 128 + (128 * 4 * 4 + 1) * 1024 + (1024 + 1) * 1000
}

const _: () = assert!(GoogLeNet::PARAMS == 13_004_888);
const _: () = assert!(GoogLeNet::PARAMS - auxiliary(512) - auxiliary(528) == 6_624_904);
