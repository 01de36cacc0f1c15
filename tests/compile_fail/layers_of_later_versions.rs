use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        conv: conv2d(6, 5) -> relu,
        sum: add(conv, _),
        out: flatten -> dense(10),
    }
}

fn main() {}
