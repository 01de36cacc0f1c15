//! The cross-entropy of yes-or-no questions.

use std::borrow::Cow;

use super::elementwise::check_each;
use super::{Elementwise, TargetError};
use crate::Real;
use crate::simd::{Elementary, Simd};

/// The cross-entropy of a logistic unit, from its logit: `−t·ln σ(y) − (1 − t)·ln(1 − σ(y))`, averaged over all N = O·B
/// values.
///
/// Each output is a question of its own; the target `t` is the probability of yes, from 0 to 1. The network ends without
/// a [`Logistic`](crate::activations::Logistic): this loss contains it, and so neither overflows nor takes the logarithm
/// of zero. As `ln σ(y) = −ln(1 + e⁻ʸ)`:
///
/// ```text
/// c(y, t) = max(y, 0) − y·t + ln(1 + e^(−|y|))
/// L       = 1/N Σ c(y, t)
/// d_y     = (σ(y) − t) / N
/// ```
///
/// An infinite logit costs 0 where the target agrees with it and ∞ elsewhere. As PyTorch's `BCEWithLogitsLoss`, except that
/// targets outside of 0 to 1 are an error.
///
/// ```
/// use nn_runtime::losses::{BinaryCrossEntropyWithLogits, mean_loss_and_gradient};
///
/// let mut d_y = [0.0; 2];
/// let logits = [0.0, 3.0_f64.ln()];
/// let loss = mean_loss_and_gradient(&BinaryCrossEntropyWithLogits, &logits, &[1.0, 0.0], 1, &mut d_y)?;
/// assert!((loss - (2.0_f64.ln() + 4.0_f64.ln()) / 2.0).abs() < 1e-15);
/// assert!((d_y[0] + 0.25).abs() < 1e-15 && (d_y[1] - 0.375).abs() < 1e-15);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Good, “Rational decisions”, 1952; Bishop, “Neural networks for pattern recognition”, 1995, 6.7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropyWithLogits;

impl Elementwise for BinaryCrossEntropyWithLogits {
    #[inline(always)]
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let (zero, one) = (simd.splat(T::zero()), simd.splat(T::one()));
        let positive = simd.less_equal(zero, y);
        let size = simd.abs(y);
        let decay = <T as Elementary>::exp(simd, simd.sub(zero, size));
        // max(y, 0) − y·t is |y| times the probability of the other answer; none of ∞ is none.
        let other = simd.select(positive, simd.sub(one, target), target);
        let missed = simd.select(simd.equal(other, zero), zero, simd.mul(size, other));
        let cost = simd.add(missed, <T as Elementary>::ln_1p(simd, decay));
        let sigma = simd.div(simd.select(positive, one, decay), simd.add(one, decay));
        (cost, simd.sub(sigma, target))
    }

    /// The logit `ln(p / (1 − p))` of `p = (n·mean + 1) / (n + 2)`, with the mean of n samples: the rule of succession (Laplace,
    /// 1814), by which an answer that did not occur is improbable, and not impossible.
    fn output_for_mean(self, mean: f64, samples: usize) -> f64 {
        let samples = samples as f64;
        ((samples * mean + 1.0) / (samples * (1.0 - mean) + 1.0)).ln()
    }

    /// The probabilities of yes, `σ(y)`.
    fn predictions<T: Real>(self, y: &[T]) -> Option<Cow<'_, [T]>> {
        Some(y.iter().map(|logit| T::nearest(logistic(logit.to_f64()))).collect())
    }

    fn check<T: Real>(self, targets: &[T]) -> Result<(), TargetError> {
        let probable = |t: &T| *t >= T::zero() && *t <= T::one();
        check_each(targets, probable, "probabilities, from 0 to 1")
    }
}

/// `1 / (1 + e⁻ᶻ)`, without an overflow.
pub(super) fn logistic(z: f64) -> f64 {
    let decay = (-z.abs()).exp();
    (if z < 0.0 { decay } else { 1.0 }) / (1.0 + decay)
}
