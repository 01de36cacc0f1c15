use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dens(128) -> rleu,
        out: dense(10),
    }
}

fn main() {}
