//! A small modern network for MNIST.

use crate::network;

network! {
    /// The small modern network for MNIST: two convolutions, one maximum, two dense layers, dropout between.
    ///
    /// Source: the `mnist` example of `PyTorch`, which gives its logits to a log-softmax; here the loss does that.
    pub struct MnistCnn([1, 28, 28]) -> [10] {
        conv1: conv2d(32, 3) -> relu,
        conv2: conv2d(64, 3) -> relu,
        pool: max_pool2d(2) -> dropout(0.25),
        hidden: flatten -> dense(128) -> relu -> dropout(0.5),
        out: dense(10),
    }
}

const _: () = assert!(MnistCnn::PARAMS == 1_199_882);
