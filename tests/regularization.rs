//! What keeps a training in bounds: penalties, largest norms, clipping, mixup, early stopping; and the test of learning rates.

use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy};
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::optimizers::{Adam, ParameterGroups, Sgd};
use monograd::prelude::*;
use monograd::regularizers::Penalty;
use monograd::schedules::Exponential;
use monograd::{EarlyStopping, Epoch, Flow, Observer, RateRange, TrainError};

network! {
    struct Small([1, 5, 5]) -> [2] {
        conv: conv2d(3, 3) -> layer_norm -> relu -> flatten,
        up: dense(4) -> relu,
        out: dense(2),
    }
}

network! {
    struct Line([1]) -> [1] {
        y: dense(1),
    }
}

type Data = Dataset<f64, 25, u32>;

fn data(samples: usize, seed: u64) -> Data {
    let mut generator = Generator::seed(seed);
    let classes: Vec<_> = (0..samples).map(|k| k as u32 % 2).collect();
    let rows: Vec<[f64; 25]> =
        classes.iter().map(|&class| core::array::from_fn(|_| generator.normal() + f64::from(class) / 2.0)).collect();
    Data::from_labelled_rows(&rows, &classes, 2).unwrap()
}

/// A network none of whose parameters is zero.
fn begun() -> Box<Small<f64>> {
    let mut net = Small::<f64>::seeded(1);
    for tensor in Small::<f64>::tensors().iter().filter(|tensor| !tensor.name.ends_with("weight")) {
        net.params_mut()[tensor.offset..][..tensor.len()].fill(0.3);
    }
    net
}

/// One step by everything at once, whose learning rate is 1: the parameters before less those after it are the gradient.
fn step(
    change: impl FnOnce(Trainer<SoftmaxCrossEntropy, Sgd<f64>>) -> Trainer<SoftmaxCrossEntropy, Sgd<f64>>,
) -> Vec<f64> {
    let mut net = begun();
    let before = net.params().to_vec();
    change(Trainer::new(SoftmaxCrossEntropy, Sgd::new(1.0)).batch_size(8).epochs(1))
        .fit(&mut *net, &data(8, 1))
        .unwrap();
    before.iter().zip(net.params()).map(|(before, after)| before - after).collect()
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[test]
fn a_penalty_is_on_weights_alone() {
    let (plain, penalised) = (step(|trainer| trainer), step(|trainer| trainer.penalty(Penalty::l1(0.25).and_l2(0.5))));
    let net = begun();
    let mut weights = 0;
    for tensor in Small::<f64>::tensors() {
        let is_weight = tensor.name.ends_with("weight");
        for i in tensor.offset..tensor.offset + tensor.len() {
            let w = net.params()[i];
            let expected = if is_weight { 0.25 * w.signum() + 0.5 * w } else { 0.0 };
            assert!((penalised[i] - plain[i] - expected).abs() < 1e-12, "{}", tensor.name);
        }
        weights += usize::from(is_weight);
    }
    assert_eq!(weights, 3);
    let cost: f64 = Small::<f64>::tensors()
        .iter()
        .filter(|tensor| tensor.name.ends_with("weight"))
        .flat_map(|tensor| net.params()[tensor.offset..][..tensor.len()].to_vec())
        .map(|w| 0.25 * w.abs() + 0.25 * w * w)
        .sum();
    assert!((Penalty::l1(0.25).and_l2(0.5).of_network(&*net) - cost).abs() < 1e-12);
}

#[test]
fn gradients_are_clipped_behind_the_penalty() {
    let whole = step(|trainer| trainer.penalty(Penalty::l2(0.5)));
    let limit = norm(&whole) / 3.0;
    let clipped = step(|trainer| trainer.penalty(Penalty::l2(0.5)).clip_norm(limit));
    for (clipped, whole) in clipped.iter().zip(&whole) {
        assert!((clipped - whole / 3.0).abs() < 1e-6, "{clipped} is not {}", whole / 3.0);
    }
    let large = step(|trainer| trainer.penalty(Penalty::l2(0.5)).clip_norm(100.0 * limit));
    assert_eq!(large, whole);
    let limited = step(|trainer| trainer.clip_value(0.01));
    let expected = step(|trainer| trainer);
    assert!(limited.iter().zip(&expected).all(|(limited, whole)| (limited - whole.clamp(-0.01, 0.01)).abs() < 1e-12));
}

#[test]
fn no_unit_has_weights_above_the_largest_norm() {
    let mut net = Small::<f64>::seeded(1);
    let before = net.params().to_vec();
    let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.5)).batch_size(4).epochs(3);
    trainer.max_norm(0.75).fit(&mut *net, &data(40, 1)).unwrap();
    let rows = |weight: &mut dyn Iterator<Item = f64>| norm(&weight.collect::<Vec<_>>());
    let of_dense = (0..2).map(|unit| rows(&mut net.out.weight.row(unit).iter().copied()));
    let of_conv = (0..3).map(|channel| {
        rows(
            &mut net
                .conv
                .conv2d
                .weight
                .iter()
                .flatten()
                .flat_map(|tap| tap.row(channel).iter().copied().collect::<Vec<_>>()),
        )
    });
    let norms: Vec<_> = of_dense.chain(of_conv).collect();
    assert!(norms.iter().all(|norm| *norm <= 0.75 + 1e-12), "{norms:?}");
    assert!(norms.iter().any(|norm| (norm - 0.75).abs() < 1e-12), "none was too large: {norms:?}");
    // Scaled back, they are still trained.
    assert_ne!(before, net.params());
}

#[test]
fn frozen_lines_stay_as_they_are_whatever_the_trainer_does_and_do_not_count_in_the_norm() {
    let groups = || ParameterGroups::new::<Small<f64>>(Sgd::new(1.0)).freeze("conv").unwrap();
    let trainer = || Trainer::new(SoftmaxCrossEntropy, groups()).batch_size(8).epochs(1).penalty(Penalty::l2(0.5));
    let mut net = Small::<f64>::seeded(1);
    trainer().max_norm(0.1).fit(&mut *net, &data(8, 1)).unwrap();
    assert_eq!(net.conv.conv2d.weight, Small::<f64>::seeded(1).conv.conv2d.weight);
    assert_ne!(net.out.weight, Small::<f64>::seeded(1).out.weight);

    // The way of the others is as long as the limit, as if the frozen ones had no gradient.
    let mut net = Small::<f64>::seeded(1);
    let before = net.params().to_vec();
    trainer().clip_norm(0.01).fit(&mut *net, &data(8, 1)).unwrap();
    let moved: Vec<_> = before.iter().zip(net.params()).map(|(before, after)| before - after).collect();
    assert!((norm(&moved) - 0.01).abs() < 1e-6, "{}", norm(&moved));
}

#[test]
fn groups_of_another_network_are_refused() {
    let groups = ParameterGroups::new::<Line<f64>>(Sgd::new(0.1)).freeze("y").unwrap();
    let mut net = Small::<f64>::seeded(1);
    let error = Trainer::new(SoftmaxCrossEntropy, groups).fit(&mut *net, &data(8, 1)).unwrap_err();
    assert_eq!(error, TrainError::Optimizer { made_for: "Line", network: "Small" });
    assert_eq!(net.params(), Small::<f64>::seeded(1).params());
}

#[test]
fn a_gradient_that_cannot_be_clipped_ends_the_training_before_it_does_harm() {
    let data = Dataset::<f32, 1, [f32; 1]>::from_rows(&[[3e20]], &[[0.0]]).unwrap();
    let mut net = Line::<f32>::zeroed();
    net.y.weight[0] = 0.01;
    let mut trainer = Trainer::new(HalfSquaredError, Sgd::new(0.1)).epochs(1).clip_norm(1.0);
    let error = trainer.fit(&mut *net, &data).unwrap_err();
    assert_eq!(error, TrainError::Gradient { epoch: 1, batch: 1 });
    assert_eq!((net.y.weight[0], net.y.bias[0]), (0.01, 0.0));
}

#[test]
fn mixup_is_the_loss_of_both_targets_on_mixed_samples() {
    let data = data(6, 4);
    // By hand: the trainer's own random numbers, and one batch of everything.
    let mut mixing = Generator::seed(!9 ^ 1 << 63);
    let share = mixing.beta(0.7);
    let mut net = Small::<f64>::seeded(1);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(1.0)).batch_size(6).epochs(1).seed(9).mixup(0.7);
    let before = net.params().to_vec();
    let loss = trainer.fit(&mut *net, &data).unwrap().epochs[0].loss;
    let moved: Vec<_> = before.iter().zip(net.params()).map(|(before, after)| before - after).collect();

    let mut batches = monograd::data::ShuffledBatches::new(&data, 6);
    batches.shuffle(&mut Generator::seed(9));
    let batch = batches.next_batch().unwrap();
    let mixed = OMatrix::<f64, Const<25>, Dyn>::from_fn(6, |i, b| {
        share * batch.inputs[(i, b)] + (1.0 - share) * batch.inputs[(i, 5 - b)]
    });
    let partners: Vec<_> = batch.targets.iter().rev().copied().collect();
    let (mut net, mut training) = (Small::<f64>::seeded(1), Training::<Small<f64>>::new(6));
    let mut expected = vec![0.0; moved.len()];
    let mut expected_loss = 0.0;
    for (share, targets) in [(share, batch.targets), (1.0 - share, &partners)] {
        expected_loss += share * training.backprop(&mut net, &mixed, &SoftmaxCrossEntropy, targets).unwrap();
        for (sum, g) in expected.iter_mut().zip(training.gradient().params()) {
            *sum += share * g;
        }
    }
    assert!((loss - expected_loss).abs() < 1e-12, "{loss} is not {expected_loss}");
    assert!(moved.iter().zip(&expected).all(|(moved, expected)| (moved - expected).abs() < 1e-12));
    assert!((0.01..0.99).contains(&share), "a share of {share} shows little");
}

/// Lets the loss of validation rise and fall by what it does to the learning rate.
struct Losses<'a>(&'a std::cell::RefCell<Vec<f64>>);

impl Observer for Losses<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Flow {
        self.0.borrow_mut().push(epoch.validation.unwrap().loss);
        Flow::Continue(())
    }
}

#[test]
fn a_training_that_brings_nothing_more_ends_with_the_best_network() {
    let (train, validation) = (data(30, 1), data(60, 2));
    let losses = std::cell::RefCell::default();
    let mut net = Small::<f64>::seeded(3);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.02)).batch_size(5).epochs(500);
    trainer = trainer.early_stopping(EarlyStopping::new(4)).observe(Losses(&losses));
    let history = trainer.fit_and_validate(&mut *net, &train, &validation).unwrap();
    drop(trainer);
    let losses = losses.into_inner();
    let best = (0..losses.len()).min_by(|&a, &b| losses[a].total_cmp(&losses[b])).unwrap();
    assert_eq!(history.best, Some(best + 1));
    assert_eq!(history.epochs.len(), best + 1 + 4);
    let restored = evaluate(&*net, &validation, &SoftmaxCrossEntropy).unwrap().loss;
    assert_eq!(restored, losses[best]);
    assert!(losses[losses.len() - 1] > restored);

    let mut last = Small::<f64>::seeded(3);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.02)).batch_size(5).epochs(500);
    trainer = trainer.early_stopping(EarlyStopping::new(4).keep_last());
    trainer.fit_and_validate(&mut *last, &train, &validation).unwrap();
    assert_eq!(evaluate(&*last, &validation, &SoftmaxCrossEntropy).unwrap().loss, losses[losses.len() - 1]);
}

#[test]
fn a_training_that_diverges_leaves_the_best_network() {
    let data = line();
    let mut net = Line::<f64>::seeded(1);
    // The learning rate grows until the loss overflows.
    let mut trainer = Trainer::new(HalfSquaredError, Sgd::new(0.1)).batch_size(20).epochs(1000);
    trainer = trainer.schedule(Exponential::new(1.5)).early_stopping(EarlyStopping::new(1000));
    let error = trainer.fit_and_validate(&mut *net, &data, &data).unwrap_err();
    assert!(matches!(error, TrainError::Diverged { .. }), "{error}");
    let loss = evaluate(&*net, &data, &HalfSquaredError).unwrap().loss;
    assert!(loss < 1.0, "the network of the best epoch was not restored: its loss is {loss}");
}

#[test]
fn an_improvement_has_to_be_large_enough() {
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(1e-9)).epochs(50);
    trainer = trainer.early_stopping(EarlyStopping::new(2).min_delta(0.1));
    let history = trainer.fit(&mut *Small::<f64>::new(), &data(10, 1)).unwrap();
    assert_eq!((history.epochs.len(), history.best), (3, Some(1)));
}

fn line() -> Dataset<f64, 1, [f64; 1]> {
    let inputs: Vec<_> = (0..20).map(|k| [f64::from(k) / 10.0 - 1.0]).collect();
    Dataset::from_rows(&inputs, &inputs.iter().map(|[x]| [3.0 * x]).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_test_of_learning_rates_finds_where_the_loss_falls_and_leaves_everything_as_it_was() {
    let mut net = Line::<f64>::seeded(1);
    let mut trainer = Trainer::new(HalfSquaredError, Sgd::new(0.125).momentum(0.5)).batch_size(20).epochs(2);
    let range = RateRange { from: 1e-4, to: 1e4, steps: 120 };
    let test = trainer.test_rates(&mut *net, &line(), range).unwrap();
    // Gradient descent on this line diverges above 2/(mean of x², and 1 for the bias): about 2.
    let suggestion = test.suggestion().unwrap();
    assert!((0.02..3.0).contains(&suggestion), "{test}");
    assert!(test.points.len() < 120, "too large a rate ends the test");
    assert!(test.points.windows(2).all(|pair| pair[1].learning_rate > pair[0].learning_rate));
    assert!(test.to_string().ends_with(&format!("suggestion: {suggestion:.1e}\n")), "{test}");

    assert_eq!(net.params(), Line::<f64>::seeded(1).params());
    assert_eq!(trainer.optimizer().learning_rate(), 0.125);
    let mut other = Line::<f64>::seeded(1);
    Trainer::new(HalfSquaredError, Sgd::new(0.125).momentum(0.5))
        .batch_size(20)
        .epochs(2)
        .fit(&mut *other, &line())
        .unwrap();
    trainer.fit(&mut *net, &line()).unwrap();
    assert_eq!(net.params(), other.params());
}

#[test]
fn a_test_of_learning_rates_goes_through_the_data_as_often_as_it_needs() {
    let mut trainer = Trainer::new(HalfSquaredError, Sgd::new(0.1)).batch_size(7);
    let range = RateRange { from: 1e-9, to: 1e-8, steps: 11 };
    let test = trainer.test_rates(&mut *Line::<f64>::seeded(1), &line(), range).unwrap();
    assert_eq!(test.points.len(), 11);
    assert!((test.points[10].learning_rate / 1e-8 - 1.0).abs() < 1e-12);
    let (empty, _) = line().split_at(0);
    let error = trainer.test_rates(&mut *Line::<f64>::seeded(1), &empty, range);
    assert_eq!(error, Err(TrainError::Empty));
}

#[test]
#[should_panic(expected = "alpha must be finite and above 0, found 0.0")]
fn mixup_needs_a_distribution() {
    let _ = Trainer::new(SoftmaxCrossEntropy, Sgd::<f32>::new(0.1)).mixup(0.0);
}
