//! The layer words of `network!`, each the type that it stands for.
//!
//! Generated code names a layer through this module by the user's own word, so that hovering over the word shows the
//! layer's page.

pub use crate::activations::{
    Elu as elu, Gelu as gelu, LeakyRelu as leaky_relu, Linear as linear, Logistic as logistic, Relu as relu,
    Silu as silu, Softmax as softmax, Softplus as softplus, Step as step, Tanh as tanh,
};
pub use crate::layers::{
    AdaptiveAvgPool2d as adaptive_avg_pool2d, AvgPool1d as avg_pool1d, AvgPool2d as avg_pool2d,
    AvgPool3d as avg_pool3d, Dense as dense, Flatten as flatten, GlobalAvgPool as global_avg_pool,
    GlobalMaxPool as global_max_pool, MaxPool1d as max_pool1d, MaxPool2d as max_pool2d, MaxPool3d as max_pool3d,
};
