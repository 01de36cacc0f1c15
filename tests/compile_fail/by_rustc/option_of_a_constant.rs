//! The range of an option holds for constants too.

use monograd::prelude::*;

const SLOPE: f64 = -0.1;

network! {
    struct Net([2]) -> [1] {
        out: dense(1) -> leaky_relu(slope = SLOPE),
    }
}

fn main() {}
