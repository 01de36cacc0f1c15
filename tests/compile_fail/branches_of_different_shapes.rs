use monograd::prelude::*;

network! {
    struct Net([16, 16, 16]) -> [10] {
        left: conv2d(16, 3, padding = 1) -> relu,
        right: input -> conv2d(32, 3, stride = 2, padding = 1) -> relu,
        sum: add(left, right),
        gate: multiply(left, input -> flatten),
        both: concat(left, right),
        rows: concat(left, input -> max_pool2d(2), axis = 0),
        out: flatten -> dense(10),
    }
}

fn main() {}
