use monograd::prelude::*;

network! {
    struct Encoder([8]) -> [4] {
        out: dense(4, bias = false) -> batch_norm,
    }

    struct Net([8]) -> [4] {
        first: Encoder,
        second: input -> Encoder,
        out: add(first -> dense(4), second),
    }
}

fn main() {}
