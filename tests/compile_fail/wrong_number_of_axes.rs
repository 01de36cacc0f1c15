use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        c1: conv2d(6, [5, 5, 5]),
        out: flatten -> dense(10),
    }
}

fn main() {}
