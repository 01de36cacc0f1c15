//! The program whose size is guarded: a network of ten neurons that learns and answers.

use guards::Tiny;
use monograd::losses::MeanSquaredError;
use monograd::nalgebra::SMatrix;
use monograd::optimizers::Sgd;
use monograd::prelude::*;

fn main() {
    let (mut net, mut training) = (Tiny::new(), Training::<Tiny>::new(1));
    let x = SMatrix::<f32, 2, 1>::repeat(0.5);
    let loss = training.backprop(&mut net, &x, &MeanSquaredError, &[1.0]).expect("there is a target for each output");
    Sgd::new(0.1).step(net.params_mut(), training.gradient().params());
    println!("{loss} {}", net.forward(&x, &mut Tiny::workspace(1))[0]);
}
