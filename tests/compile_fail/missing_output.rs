use monograd::prelude::*;

network! {
    struct Net([784]) {
        out: dense(10),
    }
}

fn main() {}
