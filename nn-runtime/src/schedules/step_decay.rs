//! A learning rate that falls in steps.

use super::{Schedule, at_least_one};
use crate::settings::non_negative;

/// Multiplies the learning rate by γ every `size` steps: `factor = γ^⌊step/size⌋`.
///
/// As `torch.optim.lr_scheduler.StepLR`.
///
/// ```
/// use nn_runtime::schedules::{Schedule, StepDecay};
///
/// let schedule = StepDecay::new(30, 0.1);
/// assert_eq!([0, 29, 30].map(|step| schedule.factor(step)), [1.0, 1.0, 0.1]);
/// ```
///
/// Source: Krizhevsky, Sutskever and Hinton, “ImageNet classification with deep convolutional neural networks” (2012), who
/// divided by ten when the validation error stopped falling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    size: usize,
    gamma: f64,
}

impl StepDecay {
    /// Multiplies by `gamma` every `size` steps.
    ///
    /// # Panics
    /// If `size` is 0, or `gamma` negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(size: usize, gamma: f64) -> Self {
        Self { size: at_least_one("size", size), gamma: non_negative("gamma", gamma) }
    }
}

impl Schedule for StepDecay {
    fn factor(&self, step: usize) -> f64 {
        self.gamma.powf((step / self.size) as f64)
    }
}
