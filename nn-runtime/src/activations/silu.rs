//! The sigmoid-weighted linear unit, also called swish.

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// Where `x·σ(x)` and all its derivatives have long been below every `f32` and `f64`, or equal to their asymptotes; beyond
/// it `x` is held, so that infinities give limits instead of `∞·0`.
const LIMIT: f64 = 800.0;

/// The sigmoid-weighted linear unit, `f(x) = x·σ(x) = x / (1 + e⁻ˣ)`.
///
/// With `σ` the [logistic](super::Logistic) function:
///
/// ```text
/// f′(x) = σ(x) + x·σ(x)·(1 − σ(x))
/// ```
///
/// Range: about −0.278 (at `x ≈ −1.278`) to ∞. `f(−∞)` is its limit 0, where PyTorch gives NaN. Cached: the input, since
/// two inputs share an output.
///
/// In `network!`: `dense(128) -> silu`. The weights in front of it start from He's initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, Silu};
///
/// let mut y = [f64::NEG_INFINITY, -(3.0_f64.ln()), 0.0, f64::INFINITY];
/// Activation::from(Silu).apply(&mut y);
/// assert_eq!((y[0], y[2], y[3]), (0.0, 0.0, f64::INFINITY));
/// assert!((y[1] + 3.0_f64.ln() / 4.0).abs() < 1e-15);
/// ```
///
/// Source: Elfwing, Uchibe and Doya, “Sigmoid-weighted linear units for neural network function approximation in
/// reinforcement learning”, 2018; Ramachandran, Zoph and Le, “Searching for activation functions”, 2017 (swish).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silu;

impl Silu {
    pub(super) const fn cached(_: Self) -> Cached {
        Cached::Input
    }
}

impl Pointwise for Silu {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let x = simd.max(constant(simd, -LIMIT), x);
        simd.mul(x, <T as Elementary>::logistic(simd, x))
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let x = simd.max(constant(simd, -LIMIT), simd.min(constant(simd, LIMIT), x));
        let sigma = <T as Elementary>::logistic(simd, x);
        let x_sigma = simd.mul(x, sigma);
        simd.add(sigma, simd.neg_mul_add(x_sigma, sigma, x_sigma))
    }
}
