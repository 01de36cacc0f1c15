use monograd::prelude::*;

network! {
    struct Encoder([8]) -> [4] {
        out: dense(4),
    }

    struct Net([8]) -> [10] {
        encoder: Encoder -> batch_norm,
        both: concat(input -> Encoder, input -> Encoder),
        spelled: ReLU,
        call: Encoder(3),
        out: input -> Encoder -> dense(10),
    }
}

fn main() {}
