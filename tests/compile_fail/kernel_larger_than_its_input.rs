use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        c1: conv2d(6, 5) -> relu -> max_pool2d(4),
        c2: conv2d(16, 7) -> relu,
        out: flatten -> dense(10),
    }
}

fn main() {}
