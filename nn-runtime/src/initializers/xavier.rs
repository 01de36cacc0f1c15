//! Xavier's (Glorot's) initialisers: signals and gradients keep their variance through linear units.

use super::{Fans, Generator, Initializer, Normal, Uniform};
use crate::Real;

/// Uniform values within `±gain·√(6 / (fan_in + fan_out))`.
///
/// Their variance is `gain²·2/(fan_in + fan_out)`: between what would keep the variance of the signals going forward and
/// what would keep that of the gradients going back. The gain makes up for the activation that follows: 1 for none or
/// sigmoid, 5/3 for tanh, √2 for relu.
///
/// `fill` panics if the gain is negative or not finite, or both fans are 0.
///
/// Source: Glorot and Bengio, “Understanding the difficulty of training deep feedforward neural networks” (2010), equation
/// 16.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct XavierUniform {
    /// What the bound is multiplied by.
    pub gain: f64,
}

impl XavierUniform {
    /// With a gain of 1.
    #[must_use]
    pub const fn new() -> Self {
        Self { gain: 1.0 }
    }
}

impl Default for XavierUniform {
    fn default() -> Self {
        Self::new()
    }
}

impl Initializer for XavierUniform {
    fn fill<T: Real>(&self, values: &mut [T], fans: Fans, generator: &mut Generator) {
        let bound = self.gain * (6.0 / sum(fans)).sqrt();
        Uniform::within(bound).fill(values, fans, generator);
    }
}

/// Normal values with mean 0 and standard deviation `gain·√(2 / (fan_in + fan_out))`.
///
/// The variance, the gain and the source are those of [`XavierUniform`]; `fill` panics in the same cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct XavierNormal {
    /// What the standard deviation is multiplied by.
    pub gain: f64,
}

impl XavierNormal {
    /// With a gain of 1.
    #[must_use]
    pub const fn new() -> Self {
        Self { gain: 1.0 }
    }
}

impl Default for XavierNormal {
    fn default() -> Self {
        Self::new()
    }
}

impl Initializer for XavierNormal {
    fn fill<T: Real>(&self, values: &mut [T], fans: Fans, generator: &mut Generator) {
        let std = self.gain * (2.0 / sum(fans)).sqrt();
        Normal { mean: 0.0, std }.fill(values, fans, generator);
    }
}

fn sum(fans: Fans) -> f64 {
    fans.inputs as f64 + fans.outputs as f64
}
