//! Compile-time neural networks.

pub use nn_macros::network;
pub use nn_runtime::*;
#[doc(hidden)]
pub use {bytemuck, nalgebra};

/// What a program that declares networks wants in scope.
pub mod prelude {
    pub use crate::optimizers::Optimizer;
    pub use crate::{Inference, Network, Trainable, Training, network};
}
