use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        middle: crop([4, 14]),
        out: flatten -> dense(10),
    }
}

fn main() {}
