//! The rectified linear unit.

use super::{Cached, Pointwise};
use crate::Real;
use crate::simd::Simd;

/// The rectified linear unit, `f(x) = max(0, x)`.
///
/// ```text
/// f′(x) = 1 for x > 0, and 0 for x ≤ 0
/// ```
///
/// At 0, where there is no derivative, it is 0, as in PyTorch. `y > 0` says the same as `x > 0`. Range: 0 to ∞. Cached:
/// the output.
///
/// In `network!`: `dense(128) -> relu`. The weights in front of it start from He's initialisation, whose factor √2 makes
/// up for the half that is cut off.
///
/// ```
/// use nn_runtime::activations::{Activation, Relu};
///
/// let mut y = [-2.0, 0.0, 3.0, f32::NAN];
/// Activation::from(Relu).apply(&mut y);
/// assert_eq!(y[..3], [0.0, 0.0, 3.0]);
/// assert!(y[3].is_nan());
/// ```
///
/// Source: Nair and Hinton, “Rectified linear units improve restricted Boltzmann machines”, 2010; initialisation: He et
/// al., “Delving deep into rectifiers”, 2015.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu;

impl Relu {
    pub(super) const fn cached(_: Self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Relu {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        // With `x` second a NaN in it stays.
        simd.max(simd.splat(T::zero()), x)
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector) -> S::Vector {
        let zero = simd.splat(T::zero());
        simd.select(simd.less_equal(y, zero), zero, simd.splat(T::one()))
    }
}
