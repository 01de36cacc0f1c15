//! The classic networks, ready to use: declared here as anyone would declare them.
//!
//! Each is the type of a network like any other: `AlexNet::new()` draws its parameters, `load` takes weights from a file,
//! `summary()` shows its table. The number of parameters is asserted at compile time.
//!
//! ```no_run
//! use monograd::nalgebra::{Const, Dyn, OMatrix};
//! use monograd::networks::AlexNet;
//! use monograd::prelude::*;
//!
//! let mut net = AlexNet::zeroed();
//! net.load("alexnet.safetensors")?;
//! let mut work = AlexNet::workspace(1);
//! // One column is one image: red, green, blue, each row by row.
//! let image = OMatrix::<f32, Const<{ 3 * 224 * 224 }>, Dyn>::zeros(1);
//! println!("{}", net.forward(&image, &mut work)[0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | type | input | parameters | source |
//! |---|---|--:|---|
//! | [`LeNet5`] | `[1, 32, 32]` | 61,706 | `LeCun` et al., 1998 |
//! | [`MnistCnn`] | `[1, 28, 28]` | 1,199,882 | `PyTorch`'s example for MNIST |
//! | [`AlexNet`] | `[3, 224, 224]` | 61,100,840 | Krizhevsky, 2014 |
//! | [`Vgg11`], [`Vgg11Bn`] | `[3, 224, 224]` | 132,863,336, 132,868,840 | Simonyan and Zisserman, 2014 |
//! | [`Vgg13`], [`Vgg13Bn`] | `[3, 224, 224]` | 133,047,848, 133,053,736 | |
//! | [`Vgg16`], [`Vgg16Bn`] | `[3, 224, 224]` | 138,357,544, 138,365,992 | |
//! | [`Vgg19`], [`Vgg19Bn`] | `[3, 224, 224]` | 143,667,240, 143,678,248 | |
//! | [`C3d`], [`C3dUcf101`] | `[3, 16, 112, 112]` | 79,991,015, 78,409,573 | Tran et al., 2015 |

mod alexnet;
mod c3d;
mod lenet;
mod mnist_cnn;
mod vgg;

pub use alexnet::AlexNet;
pub use c3d::{C3d, C3dUcf101};
pub use lenet::LeNet5;
pub use mnist_cnn::MnistCnn;
pub use vgg::{Vgg11, Vgg11Bn, Vgg13, Vgg13Bn, Vgg16, Vgg16Bn, Vgg19, Vgg19Bn};
