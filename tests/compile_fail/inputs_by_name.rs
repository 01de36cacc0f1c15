use monograd::prelude::*;

network! {
    struct Net(left: [8], right: [8]) -> [10] {
        start: dense(8),
        sum: add(input, right),
        same: add(_, left -> dense(8)),
        copies: left -> dense(8),
        out: left -> dense(10),
    }

    struct Repeated(left: [4], right: [4]) -> [4] {
        first: repeat(2, dense(4)),
        out: add(left, right),
    }

    struct Twice(left: [8], left: [8]) -> [10] {
        out: left -> dense(10),
    }

    struct Unnamed(left: [8], [8]) -> [10] {
        out: left -> dense(10),
    }
}

fn main() {}
