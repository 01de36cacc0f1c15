//! `AlexNet`.

use crate::network;

network! {
    /// `AlexNet` in its later form on one processor, as torchvision has it.
    ///
    /// It differs from the network of 2012, which was divided between two processors, had 96 maps in its first layer and
    /// normalised responses between neighbouring maps: see [`local_response_norm`](crate::layers::LocalResponseNorm).
    ///
    /// Source: Krizhevsky, “One weird trick for parallelizing convolutional neural networks” (2014), after Krizhevsky, Sutskever and
    /// Hinton, “`ImageNet` classification with deep convolutional neural networks” (2012).
    pub struct AlexNet([3, 224, 224]) -> [1000] {
        conv1: conv2d(64, 11, stride = 4, padding = 2) -> relu -> max_pool2d(3, stride = 2),
        conv2: conv2d(192, 5, padding = 2) -> relu -> max_pool2d(3, stride = 2),
        conv3: conv2d(384, 3, padding = 1) -> relu,
        conv4: conv2d(256, 3, padding = 1) -> relu,
        conv5: conv2d(256, 3, padding = 1) -> relu -> max_pool2d(3, stride = 2),
        fc6: flatten -> dropout(0.5) -> dense(4096) -> relu,
        fc7: dropout(0.5) -> dense(4096) -> relu,
        fc8: dense(1000),
    }
}

const _: () = assert!(AlexNet::PARAMS == 61_100_840);
