//! Gradient descent with the gradient of the whole function.

use super::backtracking::backtrack;
use super::descent::{Advance, Descent, Method, steepest};
use super::line::{Line, Sample};
use super::stopping::stopping_settings;
use super::{Minimizer, Minimum, Objective, Watch};
use crate::settings::positive;
use crate::{Real, vector};

/// c₁ of the backtracking.
const SUFFICIENT_DECREASE: f64 = 1e-4;

/// Gradient descent: `x ← x − α·g`.
///
/// With g the gradient at x, and α constant, as long as the value is finite; or found by backtracking, from
///
/// ```text
/// α = min(1, 1/‖g‖)       at first
/// α = 2·(the last α)       then
/// ```
///
/// down, until `f(x − α·g) ≤ f(x) − 10⁻⁴·α·gᵀg` (Armijo): so the value never rises, but for rounding. A constant α above 2/κ, with κ the largest
/// curvature, diverges; the parameters are the best point of the way then. A minimum whose curvatures differ by a factor of 10⁶
/// takes some 10⁶ iterations: that is what the other methods are for.
///
/// ```
/// use nn_runtime::minimizers::{GradientDescent, Minimizer};
///
/// let mut parabola = |x: &[f64], gradient: &mut [f64]| {
///     gradient.copy_from_slice(&[2.0 * x[0], 4.0 * x[1]]);
///     x[0] * x[0] + 2.0 * x[1] * x[1]
/// };
/// let mut x = [1.0, 1.0];
/// let minimum = GradientDescent::new(0.1).max_iterations(2).minimize(&mut x, &mut parabola);
/// assert!((x[0] - 0.64).abs() < 1e-15 && (x[1] - 0.36).abs() < 1e-15);
///
/// let minimum = GradientDescent::backtracking().minimize(&mut x, &mut parabola);
/// assert!(minimum.outcome.is_converged() && minimum.iterations < 30);
/// ```
///
/// Source: Cauchy, “Méthode générale pour la résolution des systèmes d'équations simultanées” (1847); Armijo, “Minimization of
/// functions having Lipschitz continuous first partial derivatives” (1966).
#[derive(Clone, Debug)]
pub struct GradientDescent<T: Real = f32> {
    descent: Descent<T>,
    steps: Steps,
}

/// How long a step is.
#[derive(Clone, Copy, Debug)]
enum Steps {
    Constant(f64),
    /// By backtracking, from twice the last step.
    Searched(Option<f64>),
}

impl<T: Real> GradientDescent<T> {
    /// Steps of `learning_rate` times the gradient.
    ///
    /// # Panics
    /// Unless `learning_rate` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        let learning_rate = positive("learning_rate", learning_rate);
        Self { descent: Descent::new(), steps: Steps::Constant(learning_rate) }
    }

    /// Steps that are found by backtracking.
    #[must_use]
    pub fn backtracking() -> Self {
        Self { descent: Descent::new(), steps: Steps::Searched(None) }
    }

    stopping_settings!();
}

impl<T: Real> Minimizer<T> for GradientDescent<T> {
    fn prepare(&mut self, len: usize) {
        self.descent.prepare(len);
    }

    fn minimize_watched(
        &mut self,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum {
        self.descent.run(&mut self.steps, params, objective, watch)
    }
}

impl<T: Real> Method<T> for Steps {
    fn prepare(&mut self, _: usize) {}

    fn forget(&mut self) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Searched(last) => last.take().is_some(),
        }
    }

    fn direct(&mut self, gradient: &[T], direction: &mut [T]) {
        steepest(gradient, direction);
    }

    fn search(&mut self, line: &mut Line<'_, T>) -> Option<Sample> {
        match self {
            Self::Constant(step) => Some(line.at(*step)),
            Self::Searched(last) => {
                let first = last.map_or_else(|| vector::norm(line.direction).recip().min(1.0), |last| 2.0 * last);
                let found = backtrack(line, first, line.start.value, SUFFICIENT_DECREASE)?;
                *last = Some(found.step);
                Some(found)
            }
        }
    }

    fn learn(&mut self, _: &Advance<'_, T>) {}
}
