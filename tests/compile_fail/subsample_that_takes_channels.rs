use monograd::prelude::*;

network! {
    struct Net([16, 28, 28]) -> [10] {
        middle: subsample(8, stride = 2),
        out: flatten -> dense(10),
    }
}

fn main() {}
