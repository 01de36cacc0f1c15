//! The files of `tests/references`, and what is compared with them.

#![allow(dead_code, reason = "each test uses a part of it")]

pub mod seeded;

use std::fs;

use monograd::kernels::Kernels;
use monograd::losses::{Loss, TargetError};
use monograd::{Real, TensorInfo};
use safetensors::{Dtype, SafeTensors};

/// A file of reference numbers, read whole.
pub struct References {
    bytes: Vec<u8>,
}

impl References {
    pub fn read(name: &str) -> Self {
        let path = format!("{}/tests/references/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        Self { bytes: fs::read(path).unwrap() }
    }

    fn file(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap()
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        self.file().tensor(name).unwrap_or_else(|error| panic!("{name}: {error}")).shape().to_vec()
    }

    /// A tensor's values, in f32 or f64 in the file, to the nearest that `T` has.
    pub fn values<T: Real>(&self, name: &str) -> Vec<T> {
        let file = self.file();
        let tensor = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        match tensor.dtype() {
            Dtype::F32 => nearest(bytemuck::pod_collect_to_vec::<u8, f32>(tensor.data())),
            Dtype::F64 => nearest(bytemuck::pod_collect_to_vec::<u8, f64>(tensor.data())),
            other => panic!("{name} is of {other:?}"),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.file().tensor(name).is_ok()
    }

    /// A tensor of bytes, as the text that they are.
    pub fn text(&self, name: &str) -> String {
        let file = self.file();
        let tensor = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(tensor.dtype(), Dtype::U8, "{name}");
        String::from_utf8(tensor.data().to_vec()).unwrap()
    }

    pub fn classes(&self, name: &str) -> Vec<u32> {
        let file = self.file();
        let tensor = file.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), Dtype::I64, "{name}");
        let classes: Vec<i64> = bytemuck::pod_collect_to_vec(tensor.data());
        classes.into_iter().map(|class| u32::try_from(class).unwrap()).collect()
    }
}

fn nearest<T: Real>(values: Vec<impl Into<f64>>) -> Vec<T> {
    values.into_iter().map(|value| T::nearest(value.into())).collect()
}

/// As far from each expected value as `tolerance` of the largest.
pub fn assert_close<T: Real>(what: &str, found: &[T], expected: &[T], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.to_f64().abs()));
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found.to_f64() - expected.to_f64()).abs();
        assert!(error <= tolerance * largest, "{what}[{i}]: {found}, PyTorch has {expected}, the largest is {largest}");
    }
}

/// For each value of a tensor, in the order of memory, its place in a file, which is row-major.
pub fn file_places(tensor: &TensorInfo) -> impl Iterator<Item = usize> + use<> {
    let stride = |axis: usize| tensor.shape[axis + 1..].iter().product::<usize>();
    let mut axes: Vec<_> = tensor.order.iter().map(|&axis| (tensor.shape[axis], stride(axis))).collect();
    let (fastest, fastest_stride) = axes.pop().expect("a tensor has an axis");
    (0..tensor.len() / fastest).flat_map(move |row| {
        let mut rest = row;
        let start = axes.iter().rev().fold(0, |place, (size, stride)| {
            let index = rest % size;
            rest /= size;
            place + index * stride
        });
        (0..fastest).map(move |index| start + index * fastest_stride)
    })
}

/// The values of a tensor of a network's flat values, in the order of a file.
pub fn in_file_order<T: Real>(tensor: &TensorInfo, flat: &[T]) -> Vec<T> {
    let mut values = vec![T::zero(); tensor.len()];
    for (value, place) in flat[tensor.offset..].iter().zip(file_places(tensor)) {
        values[place] = *value;
    }
    values
}

/// Writes a tensor of a network's flat values from its values in the order of a file.
pub fn from_file_order<T: Real>(tensor: &TensorInfo, flat: &mut [T], values: &[T]) {
    assert_eq!(values.len(), tensor.len(), "{}", tensor.name);
    for (value, place) in flat[tensor.offset..].iter_mut().zip(file_places(tensor)) {
        *value = values[place];
    }
}

/// `L = Σ t·y`, so that `∂L/∂y = t`: a loss of the test's own, as a program may have one.
pub struct WeightedSum;

impl<T: Real> Loss<T, T> for WeightedSum {
    fn targets_per_sample(&self, rows: usize) -> usize {
        rows
    }

    fn forward<L: Kernels<T>>(&self, _: L, y: &[T], targets: &[T], _: usize) -> Result<T, TargetError> {
        Ok(y.iter().zip(targets).fold(T::zero(), |sum, (y, t)| sum + *y * *t))
    }

    fn forward_backward<L: Kernels<T>>(
        &self,
        level: L,
        y: &[T],
        targets: &[T],
        rows: usize,
        d_y: &mut [T],
    ) -> Result<T, TargetError> {
        d_y.copy_from_slice(targets);
        self.forward(level, y, targets, rows)
    }
}
