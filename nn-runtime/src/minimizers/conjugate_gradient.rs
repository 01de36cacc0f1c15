//! Conjugate gradients for functions that are no parabolas.

use super::descent::{Advance, Descent, Method, steepest};
use super::line::{Line, Precision, Sample};
use super::stopping::stopping_settings;
use super::strong_wolfe::first_step;
use super::{Minimizer, Minimum, Objective, StrongWolfe, Watch};
use crate::{Real, vector};

/// The least descent of a direction, as a share of that of the gradient.
const SUFFICIENT_DESCENT: f64 = 0.01;

/// How much of the last direction [`ConjugateGradient`] keeps, β, with g the gradient, y its change and p the direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConjugateGradientFormula {
    /// `max(0, g₊ᵀy / gᵀg)` (Polak and Ribière, 1969; Powell, 1984): starts anew by itself.
    #[default]
    PolakRibierePlus,
    /// `g₊ᵀg₊ / gᵀg`, and 0 after every n steps: without that it goes on in a bad direction (Fletcher and Reeves, 1964; Powell,
    /// 1977).
    FletcherReeves,
    /// `max(0, g₊ᵀy / pᵀy)` (Hestenes and Stiefel, 1952).
    HestenesStiefel,
}

/// The method of conjugate gradients: `p ← −g + β·p`, and `x ← x + α·p`.
///
/// With `g₊` the new gradient, `y = g₊ − g` and p the direction, β is by default
///
/// ```text
/// β = max(0, g₊ᵀy / gᵀg)
/// ```
///
/// (Polak and Ribière), and α meets the [strong Wolfe conditions](StrongWolfe) with c₁ = 10⁻⁴ and c₂ = 0.4. The first direction is
/// −g, and so is every one for which `pᵀg ≤ −0.01·gᵀg` does not hold. A parabola in n dimensions takes n iterations, if the
/// search is exact; memory and work for each are those of gradient descent. The steps are those of SciPy's `minimize(method="CG")`, as
/// long as its first line search succeeds.
///
/// ```
/// use nn_runtime::minimizers::{ConjugateGradient, Minimizer};
///
/// let mut parabola = |x: &[f64], gradient: &mut [f64]| {
///     gradient.copy_from_slice(&[x[0], 1000.0 * x[1]]);
///     (x[0] * x[0] + 1000.0 * x[1] * x[1]) / 2.0
/// };
/// let mut x = [1.0, 1.0];
/// let minimum = ConjugateGradient::new().minimize(&mut x, &mut parabola);
/// assert!(minimum.outcome.is_converged() && minimum.iterations < 10);
/// ```
///
/// Source: Polak and Ribière, “Note sur la convergence de méthodes de directions conjuguées” (1969); Gilbert and Nocedal, “Global
/// convergence properties of conjugate gradient methods for optimization” (1992).
#[derive(Clone, Debug)]
pub struct ConjugateGradient<T: Real = f32> {
    descent: Descent<T>,
    rule: Rule,
}

/// How a direction follows from the last.
#[derive(Clone, Copy, Debug)]
struct Rule {
    formula: ConjugateGradientFormula,
    line_search: StrongWolfe,
    /// What the last search began from.
    previous_value: Option<f64>,
    /// β for the next direction.
    beta: f64,
    /// gᵀg.
    square: f64,
    steps: usize,
}

impl<T: Real> ConjugateGradient<T> {
    /// The method with the formula of Polak and Ribière.
    #[must_use]
    pub fn new() -> Self {
        let line_search = StrongWolfe::new(1e-4, 0.4);
        let formula = ConjugateGradientFormula::default();
        let rule = Rule { formula, line_search, previous_value: None, beta: 0.0, square: 0.0, steps: 0 };
        Self { descent: Descent::new(), rule }
    }

    /// How much of the last direction is kept.
    #[must_use]
    pub fn formula(mut self, formula: ConjugateGradientFormula) -> Self {
        self.rule.formula = formula;
        self
    }

    /// The search along the directions. The theory asks for `curvature < 0.5`.
    #[must_use]
    pub fn line_search(mut self, line_search: StrongWolfe) -> Self {
        self.rule.line_search = line_search;
        self
    }

    stopping_settings!();
}

impl<T: Real> Default for ConjugateGradient<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> Minimizer<T> for ConjugateGradient<T> {
    fn prepare(&mut self, len: usize) {
        self.descent.prepare(len);
    }

    fn minimize_watched(
        &mut self,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum {
        self.descent.run(&mut self.rule, params, objective, watch)
    }
}

impl<T: Real> Method<T> for Rule {
    fn prepare(&mut self, _: usize) {}

    fn forget(&mut self) -> bool {
        (self.beta, self.steps) = (0.0, 0);
        self.previous_value.take().is_some()
    }

    fn direct(&mut self, gradient: &[T], direction: &mut [T]) {
        self.square = vector::dot(gradient, gradient);
        // −(g − β·p), so that the last direction is read before it is overwritten.
        vector::scale(T::nearest(self.beta), direction);
        vector::axpy(-T::one(), gradient, direction);
        if vector::dot(gradient, direction) > -SUFFICIENT_DESCENT * self.square || self.beta == 0.0 {
            steepest(gradient, direction);
        }
    }

    fn search(&mut self, line: &mut Line<'_, T>) -> Option<Sample> {
        let start = line.start;
        // As if the value had fallen by half the norm of the gradient: a first step of about length 1.
        let previous = self.previous_value.unwrap_or_else(|| start.value + self.square.sqrt() / 2.0);
        let first = first_step(start, previous);
        let found = self.line_search.search(start, first, Precision::of::<T>(), &mut |step| line.at(step))?;
        self.previous_value = Some(start.value);
        Some(found)
    }

    fn learn(&mut self, step: &Advance<'_, T>) {
        let Advance { change, gradient, direction, .. } = *step;
        self.steps += 1;
        let turned = vector::dot(gradient, change);
        self.beta = match self.formula {
            ConjugateGradientFormula::PolakRibierePlus => (turned / self.square).max(0.0),
            ConjugateGradientFormula::FletcherReeves if self.steps.is_multiple_of(gradient.len()) => 0.0,
            ConjugateGradientFormula::FletcherReeves => vector::dot(gradient, gradient) / self.square,
            ConjugateGradientFormula::HestenesStiefel => (turned / vector::dot(direction, change)).max(0.0),
        };
    }
}
