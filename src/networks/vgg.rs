//! The networks of the Visual Geometry Group.
//!
//! With batch normalisation the convolutions keep the biases that it makes superfluous: so the published weights have them.

use crate::network;

network! {
    /// VGG-11: configuration A of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014).
    pub struct Vgg11([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-13: configuration B of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014).
    pub struct Vgg13([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> relu
            -> conv2d(64, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> relu
            -> conv2d(128, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-16: configuration D of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014).
    pub struct Vgg16([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> relu
            -> conv2d(64, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> relu
            -> conv2d(128, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-19: configuration E of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014).
    pub struct Vgg19([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> relu
            -> conv2d(64, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> relu
            -> conv2d(128, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> conv2d(256, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> conv2d(512, 3, padding = 1) -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-11 with batch normalisation behind each convolution: configuration A of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014); Ioffe and
    /// Szegedy, “Batch normalization” (2015).
    #[allow(bias_before_norm)]
    pub struct Vgg11Bn([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-13 with batch normalisation behind each convolution: configuration B of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014); Ioffe and
    /// Szegedy, “Batch normalization” (2015).
    #[allow(bias_before_norm)]
    pub struct Vgg13Bn([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-16 with batch normalisation behind each convolution: configuration D of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014); Ioffe and
    /// Szegedy, “Batch normalization” (2015).
    #[allow(bias_before_norm)]
    pub struct Vgg16Bn([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

network! {
    /// VGG-19 with batch normalisation behind each convolution: configuration E of the paper.
    ///
    /// Source: Simonyan and Zisserman, “Very deep convolutional networks for large-scale image recognition” (2014); Ioffe and
    /// Szegedy, “Batch normalization” (2015).
    #[allow(bias_before_norm)]
    pub struct Vgg19Bn([3, 224, 224]) -> [1000] {
        block1: conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(64, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block2: conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(128, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block3: conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(256, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block4: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        block5: conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> conv2d(512, 3, padding = 1) -> batch_norm -> relu
            -> max_pool2d(2),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(1000),
    }
}

const _: () = assert!(Vgg11::PARAMS == 132_863_336);
const _: () = assert!(Vgg13::PARAMS == 133_047_848);
const _: () = assert!(Vgg16::PARAMS == 138_357_544);
const _: () = assert!(Vgg19::PARAMS == 143_667_240);
const _: () = assert!(Vgg11Bn::PARAMS == 132_868_840);
const _: () = assert!(Vgg13Bn::PARAMS == 133_053_736);
const _: () = assert!(Vgg16Bn::PARAMS == 138_365_992);
const _: () = assert!(Vgg19Bn::PARAMS == 143_678_248);
