use monograd::prelude::*;

network! {
    struct Net([1, 14, 14]) -> [10] {
        up: conv_transpose2d(6, 2, stride = 2, output_padding = 2),
        out: flatten -> dense(10),
    }
}

fn main() {}
