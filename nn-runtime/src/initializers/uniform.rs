//! Independent uniform values.

use super::{Fans, Generator, Initializer};
use crate::Real;

/// Values of the uniform distribution between two bounds, whatever the fans.
///
/// In f64 `low ≤ value < high` but for rounding; rounded to f32 a value may reach the upper bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    /// The lower bound; finite.
    pub low: f64,
    /// The upper bound; finite and at least the lower, or [`fill`](Initializer::fill) panics.
    pub high: f64,
}

impl Uniform {
    /// Between `-bound` and `bound`.
    #[must_use]
    pub const fn within(bound: f64) -> Self {
        Self { low: -bound, high: bound }
    }
}

impl Initializer for Uniform {
    fn fill<T: Real>(&self, values: &mut [T], _: Fans, generator: &mut Generator) {
        let Self { low, high } = *self;
        let range = high - low;
        assert!(range.is_finite() && range >= 0.0, "the bounds must be finite and in order, found {low} and {high}");
        for value in values {
            *value = T::nearest(low + range * generator.uniform());
        }
    }
}
