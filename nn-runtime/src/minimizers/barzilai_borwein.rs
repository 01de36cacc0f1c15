//! Steps against the gradient whose length is that of Newton's on average.

use super::backtracking::backtrack;
use super::descent::{Advance, Descent, Method, steepest};
use super::line::{Line, Sample};
use super::stopping::stopping_settings;
use super::{Minimizer, Minimum, Objective, Watch};
use crate::{Real, vector};

/// γ of the search.
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// Step lengths outside are replaced.
const LENGTHS: (f64, f64) = (1e-10, 1e10);
/// The most values that a search may look back on. Raydan takes 10, which is in the way of curvatures that differ by 10⁶.
const MEMORY: usize = 100;

/// Which of the two step lengths of [`BarzilaiBorwein`] is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepLength {
    /// `sᵀs / sᵀy`: the longer one.
    #[default]
    Long,
    /// `sᵀy / yᵀy`: the shorter one.
    Short,
    /// One after the other, the longer one first.
    Alternating,
}

/// The method of Barzilai and Borwein: `x ← x − λ·g`, with a λ that comes from the step before.
///
/// With g the gradient, s the last step and y the change of the gradient along it,
///
/// ```text
/// λ = sᵀs / sᵀy     minimises ‖s/λ − y‖      (long, the default)
/// λ = sᵀy / yᵀy     minimises ‖s − λ·y‖      (short)
/// ```
///
/// so that λ·I is as near to the inverse Hessian as a multiple of the identity can be. It costs what gradient descent does, and
/// needs on ill-conditioned problems a small part of its iterations; but the value goes up and down on the way. What
/// makes it usable beyond parabolas is the search of Grippo, Lampariello and Lucidi: from a full step on it backtracks until
///
/// ```text
/// f(x − α·λ·g) ≤ max(the last 100 values) − 10⁻⁴·α·λ·gᵀg
/// ```
///
/// The first λ is `min(1, 1/‖g‖_∞)`. Where the curvature `sᵀy` is not positive, or λ is outside `10⁻¹⁰..10¹⁰`, λ is 1, or `‖g‖`
/// if that is smaller, and 10⁻⁵ at least.
///
/// ```
/// use nn_runtime::minimizers::{BarzilaiBorwein, Minimizer};
///
/// // Curvatures of 1 and 1000.
/// let mut parabola = |x: &[f64], gradient: &mut [f64]| {
///     gradient.copy_from_slice(&[x[0], 1000.0 * x[1]]);
///     (x[0] * x[0] + 1000.0 * x[1] * x[1]) / 2.0
/// };
/// let mut x = [1.0, 1.0];
/// let minimum = BarzilaiBorwein::new().minimize(&mut x, &mut parabola);
/// assert!(minimum.outcome.is_converged() && minimum.iterations < 40);
/// ```
///
/// Source: Barzilai and Borwein, “Two-point step size gradient methods” (1988); Grippo, Lampariello and Lucidi, “A nonmonotone
/// line search technique for Newton's method” (1986); Raydan, “The Barzilai and Borwein gradient method for the large scale
/// unconstrained minimization problem” (1997).
#[derive(Clone, Debug)]
pub struct BarzilaiBorwein<T: Real = f32> {
    descent: Descent<T>,
    lengths: Lengths,
}

/// The length of the next step, and the values that a search compares with.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    which: StepLength,
    /// λ; none before the first step.
    next: Option<f64>,
    steps: usize,
    values: [f64; MEMORY],
}

impl<T: Real> BarzilaiBorwein<T> {
    /// The method with the longer step.
    #[must_use]
    pub fn new() -> Self {
        let lengths = Lengths { which: StepLength::Long, next: None, steps: 0, values: [f64::NEG_INFINITY; MEMORY] };
        Self { descent: Descent::new(), lengths }
    }

    /// Which step length is taken.
    #[must_use]
    pub fn step_length(mut self, step_length: StepLength) -> Self {
        self.lengths.which = step_length;
        self
    }

    stopping_settings!();
}

impl<T: Real> Default for BarzilaiBorwein<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> Minimizer<T> for BarzilaiBorwein<T> {
    fn prepare(&mut self, len: usize) {
        self.descent.prepare(len);
    }

    fn minimize_watched(
        &mut self,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum {
        self.descent.run(&mut self.lengths, params, objective, watch)
    }
}

impl Lengths {
    fn length(&self, ss: f64, sy: f64, yy: f64) -> f64 {
        let long = match self.which {
            StepLength::Long => true,
            StepLength::Short => false,
            StepLength::Alternating => self.steps % 2 == 1,
        };
        if long { ss / sy } else { sy / yy }
    }
}

impl<T: Real> Method<T> for Lengths {
    fn prepare(&mut self, _: usize) {}

    fn forget(&mut self) -> bool {
        self.values.fill(f64::NEG_INFINITY);
        self.steps = 0;
        self.next.take().is_some()
    }

    fn direct(&mut self, gradient: &[T], direction: &mut [T]) {
        let first = || super::descent::max_norm(gradient).recip().min(1.0);
        let length = self.next.unwrap_or_else(first);
        steepest(gradient, direction);
        vector::scale(T::nearest(length), direction);
    }

    fn search(&mut self, line: &mut Line<'_, T>) -> Option<Sample> {
        self.values[self.steps % MEMORY] = line.start.value;
        let highest = self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        backtrack(line, 1.0, highest, SUFFICIENT_DECREASE)
    }

    fn learn(&mut self, step: &Advance<'_, T>) {
        self.steps += 1;
        let Advance { step, change, gradient, .. } = *step;
        let length = self.length(vector::dot(step, step), vector::dot(step, change), vector::dot(change, change));
        let usable = LENGTHS.0 < length && length < LENGTHS.1;
        self.next = Some(if usable { length } else { vector::norm(gradient).clamp(1e-5, 1.0) });
    }
}
