//! What is measured.

use monograd::activations::{Activation, Relu, Tanh};
use monograd::geometry::{Axis, Convolution, Window};
use monograd::layers::{AvgPool2d, MaxPool2d};
use monograd::networks::{LeNet5, MnistCnn};
use monograd::prelude::*;
use nalgebra::DimName;

use crate::chain::{Chain, Visitor};
use crate::variants::{Entry, variants};

network! {
    struct Tiny([2]) -> [1] {
        hidden1: dense(4) -> tanh,
        hidden2: dense(2) -> tanh,
        out: dense(1),
    }
}

network! {
    struct Small([8]) -> [4] {
        hidden1: dense(64) -> relu,
        hidden2: dense(64) -> relu,
        out: dense(4),
    }
}

network! {
    pub struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

const RELU: Activation = Activation::Relu(Relu);
const TANH: Activation = Activation::Tanh(Tanh);
const LINEAR: Activation = Activation::Linear;

/// A network and a batch.
pub struct Workload {
    /// The network's name, and how many samples.
    pub title: String,
    /// How many samples.
    pub samples: usize,
    /// Sample after sample.
    pub inputs: Vec<f32>,
    /// Whether there are convolutions.
    pub is_convolutional: bool,
    /// Makes every variant.
    pub variants: fn(usize) -> Vec<Entry>,
}

impl Workload {
    fn new<N: Chain + 'static>(name: &str, samples: usize) -> Self {
        let plural = if samples == 1 { "" } else { "s" };
        Self {
            title: format!("{name}, {samples} sample{plural}"),
            samples,
            inputs: noise(<N::Input as DimName>::DIM * samples),
            is_convolutional: N::INPUT_SHAPE.len() == 3,
            variants: variants::<N>,
        }
    }
}

/// Every workload, the smallest first.
pub fn workloads() -> Vec<Workload> {
    vec![
        Workload::new::<Tiny>("2-4-2-1", 1),
        Workload::new::<Small>("8-64-64-4", 1),
        Workload::new::<Digits>("784-128-10", 1),
        Workload::new::<Digits>("784-128-10", 64),
        Workload::new::<LeNet5>("LeNet-5", 1),
        Workload::new::<LeNet5>("LeNet-5", 64),
        Workload::new::<MnistCnn>("MNIST CNN", 1),
    ]
}

/// Between 0 and 1, the same in every run.
fn noise(len: usize) -> Vec<f32> {
    let mut generator = Generator::seed(1);
    (0..len).map(|_| generator.uniform() as f32).collect()
}

impl Chain for Tiny {
    #[inline(always)]
    fn visit<'n, V: Visitor<'n>>(&'n self, visitor: &mut V) {
        visitor.dense(&self.hidden1, TANH);
        visitor.dense(&self.hidden2, TANH);
        visitor.dense(&self.out, LINEAR);
    }
}

impl Chain for Small {
    #[inline(always)]
    fn visit<'n, V: Visitor<'n>>(&'n self, visitor: &mut V) {
        visitor.dense(&self.hidden1, RELU);
        visitor.dense(&self.hidden2, RELU);
        visitor.dense(&self.out, LINEAR);
    }
}

impl Chain for Digits {
    #[inline(always)]
    fn visit<'n, V: Visitor<'n>>(&'n self, visitor: &mut V) {
        visitor.dense(&self.hidden, RELU);
        visitor.dense(&self.out, LINEAR);
    }
}

impl Chain for LeNet5 {
    #[inline(always)]
    fn visit<'n, V: Visitor<'n>>(&'n self, visitor: &mut V) {
        const C1: Convolution = convolution(32, 5, 1, 6);
        const C3: Convolution = convolution(14, 5, 6, 16);
        visitor.conv2d(&self.c1, &C1, TANH);
        visitor.avg_pool(const { AvgPool2d::new(halves(28), 6, true) });
        visitor.conv2d(&self.c3, &C3, TANH);
        visitor.avg_pool(const { AvgPool2d::new(halves(10), 16, true) });
        visitor.flatten(5 * 5, 16);
        visitor.dense(&self.c5, TANH);
        visitor.dense(&self.f6, TANH);
        visitor.dense(&self.out, LINEAR);
    }
}

impl Chain for MnistCnn {
    #[inline(always)]
    fn visit<'n, V: Visitor<'n>>(&'n self, visitor: &mut V) {
        const CONV1: Convolution = convolution(28, 3, 1, 32);
        const CONV2: Convolution = convolution(26, 3, 32, 64);
        visitor.conv2d(&self.conv1, &CONV1, RELU);
        visitor.conv2d(&self.conv2, &CONV2, RELU);
        visitor.max_pool(const { MaxPool2d::new(halves(24), 64) });
        visitor.flatten(12 * 12, 64);
        visitor.dense(&self.hidden, RELU);
        visitor.dense(&self.out, LINEAR);
    }
}

/// A square kernel over a square image, wherever it fits.
const fn convolution(size: usize, kernel: usize, inputs: usize, outputs: usize) -> Convolution {
    let axis = Axis::new(size, kernel, 1, 1, 0, 0);
    Convolution::new([Axis::NONE, axis, axis], inputs, outputs, 1)
}

/// Windows of 2×2 side by side.
const fn halves(size: usize) -> Window {
    let axis = Axis::new(size, 2, 2, 1, 0, 0);
    Window { axes: [Axis::NONE, axis, axis] }
}
