use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128),
        hidden: dense(64) -> rleu,
        out: dense(10),
    }
}

fn main() {}
