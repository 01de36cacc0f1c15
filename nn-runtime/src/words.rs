//! The layer words of `network!`, each the type that it stands for.
//!
//! Generated code names a layer through this module by the user's own word, so that hovering over the word shows the
//! layer's page.

pub use crate::activations::{
    Elu as elu, Gelu as gelu, LeakyRelu as leaky_relu, Linear as linear, Logistic as logistic, Relu as relu,
    Relu6 as relu6, Silu as silu, Softmax as softmax, Softplus as softplus, Step as step, Tanh as tanh,
};
pub use crate::layers::{
    AdaptiveAvgPool2d as adaptive_avg_pool2d, Add as add, AvgPool1d as avg_pool1d, AvgPool2d as avg_pool2d,
    AvgPool3d as avg_pool3d, BatchNorm as batch_norm, Concat as concat, Conv1d as conv1d, Conv2d as conv2d,
    Conv3d as conv3d, ConvTranspose1d as conv_transpose1d, ConvTranspose2d as conv_transpose2d,
    ConvTranspose3d as conv_transpose3d, Crop as crop, Dense as dense, Dropout as dropout, Dropout2d as dropout2d,
    Flatten as flatten, GlobalAvgPool as global_avg_pool, GlobalMaxPool as global_max_pool, GroupNorm as group_norm,
    InstanceNorm as instance_norm, LayerNorm as layer_norm, LocalResponseNorm as local_response_norm,
    MaxPool1d as max_pool1d, MaxPool2d as max_pool2d, MaxPool3d as max_pool3d, Multiply as multiply, Pad as pad,
    Repeat as repeat, Subsample as subsample, Threshold as threshold, Upsample as upsample,
};
