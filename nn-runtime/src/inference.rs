//! The workspace of inference.

use core::fmt;

use nalgebra::{Dim, DimName, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::kernels::Kernels;
use crate::plan::Arena;
use crate::ports::{self, Inputs};
use crate::simd::Dispatch;
use crate::{Buffer, Network, Real};

/// The memory that inference needs: made once, owned by the caller, used by every call.
///
/// It holds the activations of one chunk of samples, [`Network::CHUNK`], and the outputs of the largest batch.
pub struct Inference<N: Network> {
    arena: Buffer<N::Scalar>,
    scratch: Buffer<N::Scalar>,
    /// The outputs of the last batch, one port behind the other.
    output: Buffer<N::Scalar>,
    /// The inputs and outputs of a chunk, packed, and the outputs of a batch as columns: each only if there are several.
    chunk_input: Buffer<N::Scalar>,
    chunk_output: Buffer<N::Scalar>,
    columns: Buffer<N::Scalar>,
    capacity: usize,
    samples: usize,
}

impl<N: Network> fmt::Debug for Inference<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inference::<{}> of up to {} samples", N::NAME, self.capacity)
    }
}

impl<N: Network> Inference<N> {
    /// A workspace for up to `capacity` samples a call.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let chunk = N::CHUNK.min(capacity);
        let (inputs, outputs) = (N::Input::DIM, N::Output::DIM);
        let (gathers, scatters) = (usize::from(N::INPUTS.len() > 1), usize::from(N::OUTPUTS.len() > 1));
        Self {
            arena: Buffer::zeroed(N::INFERENCE_SIZE * chunk),
            scratch: Buffer::zeroed(N::INFERENCE_SCRATCH),
            output: Buffer::zeroed(outputs * capacity),
            chunk_input: Buffer::zeroed(gathers * inputs * chunk),
            chunk_output: Buffer::zeroed(scatters * outputs * chunk),
            columns: Buffer::zeroed(scatters * outputs * capacity),
            capacity,
            samples: 0,
        }
    }

    /// How many samples a call may have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The network's outputs for the columns of `x`. The generated `forward` is this.
    ///
    /// A column of `x` holds all inputs of a sample, one behind the other, and a column of the result all its outputs.
    ///
    /// # Panics
    /// If `x` has more columns than the workspace was made for.
    #[track_caller]
    pub fn run<'w, B: Dim, S>(
        &'w mut self,
        net: &N,
        x: &Matrix<N::Scalar, N::Input, B, S>,
    ) -> MatrixView<'w, N::Scalar, N::Output, B>
    where
        S: RawStorage<N::Scalar, N::Input, B> + IsContiguous,
    {
        self.infer(net, x.ncols(), &Columns { x: x.as_slice() });
        let len = N::Output::DIM * self.samples;
        let output = if N::OUTPUTS.len() == 1 {
            &self.output[..len]
        } else {
            ports::unpack(N::OUTPUTS, &self.output[..len], &mut self.columns[..len]);
            &self.columns[..len]
        };
        MatrixView::from_slice_generic(output, N::Output::name(), B::from_usize(self.samples))
    }

    /// Runs the network on a batch of its inputs; [`port`](Self::port) then gives its outputs.
    ///
    /// # Panics
    /// If there are more samples than the workspace was made for, or an input has another number of values than they need.
    #[track_caller]
    pub fn run_ports(&mut self, net: &N, inputs: &impl Inputs<N>) {
        ports::check_inputs(inputs);
        self.infer(net, inputs.samples(), &Ports { inputs });
    }

    /// The columns of an output for the last batch, one after the other: the output at this place in [`Network::OUTPUTS`].
    ///
    /// # Panics
    /// If the network has not so many outputs.
    #[must_use]
    #[track_caller]
    pub fn port(&self, index: usize) -> &[N::Scalar] {
        &self.output[ports::packed(N::OUTPUTS, index, self.samples)]
    }

    /// All outputs for the last batch, packed.
    pub(crate) fn packed(&self) -> &[N::Scalar] {
        &self.output[..N::Output::DIM * self.samples]
    }

    #[track_caller]
    fn infer(&mut self, net: &N, samples: usize, source: &impl Source<N>) {
        assert!(
            samples <= self.capacity,
            "this workspace was made for {} samples, but the batch has {samples}",
            self.capacity
        );
        self.samples = samples;
        N::Scalar::dispatch(Infer { work: self, net, source });
    }
}

/// Where the samples of a batch come from.
trait Source<N: Network> {
    /// So many samples from `start` on, packed: where they are, or gathered in `room`.
    fn chunk<'a>(&'a self, start: usize, samples: usize, room: &'a mut [N::Scalar]) -> &'a [N::Scalar];
}

/// Columns with all inputs of a sample.
struct Columns<'a, T> {
    x: &'a [T],
}

impl<N: Network> Source<N> for Columns<'_, N::Scalar> {
    #[inline]
    fn chunk<'a>(&'a self, start: usize, samples: usize, room: &'a mut [N::Scalar]) -> &'a [N::Scalar] {
        let columns = &self.x[N::Input::DIM * start..][..N::Input::DIM * samples];
        if N::INPUTS.len() == 1 {
            return columns;
        }
        let room = &mut room[..columns.len()];
        ports::pack(N::INPUTS, columns, room);
        room
    }
}

/// Columns of each input.
struct Ports<'a, I> {
    inputs: &'a I,
}

impl<N: Network, I: Inputs<N>> Source<N> for Ports<'_, I> {
    #[inline]
    fn chunk<'a>(&'a self, start: usize, samples: usize, room: &'a mut [N::Scalar]) -> &'a [N::Scalar] {
        let columns = |index: usize| {
            let len = N::INPUTS[index].len();
            &self.inputs.port(index)[len * start..][..len * samples]
        };
        if N::INPUTS.len() == 1 {
            return columns(0);
        }
        for index in 0..N::INPUTS.len() {
            room[ports::packed(N::INPUTS, index, samples)].copy_from_slice(columns(index));
        }
        &room[..N::Input::DIM * samples]
    }
}

/// Inference on one instruction set: chunk after chunk.
struct Infer<'a, N: Network, S> {
    work: &'a mut Inference<N>,
    net: &'a N,
    source: &'a S,
}

impl<N: Network, S: Source<N>> Dispatch<N::Scalar> for Infer<'_, N, S> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<N::Scalar>>(self, level: L) {
        let Inference { arena, scratch, output, chunk_input, chunk_output, capacity, samples: all, .. } = self.work;
        let chunk = N::CHUNK.min((*capacity).max(1));
        let arena_capacity = N::CHUNK.min(*capacity);
        for start in (0..*all).step_by(chunk) {
            let samples = chunk.min(*all - start);
            let x = self.source.chunk(start, samples, chunk_input);
            let mut arena = Arena::new(arena, arena_capacity, samples);
            if N::OUTPUTS.len() == 1 {
                let y = &mut output[N::Output::DIM * start..][..N::Output::DIM * samples];
                self.net.infer(level, x, y, &mut arena, scratch);
            } else {
                let y = &mut chunk_output[..N::Output::DIM * samples];
                self.net.infer(level, x, y, &mut arena, scratch);
                scatter::<N>(y, start, samples, *all, output);
            }
        }
    }
}

/// The outputs of a chunk to their places among those of the batch.
fn scatter<N: Network>(chunk: &[N::Scalar], start: usize, samples: usize, all: usize, output: &mut [N::Scalar]) {
    for (index, port) in N::OUTPUTS.iter().enumerate() {
        let columns = &mut output[ports::packed(N::OUTPUTS, index, all)];
        columns[port.len() * start..][..port.len() * samples]
            .copy_from_slice(&chunk[ports::packed(N::OUTPUTS, index, samples)]);
    }
}
