//! The padding of an output chooses among sizes that a stride makes the same.

const S: usize = 1;

monograd::network! {
    struct Net([1, 4, 4]) -> [36] {
        out: conv_transpose2d(1, 1, stride = S, output_padding = 2) -> flatten,
    }
}

fn main() {}
