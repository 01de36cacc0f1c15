#![deny(deprecated)]

use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        c1: conv2d(6, 2, padding = 1) -> relu,
        s2: max_pool2d(2),
        #[allow(skipped_input)]
        s3: conv2d(6, 3, stride = 3),
        out: flatten -> dense(10),
    }
}

fn main() {}
