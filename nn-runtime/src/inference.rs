//! The workspace of inference.

use core::fmt;
use std::sync::Mutex;

use nalgebra::{Dim, DimName, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::kernels::Kernels;
use crate::plan::Arena;
use crate::pool::{share, take};
use crate::ports::{self, Inputs};
use crate::simd::Dispatch;
use crate::{Buffer, Network, Pool, Real};

/// The memory that inference needs: made once, owned by the caller, used by every call.
///
/// It holds the activations of one chunk of samples, [`Network::CHUNK`], for each thread that may work on it, one unless
/// [`threads`](Self::threads) says otherwise, and the outputs of the largest batch.
pub struct Inference<N: Network> {
    /// At least one.
    lanes: Vec<Lane<N::Scalar>>,
    /// The outputs of the last batch, one port behind the other.
    output: Buffer<N::Scalar>,
    /// If there are several outputs: the outputs of a batch as columns, or chunk after chunk, each packed.
    columns: Buffer<N::Scalar>,
    capacity: usize,
    samples: usize,
}

/// What a thread works in.
struct Lane<T> {
    arena: Buffer<T>,
    /// How many samples the arena is for.
    capacity: usize,
    scratch: Buffer<T>,
    /// The inputs of a chunk, packed, if there are several.
    input: Buffer<T>,
}

impl<T: Real> Lane<T> {
    fn new<N: Network<Scalar = T>>(samples: usize) -> Self {
        let capacity = N::CHUNK.min(samples);
        Self {
            arena: Buffer::zeroed(N::INFERENCE_SIZE * capacity),
            capacity,
            scratch: Buffer::zeroed(N::INFERENCE_SCRATCH),
            input: Buffer::zeroed(if N::INPUTS.len() > 1 { N::Input::DIM * capacity } else { 0 }),
        }
    }

    /// Takes `samples` samples from `start` on through the network.
    #[inline]
    fn infer<N: Network<Scalar = T>, L: Kernels<T>>(
        &mut self,
        level: L,
        net: &N,
        source: &impl Source<N>,
        start: usize,
        samples: usize,
        y: &mut [T],
    ) {
        let x = source.chunk(start, samples, &mut self.input);
        net.infer(level, x, y, &mut Arena::new(&mut self.arena, self.capacity, samples), &mut self.scratch);
    }
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
        let scattered = usize::from(N::OUTPUTS.len() > 1);
        Self {
            lanes: vec![Lane::new::<N>(capacity)],
            output: Buffer::zeroed(N::Output::DIM * capacity),
            columns: Buffer::zeroed(scattered * N::Output::DIM * capacity),
            capacity,
            samples: 0,
        }
    }

    /// The same with room for so many threads of a [`Pool`] to work at the same time, each of which has memory for a chunk.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "at least one thread works");
        Self { lanes: (0..threads).map(|_| Lane::new::<N>(self.capacity)).collect(), ..self }
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
        self.outputs()
    }

    /// The same on several threads: as many of the pool's as the workspace has [room](Self::threads) for. [`Network::forward_in`] is
    /// this.
    ///
    /// The outputs of a sample do not depend on which others are computed with it, not in their last bit, and so neither on how
    /// many threads there are.
    ///
    /// # Panics
    /// If `x` has more columns than the workspace was made for.
    #[track_caller]
    pub fn run_in<'w, B: Dim, S>(
        &'w mut self,
        pool: &dyn Pool,
        net: &N,
        x: &Matrix<N::Scalar, N::Input, B, S>,
    ) -> MatrixView<'w, N::Scalar, N::Output, B>
    where
        S: RawStorage<N::Scalar, N::Input, B> + IsContiguous,
    {
        self.infer_in(pool, net, x.ncols(), &Columns { x: x.as_slice() });
        self.outputs()
    }

    /// The outputs of the last batch as columns with all outputs of a sample.
    fn outputs<B: Dim>(&mut self) -> MatrixView<'_, N::Scalar, N::Output, B> {
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

    /// The same on several threads, as by [`run_in`](Self::run_in).
    ///
    /// # Panics
    /// As [`run_ports`](Self::run_ports).
    #[track_caller]
    pub fn run_ports_in(&mut self, pool: &dyn Pool, net: &N, inputs: &(impl Inputs<N> + Sync)) {
        ports::check_inputs(inputs);
        self.infer_in(pool, net, inputs.samples(), &Ports { inputs });
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
        self.begin(samples);
        N::Scalar::dispatch(Infer { work: self, net, source });
    }

    #[track_caller]
    fn infer_in(&mut self, pool: &dyn Pool, net: &N, samples: usize, source: &(impl Source<N> + Sync)) {
        self.begin(samples);
        let division = Division::new(samples, N::CHUNK, pool.threads().min(self.lanes.len()));
        if division.threads > 1 {
            N::Scalar::dispatch(InferIn { work: self, net, source, pool, division });
        } else {
            N::Scalar::dispatch(Infer { work: self, net, source });
        }
    }

    #[track_caller]
    fn begin(&mut self, samples: usize) {
        assert!(
            samples <= self.capacity,
            "this workspace was made for {} samples, but the batch has {samples}",
            self.capacity
        );
        self.samples = samples;
    }

    /// Where the outputs of the batch are written to, chunk after chunk.
    fn destination<'a>(output: &'a mut [N::Scalar], columns: &'a mut [N::Scalar]) -> &'a mut [N::Scalar] {
        if N::OUTPUTS.len() == 1 { output } else { columns }
    }
}

/// How a batch is divided among threads: into chunks of one size, but for the last, so that each thread may have as many as another.
struct Division {
    chunk: usize,
    threads: usize,
}

impl Division {
    fn new(samples: usize, most: usize, threads: usize) -> Self {
        let chunks = samples.div_ceil(most).next_multiple_of(threads.max(1));
        let chunk = samples.div_ceil(chunks.max(1)).max(1);
        Self { chunk, threads: threads.min(samples.div_ceil(chunk)) }
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
        let Inference { lanes, output, columns, samples: all, .. } = self.work;
        let destination = Inference::<N>::destination(output, columns);
        let lane = &mut lanes[0];
        let chunk = lane.capacity.max(1);
        for start in (0..*all).step_by(chunk) {
            let samples = chunk.min(*all - start);
            let y = &mut destination[N::Output::DIM * start..][..N::Output::DIM * samples];
            lane.infer(level, self.net, self.source, start, samples, y);
        }
        scatter::<N>(columns, chunk, *all, output);
    }
}

/// The same on the threads of a pool, each of which takes the next chunk when it is through with one.
struct InferIn<'a, N: Network, S> {
    work: &'a mut Inference<N>,
    net: &'a N,
    source: &'a S,
    pool: &'a dyn Pool,
    division: Division,
}

impl<N: Network, S: Source<N> + Sync> Dispatch<N::Scalar> for InferIn<'_, N, S> {
    type Output = ();

    fn at<L: Kernels<N::Scalar>>(self, level: L) {
        let Inference { lanes, output, columns, samples: all, .. } = self.work;
        let Division { chunk, threads } = self.division;
        let destination = &mut Inference::<N>::destination(output, columns)[..N::Output::DIM * *all];
        let mut chunks = Chunks { rest: destination, width: N::Output::DIM, chunk, start: 0, all: *all };
        let chunks = Mutex::new(&mut chunks);
        share(self.pool, threads, lanes[..threads].iter_mut(), |lane| {
            while let Some((start, samples, y)) = take(&chunks) {
                lane.infer(level, self.net, self.source, start, samples, y);
            }
        });
        scatter::<N>(columns, chunk, *all, output);
    }
}

/// The chunks of a batch: where each begins, its samples, and the room for their outputs.
struct Chunks<'a, T> {
    rest: &'a mut [T],
    width: usize,
    chunk: usize,
    start: usize,
    all: usize,
}

impl<'a, T> Iterator for Chunks<'a, T> {
    type Item = (usize, usize, &'a mut [T]);

    fn next(&mut self) -> Option<Self::Item> {
        let (start, samples) = (self.start, self.chunk.min(self.all - self.start));
        if samples == 0 {
            return None;
        }
        self.start += samples;
        let (y, rest) = core::mem::take(&mut self.rest).split_at_mut(self.width * samples);
        self.rest = rest;
        Some((start, samples, y))
    }
}

/// Several outputs to their places, from chunks of so many samples, each packed.
#[inline]
fn scatter<N: Network>(chunks: &[N::Scalar], chunk: usize, all: usize, output: &mut [N::Scalar]) {
    if N::OUTPUTS.len() == 1 {
        return;
    }
    for start in (0..all).step_by(chunk) {
        let end = all.min(start + chunk);
        let part = &chunks[N::Output::DIM * start..N::Output::DIM * end];
        ports::scatter(N::OUTPUTS, part, start..end, all, output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_have_as_many_chunks_as_each_other() {
        for (samples, most, threads, expected) in [
            (64, 10, 1, (10, 1)),
            (64, 10, 2, (8, 2)),
            (64, 96, 2, (32, 2)),
            (7, 96, 3, (3, 3)),
            (3, 96, 4, (1, 3)),
            (1, 96, 2, (1, 1)),
            (0, 96, 2, (1, 0)),
            (100, 7, 3, (7, 3)),
        ] {
            let Division { chunk, threads: found } = Division::new(samples, most, threads);
            assert_eq!((chunk, found), expected, "{samples} samples, chunks of at most {most}, {threads} threads");
        }
    }
}
