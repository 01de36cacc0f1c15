//! The line search of gradient descent: shorter and shorter steps, until the value falls enough.

use super::line::{Line, Precision, Sample};
use crate::Real;

/// How often a function is evaluated along one line at most.
const MAX_EVALUATIONS: usize = 60;
/// The bounds of how much shorter the next step is.
const SHRINKING: (f64, f64) = (0.1, 0.5);

/// The first of the steps `first`, and ever shorter ones, at which the value is finite and
///
/// ```text
/// f(x + α·p) ≤ reference + c₁·α·∇fᵀp
/// ```
///
/// The next step is where the parabola by the last value has its minimum, within a tenth and a half of the last. Where values
/// differ by no more than rounding, a slope that has become flatter will do.
pub(super) fn backtrack<T: Real>(line: &mut Line<'_, T>, first: f64, reference: f64, c1: f64) -> Option<Sample> {
    let start = line.start;
    let mut step = first;
    for _ in 0..MAX_EVALUATIONS {
        let trial = line.at(step);
        // A step that is lost in rounding leaves the value where it was, which is no fall.
        let falls = trial.value <= reference + c1 * step * start.slope && trial.value < reference;
        let level = (trial.value - start.value).abs() <= Precision::of::<T>().noise(start.value);
        if trial.is_finite() && (falls || level && trial.slope.abs() < start.slope.abs()) {
            return Some(trial);
        }
        step *= shrinking(start, trial);
    }
    None
}

/// The share of a step that the next one is long.
fn shrinking(start: Sample, trial: Sample) -> f64 {
    let rise = trial.value - start.value - trial.step * start.slope;
    let share = -trial.step * start.slope / (2.0 * rise);
    // A comparison with NaN is false.
    if share >= SHRINKING.0 { share.min(SHRINKING.1) } else { SHRINKING.0 }
}
