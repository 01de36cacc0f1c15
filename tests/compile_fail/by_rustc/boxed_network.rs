//! `new()` gives a box: what to write is said.

use monograd::losses::HalfSquaredError;
use monograd::optimizers::Sgd;
use monograd::prelude::*;

network! {
    struct Net([2]) -> [1] {
        out: dense(1),
    }
}

fn main() {
    let data = Dataset::<f32, 2, [f32; 1]>::from_rows(&[[0.0, 1.0]], &[[1.0]]).unwrap();
    let mut net = Net::new();
    Trainer::new(HalfSquaredError, Sgd::new(0.1)).fit(&mut net, &data).unwrap();
    evaluate(&net, &data, &HalfSquaredError).unwrap();
}
