use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        steps: flatten -> lstm(64),
        sum: add(steps, _),
        out: flatten -> dense(10),
    }
}

fn main() {}
