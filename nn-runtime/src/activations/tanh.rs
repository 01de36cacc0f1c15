//! The hyperbolic tangent.

use super::{Cached, Pointwise};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// The hyperbolic tangent, `f(x) = tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)`.
///
/// With `y = f(x)`:
///
/// ```text
/// f′(x) = 1 − y²
/// ```
///
/// Range: −1 to 1. Cached: the output.
///
/// In `network!`: `dense(84) -> tanh`. The weights in front of it start from Glorot's initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, Tanh};
///
/// let mut y = [f64::NEG_INFINITY, 0.0, 0.5 * 3.0_f64.ln(), f64::INFINITY];
/// Activation::from(Tanh).apply(&mut y);
/// assert_eq!((y[0], y[1], y[3]), (-1.0, 0.0, 1.0));
/// assert!((y[2] - 0.5).abs() < 1e-15);
/// ```
///
/// Source: LeCun, Bottou, Orr and Müller, “Efficient BackProp”, 1998.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tanh;

impl Tanh {
    pub(super) const fn cached(_: Self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Tanh {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        <T as Elementary>::tanh(simd, x)
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector) -> S::Vector {
        simd.neg_mul_add(y, y, simd.splat(T::one()))
    }
}
