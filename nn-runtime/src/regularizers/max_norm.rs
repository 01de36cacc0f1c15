//! An end to the size of each unit's weights.

use crate::kernels::{Kernels, LimitNorms};
use crate::settings::positive;
use crate::simd::Dispatch;
use crate::{Real, TensorInfo};

/// Keeps the weights that lead into each unit within a ball: after each step those whose norm is above the limit c are scaled
/// back to it.
///
/// ```text
/// W[o,:] ← W[o,:]·min(1, c/‖W[o,:]‖)      for each output o of a layer
/// ```
///
/// A unit is an output of a dense layer or a channel that a convolution gives, with all weights that lead to it; biases do not
/// count. Of a transposed convolution with groups, the channels at the same place in each group count as one unit.
/// [`Trainer::max_norm`](crate::Trainer::max_norm) does it after each step, but for what an optimiser has frozen. Weights whose norm
/// is not finite stay as they are.
///
/// ```
/// use nn_runtime::regularizers::MaxNorm;
///
/// // Two units of two weights each, column by column: (3, 4) and (0.6, 0.8).
/// let mut weight = [3.0_f64, 0.6, 4.0, 0.8];
/// MaxNorm::new(2.5).apply(&mut weight, 2);
/// assert_eq!(weight, [1.5, 0.6, 2.0, 0.8]);
/// ```
///
/// Source: Srebro and Shraibman, “Rank, trace-norm and max-norm” (2005); Srivastava et al., “Dropout” (2014), with c from 3 to 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxNorm {
    limit: f64,
}

impl MaxNorm {
    /// A limit on the norm of the weights that lead into a unit.
    ///
    /// # Panics
    /// Unless `limit` is positive and finite.
    #[must_use]
    #[track_caller]
    pub fn new(limit: f64) -> Self {
        Self { limit: positive("the limit", limit) }
    }

    /// Scales the units of a weight that has `outputs` of them, column by column as in memory: the weight of unit o and input i
    /// is value `i·outputs + o`.
    ///
    /// # Panics
    /// If the weight is not made of columns of `outputs` values.
    pub fn apply<T: Real>(&self, weight: &mut [T], outputs: usize) {
        T::dispatch(LimitNorms { limit: T::nearest(self.limit), outputs, weight });
    }

    /// The same for the tensors among all parameters.
    pub(crate) fn apply_to<T: Real>(self, tensors: &[TensorInfo], params: &mut [T]) {
        for tensor in tensors {
            // In memory the outputs of every layer's weight are the fastest axis.
            let outputs = tensor.order.last().map_or(1, |&axis| tensor.shape[axis]);
            self.apply(&mut params[tensor.offset..][..tensor.len()], outputs);
        }
    }
}

impl<T: Real> Dispatch<T> for LimitNorms<'_, T> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<T>>(self, level: L) {
        level.limit_norms(self);
    }
}
