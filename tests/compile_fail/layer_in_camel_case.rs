use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: Dense(128) -> LeakyReLU,
        out: dense(10),
    }
}

fn main() {}
