//! Losses whose implicit update is a formula, or the root of one equation.

use super::binary_cross_entropy::logistic;
use super::{
    AbsoluteError, BinaryCrossEntropyWithLogits, Elementwise, HalfSquaredError, Hinge, Huber, MeanSquaredError,
};
use crate::simd::Scalar;

/// A loss whose cost of one output, `c(y, t)`, has a proximal operator that can be computed: what
/// [`ImplicitSgd`](crate::optimizers::ImplicitSgd) needs.
///
/// ```text
/// prox(y) = argmin_z c(z, t) + (z − y)² / (2·lambda),      so that z = y − lambda·c′(z, t)
/// ```
///
/// | loss | prox, with e = y − t |
/// |---|---|
/// | [`HalfSquaredError`] | `t + e / (1 + lambda)` |
/// | [`MeanSquaredError`] | `t + e / (1 + 2·lambda)` |
/// | [`AbsoluteError`] | `t` if `\|e\| ≤ lambda`, else `y − lambda·sign e` |
/// | [`Huber`] | `t + e / (1 + lambda)` if `\|e\| ≤ delta·(1 + lambda)`, else `y − lambda·delta·sign e` |
/// | [`Hinge`] | `y` if `t·y ≥ 1`, `t` if `1 − lambda ≤ t·y < 1`, else `y + lambda·t` |
/// | [`BinaryCrossEntropyWithLogits`] | the root of `z + lambda·(σ(z) − t) = y`, by Newton's method between bounds |
///
/// ```
/// use nn_runtime::losses::{AbsoluteError, ImplicitLoss};
///
/// // Four away from the target, and at most three steps of size one go there.
/// assert_eq!(AbsoluteError.proximal(5.0, 1.0, 3.0), 2.0);
/// assert_eq!(AbsoluteError.proximal(5.0, 1.0, 100.0), 1.0);
/// ```
///
/// Source: Toulis and Airoldi, “Asymptotic and finite-sample properties of estimators based on stochastic gradients” (2017);
/// Parikh and Boyd, “Proximal algorithms” (2014), for the operators.
#[diagnostic::on_unimplemented(
    message = "the implicit update of `{Self}` has neither a closed form nor a single equation",
    label = "no loss for `ImplicitSgd`",
    note = "it is computed for `HalfSquaredError`, `MeanSquaredError`, `AbsoluteError`, `Huber`, `Hinge` and `BinaryCrossEntropyWithLogits`; `SoftmaxCrossEntropy` couples all outputs of a sample: train it by `Sgd`"
)]
pub trait ImplicitLoss: Elementwise {
    /// `argmin_z c(z, target) + (z − y)²/(2·lambda)` for a `lambda` of at least 0.
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64;

    /// `c(y, target)`.
    fn cost_of_one(self, y: f64, target: f64) -> f64 {
        self.cost::<f64, _>(Scalar, y, target).0
    }
}

impl ImplicitLoss for HalfSquaredError {
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64 {
        target + (y - target) / (1.0 + lambda)
    }
}

impl ImplicitLoss for MeanSquaredError {
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64 {
        target + (y - target) / (1.0 + 2.0 * lambda)
    }
}

impl ImplicitLoss for AbsoluteError {
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64 {
        let difference = y - target;
        if difference.abs() <= lambda { target } else { y - lambda.copysign(difference) }
    }
}

impl ImplicitLoss for Huber {
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64 {
        let difference = y - target;
        if difference.abs() <= self.delta * (1.0 + lambda) {
            target + difference / (1.0 + lambda)
        } else {
            y - (lambda * self.delta).copysign(difference)
        }
    }
}

impl ImplicitLoss for Hinge {
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64 {
        let agreement = target * y;
        if agreement >= 1.0 {
            y
        } else if agreement + lambda >= 1.0 {
            target
        } else {
            y + lambda * target
        }
    }
}

impl ImplicitLoss for BinaryCrossEntropyWithLogits {
    /// `f(z) = z + lambda·(σ(z) − t) − y` rises with a slope of at least 1, and has its root between `y − lambda·(1 − t)` and
    /// `y + lambda·t`. A Newton step that would leave what is known of the root is a bisection.
    fn proximal(self, y: f64, target: f64, lambda: f64) -> f64 {
        let (mut low, mut high) = (y - lambda * (1.0 - target), y + lambda * target);
        let mut z = y;
        for _ in 0..MOST_STEPS {
            let sigma = logistic(z);
            let f = z - y + lambda * (sigma - target);
            if f > 0.0 {
                high = z;
            } else {
                low = z;
            }
            let newton = z - f / (1.0 + lambda * sigma * (1.0 - sigma));
            let next = if newton > low && newton < high { newton } else { low + (high - low) / 2.0 };
            if (next - z).abs() <= f64::EPSILON * z.abs().max(1e-300) || f == 0.0 {
                break;
            }
            z = next;
        }
        z
    }
}

/// Bisection alone comes from the largest bounds to the last bit in fewer.
const MOST_STEPS: usize = 2200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// No point near the proximal one, and none of a grid between it and `y`, is better.
    fn check(loss: impl ImplicitLoss, y: f64, target: f64, lambda: f64) {
        let worth = |z: f64| loss.cost_of_one(z, target) + (z - y).powi(2) / (2.0 * lambda);
        let z = loss.proximal(y, target, lambda);
        let near = [1e-3, 0.1, 1.0].into_iter().flat_map(|step| [z - step, z + step]);
        let between = (0..=20).map(|part| z + (y - z) * f64::from(part) / 20.0);
        for other in near.chain(between) {
            let (best, found) = (worth(z), worth(other));
            assert!(best <= found + 1e-9 * (1.0 + found.abs()), "prox {z} costs {best}, {other} costs {found}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_better(y in -20.0..20.0_f64, t in -3.0..3.0_f64, power in -4.0..4.0_f64, delta in 0.1..3.0_f64) {
            let lambda = 10.0_f64.powf(power);
            check(HalfSquaredError, y, t, lambda);
            check(MeanSquaredError, y, t, lambda);
            check(AbsoluteError, y, t, lambda);
            check(Huber { delta }, y, t, lambda);
            check(Hinge, y, t.signum(), lambda);
            check(BinaryCrossEntropyWithLogits, y, (t + 3.0) / 6.0, lambda);
            check(BinaryCrossEntropyWithLogits, y, f64::from(u8::from(t > 0.0)), lambda);
        }

        /// z = y − lambda·(σ(z) − t), as exactly as the terms allow.
        #[test]
        fn the_root_is_one(y in -800.0..800.0_f64, t in 0.0..=1.0_f64, power in -6.0..6.0_f64) {
            let lambda = 10.0_f64.powf(power);
            let z = BinaryCrossEntropyWithLogits.proximal(y, t, lambda);
            let missed = z - y + lambda * (logistic(z) - t);
            prop_assert!(missed.abs() <= 1e-14 * (1.0 + y.abs() + lambda + z.abs() * (1.0 + lambda)), "{z}: {missed}");
        }
    }

    #[test]
    fn without_a_step_nothing_moves() {
        for y in [-3.0, 0.0, 0.3, 7.0] {
            assert_eq!(HalfSquaredError.proximal(y, 1.0, 0.0), 1.0 + (y - 1.0));
            assert_eq!(AbsoluteError.proximal(y, 1.0, 0.0), y);
            assert_eq!(Hinge.proximal(y, 1.0, 0.0), y);
            assert_eq!(BinaryCrossEntropyWithLogits.proximal(y, 1.0, 0.0), y);
        }
    }
}
