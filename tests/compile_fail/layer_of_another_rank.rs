use monograd::prelude::*;

network! {
    struct Net([3, 16, 32, 32]) -> [10] {
        c1: conv2d(6, 5) -> relu,
        out: flatten -> dense(10),
    }

    struct Flattened([1, 28, 28]) -> [10] {
        out: flatten -> max_pool2d(2) -> dense(10),
    }
}

fn main() {}
