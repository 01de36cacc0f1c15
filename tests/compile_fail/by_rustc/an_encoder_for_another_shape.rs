use monograd::prelude::*;

network! {
    struct Encoder([8]) -> [4] {
        out: dense(4),
    }

    struct Net([16]) -> [4] {
        encoder: Encoder -> dense(4),
    }
}

fn main() {}
