//! A momentum is a share.

const M: f64 = 1.5;

monograd::network! {
    struct Net([1, 4, 4]) -> [16] {
        out: batch_norm(momentum = M) -> flatten,
    }
}

fn main() {}
