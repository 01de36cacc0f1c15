use monograd::prelude::*;

network! {
    struct Net(image: [1, 28, 28]) -> [784] {
        out: softmax,
    }
}

fn main() {}
