//! Files by which other processes get a workload's numbers.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use prost::Message;
use tempfile::TempDir;

use crate::onnx;
use crate::workload::{Loss, Task, Workload};

/// The files of the last workload that was asked for.
#[derive(Default)]
pub struct Exchange {
    last: Option<(String, Files)>,
}

impl Exchange {
    /// The files of this workload, written when they are asked for first. Those of the one before it are removed.
    pub fn files(&mut self, workload: &Workload) -> io::Result<&Files> {
        let title = workload.to_string();
        if self.last.as_ref().is_none_or(|(last, _)| *last != title) {
            self.last = None;
            self.last = Some((title, Files::write(workload)?));
        }
        let last = self.last.as_ref().map(|(_, files)| files);
        last.ok_or_else(|| io::Error::other("no files"))
    }
}

/// In a directory that is removed with them.
pub struct Files {
    directory: TempDir,
}

impl Files {
    fn write(workload: &Workload) -> io::Result<Self> {
        let files = Self { directory: tempfile::tempdir()? };
        write_numbers(workload, &mut BufWriter::new(File::create(files.data())?))?;
        if workload.task == Task::Forward {
            fs::write(files.onnx(), onnx::model(workload).encode_to_vec())?;
        }
        Ok(files)
    }

    /// Parameters and statistics, layer after layer; inputs; targets: `f32` in the order of this processor.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data.f32")
    }

    /// The network, if it is one for inference.
    pub fn onnx(&self) -> PathBuf {
        self.directory.path().join("network.onnx")
    }
}

fn write_numbers(workload: &Workload, file: &mut impl Write) -> io::Result<()> {
    for tensor in workload.network.tensors() {
        write_all(file, tensor.values)?;
    }
    write_all(file, workload.inputs())?;
    match workload.task {
        Task::Forward => {}
        Task::Train(Loss::SquaredError, _) => write_all(file, workload.targets())?,
        Task::Train(..) => write_all(file, workload.classes().into_iter().map(|class| class as f32))?,
    }
    file.flush()
}

fn write_all(file: &mut impl Write, values: impl IntoIterator<Item = f32>) -> io::Result<()> {
    values.into_iter().try_for_each(|value| file.write_all(&value.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{DIGITS, Optimizer, TINY};

    #[test]
    fn files_hold_all_numbers_and_go_with_the_workload() {
        let mut exchange = Exchange::default();
        let train = Workload { network: &TINY, samples: 10, task: Task::Train(Loss::SquaredError, Optimizer::Sgd) };
        let data = exchange.files(&train).expect("files").data();
        let numbers = fs::read(&data).expect("numbers").len() / size_of::<f32>();
        assert_eq!(numbers, 25 + 10 * 2 + 10);
        let forward = Workload { network: &DIGITS, samples: 1, task: Task::Forward };
        let files = exchange.files(&forward).expect("files");
        assert!(files.data().exists() && files.onnx().exists() && !data.exists());
    }
}
