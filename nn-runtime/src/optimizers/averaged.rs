//! The mean of what an optimiser passes through.

use core::ops::Range;

use thiserror::Error;

use super::{Optimizer, make_room};
use crate::settings::below_one;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor, vector};

/// Any optimiser, with the running mean of its iterates.
///
/// With θₜ the parameters after step t, the average after step n is
///
/// ```text
/// θ̄ₙ = 1/n · Σₜ θₜ over t = 1, …, n                    of all iterates (Polyak and Ruppert), unless said otherwise
/// θ̄ₙ = 1/(n−s+1) · Σₜ θₜ over t = s, …, n              of the tail, with from_step(s)
/// θ̄ₙ = d·θ̄ₙ₋₁ + (1−d)·θₙ, from θ̄ₛ = θₛ on              exponential, with decay(d)
/// ```
///
/// as in `torch.optim.swa_utils.AveragedModel` (the last with `get_ema_avg_fn(d)`). It is computed by
/// `θ̄ ← θ̄ + a·(θ − θ̄)`, with `a = 1/(n−s+1)` or `1−d`. It keeps one value for each parameter, besides those of the optimiser.
///
/// The training goes on from θ as if nobody averaged; the average is what to use in the end. The last iterate of stochastic
/// gradient descent stays as far from the optimum as its learning rate and the noise of the gradients drive it; the average
/// of its iterates, with a learning rate that falls more slowly than 1/t, has the smallest error that n samples allow. That
/// of all iterates has the beginning in it, which the tail leaves out.
///
/// Running statistics, as of batch normalisation, are no parameters and are not averaged. Nor is what is done to the parameters
/// after a step, as by [`Trainer::max_norm`](crate::Trainer::max_norm): a mean of iterates before it may have larger norms, and
/// is limited like them once it is copied, by [`MaxNorm`](crate::regularizers::MaxNorm).
///
/// The average has the precision of the parameters. Of n iterates it moves by `(θ − θ̄)/n`, which is lost where it is below half
/// a unit in the last place of θ̄: in `f32` once n is beyond some `2²⁴·|θ − θ̄|/|θ̄|`, 170,000 for iterates that differ from their
/// mean by 1 %. For more steps than that average a tail, with a decay, or in `f64`.
///
/// ```
/// use nn_runtime::optimizers::{Averaged, Optimizer, Sgd};
///
/// let mut params = [0.0_f64];
/// let mut optimizer = Averaged::new(Sgd::new(1.0)).from_step(2);
/// for gradient in [-1.0, -2.0, -3.0] {
///     optimizer.step(&mut params, &[gradient]);
/// }
/// assert_eq!(params, [6.0]);
/// assert_eq!(optimizer.average(), Some(&[4.5][..])); // of 3 and 6
/// optimizer.copy_average_to(&mut params)?;
/// assert_eq!(params, [4.5]);
/// # Ok::<(), nn_runtime::optimizers::NothingAveraged>(())
/// ```
///
/// Into a network: `optimizer.copy_average_to(net.params_mut())?`.
///
/// Sources: Ruppert, “Efficient estimations from a slowly convergent Robbins–Monro process” (1988); Polyak and Juditsky,
/// “Acceleration of stochastic approximation by averaging” (1992); the tail: Jain et al., “Parallelizing stochastic gradient
/// descent for least squares regression” (2018).
#[derive(Clone, Debug)]
pub struct Averaged<P, T: Real = f32> {
    optimizer: P,
    from_step: u64,
    decay: Option<f64>,
    average: Buffer<T>,
    steps: u64,
}

/// There is no average yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the average begins with step {from_step}, but there were {steps} steps: take more steps, or average from an earlier one"
)]
pub struct NothingAveraged {
    /// The first step whose result is averaged.
    pub from_step: u64,
    /// How many steps there were.
    pub steps: u64,
}

impl<P, T: Real> Averaged<P, T> {
    /// Averages all iterates of `optimizer`, from the one after its first step on.
    #[must_use]
    pub fn new(optimizer: P) -> Self {
        Self { optimizer, from_step: 1, decay: None, average: Buffer::default(), steps: 0 }
    }

    /// Leaves out what was before step `from_step`, counted from 1: commonly the first half of the training.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn from_step(mut self, from_step: u64) -> Self {
        assert!(from_step > 0, "steps are counted from 1");
        self.from_step = from_step;
        self
    }

    /// Forgets old iterates: the average keeps a share `decay` of itself with each step; commonly 0.999.
    ///
    /// # Panics
    /// Unless `0 ≤ decay < 1`.
    #[must_use]
    #[track_caller]
    pub fn decay(mut self, decay: f64) -> Self {
        self.decay = Some(below_one("decay", decay));
        self
    }

    /// The average; none before the first step that counts.
    #[must_use]
    pub fn average(&self) -> Option<&[T]> {
        (self.steps >= self.from_step).then_some(&*self.average)
    }

    /// Overwrites `params` with the average.
    ///
    /// # Errors
    /// If nothing has been averaged yet; `params` is left as it is.
    ///
    /// # Panics
    /// If `params` has another length than those that were optimised.
    #[track_caller]
    pub fn copy_average_to(&self, params: &mut [T]) -> Result<(), NothingAveraged> {
        let average = self.average().ok_or(NothingAveraged { from_step: self.from_step, steps: self.steps })?;
        let (found, expected) = (params.len(), average.len());
        assert!(found == expected, "the average is of {expected} parameters, but is copied to {found}");
        params.copy_from_slice(average);
        Ok(())
    }

    /// The optimiser itself.
    #[must_use]
    pub fn optimizer(&self) -> &P {
        &self.optimizer
    }

    /// The optimiser itself, as to change its settings.
    pub fn optimizer_mut(&mut self) -> &mut P {
        &mut self.optimizer
    }

    /// Takes the parameters after a step in.
    fn take_in(&mut self, params: &[T]) {
        self.steps += 1;
        let Some(before) = self.steps.checked_sub(self.from_step) else { return };
        match self.decay {
            _ if before == 0 => self.average.copy_from_slice(params),
            Some(decay) => vector::lerp(T::nearest(1.0 - decay), params, &mut self.average),
            None => vector::lerp(T::nearest((before as f64 + 1.0).recip()), params, &mut self.average),
        }
    }
}

impl<P: Optimizer<T>, T: Real> Optimizer<T> for Averaged<P, T> {
    fn prepare(&mut self, len: usize) {
        self.optimizer.prepare(len);
        make_room(&mut self.average, len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        make_room(&mut self.average, params.len());
        self.optimizer.step_in(pool, params, gradient);
        self.take_in(params);
    }

    fn learning_rate(&self) -> f64 {
        self.optimizer.learning_rate()
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.optimizer.set_learning_rate(learning_rate);
    }

    fn report_loss(&mut self, loss: f64) {
        self.optimizer.report_loss(loss);
    }

    fn network(&self) -> Option<&'static str> {
        self.optimizer.network()
    }

    fn frozen(&self) -> &[Range<usize>] {
        self.optimizer.frozen()
    }

    fn reset(&mut self) {
        self.optimizer.reset();
        self.average.fill(T::zero());
        self.steps = 0;
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.group("optimizer", &mut |visitor| self.optimizer.visit_state(visitor));
        visitor.count("steps", &mut self.steps);
        visitor.values("average", &mut self.average);
    }
}
