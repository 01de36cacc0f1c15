use monograd::prelude::*;

const WIDTH: usize = 1;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(WIDTH / 2) -> relu,
        out: dense(10),
    }
}

fn main() {}
