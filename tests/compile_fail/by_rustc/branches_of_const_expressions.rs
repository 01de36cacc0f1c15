use monograd::prelude::*;

const LEFT: usize = 4;
const RIGHT: usize = 5;

network! {
    struct Net([8]) -> [10] {
        left: dense(LEFT),
        right: input -> dense(RIGHT),
        sum: add(left, right),
        out: dense(10),
    }
}

fn main() {}
