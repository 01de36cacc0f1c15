use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        blur: Blur::<3> -> flatten,
        out: dense(10),
    }
}

fn main() {}
