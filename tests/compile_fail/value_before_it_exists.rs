use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: later -> dense(128),
        other: other -> dense(64),
        later: dense(32),
        out: dense(10),
    }
}

fn main() {}
