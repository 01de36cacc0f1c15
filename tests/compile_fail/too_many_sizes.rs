use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128, 64) -> relu(3),
        out: dense(10),
    }
}

fn main() {}
