use monograd::prelude::*;

network! {
    struct Net([1_000_000, 1_000_000, 1_000_000]) -> [10] {
        out: dense(10),
    }

    struct Other([1_000_000]) -> [10] {
        hidden: dense(10_000_000),
        out: dense(10),
    }
}

fn main() {}
