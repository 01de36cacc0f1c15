use monograd::prelude::*;

network! {
    struct Encoder([1, 8, 8]) -> [4, 8, 8] {
        out: conv2d(4, 3, padding = 1),
    }

    struct Net([1, 8, 8]) -> [10] {
        encoder: Encoder -> dense(10),
    }
}

fn main() {}
