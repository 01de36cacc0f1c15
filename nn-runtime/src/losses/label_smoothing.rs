//! The cross-entropy of a choice among classes that is never quite certain.

use super::softmax_cross_entropy::{ClassCrossEntropy, check_classes};
use super::{Loss, TargetError};
use crate::Real;
use crate::kernels::Kernels;
use crate::settings::below_one;

/// [`SoftmaxCrossEntropy`](super::SoftmaxCrossEntropy) with smoothed labels: a share ε of each target is spread evenly over
/// all classes, so that the network is not driven to certainty.
///
/// Targets are class indices (`u32`, one a sample). With O classes, `p = softmax(y)`, `m = maxₒ y[o]` and
/// `s = Σₒ exp(y[o] − m)`, for one sample of class c:
///
/// ```text
/// q[o]     = (1−ε)·(1 for o = c, else 0) + ε/O
/// L        = −Σₒ q[o]·ln p[o]
///          = ln s + (1−ε)·(m − y[c]) + ε/O·Σₒ (m − y[o])       as ln p[o] = y[o] − m − ln s, and Σ q = 1
/// ∂L/∂y[o] = p[o]·Σₖ q[k] − q[o] = p[o] − ε/O − (1−ε for o = c, else 0)
/// ```
///
/// and `d_y[o,b] = ∂L/∂y[o] / B`: the mean over the batch. As PyTorch's `CrossEntropyLoss(label_smoothing=ε)`. With ε = 0 it
/// is [`SoftmaxCrossEntropy`](super::SoftmaxCrossEntropy), bit for bit. A logit of −∞ costs ∞, as its class should have a
/// probability; NaN and +∞ make the loss NaN.
///
/// ```
/// use nn_runtime::losses::{LabelSmoothing, mean_loss_and_gradient};
///
/// let logits = [0.0, 3.0_f64.ln()]; // probabilities 1/4 and 3/4, targets 0.1 and 0.9
/// let mut d_y = [0.0; 2];
/// let loss = mean_loss_and_gradient(&LabelSmoothing::new(0.2), &logits, &[1_u32], 2, &mut d_y)?;
/// assert!((loss + 0.1 * 0.25_f64.ln() + 0.9 * 0.75_f64.ln()).abs() < 1e-15);
/// assert!((d_y[0] - 0.15).abs() < 1e-15 && (d_y[1] + 0.15).abs() < 1e-15);
/// # Ok::<(), nn_runtime::losses::TargetError>(())
/// ```
///
/// Source: Szegedy et al., “Rethinking the Inception architecture for computer vision” (2016), section 7.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelSmoothing {
    /// ε, at least 0 and below 1; commonly 0.1.
    smoothing: f64,
}

impl LabelSmoothing {
    /// Spreads a share `smoothing` of each target.
    ///
    /// # Panics
    /// Unless `0 ≤ smoothing < 1`.
    #[must_use]
    #[track_caller]
    pub fn new(smoothing: f64) -> Self {
        Self { smoothing: below_one("smoothing", smoothing) }
    }

    /// The mean, and its gradient if there is room for it.
    fn mean<T: Real, L: Kernels<T>>(
        self,
        level: L,
        y: &[T],
        classes: &[u32],
        rows: usize,
        d_y: Option<&mut [T]>,
    ) -> Result<T, TargetError> {
        let samples = check_classes(y.len(), classes, rows)?;
        let smoothing = self.smoothing;
        let sum = level.class_cross_entropy(ClassCrossEntropy { y, classes, rows, smoothing, d_y });
        Ok(T::nearest(sum / samples as f64))
    }
}

impl<T: Real> Loss<T, u32> for LabelSmoothing {
    fn targets_per_sample(&self, _: usize) -> usize {
        1
    }

    fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[u32], rows: usize) -> Result<T, TargetError> {
        self.mean(level, y, targets, rows, None)
    }

    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[u32],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError> {
        self.mean(level, y, targets, rows, Some(d_y))
    }
}
