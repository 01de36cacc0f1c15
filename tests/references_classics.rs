//! The classic convolutional networks against the numbers of PyTorch in `tests/references`. Weights and inputs are not
//! stored: both sides make them by the rule that `tests/references/README.md` states.

mod reference_numbers;

use monograd::Real;
use monograd::losses::{SoftmaxCrossEntropy, mean_loss_and_gradient};
use monograd::nalgebra::DimName;
use monograd::networks::{
    AlexNet, C3d, C3dUcf101, LeNet5, MnistCnn, Vgg11, Vgg11Bn, Vgg13, Vgg13Bn, Vgg16, Vgg16Bn, Vgg19, Vgg19Bn,
};
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use reference_numbers::seeded::{INPUTS, SAMPLES, WEIGHTS, bits, columns, filled, inputs, unit};
use reference_numbers::{References, assert_close, in_file_order};

network! {
    /// `MnistCnn` without dropout.
    struct Plain([1, 28, 28]) -> [10] {
        conv1: conv2d(32, 3) -> relu,
        conv2: conv2d(64, 3) -> relu -> max_pool2d(2),
        hidden: flatten -> dense(128) -> relu,
        out: dense(10),
    }

    /// The same with batch norm.
    struct Normalised([1, 28, 28]) -> [10] {
        conv1: conv2d(32, 3, bias = false) -> batch_norm -> relu,
        conv2: conv2d(64, 3, bias = false) -> batch_norm -> relu -> max_pool2d(2) -> flatten,
        hidden: dense(128, bias = false) -> batch_norm -> relu,
        out: dense(10),
    }
}

#[test]
fn the_rule_is_that_of_python() {
    assert_eq!([bits(0, 0), bits(0, 1)], [16_294_208_416_658_607_535, 7_960_286_522_194_355_700]);
    assert_eq!([unit(0, 0), unit(0, 1), unit(INPUTS, 0)], [0.766_621_6, -0.136_944_06, 0.310_134_17]);
    assert_eq!(unit(15, 102_760_447), -0.118_632_08);
}

// --- Outputs ----------------------------------------------------------------------------------------------------------

/// The output for one sample.
fn check<N: Network>(name: &str, tolerance: f64) {
    let (net, x) = (filled::<N>(1.0), inputs::<N>(1));
    let expected = References::read("classics").values(&format!("{name}.output"));
    assert_close(name, N::workspace(1).run(&net, &columns::<N>(&x)).as_slice(), &expected, tolerance);
}

macro_rules! classics {
    (in release: $($name:ident: $net:ident;)*) => {$(
        #[test]
        #[cfg_attr(debug_assertions, ignore = "together half a minute without optimisation")]
        fn $name() {
            check::<$net<f32>>(stringify!($name), 1e-5);
        }
    )*};
    ($($name:ident: $net:ident;)*) => {$(
        #[test]
        fn $name() {
            check::<$net<f32>>(stringify!($name), 1e-5);
        }
    )*};
}

classics! {
    alexnet: AlexNet;
    vgg11: Vgg11;
    vgg16: Vgg16;
    vgg11_bn: Vgg11Bn;
    c3d_101: C3dUcf101;
}

classics! { in release:
    vgg13: Vgg13;
    vgg19: Vgg19;
    vgg13_bn: Vgg13Bn;
    vgg16_bn: Vgg16Bn;
    vgg19_bn: Vgg19Bn;
    c3d: C3d;
}

#[test]
fn in_double_precision() {
    check::<AlexNet<f64>>("alexnet", 1e-12);
    check::<Vgg11Bn<f64>>("vgg11_bn", 1e-12);
}

// --- Training ---------------------------------------------------------------------------------------------------------

/// A network of `trained_classics`, and what is compared with it.
struct Case {
    name: &'static str,
    file: References,
    /// Of outputs and gradients; what is left after five steps of descent may be ten times as far away.
    tolerance: f64,
}

impl Case {
    fn new<T: Real>(name: &'static str) -> Self {
        let tolerance = if size_of::<T>() == 4 { 1e-5 } else { 1e-12 };
        Self { name, file: References::read("trained_classics"), tolerance }
    }

    fn values<T: Real>(&self, key: &str) -> Vec<T> {
        self.file.values(&format!("{}.{key}", self.name))
    }

    fn assert_close<T: Real>(&self, key: &str, found: &[T]) {
        assert_close(&format!("{}.{key}", self.name), found, &self.values(key), self.tolerance);
    }

    fn targets(&self) -> Vec<u32> {
        self.file.classes(&format!("{}.targets", self.name))
    }

    fn check_inference<N: Network>(&self, net: &N, key: &str) {
        let samples = self.targets().len();
        let x = inputs::<N>(samples);
        self.assert_close(key, N::workspace(samples).run(net, &columns::<N>(&x)).as_slice());
    }

    /// Output, loss, gradients by `check_gradient`, and the running statistics after a step.
    fn check_step<N: Trainable>(&self, check_gradient: impl Fn(&Self, &str, usize, &[N::Scalar])) {
        let (mut net, targets) = (filled::<N>(1.0), self.targets());
        let x = inputs::<N>(targets.len());
        let mut training = Training::<N>::with_input_gradient(targets.len());
        let loss = training.backprop(&mut *net, &columns::<N>(&x), &SoftmaxCrossEntropy, &targets).unwrap();
        self.assert_close("loss", &[loss]);
        self.assert_close("output", training.output().as_slice());
        let mut d_output = self.values("output");
        let output = training.output();
        mean_loss_and_gradient(&SoftmaxCrossEntropy, output.as_slice(), &targets, N::Output::DIM, &mut d_output)
            .unwrap();
        self.assert_close("d_output", &d_output);
        let (tensors, state) = (N::tensors(), N::state());
        for (k, tensor) in tensors.iter().enumerate() {
            let (line, word) = tensor.name.rsplit_once('.').expect("a parameter is a line's");
            let found = in_file_order(tensor, training.gradient().params());
            check_gradient(self, &format!("{line}.d_{word}"), k, &found);
        }
        check_gradient(self, "d_input", tensors.len(), training.input_gradient().unwrap().as_slice());
        for tensor in &state[tensors.len()..] {
            self.assert_close(&tensor.name, &in_file_order(tensor, net.as_flat()));
        }
    }

    /// Every value of a gradient.
    fn check_whole<T: Real>(&self, key: &str, _: usize, gradient: &[T]) {
        self.assert_close(key, gradient);
    }

    /// The fingerprint of the gradient of parameter `k`: some of its values, and sums over all of them.
    fn check_fingerprint<T: Real>(&self, key: &str, k: usize, gradient: &[T]) {
        let sample = |j| gradient[(bits(SAMPLES + k, j) % gradient.len() as u64) as usize];
        self.assert_close(&format!("{key}.samples"), &(0..32).map(sample).collect::<Vec<_>>());

        let values: Vec<_> = gradient.iter().map(|value| value.to_f64()).collect();
        let sum: f64 = values.iter().sum();
        let squares: f64 = values.iter().map(|value| value * value).sum();
        let dot: f64 = values.iter().enumerate().map(|(i, value)| value * f64::from(unit(WEIGHTS + k, i))).sum();
        // Where values cancel, their sum is as good as they are.
        let size: f64 = values.iter().map(|value| value.abs()).sum();
        let expected = self.values::<f64>(&format!("{key}.sums"));
        for (found, expected, size) in
            [(sum, expected[0], size), (squares, expected[1], squares), (dot, expected[2], size)]
        {
            let name = self.name;
            assert!(
                (found - expected).abs() <= self.tolerance * size,
                "{name}.{key}.sums: {found}, PyTorch has {expected}"
            );
        }
    }

    /// The losses of five steps of descent on one batch, and inference after them.
    fn check_descent<N: Trainable>(self, learning_rate: f64) {
        let (mut net, targets) = (filled::<N>(1.0), self.targets());
        let x = inputs::<N>(targets.len());
        let (mut training, mut descent) = (Training::<N>::new(targets.len()), Sgd::new(learning_rate));
        let losses: Vec<_> = (0..5)
            .map(|_| {
                let loss = training.backprop(&mut *net, &columns::<N>(&x), &SoftmaxCrossEntropy, &targets).unwrap();
                descent.step(net.params_mut(), training.gradient().params());
                loss
            })
            .collect();
        let case = Self { tolerance: 10.0 * self.tolerance, ..self };
        case.assert_close("trained.losses", &losses);
        case.check_inference(&*net, "trained.inference");
    }
}

fn check_lenet<N: Trainable>() {
    let case = Case::new::<N::Scalar>("lenet5");
    case.check_inference(&*filled::<N>(1.0), "inference");
    case.check_step::<N>(Case::check_whole);
    case.check_descent::<N>(0.1);
}

/// Inference after the normalisations have become part of the convolutions before them.
fn check_folded<N: Network>(name: &'static str) {
    let mut net = filled::<N>(1.0);
    net.fold_batch_norms();
    assert_ne!(net.params(), filled::<N>(1.0).params());
    Case::new::<N::Scalar>(name).check_inference(&*net, "inference");
}

fn check_mnist<N: Trainable>(name: &'static str, learning_rate: f64) {
    let case = Case::new::<N::Scalar>(name);
    case.check_inference(&*filled::<N>(1.0), "inference");
    case.check_step::<N>(Case::check_fingerprint);
    case.check_descent::<N>(learning_rate);
}

#[test]
fn lenet5() {
    check_lenet::<LeNet5<f64>>();
    check_lenet::<LeNet5<f32>>();
}

#[test]
fn mnist_cnn() {
    check_mnist::<Plain<f64>>("mnist_cnn", 0.002);
    check_mnist::<Plain<f32>>("mnist_cnn", 0.002);
}

#[test]
fn mnist_cnn_in_inference_has_no_dropout() {
    Case::new::<f64>("mnist_cnn").check_inference(&*filled::<MnistCnn<f64>>(1.0), "inference");
    Case::new::<f32>("mnist_cnn").check_inference(&*filled::<MnistCnn<f32>>(1.0), "inference");
}

#[test]
fn mnist_cnn_with_batch_norm() {
    check_mnist::<Normalised<f64>>("mnist_cnn_bn", 0.02);
    check_mnist::<Normalised<f32>>("mnist_cnn_bn", 0.02);
}

#[test]
fn mnist_cnn_with_folded_batch_norm() {
    check_folded::<Normalised<f64>>("mnist_cnn_bn");
    check_folded::<Normalised<f32>>("mnist_cnn_bn");
}
