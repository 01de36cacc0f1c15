//! The runtime of [`monograd`](https://docs.rs/monograd): what the code that `network!` generates is made of.
//! Depend on `monograd`, which re-exports all of this, rather than on this crate.

pub mod activations;
mod buffer;
pub mod claims;
pub mod data;
mod flat;
mod inference;
pub mod initializers;
pub mod kernels;
pub mod layers;
pub mod losses;
pub mod metrics;
mod network;
pub mod optimizers;
pub mod plan;
mod real;
pub mod simd;
mod summary;
mod training;
pub mod words;
pub mod weights;

pub use buffer::{ALIGN, Buffer, aligned};
pub use flat::{Flat, exact_len, padding};
pub use inference::Inference;
pub use network::{Network, TensorInfo, Trainable};
pub use real::Real;
pub use summary::{LayerInfo, Summary};
pub use training::Training;
