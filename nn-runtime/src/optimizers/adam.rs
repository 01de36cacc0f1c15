//! Adam: steps scaled by estimates of the gradient's first and second moments.

use super::moments::Moments;
use super::{Optimizer, Rule, Update, check_lengths};
use crate::kernels::Kernels;
use crate::simd::Simd;
use crate::{CallingThread, Pool, Real, StateVisitor};

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
    moments: Moments<T>,
}

impl<T: Real> Adam<T> {
    /// Adam without weight decay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self { moments: Moments::new(learning_rate) }
    }
}

moment_settings!(Adam, penalty);

impl<T: Real> Optimizer<T> for Adam<T> {
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

/// A step of Adam or `AdamW`.
pub(super) fn step<T: Real>(pool: &dyn Pool, moments: &mut Moments<T>, params: &mut [T], gradient: &[T]) {
    check_lengths(params, gradient);
    moments.prepare(params.len());
    moments.advance(moments.beta1);
    let rule = AdamRule::of(moments);
    AdamStep { params, gradient, moments: [&mut moments.mean, &mut moments.mean_square], rule }.run_in(pool);
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

impl<T: Real> AdamRule<T> {
    /// The formula of the step that `moments` have counted last.
    pub(super) fn of(moments: &Moments<T>) -> Self {
        Self {
            penalty: T::nearest(moments.penalty()),
            kept: T::nearest(moments.kept()),
            entering_mean: T::nearest(1.0 - moments.beta1),
            beta2: T::nearest(moments.beta2),
            entering_square: T::nearest(1.0 - moments.beta2),
            step_size: T::nearest(moments.learning_rate / (1.0 - moments.beta1_product)),
            root_scale: T::nearest((1.0 - moments.beta2_product).sqrt().recip()),
            eps: T::nearest(moments.eps),
        }
    }

    /// `g + λ·θ`.
    #[inline(always)]
    pub(super) fn penalised<S: Simd<T>>(self, simd: S, param: S::Vector, gradient: S::Vector) -> S::Vector {
        simd.mul_add(simd.splat(self.penalty), param, gradient)
    }

    /// The new m and v.
    #[inline(always)]
    pub(super) fn moved<S: Simd<T>>(
        self,
        simd: S,
        gradient: S::Vector,
        [mean, mean_square]: [S::Vector; 2],
    ) -> [S::Vector; 2] {
        let mean = simd.mul_add(simd.splat(self.entering_mean), simd.sub(gradient, mean), mean);
        let square = simd.mul(simd.mul(simd.splat(self.entering_square), gradient), gradient);
        [mean, simd.mul_add(simd.splat(self.beta2), mean_square, square)]
    }

    /// `κ·θ − α·direction / (ρ·√square + ε)`.
    #[inline(always)]
    pub(super) fn descend<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        direction: S::Vector,
        square: S::Vector,
    ) -> S::Vector {
        let denominator = simd.mul_add(simd.splat(self.root_scale), simd.sqrt(square), simd.splat(self.eps));
        let direction = simd.div(direction, denominator);
        let param = simd.mul(simd.splat(self.kept), param);
        simd.neg_mul_add(simd.splat(self.step_size), direction, param)
    }
}

impl<T: Real> Rule<T, 2> for AdamRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        moments: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let gradient = self.penalised(simd, param, gradient);
        let [mean, mean_square] = self.moved(simd, gradient, moments);
        (self.descend(simd, param, mean, mean_square), [mean, mean_square])
    }

    fn run_on<L: Kernels<T>>(level: L, update: AdamStep<'_, T>) {
        level.adam(update);
    }
}
