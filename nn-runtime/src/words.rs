//! The layer words of `network!`, each the type that it stands for.
//!
//! Generated code names a layer through this module by the user's own word, so that hovering over the word shows the
//! layer's page.

pub use crate::activations::{
    Elu as elu, Gelu as gelu, LeakyRelu as leaky_relu, Linear as linear, Logistic as logistic, Relu as relu,
    Silu as silu, Softmax as softmax, Softplus as softplus, Step as step, Tanh as tanh,
};
pub use crate::layers::{Dense as dense, Flatten as flatten};
