//! Adam: steps scaled by estimates of the gradient's first and second moments.

use super::{Optimizer, Rule, Update, below_one, check_lengths, make_room, non_negative};
use crate::kernels::Kernels;
use crate::simd::Simd;
use crate::{Buffer, Real, StateVisitor};

/// Adam, with a penalty on the weights on demand.
///
/// With θ the parameters, g their gradient, m and v its moments (zero at first), η the learning rate, λ the weight decay
/// and t = 1, 2, … the number of the step, a step is
///
/// ```text
/// g ← g + λ·θ
/// m ← m + (1−β₁)·(g − m)
/// v ← β₂·v + (1−β₂)·g²
/// θ ← θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
/// ```
///
/// as in `torch.optim.Adam`. Defaults: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, λ = 0. It keeps two values for each parameter. For a
/// decay that does not pass through the moments see [`AdamW`](super::AdamW).
///
/// ```
/// use nn_runtime::optimizers::{Adam, Optimizer};
///
/// let mut params = [1.0_f64, -2.0];
/// let mut optimizer = Adam::new(1e-3);
/// optimizer.step(&mut params, &[1e3, -1e-3]); // the first step is as long as the learning rate, whatever the gradient
/// assert!((params[0] - 0.999).abs() < 1e-12 && (params[1] + 1.999).abs() < 2e-8);
/// ```
///
/// Source: Kingma and Ba, “Adam: a method for stochastic optimization” (2015), algorithm 1.
#[derive(Clone, Debug)]
pub struct Adam<T: Real = f32> {
    core: Core<T>,
    weight_decay: f64,
}

impl<T: Real> Adam<T> {
    /// Adam without weight decay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        Self { core: Core::new(learning_rate), weight_decay: 0.0 }
    }

    /// The share of the mean gradient m that a step keeps, β₁.
    ///
    /// # Panics
    /// Unless `0 ≤ beta1 < 1`.
    #[must_use]
    pub fn beta1(mut self, beta1: f64) -> Self {
        self.core.set_beta1(beta1);
        self
    }

    /// The share of the mean squared gradient v that a step keeps, β₂.
    ///
    /// # Panics
    /// Unless `0 ≤ beta2 < 1`.
    #[must_use]
    pub fn beta2(mut self, beta2: f64) -> Self {
        self.core.set_beta2(beta2);
        self
    }

    /// What keeps the division from zero, ε.
    ///
    /// # Panics
    /// Unless `eps` is positive and finite, also when rounded to `T`.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.core.set_eps(eps);
        self
    }

    /// The weight of the penalty `λ/2·‖θ‖²`, λ, whose gradient is added to that of the loss.
    ///
    /// # Panics
    /// If `weight_decay` is negative or not finite.
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = non_negative("weight_decay", weight_decay);
        self
    }
}

impl<T: Real> Optimizer<T> for Adam<T> {
    fn prepare(&mut self, len: usize) {
        self.core.prepare(len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.core.step(params, gradient, self.weight_decay, 1.0);
    }

    fn learning_rate(&self) -> f64 {
        self.core.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.core.set_learning_rate(learning_rate);
    }

    fn reset(&mut self) {
        self.core.reset();
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        self.core.visit_state(visitor);
    }
}

/// What [`Adam`] and [`AdamW`](super::AdamW) have in common: all but the meaning of the weight decay.
#[derive(Clone, Debug)]
pub(super) struct Core<T: Real> {
    pub(super) learning_rate: f64,
    beta1: f64,
    beta2: f64,
    eps: f64,
    /// β₁ᵗ and β₂ᵗ, multiplied up, so that they are the same on every platform.
    beta1_power: f64,
    beta2_power: f64,
    mean: Buffer<T>,
    mean_square: Buffer<T>,
}

impl<T: Real> Core<T> {
    pub(super) fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            beta1_power: 1.0,
            beta2_power: 1.0,
            mean: Buffer::default(),
            mean_square: Buffer::default(),
        }
    }

    pub(super) fn set_beta1(&mut self, beta1: f64) {
        self.beta1 = below_one("beta1", beta1);
    }

    pub(super) fn set_beta2(&mut self, beta2: f64) {
        self.beta2 = below_one("beta2", beta2);
    }

    pub(super) fn set_eps(&mut self, eps: f64) {
        // With a zero here, a parameter whose gradients were all zero would become 0/0.
        let rounded = Real::to_f64(T::nearest(eps));
        assert!(
            rounded.is_finite() && rounded > 0.0,
            "eps must be finite and above 0 as a {:?}, found {eps:?}",
            T::DTYPE
        );
        self.eps = eps;
    }

    pub(super) fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    pub(super) fn reset(&mut self) {
        (self.beta1_power, self.beta2_power) = (1.0, 1.0);
        self.mean.fill(T::zero());
        self.mean_square.fill(T::zero());
    }

    pub(super) fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.number("beta1_power", &mut self.beta1_power);
        visitor.number("beta2_power", &mut self.beta2_power);
        visitor.values("mean", &mut self.mean);
        visitor.values("mean_square", &mut self.mean_square);
    }

    pub(super) fn prepare(&mut self, len: usize) {
        make_room(&mut self.mean, len);
        make_room(&mut self.mean_square, len);
    }

    pub(super) fn step(&mut self, params: &mut [T], gradient: &[T], penalty: f64, kept: f64) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        self.beta1_power *= self.beta1;
        self.beta2_power *= self.beta2;
        let rule = self.rule(penalty, kept);
        T::dispatch(AdamStep { params, gradient, moments: [&mut self.mean, &mut self.mean_square], rule });
    }

    fn rule(&self, penalty: f64, kept: f64) -> AdamRule<T> {
        AdamRule {
            penalty: T::nearest(penalty),
            kept: T::nearest(kept),
            entering_mean: T::nearest(1.0 - self.beta1),
            beta2: T::nearest(self.beta2),
            entering_square: T::nearest(1.0 - self.beta2),
            step_size: T::nearest(self.learning_rate / (1.0 - self.beta1_power)),
            root_scale: T::nearest((1.0 - self.beta2_power).sqrt().recip()),
            eps: T::nearest(self.eps),
        }
    }
}

/// Adam and `AdamW` over a slice; the moments are m and v.
pub type AdamStep<'a, T> = Update<'a, T, AdamRule<T>, 2>;

/// `g ← g + λ·θ`, `m ← m + (1−β₁)·(g − m)`, `v ← β₂·v + (1−β₂)·g²`, `θ ← κ·θ − α·m / (ρ·√v + ε)`.
#[derive(Clone, Copy, Debug)]
pub struct AdamRule<T> {
    /// λ, 0 for `AdamW`.
    pub penalty: T,
    /// κ: the share of the parameter that decay leaves, 1 for Adam.
    pub kept: T,
    /// `1 − β₁`.
    pub entering_mean: T,
    /// β₂.
    pub beta2: T,
    /// `1 − β₂`.
    pub entering_square: T,
    /// `α = η/(1−β₁ᵗ)`.
    pub step_size: T,
    /// `ρ = 1/√(1−β₂ᵗ)`.
    pub root_scale: T,
    /// ε.
    pub eps: T,
}

impl<T: Real> Rule<T, 2> for AdamRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [mean, mean_square]: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let gradient = simd.mul_add(simd.splat(self.penalty), param, gradient);
        let mean = simd.mul_add(simd.splat(self.entering_mean), simd.sub(gradient, mean), mean);
        let square = simd.mul(simd.mul(simd.splat(self.entering_square), gradient), gradient);
        let mean_square = simd.mul_add(simd.splat(self.beta2), mean_square, square);
        let root = simd.sqrt(mean_square);
        let denominator = simd.mul_add(simd.splat(self.root_scale), root, simd.splat(self.eps));
        let direction = simd.div(mean, denominator);
        let param = simd.mul(simd.splat(self.kept), param);
        (simd.neg_mul_add(simd.splat(self.step_size), direction, param), [mean, mean_square])
    }

    fn run_on<L: Kernels<T>>(level: L, update: AdamStep<'_, T>) {
        level.adam(update);
    }
}
