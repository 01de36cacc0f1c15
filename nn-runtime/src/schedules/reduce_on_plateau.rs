//! A learning rate that falls when the loss does not.

use super::{Schedule, share};
use crate::settings::below_one;

/// Multiplies the learning rate by a factor when the loss has not improved for more than `patience` epochs.
///
/// A loss is better than the best so far, if it is below `(1 − threshold)` times that. After a reduction `cooldown` epochs are
/// not counted. The loss is that on the validation set, or without one that of training; it belongs to epochs, also in
/// [`Trainer::schedule_by_batch`](crate::Trainer::schedule_by_batch).
///
/// Defaults: patience 10, threshold 10⁻⁴, cooldown 0, and no lower end. As `torch.optim.lr_scheduler.ReduceLROnPlateau` in its
/// mode `min`, whose lower end is a learning rate where [`floor`](Self::floor) is a factor, and which makes no changes below its
/// `eps`. A loss of NaN is no improvement.
///
/// ```
/// use nn_runtime::schedules::{ReduceOnPlateau, Schedule};
///
/// let mut schedule = ReduceOnPlateau::new(0.1).patience(1);
/// let mut factors = Vec::new();
/// for loss in [3.0, 2.0, 2.0, 2.0, 2.0] {
///     schedule.observe(loss);
///     factors.push(schedule.factor(0));
/// }
/// assert_eq!(factors, [1.0, 1.0, 1.0, 0.1, 0.1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReduceOnPlateau {
    gamma: f64,
    patience: usize,
    threshold: f64,
    cooldown: usize,
    floor: f64,
    memory: [f64; 4],
}

/// What the places of the memory hold: the factor, the best loss, the epochs since it, and those of the cooldown that remain.
const FACTOR: usize = 0;
const BEST: usize = 1;
const WAITED: usize = 2;
const COOLING: usize = 3;

impl ReduceOnPlateau {
    /// Multiplies by `gamma` at each plateau; commonly 0.1 to 0.5.
    ///
    /// # Panics
    /// Unless `0 ≤ gamma < 1`.
    #[must_use]
    #[track_caller]
    pub fn new(gamma: f64) -> Self {
        let gamma = below_one("gamma", gamma);
        let memory = [1.0, f64::INFINITY, 0.0, 0.0];
        Self { gamma, patience: 10, threshold: 1e-4, cooldown: 0, floor: 0.0, memory }
    }

    /// How many epochs in a row may bring nothing.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// The share by which a loss has to be below the best one.
    ///
    /// # Panics
    /// Unless `0 ≤ share < 1`.
    #[must_use]
    #[track_caller]
    pub fn threshold(mut self, share: f64) -> Self {
        self.threshold = below_one("threshold", share);
        self
    }

    /// How many epochs are not counted after a reduction.
    #[must_use]
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The smallest factor.
    ///
    /// # Panics
    /// Unless it is between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = share("floor", floor);
        self
    }
}

impl Schedule for ReduceOnPlateau {
    fn factor(&self, _: usize) -> f64 {
        self.memory[FACTOR]
    }

    fn observe(&mut self, loss: f64) {
        let memory = &mut self.memory;
        // The first finite loss is better than none, which `∞·(1 − threshold)` says too.
        if loss < memory[BEST] * (1.0 - self.threshold) {
            memory[BEST] = loss;
            memory[WAITED] = 0.0;
        } else {
            memory[WAITED] += 1.0;
        }
        if memory[COOLING] > 0.0 {
            memory[COOLING] -= 1.0;
            memory[WAITED] = 0.0;
        }
        if memory[WAITED] > self.patience as f64 {
            memory[FACTOR] = (memory[FACTOR] * self.gamma).max(self.floor);
            memory[COOLING] = self.cooldown as f64;
            memory[WAITED] = 0.0;
        }
    }

    fn memory(&mut self) -> &mut [f64] {
        &mut self.memory
    }
}
