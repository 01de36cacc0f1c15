//! A learning rate that falls along a cosine, and starts again.

use super::{Schedule, along_cosine, at_least_one, share};

/// Falls along half a period of the cosine, from 1 to `floor`, in `period` steps:
///
/// ```text
/// factor = floor + (1 − floor)·(1 + cos(π·t/T))/2
/// ```
///
/// with t the steps since the last restart and T the length of this period. Without restarts it stays at `floor` behind the
/// period; with them each period begins at 1 again, and is `growth` times as long as the one before.
///
/// As `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts` with restarts, and within the first period as
/// `CosineAnnealingLR`, but for the floor, which is a share of the base here.
///
/// ```
/// use nn_runtime::schedules::{Cosine, Schedule};
///
/// let schedule = Cosine::new(10).floor(0.1);
/// for (step, expected) in [(0, 1.0), (5, 0.55), (10, 0.1), (99, 0.1)] {
///     assert!((schedule.factor(step) - expected).abs() < 1e-15);
/// }
/// let restarted = Cosine::new(2).restarts(2); // periods of 2, 4, 8, … steps
/// assert_eq!([0, 2, 6].map(|step| restarted.factor(step)), [1.0; 3]);
/// assert_eq!([1, 4, 10].map(|step| (2.0 * restarted.factor(step)).round()), [1.0; 3]);
/// ```
///
/// Source: Loshchilov and Hutter, “SGDR: stochastic gradient descent with warm restarts” (2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    period: usize,
    floor: f64,
    growth: Option<usize>,
}

impl Cosine {
    /// Falls from 1 to 0 in `period` steps.
    ///
    /// # Panics
    /// If `period` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(period: usize) -> Self {
        Self { period: at_least_one("period", period), floor: 0.0, growth: None }
    }

    /// Falls to this factor instead of 0.
    ///
    /// # Panics
    /// Unless it is between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = share("floor", floor);
        self
    }

    /// Starts again behind each period, the next one `growth` times as long.
    ///
    /// # Panics
    /// If `growth` is 0.
    #[must_use]
    #[track_caller]
    pub fn restarts(mut self, growth: usize) -> Self {
        self.growth = Some(at_least_one("growth", growth));
        self
    }

    /// The steps since the last restart, and the length of the period.
    fn place(&self, step: usize) -> (usize, usize) {
        match self.growth {
            None => (step.min(self.period), self.period),
            Some(1) => (step % self.period, self.period),
            Some(growth) => {
                let (mut since, mut period) = (step, self.period);
                while since >= period {
                    since -= period;
                    period = period.saturating_mul(growth);
                }
                (since, period)
            }
        }
    }
}

impl Schedule for Cosine {
    fn factor(&self, step: usize) -> f64 {
        let (since, period) = self.place(step);
        along_cosine(1.0, self.floor, since as f64 / period as f64)
    }
}
