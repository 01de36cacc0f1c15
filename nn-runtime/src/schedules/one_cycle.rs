//! A learning rate that rises once and falls once.

use super::{Schedule, along_cosine};
use crate::settings::non_negative;

/// Rises to the base learning rate in the first part of a training and falls far below its beginning in the rest, along
/// cosines: the base is the peak.
///
/// ```text
/// step 0              1/start_divisor
/// step 0.3·total − 1  1
/// step total − 1      1/start_divisor/end_divisor
/// ```
///
/// Defaults: 0.3 of the steps to the peak, divisors of 25 and 10⁴. As `torch.optim.lr_scheduler.OneCycleLR`, which lowers the
/// momentum meanwhile, as this does not (`cycle_momentum=False`). Behind `total` steps it stays where it ended. Meant for
/// [`Trainer::schedule_by_batch`](crate::Trainer::schedule_by_batch): `total` is the epochs times the batches of one.
///
/// ```
/// use nn_runtime::schedules::{OneCycle, Schedule};
///
/// let schedule = OneCycle::new(100);
/// for (step, expected) in [(0, 0.04), (29, 1.0), (99, 4e-6)] {
///     assert!((schedule.factor(step) - expected).abs() < 1e-12);
/// }
/// ```
///
/// Source: Smith and Topin, “Super-convergence: very fast training of neural networks using large learning rates” (2018).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    total: usize,
    rising: f64,
    start_divisor: f64,
    end_divisor: f64,
}

impl OneCycle {
    /// A cycle of `total` steps.
    ///
    /// # Panics
    /// If there are fewer than two.
    #[must_use]
    #[track_caller]
    pub fn new(total: usize) -> Self {
        assert!(total > 1, "a cycle has at least 2 steps, found {total}");
        Self { total, rising: 0.3, start_divisor: 25.0, end_divisor: 1e4 }
    }

    /// The share of the steps in which it rises.
    ///
    /// # Panics
    /// Unless it is between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn rising(mut self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "the share of rising steps must be between 0 and 1, found {share:?}");
        self.rising = share;
        self
    }

    /// How many times smaller than the peak the first learning rate is, and how many times smaller than that the last.
    ///
    /// # Panics
    /// Unless both are at least 1 and finite.
    #[must_use]
    #[track_caller]
    pub fn divisors(mut self, start: f64, end: f64) -> Self {
        for divisor in [start, end] {
            assert!(non_negative("a divisor", divisor) >= 1.0, "a divisor must be at least 1, found {divisor:?}");
        }
        (self.start_divisor, self.end_divisor) = (start, end);
        self
    }
}

impl Schedule for OneCycle {
    fn factor(&self, step: usize) -> f64 {
        let (last, step) = ((self.total - 1) as f64, step.min(self.total - 1) as f64);
        let (start, peak) = (1.0 / self.start_divisor, self.rising * self.total as f64 - 1.0);
        if step <= peak && peak > 0.0 {
            return along_cosine(start, 1.0, step / peak);
        }
        along_cosine(1.0, start / self.end_divisor, (step - peak) / (last - peak))
    }
}
