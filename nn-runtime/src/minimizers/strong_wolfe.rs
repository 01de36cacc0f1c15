//! The line search of the conjugate-gradient and quasi-Newton methods.

use super::cubic_step::Bracket;
use super::line::Sample;

/// How often a function is evaluated along one line at most.
const MAX_EVALUATIONS: usize = 50;
/// How far beyond the last two places the next may be, in their distances.
const EXTRAPOLATION: (f64, f64) = (1.1, 4.0);
/// A bracket that two steps did not narrow to this share is halved.
const NARROWING: f64 = 0.66;
/// The way that is gone on from the best place to one where the function is no number.
const RETREAT: f64 = 0.1;
/// The bounds of a step.
const STEPS: (f64, f64) = (1e-100, 1e100);

/// A line search for the strong Wolfe conditions.
///
/// With `φ(α) = f(x + α·p)` along a direction with `φ′(0) < 0`, a step α is taken if
///
/// ```text
/// φ(α)    ≤ φ(0) + c₁·α·φ′(0)      the value falls enough (Armijo)
/// |φ′(α)| ≤ c₂·|φ′(0)|             the slope has become flat enough
/// ```
///
/// For `c₁ < c₂` both hold somewhere on every smooth function that is bounded below, and `c₂ < 1` is what makes the
/// change of the gradient along the step, `sᵀy > 0`, fit for a quasi-Newton method. Places are found by safeguarded cubic interpolation of
/// values and slopes. Defaults: c₁ = 10⁻⁴, c₂ = 0.9 for [`Bfgs`](super::Bfgs) and [`LBfgs`](super::LBfgs), 0.4 for
/// [`ConjugateGradient`](super::ConjugateGradient).
///
/// Where the function is NaN or infinite the search turns back to a tenth of the way, and never goes half as far again. Where values
/// differ by no more than rounding, the second condition decides alone (after Hager and Zhang, 2005). If no place meets
/// both within 50 evaluations, or rounding leaves none to be tried, the best place that meets the first is taken, and without one the
/// search has failed.
///
/// ```
/// use nn_runtime::minimizers::{LBfgs, Minimizer, StrongWolfe};
///
/// let mut method = LBfgs::new().line_search(StrongWolfe::new(1e-3, 0.5));
/// let mut x = [3.0_f64];
/// let minimum = method.minimize(&mut x, &mut |x: &[f64], gradient: &mut [f64]| {
///     gradient[0] = x[0].sinh();
///     x[0].cosh()
/// });
/// assert!(minimum.outcome.is_converged() && x[0].abs() < 1e-5);
/// ```
///
/// Source: Moré and Thuente, “Line search algorithms with guaranteed sufficient decrease” (1994); Hager and Zhang, “A new
/// conjugate gradient method with guaranteed descent and an efficient line search” (2005), section 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrongWolfe {
    sufficient_decrease: f64,
    curvature: f64,
}

impl StrongWolfe {
    /// The search with these constants, c₁ and c₂.
    ///
    /// # Panics
    /// Unless `0 < sufficient_decrease < curvature < 1`.
    #[must_use]
    #[track_caller]
    pub const fn new(sufficient_decrease: f64, curvature: f64) -> Self {
        assert!(
            0.0 < sufficient_decrease && sufficient_decrease < curvature && curvature < 1.0,
            "the constants of the Wolfe conditions must be 0 < sufficient_decrease < curvature < 1"
        );
        Self { sufficient_decrease, curvature }
    }

    /// A place that `evaluate` meets the conditions at, the last one it was called for. `first` is tried first. Values differ by
    /// `noise` from rounding alone, steps by the share `precision`.
    pub(super) fn search(
        &self,
        start: Sample,
        first: f64,
        noise: f64,
        precision: f64,
        evaluate: &mut dyn FnMut(f64) -> Sample,
    ) -> Option<Sample> {
        let mut interval = Interval::new(start, first, self.sufficient_decrease * start.slope, precision);
        let mut step = first;
        let mut last = None;
        for _ in 0..MAX_EVALUATIONS {
            let trial = evaluate(step);
            last = Some(trial);
            if !trial.is_finite() {
                step = interval.retreat(step);
                continue;
            }
            if self.is_met(start, trial, noise) {
                return last;
            }
            match interval.narrow(trial) {
                Some(next) => step = next,
                None => break,
            }
        }
        let best = interval.bracket.best;
        if best.step == 0.0 || !self.falls_enough(start, best) {
            return None;
        }
        if last == Some(best) { last } else { Some(evaluate(best.step)) }
    }

    fn falls_enough(&self, start: Sample, trial: Sample) -> bool {
        trial.value <= start.value + self.sufficient_decrease * trial.step * start.slope
    }

    fn is_met(&self, start: Sample, trial: Sample, noise: f64) -> bool {
        let falls = self.falls_enough(start, trial) || (trial.value - start.value).abs() <= noise;
        falls && trial.slope.abs() <= self.curvature * start.slope.abs()
    }
}

/// The first step along a direction: what lowers the value as much as the last one did, if the function is a parabola, and 1 at
/// most. Without a last one, about the length of the gradient's direction.
///
/// Source: Nocedal and Wright, “Numerical optimization” (2006), section 3.5; the factors are those of SciPy.
pub(super) fn first_step(start: Sample, previous_value: f64) -> f64 {
    let step = 1.01 * 2.0 * (start.value - previous_value) / start.slope;
    // Also where the last step was nothing but rounding, or uphill.
    if step > 0.0 { step.min(1.0) } else { 1.0 }
}

/// The interval of the search, and how it has changed.
struct Interval {
    bracket: Bracket,
    start: Sample,
    /// c₁·φ′(0).
    decrease: f64,
    precision: f64,
    /// Whether the search still looks for a place that falls enough, by the function less the line that it has to be below.
    first_stage: bool,
    /// The bounds of the next step.
    low: f64,
    high: f64,
    /// No step may be longer.
    limit: f64,
    /// The lengths of the bracket, now and before.
    width: f64,
    width_before: f64,
}

impl Interval {
    fn new(start: Sample, first: f64, decrease: f64, precision: f64) -> Self {
        let bracket = Bracket { best: start, other: start, closed: false };
        let (width, limit) = (STEPS.1 - STEPS.0, STEPS.1);
        let high = first + EXTRAPOLATION.1 * first;
        let (low, width_before) = (0.0, 2.0 * width);
        Self { bracket, start, decrease, precision, first_stage: true, low, high, limit, width, width_before }
    }

    /// The next step, if the function is no number at `step`: the same way, but shorter. None from then on goes half as far.
    fn retreat(&mut self, step: f64) -> f64 {
        let (best, way) = (self.bracket.best.step, step - self.bracket.best.step);
        (self.low, self.limit) = (best + RETREAT * way, best + way / 2.0);
        self.high = self.limit;
        self.low
    }

    /// Takes up `trial`, where the conditions are not met; the next step, unless there is none to be tried.
    fn narrow(&mut self, trial: Sample) -> Option<f64> {
        let threshold = self.start.value + trial.step * self.decrease;
        if self.first_stage && trial.value <= threshold && trial.slope >= 0.0 {
            self.first_stage = false;
        }
        let auxiliary = self.first_stage && trial.value <= self.bracket.best.value && trial.value > threshold;
        let mut step = if auxiliary { self.auxiliary_step(trial) } else { self.bracket.next(trial, self.low, self.high) };
        if self.bracket.closed {
            step = self.halved(step);
        }
        if !step.is_finite() {
            return None;
        }
        self.set_bounds(step);
        let step = step.max(STEPS.0).min(self.limit);
        let exhausted = self.bracket.closed
            && (step <= self.low || step >= self.high || self.high - self.low <= self.precision * self.high);
        (!exhausted && step != trial.step).then_some(step)
    }

    /// The step by `ψ(α) = φ(α) − φ(0) − c₁·α·φ′(0)`: where that is negative, the value falls enough.
    fn auxiliary_step(&mut self, trial: Sample) -> f64 {
        let slope = self.decrease;
        let tilt = |at: Sample, sign: f64| Sample {
            value: at.value + sign * at.step * slope,
            slope: at.slope + sign * slope,
            ..at
        };
        let Bracket { best, other, closed } = self.bracket;
        let mut tilted = Bracket { best: tilt(best, -1.0), other: tilt(other, -1.0), closed };
        let step = tilted.next(tilt(trial, -1.0), self.low, self.high);
        self.bracket = Bracket { best: tilt(tilted.best, 1.0), other: tilt(tilted.other, 1.0), closed: tilted.closed };
        step
    }

    /// The middle of the bracket, if interpolation does not narrow it fast enough.
    fn halved(&mut self, step: f64) -> f64 {
        let Bracket { best, other, .. } = self.bracket;
        let width = (other.step - best.step).abs();
        let halve = width >= NARROWING * self.width_before;
        (self.width_before, self.width) = (self.width, width);
        if halve { best.step + (other.step - best.step) / 2.0 } else { step }
    }

    fn set_bounds(&mut self, step: f64) {
        let Bracket { best, other, closed } = self.bracket;
        (self.low, self.high) = if closed {
            (best.step.min(other.step), best.step.max(other.step))
        } else {
            let ahead = step - best.step;
            (step + EXTRAPOLATION.0 * ahead, step + EXTRAPOLATION.1 * ahead)
        };
    }
}
