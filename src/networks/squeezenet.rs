//! `SqueezeNet`.

use crate::network;

network! {
    /// `SqueezeNet` 1.1: 224 × 224 pixels, the 1000 classes of `ImageNet`, with as few parameters as can be.
    ///
    /// It differs from the paper as its authors' later version does: 64 maps of 3 × 3 at first where the paper has 96
    /// of 7 × 7, and the pools come earlier, for 2.4 times less work. The first convolution, without padding, reads no
    /// last row and no last column of the image: so it is in the published weights.
    ///
    /// Source: Iandola et al., “`SqueezeNet`: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size”
    /// (2016).
    pub struct SqueezeNet([3, 224, 224]) -> [1000] {
        #[allow(skipped_input)]
        stem: conv2d(64, 3, stride = 2) -> relu -> max_pool2d(3, stride = 2),
        fire2: fire(16, 64),
        fire3: fire(16, 64) -> max_pool2d(3, stride = 2),
        fire4: fire(32, 128),
        fire5: fire(32, 128) -> max_pool2d(3, stride = 2),
        fire6: fire(48, 192),
        fire7: fire(48, 192),
        fire8: fire(64, 256),
        fire9: fire(64, 256),
        head: dropout(0.5) -> conv2d(1000, 1) -> relu -> global_avg_pool,
    }

    /// To few channels, and from those by 1 × 1 and by 3 × 3 to as many each.
    block fire(squeezed, expanded) {
        squeeze: conv2d(squeezed, 1) -> relu,
        out: concat(conv2d(expanded, 1) -> relu, conv2d(expanded, 3, padding = 1) -> relu),
    }
}

const _: () = assert!(SqueezeNet::PARAMS == 1_235_496);
