use monograd::prelude::*;

network! {
    struct Net<const N: usize>([784]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
