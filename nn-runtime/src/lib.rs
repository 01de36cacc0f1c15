//! The runtime of [`monograd`](https://docs.rs/monograd): what the code that `network!` generates is made of.
//! Depend on `monograd`, which re-exports all of this, rather than on this crate.

pub mod activations;
mod buffer;
pub mod data;
pub mod kernels;
pub mod metrics;
mod network;
mod real;
pub mod simd;
pub mod weights;

pub use buffer::{ALIGN, Buffer, aligned};
pub use network::TensorInfo;
pub use real::Real;
