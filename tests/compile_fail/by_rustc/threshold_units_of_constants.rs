use monograd::prelude::*;

const LAST: usize = 2;
const THETA: usize = 1;

network! {
    struct Index([2]) -> [1] {
        out: threshold(1, inhibitory = [LAST]),
    }

    struct Theta([2]) -> [1] {
        out: threshold(THETA),
    }
}

fn main() {}
