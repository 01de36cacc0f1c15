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
//! | [`GoogLeNet`] | `[3, 224, 224]` | 13,004,888 | Szegedy et al., 2014 |
//! | [`UNet`], [`SmallUNet`] | `[1, 572, 572]`, `[1, 128, 128]` | 31,030,658, 117,090 | Ronneberger et al., 2015 |
//! | [`ResNet18`], [`ResNet34`], [`ResNet50`] | `[3, 224, 224]` | 11,689,512, 21,797,672, 25,557,032 | He et al., 2015 |
//! | [`ResNet20`], [`ResNet110`], [`ResNet1202`] | `[3, 32, 32]` | 269,722, 1,727,962, 19,421,274 | |
//! | [`SqueezeNet`] | `[3, 224, 224]` | 1,235,496 | Iandola et al., 2016 |
//! | [`DenseNet121`] | `[3, 224, 224]` | 7,978,856 | Huang et al., 2016 |
//! | [`MobileNetV2`] | `[3, 224, 224]` | 3,504,872 | Sandler et al., 2018 |

mod alexnet;
mod c3d;
mod cifar_resnet;
mod densenet;
mod googlenet;
mod lenet;
mod mnist_cnn;
mod mobilenet;
mod resnet;
mod squeezenet;
mod unet;
mod vgg;

pub use alexnet::AlexNet;
pub use c3d::{C3d, C3dUcf101};
pub use cifar_resnet::{ResNet20, ResNet110, ResNet1202};
pub use densenet::DenseNet121;
pub use googlenet::{GoogLeNet, GoogLeNetOutputs};
pub use lenet::LeNet5;
pub use mnist_cnn::MnistCnn;
pub use mobilenet::MobileNetV2;
pub use resnet::{ResNet18, ResNet34, ResNet50};
pub use squeezenet::SqueezeNet;
pub use unet::{SmallUNet, UNet};
pub use vgg::{Vgg11, Vgg11Bn, Vgg13, Vgg13Bn, Vgg16, Vgg16Bn, Vgg19, Vgg19Bn};
