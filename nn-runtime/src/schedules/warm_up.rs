//! A learning rate that rises at first.

use super::{Schedule, at_least_one};

/// Rises along a line for `steps` steps, and goes on with another schedule from its beginning:
///
/// ```text
/// factor = (step + 1)/(steps + 1) · next.factor(0)    for step < steps
/// factor = next.factor(step − steps)                  behind them
/// ```
///
/// As `torch.optim.lr_scheduler.LinearLR` with a first factor of `1/(steps + 1)`, and the other schedule behind it by
/// `SequentialLR`. [`Schedule::warm_up`] makes one.
///
/// ```
/// use nn_runtime::schedules::{Cosine, Schedule};
///
/// let schedule = Cosine::new(20).warm_up(4);
/// assert_eq!([0, 1, 4].map(|step| schedule.factor(step)), [0.2, 0.4, 1.0]);
/// ```
///
/// Source: Goyal et al., “Accurate, large minibatch SGD: training ImageNet in 1 hour” (2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp<S> {
    steps: usize,
    next: S,
}

impl<S: Schedule> WarmUp<S> {
    /// `next`, after `steps` steps of warm-up.
    ///
    /// # Panics
    /// If `steps` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(steps: usize, next: S) -> Self {
        Self { steps: at_least_one("steps", steps), next }
    }
}

impl<S: Schedule> Schedule for WarmUp<S> {
    fn factor(&self, step: usize) -> f64 {
        match step.checked_sub(self.steps) {
            Some(step) => self.next.factor(step),
            None => (step + 1) as f64 / (self.steps + 1) as f64 * self.next.factor(0),
        }
    }

    fn observe(&mut self, loss: f64) {
        self.next.observe(loss);
    }

    fn memory(&mut self) -> &mut [f64] {
        self.next.memory()
    }
}
