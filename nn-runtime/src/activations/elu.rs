//! The exponential linear unit.

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// The exponential linear unit, `f(x) = x` for `x > 0` and `alpha·(eˣ − 1)` for `x ≤ 0`.
///
/// With `y = f(x)`:
///
/// ```text
/// f′(x) = 1 for x > 0, and alpha·eˣ = y + alpha for x ≤ 0
/// ```
///
/// Range: `−alpha` to ∞. Cached: the output, for with `alpha ≥ 0` it is positive where the input is; the input with a
/// negative `alpha`.
///
/// In `network!`: `dense(128) -> elu`, `dense(128) -> elu(alpha = 0.5)`. The weights in front of it start from He's
/// initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, Elu};
///
/// let mut y = [f64::NEG_INFINITY, -(2.0_f64.ln()), 0.0, 3.0];
/// Activation::from(Elu { alpha: 2.0 }).apply(&mut y);
/// assert_eq!((y[0], y[2], y[3]), (-2.0, 0.0, 3.0));
/// assert!((y[1] + 1.0).abs() < 1e-15);
/// ```
///
/// Source: Clevert, Unterthiner and Hochreiter, “Fast and accurate deep network learning by exponential linear units”,
/// 2016.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// What negative values saturate at, negated; 1 by default, which alone makes the derivative continuous.
    pub alpha: f64,
}

impl Default for Elu {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Elu {
    /// What the backward pass reads.
    #[must_use]
    pub const fn cached(self) -> Cached {
        if self.alpha < 0.0 { Cached::Input } else { Cached::Output }
    }
}

impl Pointwise for Elu {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let positive = simd.less(simd.splat(T::zero()), x);
        let below = simd.mul(constant(simd, self.alpha), <T as Elementary>::exp_m1(simd, x));
        simd.select(positive, x, below)
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, cached: S::Vector) -> S::Vector {
        let positive = simd.less(simd.splat(T::zero()), cached);
        let alpha = constant(simd, self.alpha);
        let below = match Self::cached(self) {
            Cached::Output => simd.add(cached, alpha),
            Cached::Input => simd.mul(alpha, <T as Elementary>::exp(simd, cached)),
        };
        simd.select(positive, simd.splat(T::one()), below)
    }
}
