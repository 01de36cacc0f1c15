//! Generic declarations: sizes as `const` parameters.

use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{SMatrix, SVector};
use monograd::optimizers::Sgd;
use monograd::prelude::*;

mod differences;

network! {
    /// Two layers of any width.
    pub struct Mlp<const HIDDEN: usize>([5]) -> [3] {
        hidden: dense(HIDDEN) -> tanh,
        out: dense(3),
    }
}

network! {
    /// A residual network of any width and depth.
    struct Residual<const WIDTH: usize, const DEPTH: usize>([WIDTH]) -> [WIDTH] {
        body: repeat(DEPTH, step(WIDTH)),
        out: layer_norm,
    }

    block step(width) {
        inner: dense(width) -> tanh -> dense(width),
        out: add(input, inner),
    }
}

#[test]
fn counts_depend_on_the_parameters() {
    assert_eq!((Mlp::<4>::PARAMS, Mlp::<7>::PARAMS), (4 * 6 + 3 * 5, 7 * 6 + 3 * 8));
    assert_eq!(Residual::<4, 3>::PARAMS, 3 * 2 * 20 + 8);
    let names: Vec<_> = Residual::<4, 2>::tensors().into_iter().map(|tensor| tensor.name).collect();
    assert_eq!(names[4], "body.1.inner.dense.weight");
    assert!(Mlp::<4>::summary().to_string().contains("[4]"));
}

#[test]
fn gradients() {
    differences::check_network::<Mlp<4, f64>>();
    differences::check_network::<Mlp<9, f64>>();
    differences::check_network::<Residual<3, 2, f64>>();
}

#[test]
fn they_infer_train_and_are_saved() {
    let mut net = Mlp::<16>::seeded(1);
    let mut training = Training::<Mlp<16>>::new(4);
    let x = SMatrix::<f32, 5, 4>::from_fn(|i, j| (i as f32 - 2.0) * (j as f32 + 1.0) / 4.0);
    let mut sgd = Sgd::new(0.1);
    let losses: Vec<_> = (0..50)
        .map(|_| {
            let loss = training.backprop(&mut *net, &x, &SoftmaxCrossEntropy, &[0, 1, 2, 0]).unwrap();
            sgd.step(net.params_mut(), training.gradient().params());
            loss
        })
        .collect();
    assert!(losses[49] < losses[0]);
    let path = std::env::temp_dir().join(format!("monograd-generic-{}.safetensors", std::process::id()));
    net.save(&path).unwrap();
    let mut other = Mlp::<16>::zeroed();
    other.load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut work = Mlp::<16>::workspace(1);
    let sample = SVector::<f32, 5>::repeat(0.5);
    let expected = net.forward(&sample, &mut work).into_owned();
    assert_eq!(other.forward(&sample, &mut work).into_owned(), expected);
}
