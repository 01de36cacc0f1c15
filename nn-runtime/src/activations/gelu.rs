//! The Gaussian error linear unit.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// Where `x·Φ(x)` and all its derivatives have long been below every `f32` and `f64`, or equal to their asymptotes; beyond
/// it `x` is held, so that infinities give limits instead of `∞·0`.
const LIMIT: f64 = 40.0;

/// `√(2/π)`, the slope of the tanh form at zero.
const SLOPE: f64 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
/// The weight of `x³` in the tanh form.
const CUBIC: f64 = 0.044_715;

/// How [`Gelu`] computes the normal distribution function: PyTorch's `approximate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approximate {
    /// By the error function, exactly: `approximate='none'`.
    #[default]
    None,
    /// By a hyperbolic tangent, as GPT-2 has it; within 0.0005 of the exact function: `approximate='tanh'`.
    Tanh,
}

/// The Gaussian error linear unit, `f(x) = x·Φ(x) = ½·x·(1 + erf(x/√2))`.
///
/// With `Φ` the normal distribution function and `φ(x) = e^(−x²/2)/√(2π)` its density:
///
/// ```text
/// f′(x) = Φ(x) + x·φ(x)
/// ```
///
/// With [`Approximate::Tanh`], where `u = √(2/π)·(x + 0.044715·x³)` and `s = ½·(1 + tanh u) = σ(2u)`:
///
/// ```text
/// f(x)  = x·s
/// f′(x) = s + x·s·(1 − s)·2u′,   u′ = √(2/π)·(1 + 3·0.044715·x²)
/// ```
///
/// Range: about −0.170 (at `x ≈ −0.752`) to ∞. `f(−∞)` is its limit 0, where PyTorch gives NaN. Below `x ≈ −3` the exact
/// form, like PyTorch's, subtracts nearly equal numbers: its error is small beside `|x|`, not beside `|f(x)|`. Cached: the
/// input, since two inputs share an output.
///
/// In `network!`: `dense(128) -> gelu`, `dense(128) -> gelu(approximate = tanh)`. The weights in front of it start from
/// He's initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, Approximate, Gelu};
///
/// let mut y = [-1.0, 0.0, 1.0];
/// Activation::from(Gelu::default()).apply(&mut y);
/// assert!((y[0] + 0.158_655_253_931_457_f64).abs() < 1e-14);
/// assert!((y[2] - 0.841_344_746_068_543).abs() < 1e-14);
///
/// let mut y = [1.0_f64];
/// Activation::from(Gelu { approximate: Approximate::Tanh }).apply(&mut y);
/// assert!((y[0] - 0.841_191_990_608_277).abs() < 1e-14);
/// ```
///
/// Source: Hendrycks and Gimpel, “Gaussian error linear units”, 2016.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gelu {
    /// Exact by default.
    pub approximate: Approximate,
}

impl Gelu {
    /// What the backward pass reads.
    #[must_use]
    pub const fn cached(self) -> Cached {
        Cached::Input
    }
}

impl Pointwise for Gelu {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let x = simd.max(constant(simd, -LIMIT), x);
        simd.mul(x, self.probability(simd, x))
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let x = simd.max(constant(simd, -LIMIT), simd.min(constant(simd, LIMIT), x));
        let probability = self.probability(simd, x);
        let density = match self.approximate {
            Approximate::None => density(simd, x),
            Approximate::Tanh => {
                let twice_u_slope = even(simd, x, 2.0 * SLOPE, 6.0 * SLOPE * CUBIC);
                simd.mul(simd.neg_mul_add(probability, probability, probability), twice_u_slope)
            }
        };
        simd.mul_add(x, density, probability)
    }
}

impl Gelu {
    /// `Φ(x)`, or `σ(2u)` in its place.
    #[inline(always)]
    fn probability<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        match self.approximate {
            Approximate::None => {
                let half = constant(simd, 0.5);
                let erf = <T as Elementary>::erf(simd, simd.mul(constant(simd, FRAC_1_SQRT_2), x));
                simd.mul_add(half, erf, half)
            }
            Approximate::Tanh => {
                let twice_u = simd.mul(x, even(simd, x, 2.0 * SLOPE, 2.0 * SLOPE * CUBIC));
                <T as Elementary>::logistic(simd, twice_u)
            }
        }
    }
}

/// `φ(x) = e^(−x²/2)/√(2π)`.
#[inline(always)]
fn density<T: Real, S: Simd<T>>(simd: S, x: S::Vector) -> S::Vector {
    let exponent = simd.mul(simd.mul(constant(simd, -0.5), x), x);
    simd.mul(constant(simd, 0.5 * SLOPE), <T as Elementary>::exp(simd, exponent))
}

/// `a + b·x²`.
#[inline(always)]
fn even<T: Real, S: Simd<T>>(simd: S, x: S::Vector, a: f64, b: f64) -> S::Vector {
    simd.mul_add(simd.mul(x, x), constant(simd, b), constant(simd, a))
}
