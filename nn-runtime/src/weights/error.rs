//! What can be wrong with a file of weights.

use core::fmt;
use std::io;
use std::path::PathBuf;

use safetensors::Dtype;
use thiserror::Error;

/// Why weights could not be saved or loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file that the error is about.
    #[error("`{}`: {error}", path.display())]
    InFile {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        error: Box<WeightsError>,
    },
    /// The operating system could not open or read the file.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// The operating system could not write the file; what was there is still there.
    #[error("cannot be written: {0}")]
    Unwritable(io::Error),
    /// The file ends within its header, or is none of its kind.
    #[error("the header is cut short: expected {expected} bytes, found {found}")]
    Header {
        /// The length that the header should have, as far as it is known.
        expected: u64,
        /// The bytes that are there.
        found: u64,
    },
    /// The file begins with a length that no header has.
    #[error("not a safetensors file: its header would be {0} bytes long")]
    HeaderLength(u64),
    /// The header is not what the format prescribes.
    #[error("not a safetensors file: {0}")]
    Format(String),
    /// The file is a training that has been stopped.
    #[error("a checkpoint, which holds more than weights: `Trainer::resume` goes on from it")]
    Checkpoint,
    /// There are fewer data than the header announces.
    #[error("truncated: expected {expected} bytes of data, found {found}")]
    Truncated {
        /// The bytes that the header announces.
        expected: u64,
        /// The bytes that follow the header.
        found: u64,
    },
    /// The file goes on after its last value.
    #[error("trailing bytes: expected {expected} bytes of data, found more")]
    Trailing {
        /// The bytes that the header announces.
        expected: u64,
    },
    /// The weights are another network's.
    #[error("the weights do not fit the network:{0}")]
    Mismatch(Differences),
    /// A finite number is too large for the network's type.
    #[error("`{tensor}` holds {value:e} at index {index}, which is beyond the range of {dtype}")]
    OutOfRange {
        /// The tensor's name.
        tensor: String,
        /// Where in the file's tensor, row-major.
        index: usize,
        /// The number.
        value: f64,
        /// The network's type.
        dtype: Dtype,
    },
}

/// Everything in which the tensors of a file and of a network differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differences(pub Vec<Difference>);

/// One thing in which the tensors of a file and of a network differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The network has a tensor that the file has not.
    Missing {
        /// Its name.
        name: String,
        /// Its shape.
        expected: &'static [usize],
    },
    /// The file has a tensor that the network has not.
    Unexpected {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
    },
    /// Both have the tensor, in different shapes.
    Shape {
        /// Its name.
        name: String,
        /// Its shape in the network.
        expected: &'static [usize],
        /// Its shape in the file.
        found: Vec<usize>,
    },
    /// Both have the tensor, but the file's values are no floating-point numbers that could be read.
    Dtype {
        /// Its name.
        name: String,
        /// The type in the file.
        found: Dtype,
    },
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name, expected } => write!(f, "`{name}` {expected:?} is missing"),
            Self::Unexpected { name, found } => write!(f, "`{name}` {found:?} is unexpected"),
            Self::Shape { name, expected, found } => {
                write!(f, "`{name}` has shape {found:?}, expected {expected:?}")
            }
            Self::Dtype { name, found } => {
                write!(f, "`{name}` has values of type {found}, expected F64, F32, F16 or BF16")
            }
        }
    }
}
