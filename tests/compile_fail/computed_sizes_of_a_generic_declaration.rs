use monograd::prelude::*;

network! {
    struct Net<const HIDDEN: usize, const COPIES: usize>([8]) -> [10] {
        hidden: dense(2 * HIDDEN) -> relu,
        copies: repeat(COPIES + 1, dense(2 * HIDDEN) -> relu),
        out: dense(10),
    }

    struct Images<const N: usize>([1, N, N]) -> [10] {
        out: flatten -> dense(10),
    }

    struct Types<T: Copy>([8]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
