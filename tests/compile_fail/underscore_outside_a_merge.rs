use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: _ -> dense(128),
        out: dense(64) -> _ -> dense(10),
    }
}

fn main() {}
