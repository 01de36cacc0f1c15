//! Networks, activations and losses against the numbers of PyTorch in `tests/references`.

mod reference_numbers;

use monograd::Real;
use monograd::activations::{
    Activation, Approximate, Elu, Gelu, LeakyRelu, Logistic, Relu, Relu6, Silu, Softplus, Tanh,
};
use monograd::losses::{
    AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Huber, LabelSmoothing, Loss,
    MeanSquaredError, PixelCrossEntropy, SoftmaxCrossEntropy, mean_loss, mean_loss_and_gradient,
};
use monograd::nalgebra::{DimName, Dyn, MatrixView};
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use reference_numbers::{References, WeightedSum, assert_close, from_file_order, in_file_order};
use safetensors::Dtype;

network! {
    struct Net1([7]) -> [3] {
        hidden: dense(5) -> relu,
        out: dense(3),
    }
}

network! {
    struct Net2([6]) -> [4] {
        hidden1: dense(11) -> tanh,
        hidden2: dense(8) -> gelu,
        out: dense(4),
    }
}

network! {
    struct Net3([9]) -> [2] {
        hidden: dense(17) -> logistic,
        out: dense(2),
    }
}

network! {
    struct Net4([13]) -> [3] {
        hidden1: dense(33) -> leaky_relu(slope = 0.01),
        hidden2: dense(16) -> silu,
        out: dense(3) -> tanh,
    }
}

/// The file of a scalar type.
fn references<T: Real>(name: &str) -> References {
    References::read(&format!("{name}.{}", if T::DTYPE == Dtype::F32 { "f32" } else { "f64" }))
}

/// One of the reference networks, and what is compared with it.
struct Case<'a> {
    name: &'a str,
    file: &'a References,
    tolerance: f64,
}

impl Case<'_> {
    fn values<T: Real>(&self, key: &str) -> Vec<T> {
        self.file.values(&format!("{}.{key}", self.name))
    }

    fn assert_close<T: Real>(&self, key: &str, found: &[T]) {
        assert_close(&format!("{}.{key}", self.name), found, &self.values(key), self.tolerance);
    }

    /// Each tensor of `params` against those that the file has by a name made of the tensor's.
    fn assert_tensors<N: Network>(&self, params: &[N::Scalar], key: impl Fn(&str) -> String) {
        for tensor in N::tensors() {
            self.assert_close(&key(&tensor.name), &in_file_order(&tensor, params));
        }
    }

    /// Gives a network the file's parameters.
    fn load<N: Network>(&self, net: &mut N) {
        for tensor in N::tensors() {
            assert_eq!(self.file.shape(&format!("{}.{}", self.name, tensor.name)), tensor.shape);
            from_file_order(&tensor, net.params_mut(), &self.values(&tensor.name));
        }
    }

    /// Output, loss, gradients, and ten steps of gradient descent.
    fn check<N: Trainable, Target>(&self, loss: &impl Loss<N::Scalar, Target>, targets: &[Target]) {
        let mut net = N::new();
        self.load(&mut *net);
        let x = self.values("input");
        let batch = Dyn(x.len() / N::Input::DIM);
        let x = MatrixView::from_slice_generic(&x, N::Input::name(), batch);
        self.assert_close("output", N::workspace(batch.0).run(&net, &x).as_slice());

        let mut training = Training::<N>::with_input_gradient(batch.0);
        let mean = training.backprop(&mut net, &x, loss, targets).unwrap();
        self.assert_close("loss", &[mean]);
        self.assert_close("output", training.output().as_slice());
        self.assert_close("d_input", training.input_gradient().unwrap().as_slice());
        self.assert_tensors::<N>(training.gradient().params(), |name| name.replace('.', ".d_"));

        let mut d_output = self.values("output");
        mean_loss_and_gradient(loss, training.output().as_slice(), targets, N::Output::DIM, &mut d_output).unwrap();
        self.assert_close("d_output", &d_output);

        let mut descent = Sgd::new(0.1);
        let losses: Vec<_> = (0..10)
            .map(|_| {
                let mean = training.backprop(&mut net, &x, loss, targets).unwrap();
                descent.step(net.params_mut(), training.gradient().params());
                mean
            })
            .collect();
        self.assert_close("trained.losses", &losses);
        self.assert_tensors::<N>(net.params(), |name| format!("trained.{name}"));
    }
}

/// A test of a network in both precisions, `$targets` from a function of the case.
macro_rules! networks {
    ($($name:ident: $net:ident, $loss:expr, $targets:expr;)*) => {$(
        #[test]
        fn $name() {
            let (double, single) = (references::<f64>("networks"), references::<f32>("networks"));
            let name = stringify!($name);
            let case = Case { name, file: &double, tolerance: 1e-13 };
            case.check::<$net<f64>, _>(&$loss, &$targets(&case));
            let case = Case { name, file: &single, tolerance: 2e-6 };
            case.check::<$net<f32>, _>(&$loss, &$targets(&case));
        }
    )*};
}

networks! {
    net1: Net1, SoftmaxCrossEntropy, |case: &Case| case.file.classes("net1.targets");
    net2: Net2, MeanSquaredError, |case: &Case| case.values("targets");
    net3: Net3, BinaryCrossEntropyWithLogits, |case: &Case| case.values("targets");
    net4: Net4, HalfSquaredError, |case: &Case| case.values("targets");
}

/// Value by value, relative to `max(1, |expected|)`, which is how good the reference itself is.
fn assert_within(what: &str, found: &[f64], expected: &[f64], x: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for ((found, expected), x) in found.iter().zip(expected).zip(x) {
        let allowed = tolerance * expected.abs().max(1.0);
        assert!((found - expected).abs() <= allowed, "{what} at {x:e}: {found:e}, PyTorch has {expected:e}");
    }
}

fn widened<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(|x| x.to_f64()).collect()
}

/// An activation as a network of its own, one sample of which is all reference inputs.
fn check_activation<N: Trainable>(name: &str, activation: Activation, tolerance: f64) {
    let file = References::read("activations");
    let [x, y, derivative] =
        ["x".into(), format!("{name}.y"), format!("{name}.derivative")].map(|key: String| file.values::<f64>(&key));
    let inputs: Vec<N::Scalar> = x.iter().map(|x| N::Scalar::nearest(*x)).collect();
    let mut values = inputs.clone();
    activation.apply(&mut values);
    assert_within(name, &widened(&values), &y, &x, tolerance);

    let mut net = N::new();
    let sample = MatrixView::from_slice_generic(&inputs, N::Input::name(), Dyn(1));
    let mut training = Training::<N>::with_input_gradient(1);
    let ones = vec![N::Scalar::nearest(1.0); N::Output::DIM];
    training.backprop(&mut net, &sample, &WeightedSum, &ones).unwrap();
    assert_eq!(training.output().as_slice(), values, "{name}: the network's values are the activation's");
    let found = training.input_gradient().unwrap();
    assert_within(&format!("{name}′"), &widened(found.as_slice()), &derivative, &x, tolerance);
}

macro_rules! activations {
    ($($name:ident: $net:ident { $($layer:tt)+ } $activation:expr;)*) => {$(
        network! {
            struct $net([184]) -> [184] {
                value: $($layer)+,
            }
        }

        #[test]
        fn $name() {
            check_activation::<$net<f64>>(stringify!($name), $activation.into(), 4e-15);
            check_activation::<$net<f32>>(stringify!($name), $activation.into(), 1e-6);
        }
    )*};
}

activations! {
    relu: OfRelu { relu } Relu;
    relu6: OfRelu6 { relu6 } Relu6;
    leaky_relu: OfLeakyRelu { leaky_relu } LeakyRelu { slope: 0.01 };
    elu: OfElu { elu } Elu { alpha: 1.0 };
    gelu: OfGelu { gelu } Gelu { approximate: Approximate::None };
    gelu_tanh: OfGeluTanh { gelu(approximate = tanh) } Gelu { approximate: Approximate::Tanh };
    silu: OfSilu { silu } Silu;
    sigmoid: OfLogistic { logistic } Logistic { k: 1.0 };
    tanh: OfTanh { tanh } Tanh;
    softplus: OfSoftplus { softplus } Softplus { beta: 1.0 };
}

network! {
    #[allow(softmax_output)]
    struct OfSoftmax([7]) -> [7] {
        value: softmax,
    }
}

#[test]
fn softmax() {
    fn check<N: Trainable>(tolerance: f64) {
        let file = References::read("activations");
        let [x, y, d_y, d_x] = ["x", "y", "d_y", "d_x"].map(|key| file.values::<f64>(&format!("softmax.{key}")));
        let [inputs, weights] =
            [&x, &d_y].map(|values| values.iter().map(|x| N::Scalar::nearest(*x)).collect::<Vec<_>>());
        let samples = MatrixView::from_slice_generic(&inputs, N::Input::name(), Dyn(8));
        let mut training = Training::<N>::with_input_gradient(8);
        training.backprop(&mut N::new(), &samples, &WeightedSum, &weights).unwrap();
        assert_within("softmax", &widened(training.output().as_slice()), &y, &x, tolerance);
        let found = training.input_gradient().unwrap();
        assert_within("softmax's d_x", &widened(found.as_slice()), &d_x, &x, tolerance);
    }
    check::<OfSoftmax<f64>>(4e-15);
    check::<OfSoftmax<f32>>(1e-6);
}

/// A loss and its gradient.
fn check_loss<T: Real, Target>(
    file: &References,
    name: &str,
    loss: &impl Loss<T, Target>,
    targets: &[Target],
    tolerance: f64,
) {
    let output = file.values::<T>(&format!("{name}.output"));
    let rows = file.shape(&format!("{name}.output"))[1..].iter().product();
    let mut d_output = vec![T::nearest(f64::NAN); output.len()];
    let found = mean_loss_and_gradient(loss, &output, targets, rows, &mut d_output).unwrap();
    assert_eq!(found, mean_loss(loss, &output, targets, rows).unwrap(), "{name}: with and without gradient");
    assert_close(&format!("{name}.loss"), &[found], &file.values(&format!("{name}.loss")), tolerance);
    assert_close(&format!("{name}.d_output"), &d_output, &file.values(&format!("{name}.d_output")), tolerance);
}

fn check_losses<T: Real>(tolerance: f64) {
    let file = references::<T>("losses");
    let values = |name: &str| file.values::<T>(&format!("{name}.targets"));
    check_loss(&file, "mse", &MeanSquaredError, &values("mse"), tolerance);
    check_loss(&file, "half_squared_error", &HalfSquaredError, &values("half_squared_error"), tolerance);
    check_loss(&file, "l1", &AbsoluteError, &values("l1"), tolerance);
    check_loss(&file, "huber", &Huber { delta: 0.7 }, &values("huber"), tolerance);
    check_loss(&file, "hinge", &Hinge, &values("hinge"), tolerance);
    for name in ["cross_entropy", "cross_entropy_extreme"] {
        check_loss::<T, _>(&file, name, &SoftmaxCrossEntropy, &file.classes(&format!("{name}.targets")), tolerance);
    }
    for name in ["cross_entropy_smoothed", "cross_entropy_smoothed_extreme"] {
        let classes = file.classes(&format!("{name}.targets"));
        check_loss::<T, _>(&file, name, &LabelSmoothing::new(0.1), &classes, tolerance);
    }
    check_loss(&file, "cross_entropy_soft", &SoftmaxCrossEntropy, &values("cross_entropy_soft"), tolerance);
    let mask = file.classes("cross_entropy_pixels.targets");
    check_loss::<T, _>(&file, "cross_entropy_pixels", &PixelCrossEntropy::new(3), &mask, tolerance);
    for name in ["bce_with_logits", "bce_with_logits_soft", "bce_with_logits_extreme"] {
        check_loss(&file, name, &BinaryCrossEntropyWithLogits, &values(name), tolerance);
    }
}

#[test]
fn losses() {
    check_losses::<f64>(1e-14);
    check_losses::<f32>(1e-6);
}
