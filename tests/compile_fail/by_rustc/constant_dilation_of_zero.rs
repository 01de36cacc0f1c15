//! A dilation is at least 1, also where only the compiler knows it.

const D: usize = 0;

monograd::network! {
    struct Net([1, 4, 4]) -> [16] {
        out: conv2d(1, 1, dilation = D) -> flatten,
    }
}

fn main() {}
