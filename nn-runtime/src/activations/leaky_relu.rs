//! The leaky rectified linear unit.

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::Simd;

/// The leaky rectified linear unit, `f(x) = x` for `x > 0` and `slope·x` for `x ≤ 0`.
///
/// ```text
/// f′(x) = 1 for x > 0, and slope for x ≤ 0
/// ```
///
/// Range: all numbers, for a positive slope. Cached: the output, for with `slope ≥ 0` the sign of `y` is that of `x`
/// wherever it matters; the input with a negative slope.
///
/// In `network!`: `dense(128) -> leaky_relu`, `dense(128) -> leaky_relu(slope = 0.2)`. The weights in front of it start
/// from He's initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, LeakyRelu};
///
/// let mut y = [-4.0, -1.0, 0.0, 3.0];
/// Activation::from(LeakyRelu { slope: 0.25 }).apply(&mut y);
/// assert_eq!(y, [-1.0, -0.25, 0.0, 3.0]);
/// ```
///
/// Source: Maas, Hannun and Ng, “Rectifier nonlinearities improve neural network acoustic models”, 2013.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// The slope for negative values, 0.01 by default.
    pub slope: f64,
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self { slope: 0.01 }
    }
}

impl LeakyRelu {
    pub(super) const fn cached(f: Self) -> Cached {
        if f.slope < 0.0 { Cached::Input } else { Cached::Output }
    }
}

impl Pointwise for LeakyRelu {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        let positive = simd.less(simd.splat(T::zero()), x);
        simd.select(positive, x, simd.mul(constant(simd, self.slope), x))
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, cached: S::Vector) -> S::Vector {
        // The same test serves for the input and for the output.
        let positive = simd.less(simd.splat(T::zero()), cached);
        simd.select(positive, simd.splat(T::one()), constant(simd, self.slope))
    }
}
