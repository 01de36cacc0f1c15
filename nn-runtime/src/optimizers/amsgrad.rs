//! `AMSGrad`: Adam that never forgets how large the squared gradients were.

use super::moments::Moments;
use super::{AdamRule, Optimizer, Rule, Update, check_lengths, make_room};
use crate::kernels::Kernels;
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// Adam with the largest mean square so far below the fraction bar, so that no parameter's rate grows again.
///
/// With θ the parameters, g their gradient, m and v its moments and u the largest v (all zero at first), η the learning
/// rate, λ the weight decay and t = 1, 2, … the number of the step, a step is
///
/// ```text
/// g ← g + λ·θ
/// m ← m + (1−β₁)·(g − m)
/// v ← β₂·v + (1−β₂)·g²
/// u ← max(u, v)
/// θ ← θ − η/(1−β₁ᵗ) · m / (√u/√(1−β₂ᵗ) + ε)
/// ```
///
/// as in `torch.optim.Adam` with `amsgrad=True`, and with [`decoupled_weight_decay`](Self::decoupled_weight_decay) as
/// `torch.optim.AdamW`. Defaults: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, λ = 0. It keeps three values for each parameter.
///
/// Adam may fail to converge where large gradients are rare: it forgets them before the next comes. This does not. That
/// the maximum is taken of v before its correction for the zero at the beginning is as in the paper, which has no such
/// correction.
///
/// ```
/// use nn_runtime::optimizers::{AmsGrad, Optimizer};
///
/// let mut params = [0.0_f64];
/// let mut optimizer = AmsGrad::new(0.1).beta1(0.0).beta2(0.5);
/// optimizer.step(&mut params, &[2.0]); // u = 2
/// assert!((params[0] + 0.1).abs() < 1e-9);
/// optimizer.step(&mut params, &[1.0]); // v = 1.5, but u stays 2: the step is 0.1·1/√(2/0.75)
/// assert!((params[0] + 0.1 + 0.1 * 0.375_f64.sqrt()).abs() < 1e-9);
/// ```
///
/// Source: Reddi, Kale and Kumar, “On the convergence of Adam and beyond” (2018), algorithm 2.
#[derive(Clone, Debug)]
pub struct AmsGrad<T: Real = f32> {
    moments: Moments<T>,
    largest_square: Buffer<T>,
}

impl<T: Real> AmsGrad<T> {
    /// `AMSGrad` without weight decay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self { moments: Moments::new(learning_rate), largest_square: Buffer::default() }
    }
}

moment_settings!(AmsGrad, penalty or decay);

impl<T: Real> Optimizer<T> for AmsGrad<T> {
    fn prepare(&mut self, len: usize) {
        self.moments.prepare(len);
        make_room(&mut self.largest_square, len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        let Self { moments, largest_square } = self;
        moments.advance(moments.beta1);
        let rule = AmsGradRule { adam: AdamRule::of(moments) };
        let moments = [&mut *moments.mean, &mut *moments.mean_square, &mut *largest_square];
        AmsGradStep { params, gradient, moments, rule }.run_in(pool);
    }

    fn learning_rate(&self) -> f64 {
        self.moments.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.moments.set_learning_rate(learning_rate);
    }

    fn reset(&mut self) {
        self.moments.reset();
        self.largest_square.fill(T::zero());
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        self.moments.visit_state(visitor);
        visitor.values("largest_square", &mut self.largest_square);
    }
}

/// `AMSGrad` over a slice; the moments are m, v and u.
pub type AmsGradStep<'a, T> = Update<'a, T, AmsGradRule<T>, 3>;

/// As [`AdamRule`], with `u ← max(u, v)` and u under the root.
#[derive(Clone, Copy, Debug)]
pub struct AmsGradRule<T> {
    /// All the rest.
    pub adam: AdamRule<T>,
}

impl<T: Real> Rule<T, 3> for AmsGradRule<T> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [mean, mean_square, largest_square]: [S::Vector; 3],
    ) -> (S::Vector, [S::Vector; 3]) {
        let gradient = self.adam.penalised(simd, param, gradient);
        let [mean, mean_square] = self.adam.moved(simd, gradient, [mean, mean_square]);
        // In this order, so that a mean square that is no number is passed on.
        let largest_square = simd.max(largest_square, mean_square);
        (self.adam.descend(simd, param, mean, largest_square), [mean, mean_square, largest_square])
    }

    fn run_on<L: Kernels<T>>(level: L, update: AmsGradStep<'_, T>) {
        level.ams_grad(update);
    }
}
