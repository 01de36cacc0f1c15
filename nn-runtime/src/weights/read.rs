//! Weights from a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use safetensors::tensor::Metadata;

use super::dtype::{Decode, decoder};
use super::{Difference, Differences, WeightsError, permute};
use crate::{Real, TensorInfo};

/// The longest header that is read: room for some hundred thousand tensors.
const MAX_HEADER: u64 = 1 << 24;

/// How much is reserved before any data have been seen: a header alone must not be able to take memory.
const RESERVED: u64 = 1 << 20;

/// Reads the file `path` into `params`, where `tensors` says how they lie. What belongs to no tensor, the zeros between
/// layers, stays as it is.
///
/// # Errors
/// If the file cannot be read, is not exactly a safetensors file, has other tensors than `tensors` (all differences are
/// listed), or a number is beyond the range of `T`; the error names the file, and `params` are what they were.
///
/// # Panics
/// If a tensor lies outside of `params`.
pub fn load<T: Real>(path: impl AsRef<Path>, tensors: &[TensorInfo], params: &mut [T]) -> Result<(), WeightsError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(WeightsError::Unreadable);
    file.and_then(|file| read(BufReader::new(file), tensors, params))
        .map_err(|error| WeightsError::InFile { path: path.to_owned(), error: Box::new(error) })
}

/// Reads the bytes of a file into `params`, as [`load`] does.
///
/// # Errors
/// As [`load`], without a file's name.
///
/// # Panics
/// If a tensor lies outside of `params`.
pub fn from_bytes<T: Real>(bytes: &[u8], tensors: &[TensorInfo], params: &mut [T]) -> Result<(), WeightsError> {
    read(bytes, tensors, params)
}

fn read<T: Real>(mut source: impl Read, tensors: &[TensorInfo], params: &mut [T]) -> Result<(), WeightsError> {
    let header = read_header(&mut source)?;
    if header.metadata().as_ref().is_some_and(|metadata| metadata.contains_key("checkpoint")) {
        return Err(WeightsError::Checkpoint);
    }
    let stored = locate(tensors, &header)?;
    let data = read_data(&mut source, header.data_len() as u64)?;
    stored.iter().try_for_each(|stored| stored.check_range::<T>(&data))?;
    for tensor in stored {
        tensor.copy_to(params, &data);
    }
    Ok(())
}

fn read_header(source: &mut impl Read) -> Result<Metadata, WeightsError> {
    let prefix = read_up_to(source, 8)?;
    let Ok(len) = prefix[..].try_into().map(u64::from_le_bytes) else {
        return Err(WeightsError::Header { expected: 8, found: prefix.len() as u64 });
    };
    if len > MAX_HEADER {
        return Err(WeightsError::HeaderLength(len));
    }
    let header = read_up_to(source, len)?;
    if (header.len() as u64) < len {
        return Err(WeightsError::Header { expected: 8 + len, found: 8 + header.len() as u64 });
    }
    serde_json::from_slice(&header).map_err(|error| WeightsError::Format(error.to_string()))
}

fn read_data(source: &mut impl Read, expected: u64) -> Result<Vec<u8>, WeightsError> {
    let data = read_up_to(source, expected.saturating_add(1))?;
    let found = data.len() as u64;
    if found < expected {
        return Err(WeightsError::Truncated { expected, found });
    }
    if found > expected {
        return Err(WeightsError::Trailing { expected });
    }
    Ok(data)
}

/// The next `limit` bytes, or as many as there are. Memory grows with what is there, not with what was announced.
fn read_up_to(source: &mut impl Read, limit: u64) -> Result<Vec<u8>, WeightsError> {
    let mut bytes = Vec::with_capacity(limit.min(RESERVED) as usize);
    source.take(limit).read_to_end(&mut bytes).map_err(WeightsError::Unreadable)?;
    Ok(bytes)
}

/// A tensor of the network that the file has, in the right shape and a type that can be read.
struct Stored<'a> {
    tensor: &'a TensorInfo,
    /// Where its data begin in the file's data.
    begin: usize,
    /// The bytes of one value.
    size: usize,
    decode: Decode,
}

/// Finds every tensor of the network in the file, or everything in which the two differ.
fn locate<'a>(tensors: &'a [TensorInfo], header: &Metadata) -> Result<Vec<Stored<'a>>, WeightsError> {
    let mut found: BTreeMap<_, _> = header.tensors().into_iter().collect();
    let (mut stored, mut differences) = (Vec::new(), Vec::new());
    for tensor in tensors {
        match found.remove(&tensor.name) {
            None => differences.push(Difference::Missing { name: tensor.name.clone(), expected: tensor.shape }),
            Some(found) => match compare(tensor, found) {
                Ok(tensor) => stored.push(tensor),
                Err(difference) => differences.push(difference),
            },
        }
    }
    let unexpected = |(name, info): (String, &safetensors::tensor::TensorInfo)| Difference::Unexpected {
        name,
        found: info.shape.clone(),
    };
    differences.extend(found.into_iter().map(unexpected));
    if differences.is_empty() { Ok(stored) } else { Err(WeightsError::Mismatch(Differences(differences))) }
}

fn compare<'a>(tensor: &'a TensorInfo, found: &safetensors::tensor::TensorInfo) -> Result<Stored<'a>, Difference> {
    if found.shape != tensor.shape {
        return Err(Difference::Shape {
            name: tensor.name.clone(),
            expected: tensor.shape,
            found: found.shape.clone(),
        });
    }
    match decoder(found.dtype) {
        Some((size, decode)) => Ok(Stored { tensor, begin: found.data_offsets.0, size, decode }),
        None => Err(Difference::Dtype { name: tensor.name.clone(), found: found.dtype }),
    }
}

impl Stored<'_> {
    /// Value number `place` of the tensor in the file.
    fn value(&self, data: &[u8], place: usize) -> f64 {
        (self.decode)(&data[self.begin + place * self.size..][..self.size])
    }

    fn check_range<T: Real>(&self, data: &[u8]) -> Result<(), WeightsError> {
        if self.size <= size_of::<T>() {
            return Ok(());
        }
        let values = (0..self.tensor.len()).map(|place| self.value(data, place));
        let overflows = |value: f64| value.is_finite() && !T::nearest(value).is_finite();
        match values.enumerate().find(|&(_, value)| overflows(value)) {
            None => Ok(()),
            Some((index, value)) => {
                Err(WeightsError::OutOfRange { tensor: self.tensor.name.clone(), index, value, dtype: T::DTYPE })
            }
        }
    }

    fn copy_to<T: Real>(&self, params: &mut [T], data: &[u8]) {
        let memory = &mut params[self.tensor.offset..][..self.tensor.len()];
        permute::for_each_place(self.tensor, |m, f| memory[m] = Real::nearest(self.value(data, f)));
    }
}
