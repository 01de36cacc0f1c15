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

    struct Several<const N: usize>(left: [N], right: [N]) -> [10] {
        out: add(left, right) -> dense(10),
    }

    struct Named<const S0: usize>([S0]) -> [10] {
        out: dense(10),
    }

    struct Types<T: Copy>([8]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
