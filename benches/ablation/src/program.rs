//! A network as a program: its layers are calls that the compiler sees, on an instruction set that is chosen once a call.

use core::marker::PhantomData;
use core::mem;

use monograd::activations::Activation;
use monograd::geometry::{Convolution, Extent};
use monograd::kernels::{Kernels, Transpose};
use monograd::layers::{AvgPool2d, Conv2d, Dense, MaxPool2d};
use monograd::simd::Dispatch;
use monograd::{Buffer, Flat, Real};
use nalgebra::DimName;

use crate::chain::{Chain, Visitor};
use crate::products::{Parameters, Products, scratch};

/// Where a layer finds its input and leaves its output.
pub trait Memory {
    /// Memory for a network whose largest value has that many scalars.
    fn new(largest: usize) -> Self;

    /// Runs the first layer, which reads the input of the network.
    fn begin(&mut self, x: &[f32], outputs: usize, layer: impl FnOnce(&[f32], &mut [f32]));

    /// Runs a layer on what the one before it left.
    fn step(&mut self, outputs: usize, layer: impl FnOnce(&[f32], &mut [f32]));

    /// What the last layer left.
    fn result(&self) -> &[f32];
}

/// Two buffers, made once, that change places.
pub struct Planned {
    now: Buffer<f32>,
    next: Buffer<f32>,
    len: usize,
}

/// Each value in memory of its own, allocated when it is needed.
pub struct Allocating(Vec<f32>);

impl Memory for Planned {
    fn new(largest: usize) -> Self {
        Self { now: Buffer::zeroed(largest), next: Buffer::zeroed(largest), len: 0 }
    }

    #[inline(always)]
    fn begin(&mut self, x: &[f32], outputs: usize, layer: impl FnOnce(&[f32], &mut [f32])) {
        layer(x, &mut self.now[..outputs]);
        self.len = outputs;
    }

    #[inline(always)]
    fn step(&mut self, outputs: usize, layer: impl FnOnce(&[f32], &mut [f32])) {
        layer(&self.now[..self.len], &mut self.next[..outputs]);
        mem::swap(&mut self.now, &mut self.next);
        self.len = outputs;
    }

    #[inline(always)]
    fn result(&self) -> &[f32] {
        &self.now[..self.len]
    }
}

impl Memory for Allocating {
    fn new(_: usize) -> Self {
        Self(Vec::new())
    }

    #[inline(always)]
    fn begin(&mut self, x: &[f32], outputs: usize, layer: impl FnOnce(&[f32], &mut [f32])) {
        self.0 = vec![0.0; outputs];
        layer(x, &mut self.0);
    }

    #[inline(always)]
    fn step(&mut self, outputs: usize, layer: impl FnOnce(&[f32], &mut [f32])) {
        let mut y = vec![0.0; outputs];
        layer(&self.0, &mut y);
        self.0 = y;
    }

    #[inline(always)]
    fn result(&self) -> &[f32] {
        &self.0
    }
}

/// A network with memory `M`, computed by the products `P`, as many samples at a time as Monograd takes.
pub struct Program<N, M, P> {
    net: Box<N>,
    memory: M,
    scratch: Buffer<f32>,
    output: Vec<f32>,
    products: PhantomData<P>,
}

impl<N: Chain, M: Memory, P: Products> Program<N, M, P> {
    /// For calls of `samples` samples.
    pub fn new(samples: usize) -> Self {
        let net = N::new();
        let mut room = Room::default();
        net.visit(&mut room);
        let memory = M::new(room.largest * samples.min(N::CHUNK));
        let scratch = Buffer::zeroed(room.scratch.max(monograd::kernels::SCRATCH));
        Self { net, memory, scratch, output: vec![0.0; N::Output::DIM * samples], products: PhantomData }
    }

    /// The network's outputs for the samples of `x`.
    #[inline]
    pub fn infer(&mut self, x: &[f32]) -> &[f32] {
        let Self { net, memory, scratch, output, .. } = self;
        f32::dispatch(Call::<_, _, P> { net: &**net, memory, scratch, x, output, products: PhantomData });
        &self.output
    }
}

struct Call<'a, N, M, P> {
    net: &'a N,
    memory: &'a mut M,
    scratch: &'a mut [f32],
    x: &'a [f32],
    output: &'a mut [f32],
    products: PhantomData<P>,
}

impl<N: Chain, M: Memory, P: Products> Dispatch<f32> for Call<'_, N, M, P> {
    type Output = ();

    #[inline(always)]
    fn at<L: Kernels<f32>>(self, level: L) {
        let Self { net, memory, scratch, x, output, .. } = self;
        let (inputs, outputs) = (N::Input::DIM, N::Output::DIM);
        for (x, y) in x.chunks(inputs * N::CHUNK).zip(output.chunks_mut(outputs * N::CHUNK)) {
            let samples = y.len() / outputs;
            net.visit(&mut Computation::<_, _, P> {
                level,
                memory,
                scratch,
                samples,
                input: Some(x),
                products: PhantomData,
            });
            y.copy_from_slice(memory.result());
        }
    }
}

/// What computes a layer when it is shown one.
struct Computation<'a, L, M, P> {
    level: L,
    memory: &'a mut M,
    scratch: &'a mut [f32],
    samples: usize,
    /// Until the first layer has read it.
    input: Option<&'a [f32]>,
    products: PhantomData<P>,
}

impl<L: Kernels<f32>, M: Memory, P> Computation<'_, L, M, P> {
    /// Runs a layer that gives so many values a sample.
    #[inline(always)]
    fn layer(&mut self, outputs: usize, run: impl FnOnce(L, &[f32], &mut [f32], &mut [f32])) {
        let (level, outputs) = (self.level, outputs * self.samples);
        let run = |x: &[f32], y: &mut [f32]| run(level, x, y, self.scratch);
        match self.input.take() {
            Some(x) => self.memory.begin(x, outputs, run),
            None => self.memory.step(outputs, run),
        }
    }
}

impl<'n, L: Kernels<f32>, M: Memory, P: Products> Visitor<'n> for Computation<'_, L, M, P> {
    #[inline(always)]
    fn dense<const I: usize, const O: usize>(&mut self, layer: &'n Dense<f32, I, O>, activation: Activation) {
        self.layer(O, |level, x, y, scratch| P::dense_of(level, layer, x, y, activation, scratch));
    }

    #[inline(always)]
    fn conv2d<const I: usize, const O: usize, const K: usize>(
        &mut self,
        layer: &'n Conv2d<f32, I, O, K, K>,
        geometry: &'static Convolution,
        activation: Activation,
    ) {
        let (weight, bias) = layer.as_flat().split_at(layer.as_flat().len() - O);
        self.layer(geometry.output().len(), |level, x, y, scratch| {
            P::convolution(level, geometry, Parameters { weight, bias }, x, y, activation, scratch);
        });
    }

    #[inline(always)]
    fn avg_pool(&mut self, pool: AvgPool2d) {
        self.layer(pool.output().len(), |level, x, y, _| pool.forward(level, x, y));
    }

    #[inline(always)]
    fn max_pool(&mut self, pool: MaxPool2d) {
        self.layer(pool.output().len(), |level, x, y, _| pool.forward(level, x, y));
    }

    #[inline(always)]
    fn flatten(&mut self, rows: usize, columns: usize) {
        self.layer(rows * columns, |level, x, y, _| level.transpose(Transpose { x, y, rows, columns }));
    }
}

/// How much memory a chain needs.
#[derive(Default)]
pub struct Room {
    /// Values a sample, at most, between two layers.
    pub largest: usize,
    /// Values of scratch, at most.
    pub scratch: usize,
}

impl Room {
    fn value(&mut self, extent: Extent) {
        self.largest = self.largest.max(extent.len());
    }
}

impl<'n> Visitor<'n> for Room {
    fn dense<const I: usize, const O: usize>(&mut self, _: &'n Dense<f32, I, O>, _: Activation) {
        self.largest = self.largest.max(O);
    }

    fn conv2d<const I: usize, const O: usize, const K: usize>(
        &mut self,
        _: &'n Conv2d<f32, I, O, K, K>,
        geometry: &'static Convolution,
        _: Activation,
    ) {
        self.value(geometry.output());
        self.scratch = self.scratch.max(scratch(geometry));
    }

    fn avg_pool(&mut self, pool: AvgPool2d) {
        self.value(pool.output());
    }

    fn max_pool(&mut self, pool: MaxPool2d) {
        self.value(pool.output());
    }

    fn flatten(&mut self, _: usize, _: usize) {}
}
