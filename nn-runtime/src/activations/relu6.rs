//! The rectified linear unit with a ceiling.

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::Simd;

/// The rectified linear unit with a ceiling, `f(x) = min(max(0, x), 6)`.
///
/// ```text
/// f′(x) = 1 for 0 < x < 6, and 0 elsewhere
/// ```
///
/// At 0 and 6, where there is no derivative, it is 0, as in PyTorch. Range: 0 to 6. Cached: the output, which lies strictly
/// between the bounds exactly where `x` does.
///
/// In `network!`: `conv2d(32, 3) -> batch_norm -> relu6`. The weights in front of it start from He's initialisation.
///
/// ```
/// use nn_runtime::activations::{Activation, Relu6};
///
/// let mut y = [-2.0, 0.0, 3.0, 8.0, f32::NAN];
/// Activation::from(Relu6).apply(&mut y);
/// assert_eq!(y[..4], [0.0, 0.0, 3.0, 6.0]);
/// assert!(y[4].is_nan());
/// ```
///
/// Source: Krizhevsky, “Convolutional deep belief networks on CIFAR-10”, 2010; Howard et al.,
/// “`MobileNets`: efficient convolutional neural networks for mobile vision applications”, 2017.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu6;

impl Relu6 {
    /// What the backward pass reads.
    #[must_use]
    pub const fn cached(self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Relu6 {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        // With `x` second a NaN in it stays, in both.
        simd.min(constant(simd, 6.0), simd.max(simd.splat(T::zero()), x))
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector) -> S::Vector {
        let zero = simd.splat(T::zero());
        let below_ceiling = simd.select(simd.less_equal(constant(simd, 6.0), y), zero, simd.splat(T::one()));
        simd.select(simd.less_equal(y, zero), zero, below_ceiling)
    }
}
