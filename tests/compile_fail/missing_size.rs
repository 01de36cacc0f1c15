use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense -> relu,
        other: dense() -> relu,
        out: dense(10),
    }
}

fn main() {}
