//! Independent normal values.

use super::{Fans, Generator, Initializer};
use crate::Real;

/// Values of the normal distribution, whatever the fans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// The mean; finite.
    pub mean: f64,
    /// The standard deviation; finite and at least 0, or [`fill`](Initializer::fill) panics.
    pub std: f64,
}

impl Initializer for Normal {
    fn fill<T: Real>(&self, values: &mut [T], _: Fans, generator: &mut Generator) {
        let Self { mean, std } = *self;
        assert!(mean.is_finite(), "the mean must be finite, found {mean}");
        assert!(std.is_finite() && std >= 0.0, "the standard deviation must be finite and at least 0, found {std}");
        for value in values {
            *value = T::nearest(mean + std * generator.normal());
        }
    }
}
