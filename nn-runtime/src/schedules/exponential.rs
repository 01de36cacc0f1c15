//! A learning rate that falls by the same share at each step.

use super::Schedule;
use crate::settings::non_negative;

/// Multiplies the learning rate by γ at each step: `factor = γ^step`.
///
/// As `torch.optim.lr_scheduler.ExponentialLR`.
///
/// ```
/// use nn_runtime::schedules::{Exponential, Schedule};
///
/// assert_eq!(Exponential::new(0.5).factor(3), 0.125);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    gamma: f64,
}

impl Exponential {
    /// Multiplies by `gamma` at each step; commonly 0.9 to 0.99 an epoch.
    ///
    /// # Panics
    /// If `gamma` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(gamma: f64) -> Self {
        Self { gamma: non_negative("gamma", gamma) }
    }
}

impl Schedule for Exponential {
    fn factor(&self, step: usize) -> f64 {
        self.gamma.powf(step as f64)
    }
}
