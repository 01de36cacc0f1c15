//! The safeguarded step of Moré and Thuente: from what is known at two or three places to the next one.

use super::line::Sample;

/// How much of a bracket a step by interpolation may go through when the slopes hardly differ.
const SHARE: f64 = 0.66;

/// The places that a minimum lies between, or is looked for beyond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket {
    /// The place of the least value so far.
    pub(super) best: Sample,
    /// The other end.
    pub(super) other: Sample,
    /// Whether a minimum lies between the two.
    pub(super) closed: bool,
}

impl Bracket {
    /// Takes `trial` up, and gives the next step: within `low..=high` as long as the bracket is open.
    ///
    /// In all four cases a cubic through two values and slopes, and a parabola or the secant of the slopes, are compared:
    ///
    /// 1. the value is higher: a minimum is enclosed; the cubic's, if it is closer to the best place, else the middle of both;
    /// 2. the value is lower and the slope has changed its sign: enclosed; the one farther from the trial;
    /// 3. the value is lower, the slope of the same sign and smaller: beyond the trial, as far as the cubic has a minimum there;
    /// 4. the slope is not smaller: a cubic with the other end, or as far as is allowed.
    ///
    /// Source: Moré and Thuente, “Line search algorithms with guaranteed sufficient decrease” (1994), section 4.
    pub(super) fn next(&mut self, trial: Sample, low: f64, high: f64) -> f64 {
        let best = self.best;
        let turned = trial.slope * best.slope.signum() < 0.0;
        let step = if trial.value > best.value {
            self.closed = true;
            higher(best, trial)
        } else if turned {
            self.closed = true;
            enclosed(best, trial)
        } else if trial.slope.abs() < best.slope.abs() {
            self.flatter(trial, low, high)
        } else {
            self.steeper(trial, low, high)
        };
        self.replace(trial, turned);
        step
    }

    fn replace(&mut self, trial: Sample, turned: bool) {
        if trial.value > self.best.value {
            self.other = trial;
            return;
        }
        if turned {
            self.other = self.best;
        }
        self.best = trial;
    }

    fn flatter(&self, trial: Sample, low: f64, high: f64) -> f64 {
        let (best, forward) = (self.best, trial.step > self.best.step);
        let limit = if forward { high } else { low };
        let cubic = cubic_beyond(trial, best).unwrap_or(limit);
        let secant = secant(trial, best);
        let cubic_is_closer = (cubic - trial.step).abs() < (secant - trial.step).abs();
        if !self.closed {
            let step = if (cubic - trial.step).abs() > (secant - trial.step).abs() { cubic } else { secant };
            return step.max(low).min(high);
        }
        let step = if cubic_is_closer { cubic } else { secant };
        let bound = trial.step + SHARE * (self.other.step - trial.step);
        if forward { step.min(bound) } else { step.max(bound) }
    }

    fn steeper(&self, trial: Sample, low: f64, high: f64) -> f64 {
        if self.closed {
            cubic(trial, self.other)
        } else if trial.step > self.best.step {
            high
        } else {
            low
        }
    }
}

fn higher(best: Sample, trial: Sample) -> f64 {
    let (cubic, parabola) = (cubic(best, trial), parabola(best, trial));
    if (cubic - best.step).abs() < (parabola - best.step).abs() { cubic } else { cubic + (parabola - cubic) / 2.0 }
}

fn enclosed(best: Sample, trial: Sample) -> f64 {
    let (cubic, secant) = (cubic(trial, best), secant(trial, best));
    if (cubic - trial.step).abs() > (secant - trial.step).abs() { cubic } else { secant }
}

/// `θ` and the larger root `γ` of the derivative's discriminant, scaled against overflow, for the cubic through `a` and `b`.
fn discriminant(a: Sample, b: Sample) -> (f64, f64) {
    let theta = 3.0 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope;
    let scale = theta.abs().max(a.slope.abs()).max(b.slope.abs());
    let square = (theta / scale).powi(2) - (a.slope / scale) * (b.slope / scale);
    let gamma = scale * square.max(0.0).sqrt();
    (theta, if b.step < a.step { -gamma } else { gamma })
}

/// Where the cubic with the values and slopes of `a` and `b` has its minimum.
fn cubic(a: Sample, b: Sample) -> f64 {
    let (theta, gamma) = discriminant(a, b);
    let share = ((gamma - a.slope) + theta) / (((gamma - a.slope) + gamma) + b.slope);
    a.step + share * (b.step - a.step)
}

/// The same, if it is on the side of `a` that is away from `b`.
fn cubic_beyond(a: Sample, b: Sample) -> Option<f64> {
    let (theta, gamma) = discriminant(a, b);
    let share = ((gamma - a.slope) + theta) / ((gamma + (b.slope - a.slope)) + gamma);
    (share < 0.0 && gamma != 0.0).then_some(a.step + share * (b.step - a.step))
}

/// Where the parabola with both values and the slope of `a` has its minimum.
fn parabola(a: Sample, b: Sample) -> f64 {
    let mean_slope = (a.value - b.value) / (b.step - a.step);
    a.step + a.slope / (mean_slope + a.slope) / 2.0 * (b.step - a.step)
}

/// Where the line through both slopes is zero.
fn secant(a: Sample, b: Sample) -> f64 {
    a.step + a.slope / (a.slope - b.slope) * (b.step - a.step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `2·x³ − 9·x² + 12·x`, whose minimum is at 2 and whose maximum at 1.
    fn sample(x: f64) -> Sample {
        Sample { step: x, value: x * (12.0 + x * (2.0 * x - 9.0)), slope: 12.0 + x * (6.0 * x - 18.0) }
    }

    #[test]
    fn a_cubic_is_interpolated_exactly() {
        for (a, b) in [(1.2, 3.0), (3.0, 1.2), (1.5, 2.5), (0.0, 4.0)] {
            assert!((cubic(sample(a), sample(b)) - 2.0).abs() < 1e-14, "{a}, {b}");
        }
        assert!((cubic_beyond(sample(1.8), sample(1.2)).unwrap() - 2.0).abs() < 1e-14);
        assert_eq!(cubic_beyond(sample(2.5), sample(3.5)).map(|step| (step - 2.0).abs() < 1e-14), Some(true));
        assert_eq!(cubic_beyond(sample(0.5), sample(0.2)).filter(|&step| step < 0.5), None);
    }

    #[test]
    fn a_parabola_is_interpolated_exactly() {
        let square = |x: f64| Sample { step: x, value: (x - 3.0).powi(2), slope: 2.0 * (x - 3.0) };
        assert_eq!(parabola(square(1.0), square(7.0)), 3.0);
        assert_eq!(secant(square(1.0), square(7.0)), 3.0);
    }
}
