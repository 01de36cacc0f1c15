//! The program whose instructions are counted: `workloads NAME REPETITIONS` runs the work of that name so many times, on AVX2.
//! A run with no repetition has all the rest: what is counted is the difference.

use std::hint::black_box;

use guards::{Digits, Small, Tiny};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::networks::{LeNet5, ResNet20};
use monograd::optimizers::{Adam, Sgd};
use monograd::prelude::*;
use monograd::simd::{Level, force_level};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(Ok(repetitions))) = (arguments.next(), arguments.next().map(|count| count.parse::<usize>()))
    else {
        panic!("workloads NAME REPETITIONS");
    };
    if let Err(error) = force_level(Some(Level::Avx2)) {
        // The test that reads this is skipped.
        println!("unsupported: {error}");
        return;
    }
    run(&name, repetitions);
}

fn run(name: &str, repetitions: usize) {
    match name {
        "forward 2-4-2-1" => forward::<Tiny>(1, repetitions),
        "forward 8-64-64-4" => forward::<Small>(1, repetitions),
        "forward 784-128-10" => forward::<Digits>(1, repetitions),
        "forward 784-128-10, 64 samples" => forward::<Digits>(64, repetitions),
        "forward LeNet-5" => forward::<LeNet5>(1, repetitions),
        "forward ResNet-20" => forward::<ResNet20>(1, repetitions),
        "train 784-128-10, 64 samples, SGD" => train::<Digits>(64, Sgd::new(1e-3), repetitions),
        "train LeNet-5, 16 samples, SGD" => train::<LeNet5>(16, Sgd::new(1e-3), repetitions),
        "step of Adam, 101770 parameters" => step::<Digits>(Adam::new(1e-3), repetitions),
        _ => panic!("there is no workload {name:?}"),
    }
}

fn samples<N: Network<Scalar = f32>>(count: usize) -> OMatrix<f32, N::Input, Dyn> {
    let value = |row: usize, column: usize| ((row * 7 + column * 13) % 101) as f32 / 50.0 - 1.0;
    OMatrix::<f32, N::Input, Dyn>::from_fn_generic(N::Input::name(), Dyn(count), value)
}

fn forward<N: Network<Scalar = f32>>(batch: usize, repetitions: usize) {
    let (net, mut work, x) = (N::seeded(1), N::workspace(batch), samples::<N>(batch));
    for _ in 0..repetitions {
        black_box(work.run(&net, black_box(&x))[0]);
    }
}

fn train<N: Trainable<Scalar = f32>>(batch: usize, mut optimizer: impl Optimizer<f32>, repetitions: usize) {
    let (mut net, mut training, x) = (N::seeded(1), Training::<N>::new(batch), samples::<N>(batch));
    let classes: Vec<u32> = (0..batch as u32).map(|sample| sample % 10).collect();
    optimizer.prepare(net.params().len());
    for _ in 0..repetitions {
        let loss = training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &classes);
        black_box(loss.expect("there is a class for each sample"));
        optimizer.step(net.params_mut(), training.gradient().params());
    }
}

fn step<N: Network<Scalar = f32>>(mut optimizer: impl Optimizer<f32>, repetitions: usize) {
    let mut net = N::seeded(1);
    let gradient = vec![0.25; net.params().len()];
    optimizer.prepare(gradient.len());
    for _ in 0..repetitions {
        optimizer.step(net.params_mut(), black_box(&gradient));
    }
}
