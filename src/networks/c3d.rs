//! C3D.

use crate::network;

network! {
    /// C3D: sixteen frames of 112 × 112 pixels through convolutions over space and time; the 487 classes of Sports-1M.
    ///
    /// Source: Tran et al., “Learning spatiotemporal features with 3D convolutional networks” (2015).
    pub struct C3d([3, 16, 112, 112]) -> [487] {
        conv1: conv3d(64, 3, padding = 1) -> relu -> max_pool3d([1, 2, 2]),
        conv2: conv3d(128, 3, padding = 1) -> relu -> max_pool3d(2),
        conv3: conv3d(256, 3, padding = 1) -> relu -> conv3d(256, 3, padding = 1) -> relu -> max_pool3d(2),
        conv4: conv3d(512, 3, padding = 1) -> relu -> conv3d(512, 3, padding = 1) -> relu -> max_pool3d(2),
        conv5: conv3d(512, 3, padding = 1) -> relu -> conv3d(512, 3, padding = 1) -> relu
            -> max_pool3d(2, padding = [0, 1, 1]),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(487),
    }
}

network! {
    /// C3D: sixteen frames of 112 × 112 pixels through convolutions over space and time; the 101 classes of UCF101.
    ///
    /// Source: Tran et al., “Learning spatiotemporal features with 3D convolutional networks” (2015).
    pub struct C3dUcf101([3, 16, 112, 112]) -> [101] {
        conv1: conv3d(64, 3, padding = 1) -> relu -> max_pool3d([1, 2, 2]),
        conv2: conv3d(128, 3, padding = 1) -> relu -> max_pool3d(2),
        conv3: conv3d(256, 3, padding = 1) -> relu -> conv3d(256, 3, padding = 1) -> relu -> max_pool3d(2),
        conv4: conv3d(512, 3, padding = 1) -> relu -> conv3d(512, 3, padding = 1) -> relu -> max_pool3d(2),
        conv5: conv3d(512, 3, padding = 1) -> relu -> conv3d(512, 3, padding = 1) -> relu
            -> max_pool3d(2, padding = [0, 1, 1]),
        fc6: flatten -> dense(4096) -> relu -> dropout(0.5),
        fc7: dense(4096) -> relu -> dropout(0.5),
        fc8: dense(101),
    }
}

const _: () = assert!(C3d::PARAMS == 79_991_015);
const _: () = assert!(C3dUcf101::PARAMS == 78_409_573);
