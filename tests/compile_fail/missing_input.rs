use monograd::prelude::*;

network! {
    struct Net -> [10] {
        out: dense(10),
    }
}

fn main() {}
