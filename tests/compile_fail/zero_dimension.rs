use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(0) -> relu,
        other: dense(2 - 2),
        out: dense(10),
    }
}

fn main() {}
