use monograd::prelude::*;

network! {
    struct Net([0]) -> [10] {
        hidden: dens(128) -> relu,
        hidden: dense(1.5),
        out: dense(10, bias = 1),
    }

    struct Other([784]) -> [10] {
        out: dense(11),
    }
}

fn main() {}
