use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: fc(128) -> sigmoid,
        out: dense(10),
    }
}

fn main() {}
