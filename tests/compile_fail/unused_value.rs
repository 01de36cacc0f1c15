#![deny(deprecated)]

use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128) -> relu,
        aside: dense(64),
        out: hidden -> dense(10),
    }
}

fn main() {}
