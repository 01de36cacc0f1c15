//! `NAdam`: Adam with Nesterov's momentum.

use super::moments::Moments;
use super::{AdamRule, Optimizer, Rule, Update, check_lengths};
use crate::kernels::Kernels;
use crate::settings::non_negative;
use crate::simd::{Elementary, Scalar, Simd};
use crate::{CallingThread, Pool, Real, StateVisitor};

/// Adam that looks ahead along its mean gradient, as Nesterov's momentum does.
///
/// With θ the parameters, g their gradient, m and v its moments (zero at first), η the learning rate, λ the weight decay, ψ
/// the momentum decay and t = 1, 2, … the number of the step, a step is
///
/// ```text
/// g  ← g + λ·θ
/// m  ← m + (1−β₁)·(g − m)
/// v  ← β₂·v + (1−β₂)·g²
/// μₜ = β₁·(1 − ½·0.96^(t·ψ)),  Πₜ = μ₁·μ₂·…·μₜ
/// θ  ← θ − η·( (1−μₜ)/(1−Πₜ) · g + μₜ₊₁/(1−Πₜ₊₁) · m ) / (√v/√(1−β₂ᵗ) + ε)
/// ```
///
/// as in `torch.optim.NAdam`. Defaults: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, λ = 0, ψ = 0.004. It keeps two values for each
/// parameter.
///
/// ```
/// use nn_runtime::optimizers::{NAdam, Optimizer};
///
/// let mut params = [1.0_f64];
/// let mut optimizer = NAdam::new(0.1).momentum_decay(0.0);
/// optimizer.step(&mut params, &[5.0]); // μ = 0.45, m = 0.5, √v/√(1−β₂) = 5
/// let expected = 1.0 - 0.1 * (5.0 + 0.45 / (1.0 - 0.45 * 0.45) * 0.5) / 5.0;
/// assert!((params[0] - expected).abs() < 1e-9);
/// ```
///
/// Source: Dozat, “Incorporating Nesterov momentum into Adam” (2016).
#[derive(Clone, Debug)]
pub struct NAdam<T: Real = f32> {
    /// Its product of β₁ is Π.
    moments: Moments<T>,
    momentum_decay: f64,
    steps: u64,
}

impl<T: Real> NAdam<T> {
    /// `NAdam` without weight decay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self { moments: Moments::new(learning_rate), momentum_decay: 4e-3, steps: 0 }
    }

    /// How fast the momentum μ rises from β₁/2 to β₁, ψ: with 0 it stays at β₁/2.
    ///
    /// # Panics
    /// If `momentum_decay` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn momentum_decay(mut self, momentum_decay: f64) -> Self {
        self.momentum_decay = non_negative("momentum_decay", momentum_decay);
        self
    }

    /// μ of the step with this number. By the crate's own exponential, so that it is the same on every platform.
    fn momentum(&self, step: u64) -> f64 {
        const LN_0_96: f64 = -0.040_821_994_520_255_166;
        let power =
            <f64 as Elementary>::exp(Scalar, Simd::<f64>::splat(Scalar, step as f64 * self.momentum_decay * LN_0_96));
        self.moments.beta1 * (1.0 - 0.5 * power)
    }
}

moment_settings!(NAdam, penalty or decay);

impl<T: Real> Optimizer<T> for NAdam<T> {
    fn prepare(&mut self, len: usize) {
        self.moments.prepare(len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        self.steps += 1;
        let (momentum, next) = (self.momentum(self.steps), self.momentum(self.steps + 1));
        let moments = &mut self.moments;
        moments.advance(momentum);
        let product = moments.beta1_product;
        let rule = NAdamRule {
            adam: AdamRule { step_size: T::nearest(moments.learning_rate), ..AdamRule::of(moments) },
            gradient_share: T::nearest((1.0 - momentum) / (1.0 - product)),
            mean_share: T::nearest(next / (1.0 - product * next)),
        };
        NAdamStep { params, gradient, moments: [&mut moments.mean, &mut moments.mean_square], rule }.run_in(pool);
    }

    fn learning_rate(&self) -> f64 {
        self.moments.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.moments.set_learning_rate(learning_rate);
    }

    fn reset(&mut self) {
        self.moments.reset();
        self.steps = 0;
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        self.moments.visit_state(visitor);
        visitor.count("steps", &mut self.steps);
    }
}

/// `NAdam` over a slice; the moments are m and v.
pub type NAdamStep<'a, T> = Update<'a, T, NAdamRule<T>, 2>;

/// As [`AdamRule`], with a mixture of g and m above the fraction bar.
#[derive(Clone, Copy, Debug)]
pub struct NAdamRule<T> {
    /// All the rest; its α is η.
    pub adam: AdamRule<T>,
    /// The factor of g, `(1−μₜ)/(1−Πₜ)`.
    pub gradient_share: T,
    /// The factor of m, `μₜ₊₁/(1−Πₜ₊₁)`.
    pub mean_share: T,
}

impl<T: Real> Rule<T, 2> for NAdamRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        moments: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let gradient = self.adam.penalised(simd, param, gradient);
        let [mean, mean_square] = self.adam.moved(simd, gradient, moments);
        let present = simd.mul(simd.splat(self.gradient_share), gradient);
        let direction = simd.mul_add(simd.splat(self.mean_share), mean, present);
        (self.adam.descend(simd, param, direction, mean_square), [mean, mean_square])
    }

    fn run_on<L: Kernels<T>>(level: L, update: NAdamStep<'_, T>) {
        level.nadam(update);
    }
}
