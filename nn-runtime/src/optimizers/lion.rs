//! Lion: the sign of a momentum.

use super::{Optimizer, Rule, Update, check_lengths, make_room, sign};
use crate::kernels::Kernels;
use crate::settings::{below_one, non_negative};
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// Lion (“evolved sign momentum”): every parameter moves by the learning rate, to the side that a momentum says.
///
/// With θ the parameters, g their gradient, m the momentum (zero at first), η the learning rate and λ the weight decay, a
/// step is
///
/// ```text
/// c = β₁·m + (1−β₁)·g
/// θ ← θ − η·(sign c + λ·θ)
/// m ← β₂·m + (1−β₂)·g
/// ```
///
/// with `sign 0 = 0`. Defaults: β₁ = 0.9, β₂ = 0.99, λ = 0. It keeps one value for each parameter. As its steps are larger
/// than Adam's, the paper takes a learning rate 3 to 10 times smaller, and a weight decay as much larger.
///
/// ```
/// use nn_runtime::optimizers::{Lion, Optimizer};
///
/// let mut params = [1.0_f64, -2.0, 3.0];
/// let mut optimizer = Lion::new(0.25);
/// optimizer.step(&mut params, &[1e3, -1e-3, 0.0]);
/// assert_eq!(params, [0.75, -1.75, 3.0]);
/// ```
///
/// Source: Chen et al., “Symbolic discovery of optimization algorithms” (2023), algorithm 2.
#[derive(Clone, Debug)]
pub struct Lion<T: Real = f32> {
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    momentum: Buffer<T>,
}

impl<T: Real> Lion<T> {
    /// Lion without weight decay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            beta1: 0.9,
            beta2: 0.99,
            weight_decay: 0.0,
            momentum: Buffer::default(),
        }
    }

    /// The share of the momentum in what the sign is taken of, β₁.
    ///
    /// # Panics
    /// Unless `0 ≤ beta1 < 1`.
    #[must_use]
    #[track_caller]
    pub fn beta1(mut self, beta1: f64) -> Self {
        self.beta1 = below_one("beta1", beta1);
        self
    }

    /// The share of the momentum that a step keeps, β₂.
    ///
    /// # Panics
    /// Unless `0 ≤ beta2 < 1`.
    #[must_use]
    #[track_caller]
    pub fn beta2(mut self, beta2: f64) -> Self {
        self.beta2 = below_one("beta2", beta2);
        self
    }

    /// The share of a parameter that a step with a learning rate of 1 takes away, λ: decoupled, as
    /// [`AdamW`](super::AdamW)'s.
    ///
    /// # Panics
    /// If `weight_decay` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = non_negative("weight_decay", weight_decay);
        self
    }
}

impl<T: Real> Optimizer<T> for Lion<T> {
    fn prepare(&mut self, len: usize) {
        make_room(&mut self.momentum, len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        let rule = LionRule {
            kept: T::nearest(1.0 - self.learning_rate * self.weight_decay),
            learning_rate: T::nearest(self.learning_rate),
            beta1: T::nearest(self.beta1),
            entering_sign: T::nearest(1.0 - self.beta1),
            beta2: T::nearest(self.beta2),
            entering_momentum: T::nearest(1.0 - self.beta2),
        };
        LionStep { params, gradient, moments: [&mut self.momentum], rule }.run_in(pool);
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    fn reset(&mut self) {
        self.momentum.fill(T::zero());
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.values("momentum", &mut self.momentum);
    }
}

/// Lion over a slice; the moment is m.
pub type LionStep<'a, T> = Update<'a, T, LionRule<T>, 1>;

/// `θ ← κ·θ − η·sign(β₁·m + (1−β₁)·g)`, `m ← β₂·m + (1−β₂)·g`.
#[derive(Clone, Copy, Debug)]
pub struct LionRule<T> {
    /// `κ = 1 − η·λ`.
    pub kept: T,
    /// η.
    pub learning_rate: T,
    /// β₁.
    pub beta1: T,
    /// `1 − β₁`.
    pub entering_sign: T,
    /// β₂.
    pub beta2: T,
    /// `1 − β₂`.
    pub entering_momentum: T,
}

impl<T: Real> Rule<T, 1> for LionRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [momentum]: [S::Vector; 1],
    ) -> (S::Vector, [S::Vector; 1]) {
        let entering = simd.mul(simd.splat(self.entering_sign), gradient);
        let direction = sign(simd, simd.mul_add(simd.splat(self.beta1), momentum, entering));
        let entering = simd.mul(simd.splat(self.entering_momentum), gradient);
        let momentum = simd.mul_add(simd.splat(self.beta2), momentum, entering);
        let param = simd.mul(simd.splat(self.kept), param);
        (simd.neg_mul_add(simd.splat(self.learning_rate), direction, param), [momentum])
    }

    fn run_on<L: Kernels<T>>(level: L, update: LionStep<'_, T>) {
        level.lion(update);
    }
}
