//! A rule of pools holds for constants too.

const P: usize = 2;

monograd::network! {
    struct Net([1, 4, 4]) -> [16] {
        out: max_pool2d(2, padding = P) -> flatten,
    }
}

fn main() {}
