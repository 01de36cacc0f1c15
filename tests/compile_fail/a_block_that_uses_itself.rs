use monograd::prelude::*;

network! {
    struct Net([8]) -> [8] {
        out: outer(8),
    }

    block outer(n) {
        out: dense(n) -> relu -> inner(n),
    }

    block inner(n) {
        out: repeat(2, dense(n) -> relu -> outer(n)),
    }
}

fn main() {}
