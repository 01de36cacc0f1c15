//! The runtime of [`monograd`](https://docs.rs/monograd): what the code that `network!` generates is made of.
//! Depend on `monograd`, which re-exports all of this, rather than on this crate.

pub mod activations;
pub mod block;
mod buffer;
pub mod claims;
pub mod data;
mod flat;
pub mod geometry;
mod inference;
pub mod initializers;
pub mod kernels;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod minimizers;
pub mod module;
mod network;
pub mod optimizers;
pub mod perceptron;
pub mod plan;
mod pool;
mod ports;
mod real;
pub mod regularizers;
pub mod schedules;
mod settings;
pub mod shapes;
pub mod simd;
mod state;
mod summary;
mod table;
mod tensors;
mod trainer;
mod training;
pub mod units;
pub mod validation;
pub mod vector;
pub mod weights;
pub mod words;

pub use block::{Block, TrainableBlock};
pub use buffer::{ALIGN, Buffer, aligned};
pub use flat::{Flat, exact_len, padding, trailing};
pub use inference::Inference;
pub use initializers::Generator;
pub use module::{CustomLayer, Module};
pub use network::{Network, Trainable};
pub use pool::{CallingThread, Pool};
pub use ports::{Inputs, Losses, Port};
#[cfg(feature = "rayon")]
pub use rayon;
pub use real::Real;
pub use state::StateVisitor;
pub use summary::{LayerInfo, Summary};
pub use tensors::{Copies, TensorEntry, TensorInfo, resolve};
pub use trainer::{
    CheckpointError, EarlyStopping, Epoch, Evaluation, Flow, History, Observer, Progress, RatePoint, RateRange,
    RateTest, Score, TrainError, Trainer, evaluate, evaluate_in,
};
pub use training::Training;
pub use typenum;
