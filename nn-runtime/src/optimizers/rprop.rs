//! Rprop: steps that know the gradient's sign alone.

use super::{Optimizer, Rule, Update, check_lengths, make_room, sign};
use crate::kernels::Kernels;
use crate::settings::{below_one, non_negative};
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// Resilient propagation: each parameter has a step size, which grows while its gradient keeps its sign and shrinks where
/// the sign changes. For full batches: the sign of a gradient of few samples changes by chance.
///
/// With θ the parameters, g their gradient, p that of the step before (zero at first), Δ the step sizes (the learning rate
/// at first) and `limit(Δ) = min(max(Δ, Δ₋), Δ₊)`, a step is, parameter by parameter,
///
/// ```text
/// g·p > 0:   Δ ← limit(η⁺·Δ)      θ ← θ − sign(g)·Δ      p ← g
/// g·p = 0:   Δ ← limit(Δ)         θ ← θ − sign(g)·Δ      p ← g
/// g·p < 0:   Δ ← limit(η⁻·Δ)      θ ← θ                  p ← 0
/// ```
///
/// which is iRprop⁻, and what `torch.optim.Rprop` computes. Defaults: η⁺ = 1.2, η⁻ = 0.5, Δ₋ = 10⁻⁶, Δ₊ = 50; a common
/// learning rate is 0.01. It keeps two values for each parameter.
///
/// With [`backtracking`](Self::backtracking), a change of sign takes the last step of that parameter back, too. If the
/// losses are reported by [`report_loss`](Optimizer::report_loss), this happens only after steps with which the loss grew, and
/// the method is iRprop⁺; else after all of them, as in Rprop⁺.
///
/// The products of signs are taken, not of gradients, so that small gradients do not underflow. The learning rate is
/// that of the beginning, and is limited as all step sizes are. To change it later, as a
/// [schedule](crate::schedules) does, changes nothing until the next [`reset`](Optimizer::reset).
///
/// ```
/// use nn_runtime::optimizers::{Optimizer, Rprop};
///
/// let mut params = [0.0_f64];
/// let mut optimizer = Rprop::new(0.5);
/// optimizer.step(&mut params, &[-3.0]);
/// optimizer.step(&mut params, &[-1.0]); // the same sign: 1.2 times as far
/// assert_eq!(params, [1.1]);
/// optimizer.step(&mut params, &[2.0]); // the other sign: a pause
/// assert_eq!(params, [1.1]);
/// optimizer.step(&mut params, &[2.0]); // half as far
/// assert!((params[0] - 0.8).abs() < 1e-15);
/// ```
///
/// Sources: Riedmiller and Braun, “A direct adaptive method for faster backpropagation learning: the RPROP algorithm”
/// (1993); Igel and Hüsken, “Empirical evaluation of the improved Rprop learning algorithms” (2003).
#[derive(Clone, Debug)]
pub struct Rprop<T: Real = f32> {
    learning_rate: f64,
    shrink: f64,
    grow: f64,
    smallest: f64,
    largest: f64,
    backtracking: bool,
    previous: Buffer<T>,
    step_size: Buffer<T>,
    steps: u64,
    /// The loss that the next gradient belongs to, and that before it; NaN if not reported.
    loss: f64,
    previous_loss: f64,
}

impl<T: Real> Rprop<T> {
    /// iRprop⁻; `learning_rate` is the first size of every step.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            shrink: 0.5,
            grow: 1.2,
            smallest: 1e-6,
            largest: 50.0,
            backtracking: false,
            previous: Buffer::default(),
            step_size: Buffer::default(),
            steps: 0,
            loss: f64::NAN,
            previous_loss: f64::NAN,
        }
    }

    /// By what a step size is multiplied when the sign changes, η⁻, and while it does not, η⁺.
    ///
    /// # Panics
    /// Unless `0 ≤ shrink < 1 ≤ grow`, all finite.
    #[must_use]
    #[track_caller]
    pub fn factors(mut self, shrink: f64, grow: f64) -> Self {
        assert!(grow.is_finite() && grow >= 1.0, "grow must be finite and at least 1, found {grow:?}");
        (self.shrink, self.grow) = (below_one("shrink", shrink), grow);
        self
    }

    /// The range of the step sizes, Δ₋ and Δ₊.
    ///
    /// # Panics
    /// Unless `0 ≤ smallest ≤ largest`, all finite.
    #[must_use]
    #[track_caller]
    pub fn step_sizes(mut self, smallest: f64, largest: f64) -> Self {
        let range = (non_negative("smallest", smallest), non_negative("largest", largest));
        assert!(smallest <= largest, "smallest must be at most largest, found {smallest:?} and {largest:?}");
        (self.smallest, self.largest) = range;
        self
    }

    /// Takes the last step of a parameter back when the sign of its gradient changes.
    ///
    /// ```
    /// use nn_runtime::optimizers::{Optimizer, Rprop};
    ///
    /// let mut params = [0.0_f64];
    /// let mut optimizer = Rprop::new(0.5).backtracking();
    /// for (gradient, loss, expected) in [(-3.0, 9.0, 0.5), (2.0, 4.0, 0.5), (2.0, 4.0, 0.25), (-1.0, 5.0, 0.5)] {
    ///     optimizer.report_loss(loss);
    ///     optimizer.step(&mut params, &[gradient]);
    ///     assert_eq!(params, [expected]); // the third step was a failure: the loss grew, and the fourth takes it back
    /// }
    /// ```
    #[must_use]
    pub fn backtracking(mut self) -> Self {
        self.backtracking = true;
        self
    }

    /// The formula of the next step, once what is known of the losses is taken into account.
    fn next_rule(&mut self) -> RpropRule<T> {
        let fell = self.loss <= self.previous_loss;
        let returning = if self.backtracking && !fell { T::one() } else { T::zero() };
        (self.previous_loss, self.loss) = (self.loss, f64::NAN);
        RpropRule {
            shrink: T::nearest(self.shrink),
            grow: T::nearest(self.grow),
            smallest: T::nearest(self.smallest),
            largest: T::nearest(self.largest),
            returning,
        }
    }
}

impl<T: Real> Optimizer<T> for Rprop<T> {
    fn prepare(&mut self, len: usize) {
        make_room(&mut self.previous, len);
        make_room(&mut self.step_size, len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        if self.steps == 0 {
            self.step_size.fill(T::nearest(self.learning_rate));
        }
        self.steps += 1;
        let rule = self.next_rule();
        RpropStep { params, gradient, moments: [&mut self.previous, &mut self.step_size], rule }.run_in(pool);
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// The step sizes follow it only after the next [`reset`](Optimizer::reset).
    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    /// It matters for [`backtracking`](Self::backtracking) alone, and to the next step and the one after it.
    fn report_loss(&mut self, loss: f64) {
        self.loss = loss;
    }

    fn reset(&mut self) {
        self.previous.fill(T::zero());
        self.step_size.fill(T::zero());
        self.steps = 0;
        (self.loss, self.previous_loss) = (f64::NAN, f64::NAN);
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.count("steps", &mut self.steps);
        visitor.number("loss", &mut self.loss);
        visitor.number("previous_loss", &mut self.previous_loss);
        visitor.values("previous", &mut self.previous);
        visitor.values("step_size", &mut self.step_size);
    }
}

/// Rprop over a slice; the moments are p and Δ.
pub type RpropStep<'a, T> = Update<'a, T, RpropRule<T>, 2>;

/// The three cases of [`Rprop`].
#[derive(Clone, Copy, Debug)]
pub struct RpropRule<T> {
    /// η⁻.
    pub shrink: T,
    /// η⁺.
    pub grow: T,
    /// Δ₋.
    pub smallest: T,
    /// Δ₊.
    pub largest: T,
    /// 1 if a change of sign takes the last step back, else 0.
    pub returning: T,
}

impl<T: Real> Rule<T, 2> for RpropRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [previous, step_size]: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let (zero, one) = (simd.splat(T::zero()), simd.splat(T::one()));
        let side = sign(simd, gradient);
        let agreement = simd.mul(side, sign(simd, previous));
        let (changed, same) = (simd.less(agreement, zero), simd.less(zero, agreement));
        let factor = simd.select(changed, simd.splat(self.shrink), simd.select(same, simd.splat(self.grow), one));
        let size = simd.min(simd.mul(step_size, factor), simd.splat(self.largest));
        let size = simd.max(size, simd.splat(self.smallest));
        // The last step went by −sign(p)·Δ, and after a change of sign −sign(p) is sign(g): backwards is −sign(g)·Δ.
        let back = simd.mul(simd.splat(self.returning), step_size);
        let length = simd.select(changed, back, size);
        let param = simd.neg_mul_add(side, length, param);
        (param, [simd.select(changed, zero, gradient), size])
    }

    fn run_on<L: Kernels<T>>(level: L, update: RpropStep<'_, T>) {
        level.rprop(update);
    }
}
