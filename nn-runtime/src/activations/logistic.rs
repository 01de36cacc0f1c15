//! The logistic function, often called *the* sigmoid.

use super::{Cached, Pointwise, constant};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// The logistic sigmoid, `f(x) = 1 / (1 + e^(−k·x))`.
///
/// With `y = f(x)`:
///
/// ```text
/// f′(x) = k·e^(−k·x) / (1 + e^(−k·x))² = k·y·(1 − y)
/// ```
///
/// Range: 0 to 1. Cached: the output.
///
/// In `network!`: `dense(16) -> logistic`, `dense(16) -> logistic(k = 2.0)`. The weights in front of it start from
/// Glorot's initialisation. To train with a cross-entropy give the loss the logits, without this activation: see
/// [`BinaryCrossEntropyWithLogits`](crate::losses::BinaryCrossEntropyWithLogits).
///
/// ```
/// use nn_runtime::activations::{Activation, Logistic};
///
/// let mut y = [f64::NEG_INFINITY, 0.0, 3.0_f64.ln(), f64::INFINITY];
/// Activation::from(Logistic::default()).apply(&mut y);
/// assert_eq!((y[0], y[1], y[3]), (0.0, 0.5, 1.0));
/// assert!((y[2] - 0.75).abs() < 1e-15);
/// ```
///
/// Source: Rumelhart, Hinton and Williams, “Learning representations by back-propagating errors”, 1986.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic {
    /// The steepness, 1 by default: the slope at 0 is `k/4`.
    pub k: f64,
}

impl Default for Logistic {
    fn default() -> Self {
        Self { k: 1.0 }
    }
}

impl Logistic {
    pub(super) const fn cached(_: Self) -> Cached {
        Cached::Output
    }
}

impl Pointwise for Logistic {
    #[inline(always)]
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
        <T as Elementary>::logistic(simd, simd.mul(constant(simd, self.k), x))
    }

    #[inline(always)]
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector) -> S::Vector {
        let slope = simd.mul(constant(simd, self.k), y);
        simd.neg_mul_add(slope, y, slope)
    }
}
