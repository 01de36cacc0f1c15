//! Learning-rate schedules, one a file: how the learning rate changes while a training goes on.
//!
//! A schedule gives factors on the optimiser's own learning rate, the *base*. [`Trainer::schedule`](crate::Trainer::schedule)
//! asks for one at each epoch, [`Trainer::schedule_by_batch`](crate::Trainer::schedule_by_batch) at each batch: a step is an
//! epoch there and a batch here. Steps are counted over the trainer's whole life, also from one `fit` to the next.
//!
//! In a loop of one's own:
//!
//! ```
//! use nn_runtime::optimizers::{Optimizer, Sgd};
//! use nn_runtime::schedules::{Schedule, StepDecay};
//!
//! let (base, schedule) = (0.1, StepDecay::new(2, 0.5));
//! let mut optimizer = Sgd::<f32>::new(base);
//! let mut rates = Vec::new();
//! for epoch in 0..5 {
//!     optimizer.set_learning_rate(base * schedule.factor(epoch));
//!     rates.push(optimizer.learning_rate());
//! }
//! assert_eq!(rates, [0.1, 0.1, 0.05, 0.05, 0.025]);
//! ```
//!
//! [`Rprop`](crate::optimizers::Rprop) has a step size for each parameter, and takes the learning rate for the first of them
//! only: a schedule changes nothing there until the optimiser is reset.
//!
//! Factors use the platform's powers and cosines, which may differ in the last bit from one platform to another.

mod constant;
mod cosine;
mod exponential;
mod one_cycle;
mod polynomial;
mod reduce_on_plateau;
mod step_decay;
mod warm_up;

pub use constant::Constant;
pub use cosine::Cosine;
pub use exponential::Exponential;
pub use one_cycle::OneCycle;
pub use polynomial::Polynomial;
pub use reduce_on_plateau::ReduceOnPlateau;
pub use step_decay::StepDecay;
pub use warm_up::WarmUp;

use crate::settings::non_negative;

/// A learning-rate schedule.
pub trait Schedule {
    /// The factor on the base learning rate at step number `step`, counted from 0.
    fn factor(&self, step: usize) -> f64;

    /// Takes note of the loss that an epoch came to: that on the validation set, or if there is none that of training. Only
    /// [`ReduceOnPlateau`] listens.
    fn observe(&mut self, loss: f64) {
        _ = loss;
    }

    /// The numbers that [`observe`](Self::observe) changes, which a checkpoint saves and loads.
    fn memory(&mut self) -> &mut [f64] {
        &mut []
    }

    /// The same schedule after `steps` steps of a linear warm-up.
    #[must_use]
    #[track_caller]
    fn warm_up(self, steps: usize) -> WarmUp<Self>
    where
        Self: Sized,
    {
        WarmUp::new(steps, self)
    }
}

/// `value`, which has to be a factor that lessens.
#[track_caller]
fn share(name: &str, value: f64) -> f64 {
    assert!(non_negative(name, value) <= 1.0, "{name} must be at most 1, found {value:?}");
    value
}

/// `steps`, of which there has to be one.
#[track_caller]
fn at_least_one(name: &str, steps: usize) -> usize {
    assert!(steps > 0, "{name} must be at least 1");
    steps
}

/// From `from` to `to` along half a period of the cosine, `share` of the way.
fn along_cosine(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * (1.0 + (core::f64::consts::PI * share).cos()) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warm_up_is_followed_by_the_schedule_from_its_beginning() {
        let schedule = Exponential::new(0.5).warm_up(3);
        let factors: Vec<_> = (0..6).map(|step| schedule.factor(step)).collect();
        assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 0.5, 0.25]);
    }

    #[test]
    #[should_panic(expected = "gamma must be finite and at least 0, found -0.5")]
    fn a_negative_factor_is_refused() {
        let _ = Exponential::new(-0.5);
    }

    #[test]
    #[should_panic(expected = "period must be at least 1")]
    fn a_period_of_no_step_is_refused() {
        let _ = Cosine::new(0);
    }
}
