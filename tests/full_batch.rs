//! Full-batch methods on networks: the minimum that SciPy finds, in `f64` and `f32`, and what is refused.

use std::fs;
use std::ops::ControlFlow;

use monograd::TrainError;
use monograd::data::Dataset;
use monograd::losses::{BinaryCrossEntropyWithLogits, MeanSquaredError, SoftmaxCrossEntropy, TargetError};
use monograd::minimizers::{
    BarzilaiBorwein, Bfgs, ConjugateGradient, FullBatch, GradientDescent, LBfgs, Minimizer, Outcome,
};
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::prelude::*;
use monograd::regularizers::Penalty;
use safetensors::SafeTensors;

network! {
    /// Logistic regression: one minimum.
    struct Logistic([3]) -> [1] {
        out: dense(1),
    }
}

network! {
    /// Learns the exclusive or.
    struct Xor([2]) -> [1] {
        hidden: dense(5) -> tanh,
        out: dense(1),
    }
}

network! {
    struct Dropping([2]) -> [2] {
        hidden: dense(16) -> tanh -> dropout(0.3),
        out: dense(2),
    }
}

network! {
    struct Normalised([2]) -> [2] {
        hidden: dense(4, bias = false) -> batch_norm -> tanh,
        out: dense(2),
    }
}

/// What SciPy minimised, and where it arrived.
struct Reference {
    x: Vec<f64>,
    targets: Vec<f64>,
    minimum: Vec<f64>,
    loss: f64,
}

fn reference() -> Reference {
    let bytes = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/references/minimizers.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let get =
        |name: &str| bytemuck::pod_collect_to_vec::<u8, f64>(file.tensor(&format!("logistic.{name}")).unwrap().data());
    assert_eq!(get("penalty"), [0.01]);
    Reference { x: get("x"), targets: get("t"), minimum: get("bfgs.minimum"), loss: get("loss")[0] }
}

fn methods<T: monograd::Real>(tolerance: f64) -> Vec<(&'static str, Box<dyn Minimizer<T>>)> {
    vec![
        (
            "gradient descent",
            Box::new(GradientDescent::backtracking().gradient_tolerance(tolerance).max_iterations(20_000)),
        ),
        ("bb", Box::new(BarzilaiBorwein::new().gradient_tolerance(tolerance))),
        ("cg", Box::new(ConjugateGradient::new().gradient_tolerance(tolerance))),
        ("lbfgs", Box::new(LBfgs::new().gradient_tolerance(tolerance))),
        ("bfgs", Box::new(Bfgs::new().gradient_tolerance(tolerance))),
    ]
}

fn check_logistic<T: monograd::Real>(tolerance: f64, error: f64) {
    let Reference { x, targets, minimum: expected, loss } = reference();
    let reals = |values: &[f64]| values.iter().map(|&value| T::nearest(value)).collect::<Vec<_>>();
    let inputs = OMatrix::<T, Const<3>, Dyn>::from_column_slice(&reals(&x));
    let targets = OMatrix::<T, Const<1>, Dyn>::from_column_slice(&reals(&targets));
    let data = Dataset::<T, 3, [T; 1]>::from_columns(inputs, &targets).unwrap();
    for batch_size in [80, 7] {
        for (name, mut method) in methods::<T>(tolerance) {
            let mut net = Logistic::<T>::zeroed();
            let mut full_batch = FullBatch::new(&mut *net, &data, BinaryCrossEntropyWithLogits)
                .penalty(Penalty::l2(0.01))
                .batch_size(batch_size);
            let minimum = full_batch.minimize(&mut *method).unwrap();
            println!("{name}, {batch_size}: {minimum}");
            assert!((minimum.value - loss).abs() <= error * error.max(1e-7), "{name}: {minimum}");
            let found = net.out.weight.iter().chain(net.out.bias.iter());
            for (found, expected) in found.zip(&expected) {
                assert!(
                    (monograd::Real::to_f64(*found) - expected).abs() <= error,
                    "{name}: {found} is not {expected}"
                );
            }
        }
    }
}

#[test]
fn logistic_regression_arrives_where_scipy_does() {
    check_logistic::<f64>(1e-10, 1e-7);
}

#[test]
fn logistic_regression_in_f32() {
    check_logistic::<f32>(1e-6, 2e-3);
}

fn xor() -> Dataset<f32, 2, [f32; 1]> {
    let rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    Dataset::from_rows(&rows, &[[0.0], [1.0], [1.0], [0.0]]).unwrap()
}

#[test]
fn the_exclusive_or_is_learnt_exactly() {
    for (name, mut method) in methods::<f32>(1e-4) {
        let (mut net, data) = (Xor::seeded(3), xor());
        let minimum = FullBatch::new(&mut *net, &data, MeanSquaredError).minimize(&mut *method).unwrap();
        println!("{name}: {minimum}");
        assert!(minimum.value < 1e-4, "{name}: {minimum}");
        let evaluation = evaluate(&*net, &data, &MeanSquaredError).unwrap();
        assert!((evaluation.loss - minimum.value).abs() <= 1e-6, "{name}: the network has other parameters");
    }
}

fn classes() -> Dataset<f32, 2, u32> {
    let rows: Vec<[f32; 2]> = (0..60).map(|k| [(k as f32).sin(), (k as f32 * 1.7).cos()]).collect();
    let labels: Vec<u32> = rows.iter().map(|[x, y]| u32::from(x * y > 0.0)).collect();
    Dataset::from_labelled_rows(&rows, &labels, 2).unwrap()
}

/// Each evaluation drops the same values, so that the loss of one point is one number.
#[test]
fn dropout_is_the_same_in_every_evaluation() {
    let mut net = Dropping::new();
    let (data, start) = (classes(), net.params().to_vec());
    let mut full_batch = FullBatch::new(&mut *net, &data, SoftmaxCrossEntropy).batch_size(16);
    let mut values = Vec::new();
    let mut method = LBfgs::new().max_iterations(30);
    let minimum = full_batch.minimize_watched(&mut method, &mut |at| {
        values.push(at.value);
        ControlFlow::Continue(())
    });
    assert!(values.windows(2).all(|pair| pair[1] < pair[0]), "{values:?}");
    net.params_mut().copy_from_slice(&start);
    let again = FullBatch::new(&mut *net, &data, SoftmaxCrossEntropy).batch_size(16).minimize(&mut method);
    assert_eq!(minimum, again);
}

#[test]
fn what_does_not_fit_is_refused() {
    let data = classes();
    let mut normalised = Normalised::new();
    let before = (normalised.params().to_vec(), normalised.buffers.hidden.batch_norm.running_var[0]);
    let refused = FullBatch::new(&mut *normalised, &data, SoftmaxCrossEntropy).minimize(&mut LBfgs::new()).unwrap_err();
    assert_eq!(refused, TrainError::RunningStatistics { network: "Normalised" });
    assert!(refused.to_string().starts_with("`Normalised` has running statistics"), "{refused}");
    assert_eq!(normalised.params(), before.0);
    assert_eq!(normalised.buffers.hidden.batch_norm.running_var[0], before.1);

    let empty = data.clone().split_at(0).0;
    let mut net = Dropping::new();
    let before = net.params().to_vec();
    let refused = FullBatch::new(&mut *net, &empty, SoftmaxCrossEntropy).minimize(&mut LBfgs::new()).unwrap_err();
    assert_eq!(refused, TrainError::Empty);

    let no_class = Dataset::<f32, 2, [f32; 2]>::from_rows(&[[0.0, 0.0]], &[[0.3, 1.7]]).unwrap();
    let refused =
        FullBatch::new(&mut *net, &no_class, BinaryCrossEntropyWithLogits).minimize(&mut LBfgs::new()).unwrap_err();
    assert!(matches!(refused, TrainError::Target(TargetError::Value { .. })), "{refused}");
    assert_eq!(net.params(), before);
}

#[test]
fn a_loss_that_is_not_finite_is_an_outcome() {
    let (mut net, data) = (Xor::new(), xor());
    net.out.bias[0] = f32::INFINITY;
    let minimum = FullBatch::new(&mut *net, &data, MeanSquaredError).minimize(&mut LBfgs::new()).unwrap();
    assert_eq!((minimum.outcome, minimum.evaluations), (Outcome::NotFinite, 1));
}
