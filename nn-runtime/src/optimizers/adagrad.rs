//! `AdaGrad`: a learning rate for each parameter, which falls with the gradients that it has seen.

use super::{Optimizer, Rule, Update, check_lengths, make_room, positive_as};
use crate::kernels::Kernels;
use crate::settings::non_negative;
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// `AdaGrad`: each parameter's step is divided by the root of the sum of all its squared gradients.
///
/// With θ the parameters, g their gradient, s the sum of the squares (s₀ at first), η the learning rate, λ the weight decay,
/// δ the decay of the learning rate and t = 1, 2, … the number of the step, a step is
///
/// ```text
/// g ← g + λ·θ
/// s ← s + g²
/// θ ← θ − η/(1 + (t−1)·δ) · g / (√s + ε)
/// ```
///
/// as in `torch.optim.Adagrad`. Defaults: ε = 10⁻¹⁰, λ = 0, δ = 0, s₀ = 0; a common learning rate is 0.01. It keeps one
/// value for each parameter.
///
/// Rarely seen features keep large steps. The sum never falls, so that the steps of a long training become small by
/// themselves: [`RmsProp`](super::RmsProp) and [`Adadelta`](super::Adadelta) take a mean that forgets in place of the sum.
///
/// ```
/// use nn_runtime::optimizers::{AdaGrad, Optimizer};
///
/// let mut params = [0.0_f64];
/// let mut optimizer = AdaGrad::new(1.0);
/// optimizer.step(&mut params, &[3.0]); // 3/√9
/// assert!((params[0] + 1.0).abs() < 1e-9);
/// optimizer.step(&mut params, &[4.0]); // 4/√(9 + 16)
/// assert!((params[0] + 1.8).abs() < 1e-9);
/// ```
///
/// Source: Duchi, Hazan and Singer, “Adaptive subgradient methods for online learning and stochastic optimization” (2011),
/// the form with a diagonal matrix.
#[derive(Clone, Debug)]
pub struct AdaGrad<T: Real = f32> {
    learning_rate: f64,
    learning_rate_decay: f64,
    weight_decay: f64,
    initial_accumulator: f64,
    eps: f64,
    square_sum: Buffer<T>,
    steps: u64,
}

impl<T: Real> AdaGrad<T> {
    /// `AdaGrad` without decays.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            learning_rate_decay: 0.0,
            weight_decay: 0.0,
            initial_accumulator: 0.0,
            eps: 1e-10,
            square_sum: Buffer::default(),
            steps: 0,
        }
    }

    /// How fast the learning rate falls besides, δ.
    ///
    /// # Panics
    /// If `learning_rate_decay` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn learning_rate_decay(mut self, learning_rate_decay: f64) -> Self {
        self.learning_rate_decay = non_negative("learning_rate_decay", learning_rate_decay);
        self
    }

    /// What the sum of squares begins with, s₀: the larger, the gentler the first steps.
    ///
    /// # Panics
    /// If `initial_accumulator` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn initial_accumulator(mut self, initial_accumulator: f64) -> Self {
        self.initial_accumulator = non_negative("initial_accumulator", initial_accumulator);
        self
    }

    /// What keeps the division from zero, ε.
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

impl<T: Real> Optimizer<T> for AdaGrad<T> {
    fn prepare(&mut self, len: usize) {
        make_room(&mut self.square_sum, len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        if self.steps == 0 {
            self.square_sum.fill(T::nearest(self.initial_accumulator));
        }
        let step_size = self.learning_rate / (1.0 + self.steps as f64 * self.learning_rate_decay);
        self.steps += 1;
        let rule = AdaGradRule {
            weight_decay: T::nearest(self.weight_decay),
            step_size: T::nearest(step_size),
            eps: T::nearest(self.eps),
        };
        AdaGradStep { params, gradient, moments: [&mut self.square_sum], rule }.run_in(pool);
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    fn reset(&mut self) {
        self.square_sum.fill(T::zero());
        self.steps = 0;
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.count("steps", &mut self.steps);
        visitor.values("square_sum", &mut self.square_sum);
    }
}

/// `AdaGrad` over a slice; the moment is the sum of squares.
pub type AdaGradStep<'a, T> = Update<'a, T, AdaGradRule<T>, 1>;

/// `g ← g + λ·θ`, `s ← s + g²`, `θ ← θ − α·g / (√s + ε)`.
#[derive(Clone, Copy, Debug)]
pub struct AdaGradRule<T> {
    /// λ.
    pub weight_decay: T,
    /// `α = η/(1 + (t−1)·δ)`.
    pub step_size: T,
    /// ε.
    pub eps: T,
}

impl<T: Real> Rule<T, 1> for AdaGradRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [square_sum]: [S::Vector; 1],
    ) -> (S::Vector, [S::Vector; 1]) {
        let gradient = simd.mul_add(simd.splat(self.weight_decay), param, gradient);
        let square_sum = simd.mul_add(gradient, gradient, square_sum);
        let direction = simd.div(gradient, simd.add(simd.sqrt(square_sum), simd.splat(self.eps)));
        (simd.neg_mul_add(simd.splat(self.step_size), direction, param), [square_sum])
    }

    fn run_on<L: Kernels<T>>(level: L, update: AdaGradStep<'_, T>) {
        level.ada_grad(update);
    }
}
