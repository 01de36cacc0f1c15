//! Weights to a file.

use std::io::{self, Write};
use std::path::Path;

use safetensors::Dtype;
use serde_json::Value;

use super::{WeightsError, atomic_file, permute};
use crate::{Real, TensorInfo};

/// Writes the tensors of the network `name`, which lie in `params`, to the file `path`, which is replaced in one step:
/// if anything fails, what was there is still there.
///
/// # Errors
/// If the file cannot be written, or `path` exists and is not a file.
///
/// # Panics
/// If a tensor lies outside of `params`.
pub fn save<T: Real>(
    path: impl AsRef<Path>,
    name: &str,
    tensors: &[TensorInfo],
    params: &[T],
) -> Result<(), WeightsError> {
    let path = path.as_ref();
    atomic_file::replace(path, |file| write(file, name, tensors, params)).map_err(|error| WeightsError::InFile {
        path: path.to_owned(),
        error: Box::new(WeightsError::Unwritable(error)),
    })
}

/// The bytes that [`save`] writes.
///
/// ```
/// use nn_runtime::{TensorInfo, weights};
///
/// // A dense layer of two outputs and three inputs: the weight column by column, the bias after it on 64 bytes.
/// let tensors = [
///     TensorInfo { name: "out.weight".into(), shape: &[2, 3], order: &[1, 0], offset: 0 },
///     TensorInfo { name: "out.bias".into(), shape: &[2], order: &[0], offset: 16 },
/// ];
/// let mut params = [0.0_f32; 32];
/// params[..6].copy_from_slice(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// let bytes = weights::to_bytes("Net", &tensors, &params);
///
/// let mut loaded = [0.0_f64; 32];
/// weights::from_bytes(&bytes, &tensors, &mut loaded)?;
/// assert_eq!(loaded[..6], [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// # Ok::<(), weights::WeightsError>(())
/// ```
///
/// # Panics
/// If a tensor lies outside of `params`.
#[must_use]
pub fn to_bytes<T: Real>(name: &str, tensors: &[TensorInfo], params: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, name, tensors, params).expect("writing to memory does not fail");
    bytes
}

fn write<T: Real>(file: &mut impl Write, name: &str, tensors: &[TensorInfo], params: &[T]) -> io::Result<()> {
    let header = header(name, tensors, T::DTYPE);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    tensors.iter().try_for_each(|tensor| file.write_all(bytemuck::cast_slice(&values_in_file(tensor, params))))
}

/// The header in JSON, with spaces up to a multiple of 8 bytes, on which the data then begin.
fn header(name: &str, tensors: &[TensorInfo], dtype: Dtype) -> String {
    let (name, version) = (Value::from(name), env!("CARGO_PKG_VERSION"));
    let mut entries = vec![format!(r#""__metadata__":{{"format":"pt","monograd":"{version}","network":{name}}}"#)];
    let mut end = 0;
    for tensor in tensors {
        let (name, shape, begin) = (Value::from(&*tensor.name), tensor.shape, end);
        end += tensor.len() * dtype.bitsize() / 8;
        entries.push(format!(r#"{name}:{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{begin},{end}]}}"#));
    }
    let mut header = format!("{{{}}}", entries.join(","));
    header.extend(core::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    header
}

/// The values of a tensor, row-major in the axes of the file, each in little-endian order.
fn values_in_file<T: Real>(tensor: &TensorInfo, params: &[T]) -> Vec<T> {
    let memory = &params[tensor.offset..][..tensor.len()];
    let mut values = vec![T::zero(); tensor.len()];
    permute::for_each_place(tensor, |m, f| values[f] = memory[m]);
    if cfg!(target_endian = "big") {
        bytemuck::cast_slice_mut::<T, u8>(&mut values).chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
    values
}
