//! The smooth rectifier.

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// The smooth rectifier, `f(x) = ln(1 + e^(beta·x)) / beta`.
///
/// It is computed as `max(0, x) + ln(1 + e^(−|beta·x|)) / beta`, which cannot overflow and needs no threshold (PyTorch's
/// turns to `x` from `beta·x = 20` on, where the difference is 2·10⁻⁹). With `y = f(x)` and `σ` the
/// [logistic](super::Logistic) function:
///
/// ```text
/// f′(x) = σ(beta·x) = 1 − e^(−beta·y)
/// ```
///
/// Range: 0 to ∞. Cached: the output.
///
/// In `network!`: `dense(1) -> softplus`, `dense(1) -> softplus(beta = 2.0)`. The weights in front of it start from He's
/// initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, Softplus};
///
/// let mut y = [f64::NEG_INFINITY, 0.0, 1000.0];
/// Activation::from(Softplus { beta: 2.0 }).apply(&mut y);
/// assert_eq!((y[0], y[2]), (0.0, 1000.0));
/// assert!((y[1] - 2.0_f64.ln() / 2.0).abs() < 1e-15);
/// ```
///
/// Source: Dugas et al., “Incorporating second-order functional knowledge for better option pricing”, 2001.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softplus {
    /// The sharpness of the bend, 1 by default; not zero. A negative one turns the function around both axes.
    pub beta: f64,
}

impl Default for Softplus {
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

impl Softplus {
    pub(super) const fn cached(_: Self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Softplus {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let zero = simd.splat(T::zero());
        // With `x` second a NaN in it stays.
        let asymptote = if self.beta < 0.0 { simd.min(zero, x) } else { simd.max(zero, x) };
        let decay = <T as Elementary>::exp(simd, simd.mul(constant(simd, -self.beta.abs()), simd.abs(x)));
        simd.mul_add(<T as Elementary>::ln_1p(simd, decay), constant(simd, self.beta.recip()), asymptote)
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector) -> S::Vector {
        let negated = <T as Elementary>::exp_m1(simd, simd.mul(constant(simd, -self.beta), y));
        simd.sub(simd.splat(T::zero()), negated)
    }
}
