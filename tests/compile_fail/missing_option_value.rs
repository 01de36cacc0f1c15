use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        a: dense(128, bias = ),
        b: dense(, 128),
        out: dense(10),
    }
}

fn main() {}
