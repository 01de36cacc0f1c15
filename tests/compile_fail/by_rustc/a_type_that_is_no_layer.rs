use monograd::prelude::*;

struct Plain<T>(T);

network! {
    struct Net([8]) -> [4] {
        out: Plain -> dense(4),
    }
}

fn main() {}
