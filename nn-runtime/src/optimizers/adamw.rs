//! `AdamW`: Adam with a decay that the moments do not see.

use super::Optimizer;
use super::adam::step;
use super::moments::Moments;
use crate::{CallingThread, Pool, Real, StateVisitor};

/// Adam with decoupled weight decay.
///
/// With θ the parameters, g their gradient, m and v its moments (zero at first), η the learning rate, λ the weight decay
/// and t = 1, 2, … the number of the step, a step is
///
/// ```text
/// m ← m + (1−β₁)·(g − m)
/// v ← β₂·v + (1−β₂)·g²
/// θ ← (1−η·λ)·θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
/// ```
///
/// as in `torch.optim.AdamW`. Defaults: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, λ = 0.01. It keeps two values for each parameter.
///
/// ```
/// use nn_runtime::optimizers::{AdamW, Optimizer};
///
/// let mut params = [2.0_f64];
/// let mut optimizer = AdamW::new(0.1).weight_decay(0.5);
/// optimizer.step(&mut params, &[0.0]); // no gradient: only the decay
/// assert_eq!(params, [1.9]);
/// ```
///
/// Source: Loshchilov and Hutter, “Decoupled weight decay regularization” (2019), algorithm 2, with the decay multiplied by
/// the learning rate as in `torch`.
#[derive(Clone, Debug)]
pub struct AdamW<T: Real = f32> {
    moments: Moments<T>,
}

impl<T: Real> AdamW<T> {
    /// `AdamW` with a weight decay of 0.01.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self { moments: Moments { weight_decay: 0.01, decoupled: true, ..Moments::new(learning_rate) } }
    }

    /// The share of a parameter that a step with a learning rate of 1 takes away, λ; 0.01 unless set.
    ///
    /// # Panics
    /// If `weight_decay` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.moments.set_weight_decay(weight_decay);
        self
    }
}

moment_settings!(AdamW);

impl<T: Real> Optimizer<T> for AdamW<T> {
    fn prepare(&mut self, len: usize) {
        self.moments.prepare(len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        step(pool, &mut self.moments, params, gradient);
    }

    fn learning_rate(&self) -> f64 {
        self.moments.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.moments.set_learning_rate(learning_rate);
    }

    fn reset(&mut self) {
        self.moments.reset();
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        self.moments.visit_state(visitor);
    }
}
