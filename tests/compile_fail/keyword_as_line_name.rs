use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        type: dense(128),
        self: dense(64),
        _: dense(32),
        out: dense(10),
    }
}

fn main() {}
