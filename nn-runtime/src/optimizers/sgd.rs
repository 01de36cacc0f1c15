//! Stochastic gradient descent.

use super::{Optimizer, Rule, Update, check_lengths, make_room};
use crate::kernels::Kernels;
use crate::settings::{below_one, non_negative};
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// Stochastic gradient descent, with momentum, Nesterov's momentum and weight decay on demand.
///
/// With θ the parameters, g their gradient, v the velocity, η the learning rate, μ the momentum, τ the dampening and λ the
/// weight decay, a step is
///
/// ```text
/// g ← g + λ·θ
/// v ← μ·v + (1−τ)·g       v ← g in the first step
/// d = v                   d = g + μ·v with Nesterov's momentum, d = g if μ = 0
/// θ ← θ − η·d
/// ```
///
/// as in `torch.optim.SGD`. Momentum, dampening and weight decay are 0 unless set. With a momentum it keeps one value for
/// each parameter, else none.
///
/// ```
/// use nn_runtime::optimizers::{Optimizer, Sgd};
///
/// let mut params = [1.0_f32, -2.0];
/// let mut optimizer = Sgd::new(0.25).momentum(0.5);
/// optimizer.step(&mut params, &[1.0, 0.0]);
/// assert_eq!(params, [0.75, -2.0]);
/// optimizer.step(&mut params, &[0.0, 0.0]); // the velocity is 0.5 by now
/// assert_eq!(params, [0.625, -2.0]);
/// ```
///
/// Sources: Polyak, “Some methods of speeding up the convergence of iteration methods” (1964); Sutskever et al., “On the
/// importance of initialization and momentum in deep learning” (2013), whose form of Nesterov's momentum this is, but for
/// the learning rate, which multiplies the velocity here.
#[derive(Clone, Debug)]
pub struct Sgd<T: Real = f32> {
    learning_rate: f64,
    momentum: f64,
    dampening: f64,
    nesterov: bool,
    weight_decay: f64,
    velocity: Buffer<T>,
    steps: u64,
}

impl<T: Real> Sgd<T> {
    /// Plain gradient descent.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            velocity: Buffer::default(),
            steps: 0,
        }
    }

    /// The share of the velocity that a step keeps, μ; commonly 0.9.
    ///
    /// # Panics
    /// Unless `0 ≤ momentum < 1`.
    #[must_use]
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = below_one("momentum", momentum);
        self
    }

    /// The share of a gradient that does not enter the velocity, τ. It has no effect without momentum.
    ///
    /// # Panics
    /// Unless `0 ≤ dampening < 1`.
    #[must_use]
    #[track_caller]
    pub fn dampening(mut self, dampening: f64) -> Self {
        self.dampening = below_one("dampening", dampening);
        self
    }

    /// Looks ahead along the velocity (Nesterov's momentum). It has no effect without momentum.
    #[must_use]
    pub fn nesterov(mut self) -> Self {
        self.nesterov = true;
        self
    }

    /// The weight of the penalty `λ/2·‖θ‖²`, λ, whose gradient is added to that of the loss.
    ///
    /// # Panics
    /// If `weight_decay` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = non_negative("weight_decay", weight_decay);
        self
    }

    fn descent(&self) -> DescentRule<T> {
        DescentRule { learning_rate: T::nearest(self.learning_rate), weight_decay: T::nearest(self.weight_decay) }
    }

    fn momentum_rule(&self) -> MomentumRule<T> {
        let entering = if self.steps > 0 { 1.0 - self.dampening } else { 1.0 };
        MomentumRule {
            descent: self.descent(),
            momentum: T::nearest(self.momentum),
            entering: T::nearest(entering),
            nesterov: self.nesterov,
        }
    }
}

impl<T: Real> Optimizer<T> for Sgd<T> {
    fn prepare(&mut self, len: usize) {
        if self.momentum > 0.0 {
            make_room(&mut self.velocity, len);
        }
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        if self.momentum > 0.0 {
            let rule = self.momentum_rule();
            MomentumStep { params, gradient, moments: [&mut self.velocity], rule }.run_in(pool);
        } else {
            SgdStep { params, gradient, moments: [], rule: self.descent() }.run_in(pool);
        }
        self.steps += 1;
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    fn reset(&mut self) {
        self.velocity.fill(T::zero());
        self.steps = 0;
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.count("steps", &mut self.steps);
        visitor.values("velocity", &mut self.velocity);
    }
}

/// Gradient descent without momentum, over a slice.
pub type SgdStep<'a, T> = Update<'a, T, DescentRule<T>, 0>;

/// Gradient descent with momentum, over a slice; the moment is the velocity.
pub type MomentumStep<'a, T> = Update<'a, T, MomentumRule<T>, 1>;

/// `θ ← θ − η·(g + λ·θ)`.
#[derive(Clone, Copy, Debug)]
pub struct DescentRule<T> {
    /// η.
    pub learning_rate: T,
    /// λ.
    pub weight_decay: T,
}

impl<T: Real> Rule<T, 0> for DescentRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        _: [S::Vector; 0],
    ) -> (S::Vector, [S::Vector; 0]) {
        let gradient = simd.mul_add(simd.splat(self.weight_decay), param, gradient);
        (simd.neg_mul_add(simd.splat(self.learning_rate), gradient, param), [])
    }

    fn run_on<L: Kernels<T>>(level: L, update: SgdStep<'_, T>) {
        level.sgd(update);
    }
}

/// `v ← μ·v + ν·(g + λ·θ)`, `θ ← θ − η·v`, or `θ ← θ − η·(g + λ·θ + μ·v)` with Nesterov's momentum.
#[derive(Clone, Copy, Debug)]
pub struct MomentumRule<T> {
    /// η and λ.
    pub descent: DescentRule<T>,
    /// μ.
    pub momentum: T,
    /// ν: the share of the gradient that enters the velocity, `1 − τ`, but 1 in the first step.
    pub entering: T,
    /// Whether to look ahead.
    pub nesterov: bool,
}

impl<T: Real> Rule<T, 1> for MomentumRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [velocity]: [S::Vector; 1],
    ) -> (S::Vector, [S::Vector; 1]) {
        let momentum = simd.splat(self.momentum);
        let gradient = simd.mul_add(simd.splat(self.descent.weight_decay), param, gradient);
        let velocity = simd.mul_add(momentum, velocity, simd.mul(simd.splat(self.entering), gradient));
        let direction = if self.nesterov { simd.mul_add(momentum, velocity, gradient) } else { velocity };
        (simd.neg_mul_add(simd.splat(self.descent.learning_rate), direction, param), [velocity])
    }

    fn run_on<L: Kernels<T>>(level: L, update: MomentumStep<'_, T>) {
        level.sgd_momentum(update);
    }
}
