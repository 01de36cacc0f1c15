use monograd::prelude::*;

network! {
    struct Net([784]) -> (digit: [10]) {
        hidden: dense(128),
        out: dense(10),
    }
}

fn main() {}
