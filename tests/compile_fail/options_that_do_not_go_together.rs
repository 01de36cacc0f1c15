use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        a: dense(128, std = 0.1),
        b: dense(128, init = zeros, std = 0.1),
        out: dense(10, bias = true, bias = false),
    }
}

fn main() {}
