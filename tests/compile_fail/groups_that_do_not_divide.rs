use monograd::prelude::*;

network! {
    struct Net([16, 8, 8]) -> [10] {
        depthwise: conv2d(12, 3, groups = 3),
        normed: input -> group_norm(5),
        out: flatten -> dense(10),
    }
}

fn main() {}
