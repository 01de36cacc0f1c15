use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128),
        out: dense(64) -> hidden -> input -> dense(10),
    }
}

fn main() {}
