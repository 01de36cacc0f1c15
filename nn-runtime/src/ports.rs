//! Several inputs and outputs: how they lie, and what gives and takes them.
//!
//! Inside of a network's passes a batch is *packed*: one port behind the other, each with its columns for all samples. A matrix
//! of samples has all ports of a sample in one column. With a single port both are the same.

use core::ops::Range;

use nalgebra::{Dim, IsContiguous, Matrix, RawStorage};

use crate::kernels::Kernels;
use crate::losses::{Loss, TargetError};
use crate::{Network, Real, Trainable};

/// An input or an output of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name in the declaration; `input` or `output` if it has none.
    pub name: &'static str,
    /// The shape of a sample.
    pub shape: &'static [usize],
}

impl Port {
    /// How many values a sample has.
    #[must_use]
    pub const fn len(&self) -> usize {
        let mut len = 1;
        let mut i = 0;
        while i < self.shape.len() {
            len *= self.shape[i];
            i += 1;
        }
        len
    }

    /// Whether a sample has no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The samples of a batch for each input of a network.
///
/// A matrix of samples is the inputs of a network that has one. For several inputs `network!` declares a struct of their names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the inputs of `{N}`",
    note = "a network with one input takes a contiguous matrix with a column a sample, one with several the struct of their names"
)]
pub trait Inputs<N: Network> {
    /// How many samples there are.
    fn samples(&self) -> usize;

    /// The columns of the input at this place in [`Network::INPUTS`], one after the other.
    fn port(&self, index: usize) -> &[N::Scalar];
}

impl<N: Network, B: Dim, S> Inputs<N> for Matrix<N::Scalar, N::Input, B, S>
where
    S: RawStorage<N::Scalar, N::Input, B> + IsContiguous,
{
    fn samples(&self) -> usize {
        self.ncols()
    }

    fn port(&self, _: usize) -> &[N::Scalar] {
        const { assert!(N::INPUTS.len() == 1, "a matrix is the input of a network that has one") };
        self.as_slice()
    }
}

/// What all outputs of a network cost together, and the gradient of that.
///
/// Each [`Loss`] is one, of a network with one output. For several outputs `network!` declares a struct of a loss for each.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the losses of `{N}` for targets `{Targets}`",
    note = "a network with one output takes a loss and a slice of its targets, one with several the structs of their names"
)]
pub trait Losses<N: Trainable, Targets>: Sync {
    /// The mean loss of so many samples; `d_y`, as large as `y`, is overwritten by its gradient. Both are packed, by
    /// [`Trainable::TRAINING_OUTPUTS`].
    ///
    /// # Errors
    /// If the targets do not fit the outputs, or the batch is empty; what `d_y` holds then has no meaning.
    fn forward_backward<L: Kernels<N::Scalar>>(
        &self,
        level: L,
        y: &[N::Scalar],
        samples: usize,
        targets: Targets,
        d_y: &mut [N::Scalar],
    ) -> Result<N::Scalar, TargetError>;
}

impl<N: Trainable, Target, O: Loss<N::Scalar, Target>> Losses<N, &[Target]> for O {
    #[inline]
    fn forward_backward<L: Kernels<N::Scalar>>(
        &self,
        level: L,
        y: &[N::Scalar],
        _: usize,
        targets: &[Target],
        d_y: &mut [N::Scalar],
    ) -> Result<N::Scalar, TargetError> {
        Loss::forward_backward(self, level, y, targets, N::OUTPUT.len, d_y)
    }
}

/// Every input has the values of all samples.
#[track_caller]
pub(crate) fn check_inputs<N: Network>(inputs: &impl Inputs<N>) {
    let samples = inputs.samples();
    for (index, port) in N::INPUTS.iter().enumerate() {
        let (found, needed) = (inputs.port(index).len(), port.len() * samples);
        assert!(found == needed, "the input `{}` of {samples} samples has {needed} values, not {found}", port.name);
    }
}

/// Where the columns of a port lie in packed values of so many samples.
pub(crate) fn packed(ports: &[Port], index: usize, samples: usize) -> Range<usize> {
    let before: usize = ports[..index].iter().map(Port::len).sum();
    before * samples..(before + ports[index].len()) * samples
}

/// From columns with all ports of a sample to packed values.
pub(crate) fn pack<T: Real>(ports: &[Port], columns: &[T], values: &mut [T]) {
    for_each_column(ports, columns.len(), |column, packed| values[packed].copy_from_slice(&columns[column]));
}

/// From packed values to columns with all ports of a sample.
pub(crate) fn unpack<T: Real>(ports: &[Port], values: &[T], columns: &mut [T]) {
    for_each_column(ports, columns.len(), |column, packed| columns[column].copy_from_slice(&values[packed]));
}

/// Samples of a batch of `all`, packed by themselves, to their places among those of the whole: `samples` from `start` on.
pub(crate) fn scatter<T: Real>(
    ports: &[Port],
    part: &[T],
    Range { start, end }: Range<usize>,
    all: usize,
    whole: &mut [T],
) {
    for (index, port) in ports.iter().enumerate() {
        let columns = &mut whole[packed(ports, index, all)];
        columns[port.len() * start..port.len() * end].copy_from_slice(&part[packed(ports, index, end - start)]);
    }
}

/// Samples of a packed batch of `all`, packed by themselves.
pub(crate) fn gather<T: Real>(
    ports: &[Port],
    whole: &[T],
    Range { start, end }: Range<usize>,
    all: usize,
    part: &mut [T],
) {
    for (index, port) in ports.iter().enumerate() {
        let columns = &whole[packed(ports, index, all)];
        part[packed(ports, index, end - start)].copy_from_slice(&columns[port.len() * start..port.len() * end]);
    }
}

/// Visits every port of every sample of `len` values in all: its place in the columns, and its place in packed values.
fn for_each_column(ports: &[Port], len: usize, mut visit: impl FnMut(Range<usize>, Range<usize>)) {
    let column: usize = ports.iter().map(Port::len).sum();
    let samples = len.checked_div(column).unwrap_or_default();
    let mut before = 0;
    for port in ports.iter().map(Port::len) {
        for sample in 0..samples {
            let (start, packed) = (sample * column + before, before * samples + sample * port);
            visit(start..start + port, packed..packed + port);
        }
        before += port;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: [Port; 3] =
        [Port { name: "a", shape: &[2] }, Port { name: "b", shape: &[1, 3, 1] }, Port { name: "c", shape: &[1] }];

    #[test]
    fn columns_are_packed_and_unpacked() {
        let columns: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let (mut values, mut back) = ([-1.0; 12], [-1.0; 12]);
        pack(&PORTS, &columns, &mut values);
        assert_eq!(values, [0.0, 1.0, 6.0, 7.0, 2.0, 3.0, 4.0, 8.0, 9.0, 10.0, 5.0, 11.0]);
        unpack(&PORTS, &values, &mut back);
        assert_eq!(back, *columns);
        assert_eq!([0, 1, 2].map(|index| packed(&PORTS, index, 2)), [0..4, 4..10, 10..12]);
    }

    #[test]
    fn a_batch_is_taken_apart_and_put_together() {
        let columns: Vec<f64> = (0..30).map(f64::from).collect();
        let (mut whole, mut again) = (vec![0.0; 30], vec![-1.0; 30]);
        pack(&PORTS, &columns, &mut whole);
        for samples in [0..2, 2..2, 2..5] {
            let (mut part, mut expected) = (vec![-1.0; 6 * samples.len()], vec![-1.0; 6 * samples.len()]);
            gather(&PORTS, &whole, samples.clone(), 5, &mut part);
            pack(&PORTS, &columns[6 * samples.start..6 * samples.end], &mut expected);
            assert_eq!(part, expected);
            scatter(&PORTS, &part, samples, 5, &mut again);
        }
        assert_eq!(again, whole);
    }

    #[test]
    fn no_samples_are_no_values() {
        pack::<f32>(&PORTS, &[], &mut []);
        unpack::<f32>(&[], &[], &mut []);
    }
}
