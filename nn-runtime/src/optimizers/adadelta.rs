//! Adadelta: steps in units of the steps before.

use super::{Optimizer, Rule, Update, check_lengths, make_room, positive_as};
use crate::kernels::Kernels;
use crate::settings::{below_one, non_negative};
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// Adadelta: the gradient over its own recent size, times the recent size of the steps.
///
/// With θ the parameters, g their gradient, v and u the means of the squared gradients and of the squared steps (zero at
/// first), η the learning rate and λ the weight decay, a step is
///
/// ```text
/// g ← g + λ·θ
/// v ← ρ·v + (1−ρ)·g²
/// d = √(u+ε)/√(v+ε) · g
/// u ← ρ·u + (1−ρ)·d²
/// θ ← θ − η·d
/// ```
///
/// as in `torch.optim.Adadelta`. Defaults: η = 1, ρ = 0.9, ε = 10⁻⁶, λ = 0. It keeps two values for each parameter.
///
/// The paper has no learning rate; with η = 1 this is it. As the steps are measured by steps, ε decides how it starts:
/// slowly, with a first step of about `√ε`.
///
/// ```
/// use nn_runtime::optimizers::{Adadelta, Optimizer};
///
/// let mut params = [0.0_f64];
/// Adadelta::new(1.0).step(&mut params, &[2.0]); // v = 0.4, u = 0
/// assert!((params[0] + 2.0 * (1e-6_f64 / (0.4 + 1e-6)).sqrt()).abs() < 1e-15);
/// ```
///
/// Source: Zeiler, “ADADELTA: an adaptive learning rate method” (2012), algorithm 1.
#[derive(Clone, Debug)]
pub struct Adadelta<T: Real = f32> {
    learning_rate: f64,
    rho: f64,
    eps: f64,
    weight_decay: f64,
    mean_square: Buffer<T>,
    mean_square_step: Buffer<T>,
}

impl<T: Real> Adadelta<T> {
    /// Adadelta without weight decay; the paper's `learning_rate` is 1.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            rho: 0.9,
            eps: 1e-6,
            weight_decay: 0.0,
            mean_square: Buffer::default(),
            mean_square_step: Buffer::default(),
        }
    }

    /// The share of both means that a step keeps, ρ.
    ///
    /// # Panics
    /// Unless `0 ≤ rho < 1`.
    #[must_use]
    #[track_caller]
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = below_one("rho", rho);
        self
    }

    /// What both means are taken to be at least, ε.
    ///
    /// # Panics
    /// Unless `eps` is positive and finite, also when rounded to `T`.
    #[must_use]
    #[track_caller]
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = positive_as::<T>("eps", eps);
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
}

impl<T: Real> Optimizer<T> for Adadelta<T> {
    fn prepare(&mut self, len: usize) {
        make_room(&mut self.mean_square, len);
        make_room(&mut self.mean_square_step, len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        let rule = AdadeltaRule {
            weight_decay: T::nearest(self.weight_decay),
            learning_rate: T::nearest(self.learning_rate),
            rho: T::nearest(self.rho),
            entering: T::nearest(1.0 - self.rho),
            eps: T::nearest(self.eps),
        };
        let moments = [&mut *self.mean_square, &mut *self.mean_square_step];
        AdadeltaStep { params, gradient, moments, rule }.run_in(pool);
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    fn reset(&mut self) {
        self.mean_square.fill(T::zero());
        self.mean_square_step.fill(T::zero());
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.values("mean_square", &mut self.mean_square);
        visitor.values("mean_square_step", &mut self.mean_square_step);
    }
}

/// Adadelta over a slice; the moments are v and u.
pub type AdadeltaStep<'a, T> = Update<'a, T, AdadeltaRule<T>, 2>;

/// `g ← g + λ·θ`, `v ← ρ·v + (1−ρ)·g²`, `d = √(u+ε)/√(v+ε)·g`, `u ← ρ·u + (1−ρ)·d²`, `θ ← θ − η·d`.
#[derive(Clone, Copy, Debug)]
pub struct AdadeltaRule<T> {
    /// λ.
    pub weight_decay: T,
    /// η.
    pub learning_rate: T,
    /// ρ.
    pub rho: T,
    /// `1 − ρ`.
    pub entering: T,
    /// ε.
    pub eps: T,
}

impl<T: Real> AdadeltaRule<T> {
    /// `ρ·mean + (1−ρ)·x²`.
    #[inline(always)]
    fn mean_square<S: Simd<T>>(self, simd: S, mean: S::Vector, x: S::Vector) -> S::Vector {
        let square = simd.mul(simd.mul(simd.splat(self.entering), x), x);
        simd.mul_add(simd.splat(self.rho), mean, square)
    }

    /// `√(x + ε)`.
    #[inline(always)]
    fn root<S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        simd.sqrt(simd.add(x, simd.splat(self.eps)))
    }
}

impl<T: Real> Rule<T, 2> for AdadeltaRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [mean_square, mean_square_step]: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let gradient = simd.mul_add(simd.splat(self.weight_decay), param, gradient);
        let mean_square = self.mean_square(simd, mean_square, gradient);
        let ratio = simd.div(self.root(simd, mean_square_step), self.root(simd, mean_square));
        let step = simd.mul(ratio, gradient);
        let mean_square_step = self.mean_square(simd, mean_square_step, step);
        (simd.neg_mul_add(simd.splat(self.learning_rate), step, param), [mean_square, mean_square_step])
    }

    fn run_on<L: Kernels<T>>(level: L, update: AdadeltaStep<'_, T>) {
        level.adadelta(update);
    }
}
