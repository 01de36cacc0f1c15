use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        a: dense(1.5),
        b: dense(-3),
        c: dense("128"),
        d: dense(128u8),
        out: dense(10),
    }
}

fn main() {}
