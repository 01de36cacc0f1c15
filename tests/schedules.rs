//! Learning-rate schedules against PyTorch's, and what a trainer makes of them.

use monograd::losses::HalfSquaredError;
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use monograd::schedules::{Constant, Cosine, Exponential, OneCycle, Polynomial, ReduceOnPlateau, Schedule, StepDecay};
use safetensors::SafeTensors;

network! {
    struct Line([1]) -> [1] {
        y: dense(1),
    }
}

fn references(name: &str) -> Vec<f64> {
    let file = SafeTensors::deserialize(include_bytes!("references/schedules.safetensors")).unwrap();
    let bytes = file.tensor(name).unwrap().data().to_vec();
    bytes.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn assert_near(name: &str, found: impl Iterator<Item = f64>) {
    let expected = references(name);
    let found: Vec<_> = found.take(expected.len()).collect();
    assert_eq!(found.len(), expected.len());
    for (step, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert!((found - expected).abs() < 1e-13, "{name}, step {step}: {found} is not {expected}");
    }
}

#[test]
fn schedules_agree_with_pytorch() {
    let schedules: [(&str, Box<dyn Schedule>); 9] = [
        ("step_decay", Box::new(StepDecay::new(7, 0.3))),
        ("exponential", Box::new(Exponential::new(0.95))),
        ("polynomial", Box::new(Polynomial::new(40).power(0.9))),
        ("cosine", Box::new(Cosine::new(60).floor(0.05))),
        ("cosine_restarts", Box::new(Cosine::new(8).floor(0.1).restarts(2))),
        ("cosine_restarts_equal", Box::new(Cosine::new(9).restarts(1))),
        ("warm_up", Box::new(Exponential::new(0.9).warm_up(5))),
        ("one_cycle", Box::new(OneCycle::new(61))),
        ("one_cycle_options", Box::new(OneCycle::new(61).rising(0.4).divisors(10.0, 100.0))),
    ];
    for (name, schedule) in schedules {
        assert_near(name, (0..).map(|step| schedule.factor(step)));
    }
}

#[test]
fn a_plateau_is_what_pytorch_takes_for_one() {
    let mut schedule = ReduceOnPlateau::new(0.5).patience(2).threshold(0.01).cooldown(1).floor(0.2);
    let factors = references("plateau.losses").into_iter().map(|loss| {
        schedule.observe(loss);
        schedule.factor(0)
    });
    assert_near("plateau", factors.collect::<Vec<_>>().into_iter());
}

fn data() -> Dataset<f64, 1, [f64; 1]> {
    let inputs: Vec<_> = (0..10).map(|k| [f64::from(k) / 10.0]).collect();
    Dataset::from_rows(&inputs, &inputs.iter().map(|[x]| [2.0 * x]).collect::<Vec<_>>()).unwrap()
}

/// The learning rates of the epochs, each that of its last batch.
fn rates(trainer: Trainer<HalfSquaredError, Sgd<f64>>) -> Vec<f64> {
    let mut net = Line::<f64>::zeroed();
    let history = trainer.batch_size(5).epochs(4).fit(&mut *net, &data()).unwrap();
    history.epochs.iter().map(|epoch| epoch.learning_rate).collect()
}

#[test]
fn a_trainer_follows_its_schedule_by_epoch_or_by_batch() {
    let trainer = || Trainer::new(HalfSquaredError, Sgd::new(0.5));
    assert_eq!(rates(trainer()), [0.5; 4]);
    assert_eq!(rates(trainer().schedule(Exponential::new(0.5))), [0.5, 0.25, 0.125, 0.0625]);
    // Two batches an epoch, of which the second one is seen.
    assert_eq!(rates(trainer().schedule_by_batch(Exponential::new(0.5))), [0.25, 0.0625, 0.015_625, 0.003_906_25]);
    assert_eq!(rates(trainer().schedule(Constant.warm_up(3))), [0.125, 0.25, 0.375, 0.5]);
}

#[test]
fn a_learning_rate_set_between_two_fits_is_the_new_base() {
    let mut net = Line::<f64>::zeroed();
    let mut trainer = Trainer::new(HalfSquaredError, Sgd::new(0.5)).epochs(1).schedule(StepDecay::new(2, 0.5));
    let mut rates = Vec::new();
    for epoch in 0..6 {
        if epoch == 3 {
            trainer.optimizer().set_learning_rate(0.2);
        }
        rates.push(trainer.fit(&mut *net, &data()).unwrap().epochs[0].learning_rate);
    }
    // Epochs 2 and 3 have the factor ½, 4 and 5 a quarter.
    assert_eq!(rates, [0.5, 0.5, 0.25, 0.1, 0.05, 0.05]);
}

#[test]
fn a_trainer_tells_its_schedule_the_loss_of_validation() {
    let trainer = Trainer::new(HalfSquaredError, Sgd::new(1e-12)).batch_size(10).epochs(5);
    let mut trainer = trainer.schedule(ReduceOnPlateau::new(0.5).patience(0).threshold(0.5));
    let history = trainer.fit_and_validate(&mut *Line::<f64>::zeroed(), &data(), &data()).unwrap();
    let factors: Vec<_> = history.epochs.iter().map(|epoch| epoch.learning_rate / 1e-12).collect();
    assert_eq!(factors, [1.0, 1.0, 0.5, 0.25, 0.125]);
}
