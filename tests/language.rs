//! The language, as a program uses it.

use monograd::prelude::*;
use nalgebra::{Const, Dyn, OMatrix, SMatrix, SVector, vector};

const HIDDEN: usize = 16;

network! {
    /// Handwritten digits.
    pub struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

network! {
    struct Small([3]) -> (y: [2]) {
        /// Three layers in one line.
        body: dense(HIDDEN) -> tanh -> dense({ HIDDEN / 2 }, bias = false) -> gelu -> dense(5) -> elu(alpha = 0.5),
        y: dense(2, init = normal, std = 0.5) -> softmax,
    }
}

#[test]
fn forward() {
    let net = Digits::new();
    let mut work = Digits::workspace(64);
    let x = SMatrix::<f32, 784, 1>::from_fn(|r, _| (r as f32).sin());
    let one = net.forward(&x, &mut work).into_owned();
    let many = OMatrix::<f32, Const<784>, Dyn>::from_fn_generic(Const, Dyn(7), |r, _| (r as f32).sin());
    let y = net.forward(&many, &mut work);
    assert_eq!(y.column(6), one.column(0));
    println!("{}", Digits::summary());
    let x = vector![1.0_f64, 2.0, 3.0];
    let mut work = Small::<f64>::workspace(1);
    let net = Small::<f64>::new();
    let p: SVector<f64, 2> = net.forward(&x, &mut work).into_owned();
    assert!((p.sum() - 1.0).abs() < 1e-12);
    println!("{}", Small::summary());
    println!("{:?}", Small::<f32>::TENSORS);
}
