//! He's (Kaiming's) initialisers: signals keep their variance through rectified linear units.

use core::f64::consts::SQRT_2;

use super::{Fans, Generator, Initializer, Normal, Uniform};
use crate::Real;

/// Uniform values within `±gain·√(3 / fan_in)`.
///
/// Their variance is `gain²/fan_in`, so that the variance of the signals stays what it is going forward. The gain makes up
/// for the activation that follows: √2 for relu, which halves the mean square; `√(2/(1+a²))` for leaky relu with slope a; 1
/// for none, and for selu. With `1/√3` the bound is `1/√fan_in`, the default of `torch.nn.Linear` and `torch.nn.Conv2d`.
///
/// `fill` panics if the gain is negative or not finite, or `fan_in` is 0.
///
/// Source: He et al., “Delving deep into rectifiers: surpassing human-level performance on `ImageNet` classification”
/// (2015), equation 10.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeUniform {
    /// What the bound is multiplied by.
    pub gain: f64,
}

impl HeUniform {
    /// With the gain of relu, √2.
    #[must_use]
    pub const fn new() -> Self {
        Self { gain: SQRT_2 }
    }
}

impl Default for HeUniform {
    fn default() -> Self {
        Self::new()
    }
}

impl Initializer for HeUniform {
    fn fill<T: Real>(&self, values: &mut [T], fans: Fans, generator: &mut Generator) {
        let bound = self.gain * (3.0 / fans.inputs as f64).sqrt();
        Uniform::within(bound).fill(values, fans, generator);
    }
}

/// Normal values with mean 0 and standard deviation `gain / √fan_in`.
///
/// The variance, the gain and the source are those of [`HeUniform`]; `fill` panics in the same cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeNormal {
    /// What the standard deviation is multiplied by.
    pub gain: f64,
}

impl HeNormal {
    /// With the gain of relu, √2.
    #[must_use]
    pub const fn new() -> Self {
        Self { gain: SQRT_2 }
    }
}

impl Default for HeNormal {
    fn default() -> Self {
        Self::new()
    }
}

impl Initializer for HeNormal {
    fn fill<T: Real>(&self, values: &mut [T], fans: Fans, generator: &mut Generator) {
        let std = self.gain / (fans.inputs as f64).sqrt();
        Normal { mean: 0.0, std }.fill(values, fans, generator);
    }
}
