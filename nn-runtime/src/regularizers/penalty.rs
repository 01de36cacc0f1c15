//! A price on the size of weights.

use crate::kernels::{Kernels, PenaltyGradient};
use crate::settings::non_negative;
use crate::simd::Dispatch;
use crate::{Network, Real, TensorInfo};

/// A price on the size of the weights: L1, L2, or both, the elastic net.
///
/// ```text
/// P      = l1·Σ|w| + l2/2·Σw²       over all weights
/// ∂P/∂w  = l1·sign(w) + l2·w        the sign of 0 is 0
/// ```
///
/// L1 makes weights that matter little zero, or nearly; L2 makes all smaller. [`Trainer::penalty`](crate::Trainer::penalty)
/// adds the gradient to that of the loss; the losses that it reports do not contain the price.
///
/// ```
/// use nn_runtime::regularizers::Penalty;
///
/// let elastic = Penalty::l1(0.5).and_l2(0.25);
/// assert_eq!(elastic.of(&[2.0_f32, -4.0]), 0.5 * 6.0 + 0.125 * 20.0);
/// let mut gradient = [0.0_f32, 0.0];
/// elastic.add_gradient(&[2.0, -4.0], &mut gradient);
/// assert_eq!(gradient, [1.0, -1.5]);
/// ```
///
/// Sources: Tibshirani, “Regression shrinkage and selection via the lasso” (1996); Hoerl and Kennard, “Ridge regression” (1970);
/// Zou and Hastie, “Regularization and variable selection via the elastic net” (2005).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    l1: f64,
    l2: f64,
}

impl Penalty {
    /// `l1·Σ|w|`.
    ///
    /// # Panics
    /// If `l1` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn l1(l1: f64) -> Self {
        Self { l1: non_negative("l1", l1), l2: 0.0 }
    }

    /// `l2/2·Σw²`.
    ///
    /// # Panics
    /// If `l2` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn l2(l2: f64) -> Self {
        Self { l1: 0.0, l2: non_negative("l2", l2) }
    }

    /// The same and `l2/2·Σw²` more: the elastic net.
    ///
    /// # Panics
    /// If `l2` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn and_l2(self, l2: f64) -> Self {
        Self { l2: self.l2 + non_negative("l2", l2), ..self }
    }

    /// What these weights cost.
    #[must_use]
    pub fn of<T: Real>(&self, weights: &[T]) -> f64 {
        let (mut sizes, mut squares) = (0.0, 0.0);
        for w in weights.iter().map(|w| w.to_f64()) {
            sizes += w.abs();
            squares += w * w;
        }
        self.l1 * sizes + self.l2 / 2.0 * squares
    }

    /// What the weights of a network cost.
    #[must_use]
    pub fn of_network<N: Network>(&self, net: &N) -> f64 {
        self.of_tensors(&super::weights::<N>(), net.params())
    }

    /// What the tensors among all parameters cost.
    pub(crate) fn of_tensors<T: Real>(&self, tensors: &[TensorInfo], params: &[T]) -> f64 {
        tensors.iter().map(|tensor| self.of(&params[range(tensor)])).sum()
    }

    /// Adds the gradient of what the weights cost to theirs.
    ///
    /// # Panics
    /// If there is not a gradient for each weight.
    pub fn add_gradient<T: Real>(&self, weights: &[T], gradient: &mut [T]) {
        let [l1, l2] = [self.l1, self.l2].map(T::nearest);
        T::dispatch(PenaltyGradient { l1, l2, w: weights, d: gradient });
    }

    /// The same for the tensors among all parameters.
    pub(crate) fn add_gradient_of<T: Real>(&self, tensors: &[TensorInfo], params: &[T], gradient: &mut [T]) {
        for tensor in tensors {
            self.add_gradient(&params[range(tensor)], &mut gradient[range(tensor)]);
        }
    }
}

fn range(tensor: &TensorInfo) -> core::ops::Range<usize> {
    tensor.offset..tensor.offset + tensor.len()
}

impl<T: Real> Dispatch<T> for PenaltyGradient<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.penalty_gradient(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_that_of_the_price() {
        let penalty = Penalty::l1(0.3).and_l2(0.7);
        let weights = [0.5_f64, -1.25, 2.0];
        let mut gradient = [0.0; 3];
        penalty.add_gradient(&weights, &mut gradient);
        for i in 0..3 {
            let at = |h: f64| {
                let mut weights = weights;
                weights[i] += h;
                penalty.of(&weights)
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!((gradient[i] - expected).abs() < 1e-8, "{} is not {expected}", gradient[i]);
        }
    }

    #[test]
    #[should_panic(expected = "l1 must be finite and at least 0, found -1.0")]
    fn a_reward_is_refused() {
        let _ = Penalty::l1(-1.0);
    }
}
