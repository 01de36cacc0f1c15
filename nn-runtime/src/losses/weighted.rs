//! A loss that counts more, or less.

use std::borrow::Cow;

use super::{Loss, TargetError};
use crate::Real;
use crate::kernels::Kernels;

/// Another loss times a weight: `weight · L`.
///
/// With several outputs the losses of all are added up, and weights say what each counts. An auxiliary classifier, which
/// brings the gradient to layers far from the output and is left out of inference, counts a part of the main one.
///
/// ```text
/// L   = weight · L′
/// d_y = weight · d_y′
/// ```
///
/// ```
/// use nn_runtime::losses::{MeanSquaredError, SoftmaxCrossEntropy, Weighted, mean_loss_and_gradient};
///
/// // As for the auxiliary classifiers of GoogLeNet.
/// let auxiliary = Weighted::new(0.3, SoftmaxCrossEntropy);
/// assert_eq!(auxiliary.weight, 0.3);
///
/// let mut d_y = [0.0; 2];
/// let half = Weighted::new(0.5, MeanSquaredError);
/// let loss = mean_loss_and_gradient(&half, &[1.0, 5.0], &[0.0, 1.0], 1, &mut d_y)?;
/// assert_eq!(loss, 0.5 * (1.0 + 16.0) / 2.0);
/// assert_eq!(d_y, [0.5, 2.0]);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Szegedy et al., “Going deeper with convolutions” (2014), for auxiliary classifiers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted<L> {
    /// What the loss is multiplied by.
    pub weight: f64,
    /// The loss.
    pub loss: L,
}

impl<L> Weighted<L> {
    /// `weight` times `loss`.
    #[must_use]
    pub const fn new(weight: f64, loss: L) -> Self {
        Self { weight, loss }
    }
}

impl<T: Real, Target, O: Loss<T, Target>> Loss<T, Target> for Weighted<O> {
    fn targets_per_sample(&self, rows: usize) -> usize {
        self.loss.targets_per_sample(rows)
    }

    fn output_for_mean(&self, mean: f64, samples: usize) -> f64 {
        self.loss.output_for_mean(mean, samples)
    }

    fn predictions<'a>(&self, y: &'a [T], rows: usize) -> Option<Cow<'a, [T]>> {
        self.loss.predictions(y, rows)
    }

    fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[Target], rows: usize) -> Result<T, TargetError> {
        let loss = self.loss.forward(level, y, targets, rows)?;
        Ok(T::nearest(self.weight) * loss)
    }

    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[Target],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError> {
        let weight = T::nearest(self.weight);
        let loss = self.loss.forward_backward(level, y, targets, rows, d_y)?;
        for d in d_y {
            *d *= weight;
        }
        Ok(weight * loss)
    }
}
