use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128) -> relu -> dropout(1),
        out: dense(10),
    }
}

fn main() {}
