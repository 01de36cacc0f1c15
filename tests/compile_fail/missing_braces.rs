use monograd::prelude::*;

network! {
    struct Net([784]) -> [10];

    struct Other([784]) -> [10] {
        out: dense(11),
    }
}

fn main() {}
