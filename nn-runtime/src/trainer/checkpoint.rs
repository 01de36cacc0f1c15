//! A training in a file, from which it goes on as if it had not stopped.
//!
//! The file is in the `safetensors` format:
//!
//! ```text
//! network.<tensor>      the parameters and running statistics, by name and in PyTorch's layout
//! <part>.<name>         the state of the optimiser, the schedule, early stopping and the trainer: as StateVisitor shows it
//! history               F64, a row for each epoch
//! facts.<name>          U8, what has to be the same for the training to go on: optimizer, loss, batch_size, shards,
//!                       samples, inputs
//! metadata              "checkpoint": the version of this format
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use thiserror::Error;

use super::{Epoch, History, Score};
use crate::weights::{atomic_file, permute};
use crate::{Network, Real, StateVisitor, TensorInfo};

/// Why a checkpoint could not be written or taken over. One that is refused has changed nothing in the network; one that cannot be
/// written leaves the file that was there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The operating system could not open or read the file.
    #[error("`{}`: cannot be read: {reason}", path.display())]
    Unreadable {
        /// Where it lies.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The operating system could not write the file.
    #[error("`{}`: cannot be written, and is what it was: {reason}", path.display())]
    Unwritable {
        /// Where it should lie.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is cut short, or none of its kind.
    #[error("`{}`: not a checkpoint, or not a whole one: {reason}", path.display())]
    Damaged {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The checkpoint is of another network, or of a trainer with other parts.
    #[error("`{}`: a checkpoint of another training:{}", path.display(), lines(differences))]
    Mismatch {
        /// Where it lies.
        path: PathBuf,
        /// Everything in which the two differ.
        differences: Vec<String>,
    },
}

fn lines(differences: &[String]) -> String {
    differences.iter().flat_map(|difference| ["\n  ", difference]).collect()
}

/// The version of the format, which the metadata name.
const VERSION: &str = "1";

/// The columns of the history.
const COLUMNS: usize = 10;

/// What a checkpoint holds, under its names.
#[derive(Default)]
pub(super) struct Contents(Vec<(String, Entry)>);

struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Contents {
    /// The parameters and running statistics of a network.
    pub fn network<N: Network>(&mut self, net: &N) {
        for tensor in N::state() {
            let memory = &net.as_flat()[tensor.offset..][..tensor.len()];
            let mut values = vec![N::Scalar::nearest(0.0); tensor.len()];
            permute::for_each_place(&tensor, |m, f| values[f] = memory[m]);
            self.add(in_file(&tensor), N::Scalar::DTYPE, tensor.shape.to_vec(), bytes_of(&values));
        }
    }

    /// The epochs so far.
    pub fn history(&mut self, history: &History) {
        let values: Vec<_> = history.epochs.iter().flat_map(row).collect();
        self.add("history".into(), Dtype::F64, vec![history.epochs.len(), COLUMNS], bytes_of(&values));
    }

    /// What has to be the same, in words.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        for (name, value) in facts {
            self.add(format!("facts.{name}"), Dtype::U8, vec![value.len()], value.clone().into_bytes());
        }
    }

    /// What is shown by `visit`.
    pub fn state<T: Real>(&mut self, visit: &mut dyn FnMut(&mut dyn StateVisitor<T>)) {
        visit(&mut Writer { contents: self, prefix: String::new() });
    }

    fn add(&mut self, name: String, dtype: Dtype, shape: Vec<usize>, bytes: Vec<u8>) {
        self.0.push((name, Entry { dtype, shape, bytes }));
    }

    /// Replaces the file in one step: it holds this checkpoint or the one before, whole, whatever happens.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let unwritable = |reason: String| CheckpointError::Unwritable { path: path.to_owned(), reason };
        let metadata = [("checkpoint".into(), VERSION.into())];
        let views = self.0.iter().map(|(name, entry)| {
            let view = TensorView::new(entry.dtype, entry.shape.clone(), &entry.bytes);
            (name, view.expect("an entry has the bytes of its shape"))
        });
        let bytes = serialize(views, Some(metadata.into())).map_err(|error| unwritable(error.to_string()))?;
        atomic_file::replace(path, |file| file.write_all(&bytes)).map_err(|error| unwritable(error.to_string()))
    }
}

/// Values in the order of bytes that a file has.
fn bytes_of<T: Real>(values: &[T]) -> Vec<u8> {
    let mut bytes = bytemuck::cast_slice(values).to_vec();
    if cfg!(target_endian = "big") {
        bytes.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
    bytes
}

fn values_of<T: Real>(bytes: &[u8]) -> Vec<T> {
    let mut bytes = bytes.to_vec();
    if cfg!(target_endian = "big") {
        bytes.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
    bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect()
}

/// How a checkpoint calls a tensor of the network.
fn in_file(tensor: &TensorInfo) -> String {
    format!("network.{}", tensor.name)
}

/// An epoch as numbers, NaN for what it has not.
fn row(epoch: &Epoch) -> [f64; COLUMNS] {
    let Epoch { number, epochs, loss, accuracy, validation, samples, seconds, learning_rate } = *epoch;
    let accuracy = accuracy.unwrap_or(f64::NAN);
    let score = validation.map_or([f64::NAN; 2], |score| [score.loss, score.accuracy.unwrap_or(f64::NAN)]);
    let [number, epochs, samples] = [number, epochs, samples].map(|count| count as f64);
    let validated = f64::from(u8::from(validation.is_some()));
    [number, epochs, samples, seconds, learning_rate, loss, accuracy, validated, score[0], score[1]]
}

fn epoch(row: &[f64]) -> Epoch {
    let present = |value: f64| (!value.is_nan()).then_some(value);
    Epoch {
        number: row[0] as usize,
        epochs: row[1] as usize,
        samples: row[2] as usize,
        seconds: row[3],
        learning_rate: row[4],
        loss: row[5],
        accuracy: present(row[6]),
        validation: (row[7] > 0.0).then(|| Score { loss: row[8], accuracy: present(row[9]) }),
    }
}

/// Adds what it is shown to a checkpoint.
struct Writer<'a> {
    contents: &'a mut Contents,
    prefix: String,
}

impl<T: Real> StateVisitor<T> for Writer<'_> {
    fn values(&mut self, name: &str, values: &mut [T]) {
        self.contents.add(format!("{}{name}", self.prefix), T::DTYPE, vec![values.len()], bytes_of(values));
    }

    fn number(&mut self, name: &str, number: &mut f64) {
        self.contents.add(format!("{}{name}", self.prefix), Dtype::F64, vec![], number.to_le_bytes().into());
    }

    fn count(&mut self, name: &str, count: &mut u64) {
        self.contents.add(format!("{}{name}", self.prefix), Dtype::U64, vec![], count.to_le_bytes().into());
    }

    fn group(&mut self, name: &str, visit: &mut dyn FnMut(&mut dyn StateVisitor<T>)) {
        visit(&mut Writer { contents: self.contents, prefix: format!("{}{name}.", self.prefix) });
    }
}

/// A checkpoint that has been read and is whole, but not yet compared with anything.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Stored {
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = fs::read(path)
            .map_err(|error| CheckpointError::Unreadable { path: path.to_owned(), reason: error.to_string() })?;
        let stored = Self { path: path.to_owned(), bytes };
        let (_, header) = SafeTensors::read_metadata(&stored.bytes).map_err(|error| stored.damaged(&error))?;
        let version = header.metadata().as_ref().and_then(|metadata| metadata.get("checkpoint"));
        match version.map(String::as_str) {
            Some(VERSION) => {}
            Some(other) => return Err(stored.damaged(&format!("it is of version {other}, expected {VERSION}"))),
            None => return Err(stored.damaged(&"it holds tensors, but no training; weights are loaded by `load`")),
        }
        stored.tensors()?;
        Ok(stored)
    }

    fn damaged(&self, reason: &dyn ToString) -> CheckpointError {
        CheckpointError::Damaged { path: self.path.clone(), reason: reason.to_string() }
    }

    fn tensors(&self) -> Result<SafeTensors<'_>, CheckpointError> {
        SafeTensors::deserialize(&self.bytes).map_err(|error| self.damaged(&error))
    }

    /// Compares everything with `net`, with `facts` and with what `visit` shows, and if nothing differs takes it over; gives the
    /// epochs.
    pub fn take_over<N: Network>(
        &self,
        net: &mut N,
        facts: &[(&str, String)],
        visit: &mut dyn FnMut(&mut dyn StateVisitor<N::Scalar>),
    ) -> Result<History, CheckpointError> {
        let tensors = self.tensors()?;
        let mut reader = Reader::new(&tensors);
        for (name, value) in facts {
            reader.fact(name, value);
        }
        for tensor in N::state() {
            reader.find(&in_file(&tensor), N::Scalar::DTYPE, tensor.shape);
        }
        visit(&mut reader.at("", false));
        let history = reader.history();
        let differences = reader.into_differences();
        if !differences.is_empty() {
            return Err(CheckpointError::Mismatch { path: self.path.clone(), differences });
        }
        visit(&mut Reader::new(&tensors).at("", true));
        let tensor_bytes = |tensor: &TensorInfo| tensors.tensor(&in_file(tensor)).map(|view| view.data().to_vec());
        for tensor in N::state() {
            let values = values_of::<N::Scalar>(&tensor_bytes(&tensor).map_err(|error| self.damaged(&error))?);
            let memory = &mut net.as_flat_mut()[tensor.offset..][..tensor.len()];
            permute::for_each_place(&tensor, |m, f| memory[m] = values[f]);
        }
        Ok(history)
    }
}

/// The tensors of a checkpoint, with those that nobody has asked for yet, and what was found wrong.
struct Reader<'a> {
    tensors: BTreeMap<String, TensorView<'a>>,
    unasked: BTreeMap<String, Vec<usize>>,
    differences: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(tensors: &SafeTensors<'a>) -> Self {
        let tensors: BTreeMap<_, _> = tensors.tensors().into_iter().collect();
        let unasked = tensors.iter().map(|(name, view)| (name.clone(), view.shape().to_vec())).collect();
        Self { tensors, unasked, differences: Vec::new() }
    }

    /// The bytes of a tensor, if it is there and as it should be.
    fn find(&mut self, name: &str, dtype: Dtype, shape: &[usize]) -> Option<&'a [u8]> {
        self.unasked.remove(name);
        let found = self.tensors.get(name);
        match found {
            Some(view) if (view.dtype(), view.shape()) == (dtype, shape) => return Some(view.data()),
            Some(view) => {
                let (found, of) = (view.dtype(), view.shape());
                self.differences.push(format!("`{name}` is {found} {of:?}, expected {dtype} {shape:?}"));
            }
            None => self.differences.push(format!("`{name}` {dtype} {shape:?} is missing")),
        }
        None
    }

    fn fact(&mut self, name: &str, expected: &str) {
        let key = format!("facts.{name}");
        self.unasked.remove(&key);
        let found = self.tensors.get(&key).map(|view| String::from_utf8_lossy(view.data()));
        match found {
            Some(found) if found == expected => {}
            Some(found) => self.differences.push(format!("`{name}` was {found}, and is {expected}")),
            None => self.differences.push(format!("`{name}`, which is {expected}, is not said")),
        }
    }

    fn history(&mut self) -> History {
        let epochs = self.tensors.get("history").map_or(0, |view| view.shape().first().copied().unwrap_or_default());
        let rows = self.find("history", Dtype::F64, &[epochs, COLUMNS]).map(values_of::<f64>).unwrap_or_default();
        History { epochs: rows.chunks_exact(COLUMNS).map(epoch).collect(), ..History::default() }
    }

    fn at(&mut self, prefix: &str, takes: bool) -> Visitor<'_, 'a> {
        Visitor { reader: self, prefix: prefix.into(), takes }
    }

    fn into_differences(mut self) -> Vec<String> {
        let unexpected = self.unasked.iter().map(|(name, shape)| format!("`{name}` {shape:?} is unexpected"));
        self.differences.extend(unexpected);
        self.differences
    }
}

/// Compares what it is shown with a checkpoint, or takes it from there.
struct Visitor<'r, 'a> {
    reader: &'r mut Reader<'a>,
    prefix: String,
    takes: bool,
}

impl<'a> Visitor<'_, 'a> {
    fn find(&mut self, name: &str, dtype: Dtype, shape: &[usize]) -> Option<&'a [u8]> {
        let found = self.reader.find(&format!("{}{name}", self.prefix), dtype, shape);
        found.filter(|_| self.takes)
    }
}

impl<T: Real> StateVisitor<T> for Visitor<'_, '_> {
    fn values(&mut self, name: &str, values: &mut [T]) {
        if let Some(bytes) = self.find(name, T::DTYPE, &[values.len()]) {
            values.copy_from_slice(&values_of(bytes));
        }
    }

    fn number(&mut self, name: &str, number: &mut f64) {
        if let Some(Ok(bytes)) = self.find(name, Dtype::F64, &[]).map(<[u8; 8]>::try_from) {
            *number = f64::from_le_bytes(bytes);
        }
    }

    fn count(&mut self, name: &str, count: &mut u64) {
        if let Some(Ok(bytes)) = self.find(name, Dtype::U64, &[]).map(<[u8; 8]>::try_from) {
            *count = u64::from_le_bytes(bytes);
        }
    }

    fn group(&mut self, name: &str, visit: &mut dyn FnMut(&mut dyn StateVisitor<T>)) {
        visit(&mut self.reader.at(&format!("{}{name}.", self.prefix), self.takes));
    }
}
