//! A learning rate that falls to nothing along a power.

use super::{Schedule, at_least_one};
use crate::settings::positive;

/// Falls to 0 in `total` steps: `factor = (1 − min(step, total)/total)^power`, linearly unless another power is set.
///
/// As `torch.optim.lr_scheduler.PolynomialLR`.
///
/// ```
/// use nn_runtime::schedules::{Polynomial, Schedule};
///
/// assert_eq!([0, 5, 10, 11].map(|step| Polynomial::new(10).factor(step)), [1.0, 0.5, 0.0, 0.0]);
/// assert_eq!(Polynomial::new(10).power(2.0).factor(5), 0.25);
/// ```
///
/// Source: Liu, Rabinovich and Berg, “ParseNet: looking wider to see better” (2015), with a power of 0.9.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polynomial {
    total: usize,
    power: f64,
}

impl Polynomial {
    /// Falls to 0 in `total` steps along a line.
    ///
    /// # Panics
    /// If `total` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(total: usize) -> Self {
        Self { total: at_least_one("total", total), power: 1.0 }
    }

    /// Falls along this power of what remains.
    ///
    /// # Panics
    /// Unless `power` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn power(mut self, power: f64) -> Self {
        self.power = positive("power", power);
        self
    }
}

impl Schedule for Polynomial {
    fn factor(&self, step: usize) -> f64 {
        (1.0 - step.min(self.total) as f64 / self.total as f64).powf(self.power)
    }
}
