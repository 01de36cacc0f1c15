//! Implicit stochastic gradient descent against a search of its minimum, and against what the explicit one does.

extern crate self as monograd;

pub use nn_macros::network;
pub use nn_runtime::*;
pub use {nalgebra, nn_runtime::data::Dataset};

use nn_runtime::losses::{
    AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Huber, ImplicitLoss, Loss, MeanSquaredError,
    TargetError,
};
use nn_runtime::optimizers::{ImplicitSgd, Optimizer, Sgd};

network! {
    struct Linear([3]) -> [2] {
        out: dense(2),
    }

    struct Through([3]) -> [1] {
        out: dense(1, bias = false),
    }
}

const X: [f64; 3] = [0.7, -1.9, 1.2];

/// `ℓ(ϑ) + ‖ϑ − θ‖²/(2η)` with the loss as trainers have it.
fn objective(loss: &impl Loss<f64, f64>, eta: f64, start: &Linear<f64>, net: &Linear<f64>, targets: &[f64; 2]) -> f64 {
    let mut work = Linear::<f64>::workspace(1);
    let y = net.forward(&nalgebra::SVector::from(X), &mut work);
    let cost = losses::mean_loss(loss, y.as_slice(), targets, 2).unwrap();
    let distance = net.params().iter().zip(start.params()).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    cost + distance / (2.0 * eta)
}

/// No step along an axis of the parameters, or along one of 50 random directions, improves on what the update found: the
/// objective is convex, so that this is its minimum.
fn check(loss: impl ImplicitLoss + Loss<f64, f64>, targets: [f64; 2]) {
    for eta in [1e-2, 1.0, 100.0] {
        let start = Linear::<f64>::seeded(4);
        let mut net = Linear::<f64>::zeroed();
        net.copy_from(&start);
        ImplicitSgd::new(eta).step(&mut *net, &X, &targets, loss).unwrap();
        let best = objective(&loss, eta, &start, &net, &targets);
        assert!(best < objective(&loss, eta, &start, &start, &targets), "the update improves");
        let (places, mut generator) = (net.params().len(), Generator::seed(1));
        let mut tried = Linear::<f64>::zeroed();
        for direction in 0..50 + places {
            for size in [1e-4, 1e-2, 1.0] {
                tried.copy_from(&net);
                for (place, value) in tried.params_mut().iter_mut().enumerate() {
                    let along =
                        if direction < places { f64::from(u8::from(place == direction)) } else { generator.normal() };
                    *value += size * along * if direction % 2 == 0 { 1.0 } else { -1.0 };
                }
                let found = objective(&loss, eta, &start, &tried, &targets);
                assert!(best <= found + 1e-12 * found.abs(), "eta {eta}: {best}, but {found} in direction {direction}");
            }
        }
    }
}

#[test]
fn an_update_minimises_loss_and_distance() {
    check(HalfSquaredError, [2.0, -1.0]);
    check(MeanSquaredError, [2.0, -1.0]);
    check(AbsoluteError, [2.0, -1.0]);
    check(Huber { delta: 0.3 }, [2.0, -1.0]);
    check(Hinge, [1.0, -1.0]);
    check(BinaryCrossEntropyWithLogits, [1.0, 0.25]);
}

/// `y = 2x₀ − x₁ + ½x₂ − 1` and `y = −x₂`, without noise.
fn line(samples: usize) -> Dataset<f64, 3, [f64; 2]> {
    let mut generator = Generator::seed(9);
    let rows: Vec<[f64; 3]> = (0..samples).map(|_| [0; 3].map(|_| 3.0 * generator.normal())).collect();
    let targets: Vec<_> = rows.iter().map(|x| [2.0 * x[0] - x[1] + 0.5 * x[2] - 1.0, -x[2]]).collect();
    Dataset::from_rows(&rows, &targets).unwrap()
}

#[test]
fn a_rate_at_which_the_explicit_method_diverges() {
    const RATE: f64 = 100.0;
    let data = line(50);
    let mut explicit = Linear::<f64>::seeded(1);
    let mut training = Training::<Linear<f64>>::new(1);
    let mut sgd = Sgd::new(RATE);
    let mut last = 0.0;
    for batch in data.batches(1).take(20) {
        last =
            training.backprop(&mut *explicit, &batch.inputs, &HalfSquaredError, batch.targets.as_flattened()).unwrap();
        sgd.step(explicit.params_mut(), training.gradient().params());
    }
    assert!(last > 1e50, "the explicit method has a loss of {last}");

    let mut implicit = Linear::<f64>::seeded(1);
    let losses = ImplicitSgd::new(RATE).epochs(20).fit(&mut *implicit, &data, HalfSquaredError).unwrap();
    assert!(losses[19] < 1e-12, "{losses:?}");
    assert!((implicit.out.weight[(0, 0)] - 2.0).abs() < 1e-6 && (implicit.out.bias[0] + 1.0).abs() < 1e-6);
}

#[test]
fn small_steps_are_those_of_the_explicit_method() {
    const RATE: f64 = 1e-7;
    let data = line(1);
    let (mut explicit, mut implicit) = (Linear::<f64>::seeded(1), Linear::<f64>::seeded(1));
    let before = explicit.params().to_vec();
    let mut training = Training::<Linear<f64>>::new(1);
    let batch = data.batches(1).next().unwrap();
    training.backprop(&mut *explicit, &batch.inputs, &HalfSquaredError, batch.targets.as_flattened()).unwrap();
    Sgd::new(RATE).step(explicit.params_mut(), training.gradient().params());
    ImplicitSgd::new(RATE).epochs(1).fit(&mut *implicit, &data, HalfSquaredError).unwrap();
    for ((a, b), before) in explicit.params().iter().zip(implicit.params()).zip(before) {
        assert!((a - b).abs() <= 1e-4 * (a - before).abs(), "{a} {b}");
    }
}

#[test]
fn orders_follow_from_the_seed_and_go_on() {
    let data = line(30);
    let fitted = |mut rule: ImplicitSgd, fits: usize| {
        let mut net = Linear::<f64>::zeroed();
        for _ in 0..fits {
            rule.fit(&mut *net, &data, AbsoluteError).unwrap();
        }
        net.params().to_vec()
    };
    let rule = |seed, epochs| ImplicitSgd::new(0.01).seed(seed).epochs(epochs);
    assert_eq!(fitted(rule(1, 4), 1), fitted(rule(1, 2), 2));
    assert_ne!(fitted(rule(1, 4), 1), fitted(rule(2, 4), 1));
}

#[test]
fn without_a_bias_a_sample_of_zeros_changes_nothing() {
    let mut net = Through::<f64>::seeded(2);
    let before = net.params().to_vec();
    let cost = ImplicitSgd::new(1.0).step(&mut *net, &[0.0; 3], &[2.0], HalfSquaredError).unwrap();
    assert_eq!((cost, net.params()), (2.0, &before[..]));
}

#[test]
fn errors() {
    let data = Dataset::<f64, 3, [f64; 1]>::from_rows(&[X, X], &[[1.0], [0.0]]).unwrap();
    let (empty, data) = data.split_at(0);
    let mut net = Through::<f64>::seeded(2);
    let before = net.params().to_vec();
    let mut rule = ImplicitSgd::new(1.0);
    let error = TargetError::Value { index: 1, value: 0.0, takes: "−1 and 1" };
    assert_eq!(rule.fit(&mut *net, &data, Hinge), Err(TrainError::Target(error)));
    assert_eq!(rule.fit(&mut *net, &empty, Hinge), Err(TrainError::Empty));
    assert_eq!(net.params(), before);
}

#[test]
#[should_panic(expected = "the network has 3 inputs, but the sample has 2")]
fn a_sample_fits_the_network() {
    // As many products as the network has weights.
    let _ = ImplicitSgd::new(1.0).step(&mut *Linear::<f64>::zeroed(), &[1.0; 2], &[1.0; 3], HalfSquaredError);
}

#[test]
#[should_panic(expected = "the network has 1 outputs, but there are 0 targets")]
fn targets_fit_the_network() {
    let _ = ImplicitSgd::new(1.0).step(&mut *Through::<f64>::zeroed(), &[1.0; 3], &[], HalfSquaredError);
}
