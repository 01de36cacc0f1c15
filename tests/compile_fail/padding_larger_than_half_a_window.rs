use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        pool: avg_pool2d(2, padding = 2),
        out: flatten -> dense(10),
    }
}

fn main() {}
