use monograd::prelude::*;

network! {
    struct Encoder([8]) -> [4] {
        out: dense(4),
    }

    struct Net([8]) -> [5] {
        encoder: Encoder -> [5],
    }

    struct Other([8]) -> [6] {
        out: Encoder,
    }
}

fn main() {}
