//! The workspace of inference.

use core::fmt;

use nalgebra::{Dim, DimName, IsContiguous, Matrix, MatrixView, RawStorage};

use crate::kernels::Kernels;
use crate::plan::Arena;
use crate::simd::Dispatch;
use crate::{Buffer, Network, Real};

/// The memory that inference needs: made once, owned by the caller, used by every call.
///
/// It holds the activations of one chunk of samples, [`Network::CHUNK`], and the outputs of the largest batch.
pub struct Inference<N: Network> {
    arena: Buffer<N::Scalar>,
    scratch: Buffer<N::Scalar>,
    output: Buffer<N::Scalar>,
    capacity: usize,
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
        Self {
            arena: Buffer::zeroed(N::INFERENCE_SIZE * N::CHUNK.min(capacity)),
            scratch: Buffer::zeroed(N::INFERENCE_SCRATCH),
            output: Buffer::zeroed(N::Output::DIM * capacity),
            capacity,
        }
    }

    /// How many samples a call may have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The network's outputs for the columns of `x`. The generated `forward` is this.
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
        let samples = x.ncols();
        assert!(
            samples <= self.capacity,
            "this workspace was made for {} samples, but the batch has {samples}",
            self.capacity
        );
        let y = &mut self.output[..N::Output::DIM * samples];
        let capacity = N::CHUNK.min(self.capacity);
        let (arena, scratch) = (&mut *self.arena, &mut *self.scratch);
        N::Scalar::dispatch(Infer { net, x: x.as_slice(), y, arena, scratch, capacity });
        let output = &self.output[..N::Output::DIM * samples];
        MatrixView::from_slice_generic(output, N::Output::name(), B::from_usize(samples))
    }
}

/// Inference on one instruction set: chunk after chunk.
struct Infer<'a, N: Network> {
    net: &'a N,
    x: &'a [N::Scalar],
    y: &'a mut [N::Scalar],
    arena: &'a mut [N::Scalar],
    scratch: &'a mut [N::Scalar],
    capacity: usize,
}

impl<N: Network> Dispatch<N::Scalar> for Infer<'_, N> {
    type Output = ();

    #[inline]
    fn at<L: Kernels<N::Scalar>>(self, level: L) {
        let (inputs, outputs) = (N::Input::DIM, N::Output::DIM);
        let chunk = N::CHUNK.min(self.capacity.max(1));
        for (x, y) in self.x.chunks(inputs * chunk).zip(self.y.chunks_mut(outputs * chunk)) {
            let mut arena = Arena::new(&mut *self.arena, self.capacity, x.len() / inputs);
            self.net.infer(level, x, y, &mut arena, self.scratch);
        }
    }
}
