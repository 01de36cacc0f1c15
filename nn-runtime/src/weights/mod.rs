//! Weights in files: the `safetensors` format, with the names of the declaration and the shapes and
//! layout of PyTorch.
//!
//! ```text
//! length of the header     u64, little-endian
//! header                   JSON: name → dtype, shape, where its data begin and end
//! data                     row-major, little-endian
//! ```
//! A tensor is called as its field in the declaration, dotted (`hidden.weight`), and has PyTorch's shape and axes
//! (`[out, in]` for a dense weight); [`TensorInfo`](crate::TensorInfo) says where memory holds it. The header also says
//! which network it is (`network`), which version of monograd wrote it (`monograd`), and, as PyTorch's tools expect,
//! `"format": "pt"`. The same parameters always give the same bytes.
//!
//! **Types.** Values are written as what they are, `F32` or `F64`. They are read from `F64`, `F32`, `F16` or `BF16` and
//! converted: exactly if the network's type holds them, else to the nearest value. A finite `F64` beyond the range of
//! `f32` is an error, since it would become infinite. Integers and other types are refused.
//!
//! **NaN and infinities** are saved and loaded like any other value: the file of a training that has diverged is still
//! that training, and it is for the program to judge.
//!
//! **Loading** is all or nothing: whatever is wrong is found before the first parameter changes, and everything that
//! differs is said at once. The header is checked before any data are read, so that memory follows the network's size,
//! not the file's claims. **Saving** is atomic: the path holds the old file or the new one, whole, whatever happens.
//!
//! Source: the format's description at <https://github.com/huggingface/safetensors>.

pub(crate) mod atomic_file;
mod dtype;
mod error;
pub(crate) mod permute;
mod read;
mod write;

pub use error::{Difference, Differences, WeightsError};
pub use read::{from_bytes, load};
pub use write::{save, to_bytes};

#[cfg(test)]
mod tests;
