use monograd::prelude::*;

network! {
    struct Net([1, 2, 3, 4, 5]) -> [] {
        out: flatten,
    }

    struct Text(sequence [20, 8, 3]) -> signl [3, 4] {
        out: flatten,
    }
}

fn main() {}
