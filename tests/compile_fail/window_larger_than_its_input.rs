use monograd::prelude::*;

network! {
    struct Net(signal [2, 7]) -> [10] {
        pool: max_pool1d(3, dilation = 4),
        out: flatten -> dense(10),
    }
}

fn main() {}
