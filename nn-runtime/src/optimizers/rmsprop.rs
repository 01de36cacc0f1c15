//! `RMSProp`: the gradient over the root of its recent mean square.

use super::{Optimizer, Rule, Update, check_lengths, make_room, positive_as};
use crate::kernels::Kernels;
use crate::settings::{below_one, non_negative};
use crate::simd::Simd;
use crate::{Buffer, CallingThread, Pool, Real, StateVisitor};

/// `RMSProp`, with momentum, centring and weight decay on demand.
///
/// With θ the parameters, g their gradient, v its mean square, m its mean and b the velocity (all zero at first), η the
/// learning rate, μ the momentum and λ the weight decay, a step is
///
/// ```text
/// g ← g + λ·θ
/// v ← α·v + (1−α)·g²
/// m ← m + (1−α)·(g − m)      if centered
/// σ = √v                     σ = √max(v − m², 0) if centered
/// b ← μ·b + g / (σ + ε)
/// θ ← θ − η·b
/// ```
///
/// as in `torch.optim.RMSprop`, which has no `max` and gives NaN where rounding makes the variance negative. Defaults:
/// α = 0.99, ε = 10⁻⁸, μ = 0, λ = 0, not centered; a common learning rate is 0.01 or 0.001. It keeps one value for each
/// parameter, one more if centered and one more with a momentum.
///
/// ```
/// use nn_runtime::optimizers::{Optimizer, RmsProp};
///
/// let mut params = [0.0_f64];
/// let mut optimizer = RmsProp::new(0.1).alpha(0.75);
/// optimizer.step(&mut params, &[2.0]); // v = 1
/// assert!((params[0] + 0.2).abs() < 1e-8);
/// optimizer.step(&mut params, &[1.0]); // v = 1
/// assert!((params[0] + 0.3).abs() < 1e-8);
/// ```
///
/// Sources: Tieleman and Hinton, “Neural networks for machine learning”, lecture 6.5 (2012); centring: Graves, “Generating
/// sequences with recurrent neural networks” (2013), equations 38 to 41, but for ε, which is inside of the root there.
#[derive(Clone, Debug)]
pub struct RmsProp<T: Real = f32> {
    learning_rate: f64,
    alpha: f64,
    eps: f64,
    momentum: f64,
    centered: bool,
    weight_decay: f64,
    mean_square: Buffer<T>,
    mean: Buffer<T>,
    velocity: Buffer<T>,
}

impl<T: Real> RmsProp<T> {
    /// `RMSProp` without momentum, centring and weight decay.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            alpha: 0.99,
            eps: 1e-8,
            momentum: 0.0,
            centered: false,
            weight_decay: 0.0,
            mean_square: Buffer::default(),
            mean: Buffer::default(),
            velocity: Buffer::default(),
        }
    }

    /// The share of the means that a step keeps, α.
    ///
    /// # Panics
    /// Unless `0 ≤ alpha < 1`.
    #[must_use]
    #[track_caller]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = below_one("alpha", alpha);
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

    /// The share of the velocity that a step keeps, μ.
    ///
    /// # Panics
    /// Unless `0 ≤ momentum < 1`.
    #[must_use]
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = below_one("momentum", momentum);
        self
    }

    /// Divides by the standard deviation of the gradient in place of the root of its mean square.
    #[must_use]
    pub fn centered(mut self) -> Self {
        self.centered = true;
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

    fn rule(&self) -> RmsPropRule<T, false, false> {
        RmsPropRule {
            weight_decay: T::nearest(self.weight_decay),
            learning_rate: T::nearest(self.learning_rate),
            alpha: T::nearest(self.alpha),
            entering: T::nearest(1.0 - self.alpha),
            eps: T::nearest(self.eps),
            momentum: T::nearest(self.momentum),
        }
    }

    fn has_momentum(&self) -> bool {
        self.momentum > 0.0
    }
}

impl<T: Real> Optimizer<T> for RmsProp<T> {
    fn prepare(&mut self, len: usize) {
        make_room(&mut self.mean_square, len);
        if self.centered {
            make_room(&mut self.mean, len);
        }
        if self.has_momentum() {
            make_room(&mut self.velocity, len);
        }
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.step_in(&CallingThread, params, gradient);
    }

    fn step_in(&mut self, pool: &dyn Pool, params: &mut [T], gradient: &[T]) {
        check_lengths(params, gradient);
        self.prepare(params.len());
        let (centered, with_momentum) = (self.centered, self.has_momentum());
        let rule = self.rule();
        let (square, mean, velocity) = (&mut *self.mean_square, &mut *self.mean, &mut *self.velocity);
        match (centered, with_momentum) {
            (false, false) => {
                RmsPropStep { params, gradient, moments: [square], rule }.run_in(pool);
            }
            (false, true) => {
                let (moments, rule) = ([square, velocity], rule.with());
                RmsPropMomentumStep { params, gradient, moments, rule }.run_in(pool);
            }
            (true, false) => {
                let (moments, rule) = ([square, mean], rule.with());
                RmsPropCenteredStep { params, gradient, moments, rule }.run_in(pool);
            }
            (true, true) => {
                let (moments, rule) = ([square, mean, velocity], rule.with());
                RmsPropCenteredMomentumStep { params, gradient, moments, rule }.run_in(pool);
            }
        }
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    fn reset(&mut self) {
        for moment in [&mut self.mean_square, &mut self.mean, &mut self.velocity] {
            moment.fill(T::zero());
        }
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.values("mean_square", &mut self.mean_square);
        visitor.values("mean", &mut self.mean);
        visitor.values("velocity", &mut self.velocity);
    }
}

/// `RMSProp` over a slice; the moment is v.
pub type RmsPropStep<'a, T> = Update<'a, T, RmsPropRule<T, false, false>, 1>;

/// With momentum; the moments are v and b.
pub type RmsPropMomentumStep<'a, T> = Update<'a, T, RmsPropRule<T, false, true>, 2>;

/// Centered; the moments are v and m.
pub type RmsPropCenteredStep<'a, T> = Update<'a, T, RmsPropRule<T, true, false>, 2>;

/// Centered and with momentum; the moments are v, m and b.
pub type RmsPropCenteredMomentumStep<'a, T> = Update<'a, T, RmsPropRule<T, true, true>, 3>;

/// `g ← g + λ·θ`, `v ← α·v + (1−α)·g²`, then `σ`, `b` and `θ ← θ − η·b` as [`RmsProp`] says.
#[derive(Clone, Copy, Debug)]
pub struct RmsPropRule<T, const CENTERED: bool, const MOMENTUM: bool> {
    /// λ.
    pub weight_decay: T,
    /// η.
    pub learning_rate: T,
    /// α.
    pub alpha: T,
    /// `1 − α`.
    pub entering: T,
    /// ε.
    pub eps: T,
    /// μ.
    pub momentum: T,
}

impl<T: Real, const CENTERED: bool, const MOMENTUM: bool> RmsPropRule<T, CENTERED, MOMENTUM> {
    /// The same numbers for another of the four formulas.
    fn with<const C: bool, const M: bool>(self) -> RmsPropRule<T, C, M> {
        let Self { weight_decay, learning_rate, alpha, entering, eps, momentum } = self;
        RmsPropRule { weight_decay, learning_rate, alpha, entering, eps, momentum }
    }

    /// The new θ, v, m and b; m and b are for those rules alone that have them.
    #[inline(always)]
    fn all<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [square, mean, velocity]: [S::Vector; 3],
    ) -> (S::Vector, [S::Vector; 3]) {
        let entering = simd.splat(self.entering);
        let gradient = simd.mul_add(simd.splat(self.weight_decay), param, gradient);
        let square = simd.mul_add(simd.splat(self.alpha), square, simd.mul(simd.mul(entering, gradient), gradient));
        let mean = simd.mul_add(entering, simd.sub(gradient, mean), mean);
        let variance = if CENTERED {
            // In this order, so that what is no number is passed on.
            simd.max(simd.splat(T::zero()), simd.neg_mul_add(mean, mean, square))
        } else {
            square
        };
        let direction = simd.div(gradient, simd.add(simd.sqrt(variance), simd.splat(self.eps)));
        let velocity = if MOMENTUM { simd.mul_add(simd.splat(self.momentum), velocity, direction) } else { direction };
        (simd.neg_mul_add(simd.splat(self.learning_rate), velocity, param), [square, mean, velocity])
    }
}

impl<T: Real> Rule<T, 1> for RmsPropRule<T, false, false> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [square]: [S::Vector; 1],
    ) -> (S::Vector, [S::Vector; 1]) {
        let none = simd.splat(T::zero());
        let (param, [square, ..]) = self.all(simd, param, gradient, [square, none, none]);
        (param, [square])
    }

    fn run_on<L: Kernels<T>>(level: L, update: RmsPropStep<'_, T>) {
        level.rms_prop(update);
    }
}

impl<T: Real> Rule<T, 2> for RmsPropRule<T, false, true> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [square, velocity]: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let none = simd.splat(T::zero());
        let (param, [square, _, velocity]) = self.all(simd, param, gradient, [square, none, velocity]);
        (param, [square, velocity])
    }

    fn run_on<L: Kernels<T>>(level: L, update: RmsPropMomentumStep<'_, T>) {
        level.rms_prop_momentum(update);
    }
}

impl<T: Real> Rule<T, 2> for RmsPropRule<T, true, false> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        [square, mean]: [S::Vector; 2],
    ) -> (S::Vector, [S::Vector; 2]) {
        let none = simd.splat(T::zero());
        let (param, [square, mean, _]) = self.all(simd, param, gradient, [square, mean, none]);
        (param, [square, mean])
    }

    fn run_on<L: Kernels<T>>(level: L, update: RmsPropCenteredStep<'_, T>) {
        level.rms_prop_centered(update);
    }
}

impl<T: Real> Rule<T, 3> for RmsPropRule<T, true, true> {
    #[inline(always)]
    fn apply<S: Simd<T>>(
        self,
        simd: S,
        param: S::Vector,
        gradient: S::Vector,
        moments: [S::Vector; 3],
    ) -> (S::Vector, [S::Vector; 3]) {
        self.all(simd, param, gradient, moments)
    }

    fn run_on<L: Kernels<T>>(level: L, update: RmsPropCenteredMomentumStep<'_, T>) {
        level.rms_prop_centered_momentum(update);
    }
}
