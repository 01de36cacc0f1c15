use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        first: features(8),
        second: features(16),
        out: flatten -> dense(10),
    }

    block features(channels) {
        conv: conv2d(channels, 3) -> relu,
        code: dense(channels),
    }
}

fn main() {}
