//! Losses, one a file: what a network's outputs cost, and the gradient of the mean cost with respect to them.
//!
//! A loss is the mean over a batch, so that the learning rate does not depend on the batch's size. What exactly is
//! averaged differs, and is written at each loss: [`HalfSquaredError`], [`SoftmaxCrossEntropy`] and [`LabelSmoothing`] average
//! over the samples, [`PixelCrossEntropy`] over their pixels, the others over all values.
//!
//! The sum behind a mean is taken in `T` over short stretches and in `f64` over those, so that in `f32` its error does not
//! grow with the batch.
//!
//! A new loss of one output and one target is a file with its type (an implementation of [`Elementwise`]) and a line in
//! the list in `elementwise.rs`; any other implements [`Loss`].

mod absolute_error;
mod binary_cross_entropy;
mod elementwise;
mod half_squared_error;
mod hinge;
mod huber;
mod implicit;
mod label_smoothing;
mod mean_squared_error;
mod pixel_cross_entropy;
mod softmax_cross_entropy;
mod weighted;

pub use absolute_error::AbsoluteError;
pub use binary_cross_entropy::BinaryCrossEntropyWithLogits;
pub use elementwise::{Elementwise, ElementwiseCost, ElementwiseLoss};
pub use half_squared_error::HalfSquaredError;
pub use hinge::Hinge;
pub use huber::Huber;
pub use implicit::ImplicitLoss;
pub use label_smoothing::LabelSmoothing;
pub use mean_squared_error::MeanSquaredError;
pub use pixel_cross_entropy::{PixelCrossEntropy, PlaceCrossEntropy};
pub use softmax_cross_entropy::{ClassCrossEntropy, DistributionCrossEntropy, SoftmaxCrossEntropy};
pub use weighted::Weighted;

use std::borrow::Cow;

use thiserror::Error;

use crate::Real;
use crate::kernels::Kernels;
use crate::simd::Dispatch;

/// A loss: what a network's outputs cost, and the gradient of the mean cost with respect to them.
///
/// `Target` is what it compares them with: `u32` for class indices, `T` for values. Outputs are `rows × B`, column after
/// column, a column for each sample of the batch; targets follow each other in the same order.
/// They are those of the whole batch, also where it is computed in [shards](crate::Training#shards).
pub trait Loss<T: Real, Target>: Sync {
    /// How many targets a sample of `rows` outputs has: 1 for class indices, `rows` for values, as many as
    /// pixels for masks.
    fn targets_per_sample(&self, rows: usize) -> usize;

    /// The output that stands for values of which `samples` samples have this mean, where nothing is known of a sample: the mean
    /// itself, unless outputs are logits. What a [`Baseline`](crate::validation::Baseline) of values answers.
    fn output_for_mean(&self, mean: f64, samples: usize) -> f64 {
        _ = samples;
        mean
    }

    /// What outputs `y` predict of targets that are values, on the scale of these: the outputs themselves, unless they are logits.
    /// None if outputs are scores of which only the sign counts. What [`Residuals`](crate::metrics::Residuals) are taken from; not
    /// asked where targets are class indices.
    ///
    /// ```
    /// use nn_runtime::losses::{BinaryCrossEntropyWithLogits, Hinge, Loss, MeanSquaredError, SoftmaxCrossEntropy};
    ///
    /// let y = [0.0, 0.0, 2.0_f64.ln(), 0.0];
    /// assert_eq!(Loss::<f64, f64>::predictions(&MeanSquaredError, &y, 4).unwrap(), y.as_slice());
    /// let probabilities = Loss::<f64, f64>::predictions(&BinaryCrossEntropyWithLogits, &y, 4).unwrap();
    /// assert!((probabilities[2] - 2.0 / 3.0).abs() < 1e-15 && probabilities[3] == 0.5);
    /// let shares = Loss::<f64, f64>::predictions(&SoftmaxCrossEntropy, &y, 2).unwrap();
    /// assert!(shares[0] == 0.5 && (shares[2] - 2.0 / 3.0).abs() < 1e-15);
    /// assert!(Loss::<f64, f64>::predictions(&Hinge, &y, 4).is_none());
    /// ```
    fn predictions<'a>(&self, y: &'a [T], rows: usize) -> Option<Cow<'a, [T]>> {
        _ = rows;
        Some(Cow::Borrowed(y))
    }

    /// The mean loss.
    ///
    /// # Errors
    /// If the targets do not fit the outputs, or the batch is empty.
    ///
    /// # Panics
    /// If `y` is not made of whole columns.
    fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[Target], rows: usize) -> Result<T, TargetError>;

    /// The mean loss; `d_y`, as large as `y`, is overwritten by its gradient `∂(mean loss)/∂y`.
    ///
    /// # Errors
    /// As [`forward`](Self::forward); `d_y` is left as it was then, but for a struct of losses of several outputs, whose first
    /// ones may have been written.
    ///
    /// # Panics
    /// If `y` is not made of whole columns, or `d_y` is not as large as `y`.
    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[Target],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError>;
}

/// Targets that do not fit the outputs they are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There are too many or too few.
    #[error("{samples} samples with {per_sample} targets each need {} targets, found {found}", samples * per_sample)]
    Count {
        /// The samples of the batch.
        samples: usize,
        /// What [`Loss::targets_per_sample`] says.
        per_sample: usize,
        /// How many targets were given.
        found: usize,
    },
    /// A class index is not below the number of classes.
    #[error(
        "sample {sample} has the target class {class}, but the network has {classes} outputs, for classes from 0 on"
    )]
    Class {
        /// The sample, counted from 0.
        sample: usize,
        /// Its class.
        class: u32,
        /// The number of classes: the network's outputs.
        classes: usize,
    },
    /// A class index of a pixel is not below the number of classes.
    #[error("pixel {place} of sample {sample} has the target class {class}, but there are {classes}, from 0 on")]
    PixelClass {
        /// The sample, counted from 0.
        sample: usize,
        /// The place in its image, counted from 0, row after row.
        place: usize,
        /// Its class.
        class: u32,
        /// The number of classes.
        classes: usize,
    },
    /// The outputs are no image with a channel for each class.
    #[error("{outputs} outputs are no image with a channel for each of {classes} classes")]
    Channels {
        /// The outputs of a sample.
        outputs: usize,
        /// The number of classes.
        classes: usize,
    },
    /// A value is none that the loss is defined for.
    #[error("target {index} of the batch is {value}; this loss takes {takes}")]
    Value {
        /// The value's place among all targets of the batch, counted from 0.
        index: usize,
        /// The value.
        value: f64,
        /// Which values the loss takes, in words.
        takes: &'static str,
    },
    /// The batch has no samples, so that no mean exists.
    #[error("the batch is empty: there is no mean loss")]
    EmptyBatch,
}

/// The mean loss, on the instruction set in force: [`Loss::forward`] for those who do not dispatch themselves.
///
/// # Errors
/// If the targets do not fit the outputs, or the batch is empty.
///
/// # Panics
/// If `y` is not made of whole columns.
pub fn mean_loss<T: Real, Target>(
    loss: &impl Loss<T, Target>,
    y: &[T],
    targets: &[Target],
    rows: usize,
) -> Result<T, TargetError> {
    T::dispatch(Evaluation { loss, y, targets, rows, d_y: None })
}

/// The mean loss and its gradient, on the instruction set in force: [`Loss::forward_backward`] for those who do not
/// dispatch themselves.
///
/// # Errors
/// If the targets do not fit the outputs, or the batch is empty.
///
/// # Panics
/// If `y` is not made of whole columns, or `d_y` is not as large as `y`.
pub fn mean_loss_and_gradient<T: Real, Target>(
    loss: &impl Loss<T, Target>,
    y: &[T],
    targets: &[Target],
    rows: usize,
    d_y: &mut [T],
) -> Result<T, TargetError> {
    T::dispatch(Evaluation { loss, y, targets, rows, d_y: Some(d_y) })
}

struct Evaluation<'a, T, Target, C> {
    loss: &'a C,
    y: &'a [T],
    targets: &'a [Target],
    rows: usize,
    d_y: Option<&'a mut [T]>,
}

impl<T: Real, Target, C: Loss<T, Target>> Dispatch<T> for Evaluation<'_, T, Target, C> {
    type Output = Result<T, TargetError>;

    fn at<L: Kernels<T>>(self, level: L) -> Self::Output {
        let Self { loss, y, targets, rows, d_y } = self;
        match d_y {
            Some(d_y) => loss.forward_backward(level, y, targets, rows, d_y),
            None => loss.forward(level, y, targets, rows),
        }
    }
}

/// The number of samples, once it is known that each has its targets.
fn samples(outputs: usize, rows: usize, targets: usize, per_sample: usize) -> Result<usize, TargetError> {
    assert!(
        outputs == 0 || (rows > 0 && outputs.is_multiple_of(rows)),
        "{outputs} outputs are not whole columns of {rows}"
    );
    let samples = outputs.checked_div(rows).unwrap_or(0);
    if targets != samples * per_sample {
        return Err(TargetError::Count { samples, per_sample, found: targets });
    }
    if samples == 0 { Err(TargetError::EmptyBatch) } else { Ok(samples) }
}

#[cfg(test)]
mod tests;
