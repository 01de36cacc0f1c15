use monograd::prelude::*;

const WIDTH: u32 = 128;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(WIDTH) -> relu,
        out: dense(10),
    }
}

fn main() {}
