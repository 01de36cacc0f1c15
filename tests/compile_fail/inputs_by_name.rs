use monograd::prelude::*;

network! {
    struct Net(left: [8], right: [8]) -> [10] {
        start: dense(8),
        sum: add(input, right),
        same: add(_, left -> dense(8)),
        out: left -> dense(10),
    }

    struct Twice(left: [8], left: [8]) -> [10] {
        out: left -> dense(10),
    }

    struct Unnamed(left: [8], [8]) -> [10] {
        out: left -> dense(10),
    }
}

fn main() {}
