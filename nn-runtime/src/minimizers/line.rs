//! The function along a direction.

use super::Objective;
use crate::{Buffer, Real, vector};

/// The function at a point of a line: `φ(α) = f(x + α·p)` and `φ′(α) = ∇f(x + α·p)ᵀ·p`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// α.
    pub(super) step: f64,
    /// φ(α).
    pub(super) value: f64,
    /// φ′(α).
    pub(super) slope: f64,
}

impl Sample {
    /// Whether the function and every component of its gradient that counts are numbers: one that is none makes the slope none.
    pub(super) fn is_finite(&self) -> bool {
        self.value.is_finite() && self.slope.is_finite()
    }
}

/// The function along a direction from a point, and the last place where it was evaluated.
pub(super) struct Line<'a, T: Real> {
    /// The point and the slope there.
    pub(super) start: Sample,
    /// Where it was evaluated last.
    pub(super) last: Sample,
    /// How often it was.
    pub(super) evaluations: usize,
    pub(super) params: &'a [T],
    pub(super) direction: &'a [T],
    pub(super) objective: &'a mut Objective<'a, T>,
    /// `x + α·p` of the last place.
    pub(super) trial: &'a mut Buffer<T>,
    /// The gradient there.
    pub(super) trial_gradient: &'a mut Buffer<T>,
}

impl<T: Real> Line<'_, T> {
    /// The function at the step α.
    pub(super) fn at(&mut self, step: f64) -> Sample {
        self.trial.copy_from_slice(self.params);
        vector::axpy(T::nearest(step), self.direction, self.trial);
        let value = (self.objective)(self.trial, self.trial_gradient);
        self.evaluations += 1;
        self.last = Sample { step, value, slope: vector::dot(self.trial_gradient, self.direction) };
        self.last
    }
}

/// The relative size of rounding in a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Precision(pub(super) f64);

impl Precision {
    pub(super) fn of<T: Real>() -> Self {
        Self(T::default_epsilon().to_f64())
    }

    /// How far apart values near `value` may be by rounding alone: a function is a sum, whose error is some units of the last
    /// place.
    pub(super) fn noise(self, value: f64) -> f64 {
        16.0 * self.0 * value.abs()
    }

    /// How far apart they may be if large terms have cancelled out.
    pub(super) fn error(self, value: f64) -> f64 {
        self.0.sqrt() * value.abs()
    }

    /// The share of a step that is hardly more than its rounding.
    pub(super) fn of_steps(self) -> f64 {
        64.0 * self.0
    }
}
