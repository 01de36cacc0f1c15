//! Real training, to a stated accuracy; and the numbers of the exercises.

use std::cell::RefCell;

use monograd::data::{Augment, TrainAndTest, idx_folder};
use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy, TargetError};
use monograd::nalgebra::vector;
use monograd::optimizers::{Adam, Sgd};
use monograd::prelude::*;
use monograd::{Epoch, Flow, History, Observer, Progress, TrainError};

network! {
    struct Digits([784]) -> [10] {
        hidden: dense(32) -> relu,
        out: dense(10),
    }
}

network! {
    struct Neuron([2]) -> [1] {
        h: dense(1) -> logistic,
    }
}

network! {
    struct Line([2]) -> [1] {
        y: dense(1, init = normal, std = 1.0),
    }
}

fn digits() -> (Dataset<f32, 784, u32>, Dataset<f32, 784, u32>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data");
    let TrainAndTest { train, test } = idx_folder(folder, "digits-", 10).unwrap();
    (Dataset::from_images(&train).unwrap(), Dataset::from_images(&test).unwrap())
}

#[test]
fn a_small_network_learns_digits() {
    let (train, test) = digits();
    let mut net = Digits::new();
    let mut seen = Vec::new();
    let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(3e-3))
        .batch_size(50)
        .epochs(3)
        .on_epoch(|epoch| seen.push(epoch.number))
        .fit_and_validate(&mut *net, &train, &test)
        .unwrap();
    assert_eq!(history.epochs.len(), 3);
    let evaluation = evaluate(&*net, &test, &SoftmaxCrossEntropy).unwrap();
    let accuracy = evaluation.accuracy().unwrap();
    assert!(accuracy > 0.92, "{accuracy}");
    assert_eq!(history.last().unwrap().validation.unwrap().accuracy, Some(accuracy));
    assert_eq!(evaluation.confusion.unwrap().total(), 2000);
    assert!(history.epochs[2].loss < history.epochs[0].loss);
    assert_eq!(seen, [1, 2, 3]);
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_does_not() {
    let (train, _) = digits();
    let (train, _) = train.split_at(600);
    let trained = |seed| {
        let mut net = Digits::new();
        let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1).momentum(0.9)).epochs(2).seed(seed);
        trainer.fit(&mut *net, &train).unwrap();
        net
    };
    assert_eq!(trained(1).params(), trained(1).params());
    assert_ne!(trained(1).params(), trained(2).params());
}

/// Trains on 600 digits, and evaluates on 200.
fn augmented(augment: Option<Augment>) -> (Box<Digits>, History) {
    let (train, test) = digits();
    let ((train, _), (test, _)) = (train.split_at(600), test.split_at(200));
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1).momentum(0.9)).epochs(2).seed(3);
    if let Some(augment) = augment {
        trainer = trainer.augment(augment);
    }
    let mut net = Digits::new();
    let history = trainer.fit_and_validate(&mut *net, &train, &test).unwrap();
    let evaluation = evaluate(&*net, &test, &SoftmaxCrossEntropy).unwrap();
    assert_eq!(history.last().unwrap().validation, Some(evaluation.into()), "validation is not augmented");
    (net, history)
}

#[test]
fn augmentation_is_reproducible_and_harder_to_learn() {
    let images = Augment::images([1, 28, 28]).shift(2).noise(0.2);
    let [(first, seen), (second, _)] = [(); 2].map(|()| augmented(Some(images.clone())));
    assert_eq!(first.params(), second.params());
    let (_, plain) = augmented(None);
    assert!(seen.last().unwrap().loss > plain.last().unwrap().loss);
}

#[test]
fn augmentation_leaves_the_order_of_the_samples_as_it_is() {
    let (plain, _) = augmented(None);
    let (unchanged, _) = augmented(Some(Augment::images([1, 28, 28]).shift(0).flip_horizontal(0.0).noise(0.0)));
    assert_eq!(plain.params(), unchanged.params());
}

#[test]
fn augmentation_of_other_images_is_refused_before_anything_changes() {
    let (train, _) = digits();
    let mut net = Digits::new();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).augment(Augment::images([1, 32, 32]).shift(2));
    let error = trainer.fit(&mut *net, &train).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the augmentation is for images of [1, 32, 32], 1024 values, but a sample of the data set has 784"
    );
    assert_eq!(net.params(), Digits::new().params());
}

/// The exercise of `examples/backprop_by_hand.rs`: z = 0, h = ½, δ = ½·¼ = ⅛.
#[test]
fn backprop_by_hand() {
    let mut net = Neuron::<f64>::zeroed();
    net.h.weight.copy_from_slice(&[0.1, -0.2]);
    net.h.bias[0] = 0.2;
    let mut training = Training::<Neuron<f64>>::new(1);
    let mut optimizer = Sgd::new(0.1);
    let cost = training.backprop(&mut *net, &vector![0.0, 1.0], &HalfSquaredError, &[0.0]).unwrap();
    assert!((cost - 0.125).abs() < 1e-15);
    optimizer.step(net.params_mut(), training.gradient().params());
    for (found, expected) in [(net.h.weight[0], 0.1), (net.h.weight[1], -0.2125), (net.h.bias[0], 0.1875)] {
        assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    }
}

#[test]
fn a_diverging_training_stops_with_finite_parameters() {
    let data = Dataset::<f32, 2, [f32; 1]>::from_rows(&[[3.0e37, 1.0], [1.0, 3.0e37]], &[[1.0], [0.0]]).unwrap();
    let mut net = Line::new();
    let error = Trainer::new(HalfSquaredError, Sgd::new(10.0)).fit(&mut *net, &data).unwrap_err();
    assert!(matches!(error, TrainError::Diverged { epoch: 1, batch: 1, .. }), "{error}");
    assert!(net.params().iter().all(|parameter| parameter.is_finite()));
    assert!(
        error.to_string().starts_with("the loss is inf in epoch 1, batch 1: the training has diverged;"),
        "{error}"
    );
}

/// Ends a training after so many batches.
struct Stop(usize);

impl Observer for Stop {
    fn batch(&mut self, _: &Progress) -> Flow {
        self.0 -= 1;
        if self.0 == 0 { Flow::Break(()) } else { Flow::Continue(()) }
    }
}

#[test]
fn an_observer_can_end_a_training() {
    let (train, _) = digits();
    let history = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1))
        .batch_size(100)
        .observe(Stop(7))
        .fit(&mut *Digits::new(), &train)
        .unwrap();
    assert_eq!(history.epochs.len(), 1);
    assert_eq!(history.epochs[0].samples, 700);
}

/// Writes down what it is told.
struct Log<'a>(&'a RefCell<Vec<String>>);

impl Observer for Log<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Flow {
        self.0.borrow_mut().push(format!("epoch {}", epoch.number));
        Flow::Continue(())
    }

    fn end(&mut self) {
        self.0.borrow_mut().push("end".into());
    }
}

#[test]
fn every_observer_is_told_also_behind_one_that_ends_the_training() {
    let (train, _) = digits();
    let log = RefCell::default();
    let trainer =
        Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).epochs(usize::MAX).observe(Stop(2)).observe(Log(&log));
    trainer.batch_size(100).fit(&mut *Digits::new(), &train).unwrap();
    assert_eq!(*log.borrow(), ["epoch 1", "end"]);
}

#[test]
fn an_error_ends_the_training_for_its_observers_too() {
    let data = Dataset::<f32, 2, [f32; 1]>::from_rows(&[[3.0e37, 1.0]], &[[1.0]]).unwrap();
    let log = RefCell::default();
    let error = Trainer::new(HalfSquaredError, Sgd::new(10.0)).observe(Log(&log)).fit(&mut *Line::new(), &data);
    assert!(error.is_err());
    assert_eq!(*log.borrow(), ["end"]);
}

#[test]
fn a_validation_set_that_does_not_fit_is_refused_before_anything_changes() {
    let (train, test) = digits();
    let (_, empty) = test.split_at(2000);
    let mut net = Digits::new();
    let error = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).fit_and_validate(&mut *net, &train, &empty);
    assert_eq!(error, Err(TrainError::Empty));
    assert_eq!(net.params(), Digits::new().params());
}

#[test]
fn data_that_do_not_fit_are_refused() {
    let labelled =
        |labels: &[u32], classes| Dataset::from_labelled_rows(&[[0.5_f32, 0.5], [0.1, 0.2]], labels, classes);
    let mut net = Neuron::new();
    let data = labelled(&[0, 2], 3).unwrap();
    let error = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).fit(&mut *net, &data).unwrap_err();
    assert_eq!(error, TrainError::Classes { classes: 3, outputs: 1 });
    assert_eq!(error.to_string(), "the data set has 3 classes, but the network has 1 outputs");

    let (_, empty) = labelled(&[0, 0], 1).unwrap().split_at(2);
    assert_eq!(evaluate(&*net, &empty, &SoftmaxCrossEntropy), Err(TrainError::Empty));

    let mut training = Training::<Neuron>::new(2);
    let error = training.backprop(&mut *net, &vector![0.0, 1.0], &HalfSquaredError, &[0.0, 1.0]).unwrap_err();
    assert_eq!(error, TargetError::Count { samples: 1, per_sample: 1, found: 2 });
}
