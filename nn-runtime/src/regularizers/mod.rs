//! Regularisers of weights, one a file: what keeps them small.
//!
//! They act on *weights*, the tensors whose name ends in `weight`, and leave biases and the parameters of normalisations alone:
//! those do not make a function steep. The weight decay of an [optimiser](crate::optimizers) acts on every parameter instead.
//!
//! [`Dropout`](crate::layers::Dropout) stands in the network, [`LabelSmoothing`](crate::losses::LabelSmoothing) is a loss, and
//! [`Trainer::mixup`](crate::Trainer::mixup) and [`Augment`](crate::data::Augment) act on the data.

mod max_norm;
mod penalty;

pub use max_norm::MaxNorm;
pub use penalty::Penalty;

use crate::{Network, TensorInfo};

/// The weights of a network: see the [module](self).
pub(crate) fn weights<N: Network>() -> Vec<TensorInfo> {
    let is_weight = |tensor: &TensorInfo| tensor.name.rsplit('.').next() == Some("weight");
    N::tensors().into_iter().filter(is_weight).collect()
}
