//! The line search of the conjugate-gradient and quasi-Newton methods.

use super::cubic_step::Bracket;
use super::line::{Precision, Sample};

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
/// Where the function is NaN or infinite the search turns back to a tenth of the way, and never goes half as far again. Where the
/// values of start and trial differ by no more than rounding, the second condition decides alone; so it does for steps
/// that can be expected to change the value by no more than its share √ε, ε the precision of the parameters' type, if they do not: there
/// errors of the values may be all that is seen (after Hager and Zhang, 2005, who take the share 10⁻⁶). If no place meets the conditions within 50
/// evaluations, the best one that falls enough is taken, then one as flat and as high as that, and else the search has failed.
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

    /// A place that meets the conditions, the last one that `evaluate` was called for. `first` is tried first.
    pub(super) fn search(
        &self,
        start: Sample,
        first: f64,
        precision: Precision,
        evaluate: &mut dyn FnMut(f64) -> Sample,
    ) -> Option<Sample> {
        let decrease = self.sufficient_decrease * start.slope;
        let mut interval = Interval::new(start, first, decrease, precision.of_steps());
        let (mut step, mut last, mut flat, mut lowest) = (first, None, None, start);
        for _ in 0..MAX_EVALUATIONS {
            let trial = evaluate(step);
            last = Some(trial);
            if !trial.is_finite() {
                step = interval.retreat(step);
                continue;
            }
            if self.is_met(start, trial, precision) {
                return last;
            }
            if self.is_flat(start, trial, precision.error(start.value)) {
                flat = Some(trial);
            }
            if trial.value < lowest.value && self.falls_enough(start, trial) {
                lowest = trial;
            }
            match interval.narrow(trial) {
                Some(next) => step = next,
                None => break,
            }
        }
        let found = Some(lowest).filter(|lowest| lowest.step > 0.0).or(flat)?;
        if last == Some(found) { last } else { Some(evaluate(found.step)) }
    }

    fn falls_enough(&self, start: Sample, trial: Sample) -> bool {
        trial.value <= start.value + self.sufficient_decrease * trial.step * start.slope
    }

    fn is_met(&self, start: Sample, trial: Sample, precision: Precision) -> bool {
        let unresolved = -trial.step * start.slope <= precision.error(start.value);
        let error = if unresolved { precision.error(start.value) } else { precision.noise(start.value) };
        let falls = self.falls_enough(start, trial) || (trial.value - start.value).abs() <= error;
        falls && self.is_flat(start, trial, f64::INFINITY)
    }

    fn is_flat(&self, start: Sample, trial: Sample, error: f64) -> bool {
        (trial.value - start.value).abs() <= error && trial.slope.abs() <= self.curvature * start.slope.abs()
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
        let mut step =
            if auxiliary { self.auxiliary_step(trial) } else { self.bracket.next(trial, self.low, self.high) };
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

#[cfg(test)]
mod tests {
    use core::f64::consts::PI;

    use super::*;

    /// The value and the slope at α.
    type Function = fn(f64) -> (f64, f64);

    fn rational(x: f64) -> (f64, f64) {
        let below = x * x + 2.0;
        (-x / below, (x * x - 2.0) / (below * below))
    }

    fn quintic(x: f64) -> (f64, f64) {
        let x = x + 0.004;
        (x.powi(5) - 2.0 * x.powi(4), 5.0 * x.powi(4) - 8.0 * x.powi(3))
    }

    /// A corner, rounded over 0.01, with a sine upon it.
    fn wavy(x: f64) -> (f64, f64) {
        const BETA: f64 = 0.01;
        let (corner, slope) = if (x - 1.0).abs() < BETA {
            ((x - 1.0).powi(2) / (2.0 * BETA) + BETA / 2.0, (x - 1.0) / BETA)
        } else {
            ((x - 1.0).abs(), (x - 1.0).signum())
        };
        let phase = 39.0 * PI / 2.0;
        (corner + (1.0 - BETA) / phase * (phase * x).sin(), slope + (1.0 - BETA) * (phase * x).cos())
    }

    /// Steep at both ends of `0..1`, flat between.
    fn yanai(x: f64, beta1: f64, beta2: f64) -> (f64, f64) {
        let gamma = |beta: f64| (1.0 + beta * beta).sqrt() - beta;
        let (left, right) = ((1.0 - x).hypot(beta2), x.hypot(beta1));
        let value = gamma(beta1) * left + gamma(beta2) * right;
        (value, gamma(beta1) * (x - 1.0) / left + gamma(beta2) * x / right)
    }

    const NAN: Sample = Sample { step: f64::NAN, value: f64::NAN, slope: f64::NAN };

    fn run(function: impl Fn(f64) -> (f64, f64), search: StrongWolfe, first: f64) -> (Option<Sample>, usize, Sample) {
        let sample = |step| {
            let (value, slope) = function(step);
            Sample { step, value, slope }
        };
        let (mut evaluations, mut last) = (0, NAN);
        let found = search.search(sample(0.0), first, Precision(f64::EPSILON), &mut |step| {
            evaluations += 1;
            last = sample(step);
            last
        });
        (found, evaluations, last)
    }

    /// The six functions of Moré and Thuente's section 5 with their constants, from four first steps, and how many evaluations
    /// their tables say.
    #[test]
    fn the_functions_of_more_and_thuente() {
        let cases: [(Function, f64, f64, [usize; 4]); 6] = [
            (rational, 1e-3, 0.1, [6, 3, 1, 4]),
            (quintic, 0.1, 0.1, [12, 8, 8, 11]),
            (wavy, 0.1, 0.1, [12, 12, 10, 13]),
            (|x| yanai(x, 0.001, 0.001), 1e-3, 1e-3, [4, 1, 3, 4]),
            (|x| yanai(x, 0.01, 0.001), 1e-3, 1e-3, [6, 3, 7, 8]),
            (|x| yanai(x, 0.001, 0.01), 1e-3, 1e-3, [13, 11, 8, 11]),
        ];
        for (number, (function, sufficient_decrease, curvature, published)) in (1..).zip(cases) {
            for (first, published) in [1e-3, 0.1, 10.0, 1e3].into_iter().zip(published) {
                let (found, evaluations, last) = run(function, StrongWolfe { sufficient_decrease, curvature }, first);
                let (found, (value, slope)) = (found.expect("a step"), function(0.0));
                println!("{number} from {first}: {} after {evaluations}, {published}", found.step);
                assert!(found.value <= value + sufficient_decrease * found.step * slope, "{number} from {first}");
                assert!(found.slope.abs() <= curvature * slope.abs(), "{number} from {first}");
                assert_eq!(evaluations, published, "{number} from {first}");
                assert_eq!(found, last);
            }
        }
    }

    /// The error of a step's first place that is taken.
    fn step(function: impl Fn(f64) -> (f64, f64), first: f64) -> Option<f64> {
        let (found, evaluations, last) = run(function, StrongWolfe::new(1e-4, 0.1), first);
        assert!(evaluations <= MAX_EVALUATIONS + 1 && found.is_none_or(|found| found == last));
        found.map(|found| found.step)
    }

    #[test]
    fn a_function_that_ends_is_searched_within() {
        for nothing in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for end in [0.3, 1.1, 5.0] {
                for first in [1e-3, 0.2, 1.0, 1e4, 1e30] {
                    let parabola =
                        |x: f64| if x > end { (nothing, nothing) } else { ((x - 1.0).powi(2), 2.0 * (x - 1.0)) };
                    let (found, evaluations, _) = run(parabola, StrongWolfe::new(1e-4, 0.9), first);
                    let found = found.expect("a step").step;
                    assert!(evaluations <= 8 + first.log10().max(0.0) as usize, "{end}, {first}: {evaluations}");
                    assert!(found <= end && (found - 1.0).abs() < 1.0, "{end}, {first}: {found}");
                }
            }
        }
    }

    #[test]
    fn slopes_decide_where_values_are_rounded() {
        let rounded = |x: f64| (1e10, 1e-9 * (x - 1.0));
        let (found, evaluations, _) = run(rounded, StrongWolfe::new(1e-4, 0.1), 30.0);
        assert!((found.expect("a step").step - 1.0).abs() <= 0.1 && evaluations <= 4, "{evaluations}");
        // Values that are wrong by 1e-10, where the slope says that they change by no more.
        let cancelled = |x: f64| (1.0 + if x > 0.0 { 1e-10 } else { 0.0 }, 1e-10 * (x - 1.0));
        let (found, evaluations, _) = run(cancelled, StrongWolfe::new(1e-4, 0.1), 1.05);
        assert_eq!((found.expect("a step").step, evaluations), (1.05, 1));
    }

    /// After a steep fall the function goes on falling, but not enough: where it does is behind, not before.
    #[test]
    fn a_fall_that_is_not_enough_leads_back() {
        let saturating = |x: f64| (((-10.0 * x).exp() - 1.0) / 10.0 - 1e-3 * x, -(-10.0 * x).exp() - 1e-3);
        let (found, evaluations, _) = run(saturating, StrongWolfe::new(0.1, 0.5), 100.0);
        let found = found.expect("a step");
        assert!(found.step < 1.0 && found.slope.abs() <= 0.51 && evaluations <= 20, "{found:?}, {evaluations}");
    }

    #[test]
    fn what_does_not_fall_fails() {
        assert_eq!(step(|x| (x, -1.0), 1.0), None);
        assert_eq!(step(|_| (1.0, -1e-3), 1.0), None);
        assert_eq!(step(|x| if x == 0.0 { (1.0, -1.0) } else { (f64::NAN, f64::NAN) }, 1.0), None);
    }

    /// What falls without end is followed as far as the search goes.
    #[test]
    fn a_function_without_a_bound_falls() {
        assert!(step(|x| (-x, -1.0), 1.0).expect("a step") > 1e20);
    }

    #[test]
    fn the_first_step_follows_the_last_fall() {
        let start = Sample { step: 0.0, value: 1.0, slope: -4.0 };
        assert_eq!(first_step(start, 2.0), 1.01 * 2.0 / 4.0);
        assert_eq!(first_step(start, 9.0), 1.0);
        assert_eq!(first_step(start, 1.0), 1.0);
        assert_eq!(first_step(start, 0.5), 1.0);
    }
}
