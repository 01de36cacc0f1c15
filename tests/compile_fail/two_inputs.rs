use monograd::prelude::*;

network! {
    struct Net(a: [784], b: [10]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
