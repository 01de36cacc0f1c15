use monograd::prelude::*;

network! {
    struct Net([20, 8]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
