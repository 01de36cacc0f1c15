use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(bias = false, 128),
        out: dense(10),
    }
}

fn main() {}
