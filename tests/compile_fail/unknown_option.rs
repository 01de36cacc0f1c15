use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128, bais = false) -> relu(slope = 0.1),
        other: dense(128, dropout = 0.5),
        out: dense(10),
    }
}

fn main() {}
