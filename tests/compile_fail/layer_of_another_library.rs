use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        c1: conv2d(6, 5) -> batchnorm -> relu,
        s2: MaxPool2d(2),
        out: flatten -> dense(10),
    }
}

fn main() {}
