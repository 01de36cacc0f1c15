//! A part of a batch, and the memory that its passes need.

use core::ops::Range;

use nalgebra::DimName;

use crate::kernels::Kernels;
use crate::layers::Noise;
use crate::plan::Arena;
use crate::{Buffer, Trainable, ports};

/// The memory of a shard: the activations and gradients of its samples, and its gradient of the parameters.
pub(super) struct Shard<N: Trainable> {
    arena: Buffer<N::Scalar>,
    scratch: Buffer<N::Scalar>,
    pub gradient: Box<N>,
    pub d_input: Option<Buffer<N::Scalar>>,
    /// The inputs of its samples, packed, if there are several.
    pub input: Buffer<N::Scalar>,
    capacity: usize,
    /// Which samples of the last batch are its own.
    pub samples: Range<usize>,
}

impl<N: Trainable> Shard<N> {
    /// Memory for up to `capacity` samples.
    pub fn new(capacity: usize, with_input_gradient: bool) -> Self {
        Self {
            arena: Buffer::zeroed(N::TRAINING_SIZE.unwrap_or_default() * capacity),
            scratch: Buffer::zeroed(N::TRAINING_SCRATCH),
            gradient: N::zeroed_box(),
            d_input: with_input_gradient.then(|| Buffer::zeroed(N::Input::DIM * capacity)),
            input: Buffer::zeroed(if N::INPUTS.len() > 1 { N::Input::DIM * capacity } else { 0 }),
            capacity,
            samples: 0..0,
        }
    }

    /// The pass forward from `x`, and `loss` with the outputs and the room for their gradient.
    #[inline]
    pub fn forward<L: Kernels<N::Scalar>, R>(
        &mut self,
        level: L,
        net: &N,
        x: Option<&[N::Scalar]>,
        noise: Noise,
        loss: impl FnOnce(&[N::Scalar], &mut [N::Scalar]) -> R,
    ) -> R {
        let samples = self.samples.len();
        let x = x.unwrap_or_else(|| &self.input[..N::Input::DIM * samples]);
        let mut arena = Arena::new(&mut self.arena, self.capacity, samples);
        net.forward_training(level, x, &mut arena, &mut self.scratch, &mut self.gradient, noise);
        let [y, d_y] = arena.views([N::OUTPUT, N::D_OUTPUT]);
        loss(y, d_y)
    }

    /// The pass back, from the gradient that the loss left.
    #[inline]
    pub fn backward<L: Kernels<N::Scalar>>(&mut self, level: L, net: &N, x: Option<&[N::Scalar]>, noise: Noise) {
        let samples = self.samples.len();
        let x = x.unwrap_or_else(|| &self.input[..N::Input::DIM * samples]);
        let mut arena = Arena::new(&mut self.arena, self.capacity, samples);
        let d_x = self.d_input.as_deref_mut().map(|d_x| &mut d_x[..x.len()]);
        net.backward(level, x, &mut arena, &mut self.scratch, &mut self.gradient, noise, d_x);
    }

    /// Where the loss wants its gradient, for this shard's samples.
    pub fn d_output(&mut self) -> &mut [N::Scalar] {
        &mut self.arena[N::D_OUTPUT.range(self.capacity, self.samples.len())]
    }

    /// The outputs of its samples, packed.
    pub fn outputs(&self) -> &[N::Scalar] {
        &self.arena[N::OUTPUT.range(self.capacity, self.samples.len())]
    }

    /// Its samples of the inputs of a batch of `all`: where they are, if the network has one input; else brought together in
    /// [`input`](Self::input).
    pub fn take_input<'x>(&mut self, x: &'x [N::Scalar], all: usize) -> Option<&'x [N::Scalar]> {
        if N::INPUTS.len() == 1 {
            return Some(self.part(x));
        }
        let room = &mut self.input[..N::Input::DIM * self.samples.len()];
        ports::gather(N::INPUTS, x, self.samples.clone(), all, room);
        None
    }

    /// The columns of its samples among those of a network's one input.
    pub fn part<'x>(&self, x: &'x [N::Scalar]) -> &'x [N::Scalar] {
        &x[N::Input::DIM * self.samples.start..N::Input::DIM * self.samples.end]
    }
}
