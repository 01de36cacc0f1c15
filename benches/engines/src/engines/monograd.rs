//! Monograd: networks declared in the program.

use std::hint::black_box;

use monograd::TensorInfo;
use monograd::losses::{self, MeanSquaredError, SoftmaxCrossEntropy};
use monograd::networks::{AlexNet, LeNet5, MnistCnn, ResNet18, ResNet20, SmallUNet, Vgg16};
use monograd::optimizers::{Adam, Sgd};
use monograd::prelude::*;
use nalgebra::{Const, DimName, Dyn, MatrixView, SMatrix};

use super::{Engine, Run, seconds};
use crate::workload::{self, CHECKED_STEPS, LEARNING_RATE, Loss, Task, Workload};

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
    struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

network! {
    struct Large([784]) -> [10] {
        hidden1: dense(4096) -> relu,
        hidden2: dense(4096) -> relu,
        out: dense(10),
    }
}

network! {
    /// [`MnistCnn`] without dropout, for training.
    struct Undropped([1, 28, 28]) -> [10] {
        conv1: conv2d(32, 3) -> relu,
        conv2: conv2d(64, 3) -> relu,
        pool: max_pool2d(2),
        hidden: flatten -> dense(128) -> relu,
        out: dense(10),
    }
}

/// The engine of this repository.
pub struct Monograd;

impl Engine for Monograd {
    fn title(&self) -> String {
        const MANIFEST: &str = include_str!("../../../../Cargo.toml");
        let version = MANIFEST.lines().find_map(|line| line.strip_prefix("version = "));
        format!("monograd {}", version.unwrap_or("?").trim_matches('"'))
    }

    fn prepare(&mut self, workload: &Workload) -> Option<Box<dyn Run>> {
        match (workload.network.name, workload.task) {
            ("2-4-2-1", _) => prepare::<Tiny, 2>(workload),
            ("8-64-64-4", _) => prepare::<Small, 8>(workload),
            ("784-128-10", _) => prepare::<Digits, 784>(workload),
            ("784-4096-4096-10", _) => prepare::<Large, 784>(workload),
            ("LeNet-5", _) => prepare::<LeNet5, { 32 * 32 }>(workload),
            ("MNIST CNN", Task::Forward) => forward::<MnistCnn, { 28 * 28 }>(workload),
            ("MNIST CNN", Task::Train(loss, optimizer)) => Some(train::<Undropped>(workload, loss, optimizer)),
            ("AlexNet", Task::Forward) => forward_one::<AlexNet, { 3 * 224 * 224 }>(workload),
            ("VGG-16", Task::Forward) => forward_one::<Vgg16, { 3 * 224 * 224 }>(workload),
            ("ResNet-18", Task::Forward) => forward_one::<ResNet18, { 3 * 224 * 224 }>(workload),
            ("ResNet-20", Task::Forward) => forward_one::<ResNet20, { 3 * 32 * 32 }>(workload),
            ("ResNet-20", Task::Train(loss, optimizer)) => Some(train::<ResNet20>(workload, loss, optimizer)),
            ("small U-Net", Task::Forward) => forward_one::<SmallUNet, { 128 * 128 }>(workload),
            _ => None,
        }
    }
}

fn prepare<N, const I: usize>(workload: &Workload) -> Option<Box<dyn Run>>
where
    N: Trainable<Scalar = f32, Input = Const<I>> + 'static,
{
    match workload.task {
        Task::Forward => forward::<N, I>(workload),
        Task::Train(loss, optimizer) => Some(train::<N>(workload, loss, optimizer)),
    }
}

fn forward<N, const I: usize>(workload: &Workload) -> Option<Box<dyn Run>>
where
    N: Network<Scalar = f32, Input = Const<I>> + 'static,
{
    match workload.samples {
        64 => Some(Box::new(Forward::<N, I, 64>::new(workload))),
        _ => forward_one::<N, I>(workload),
    }
}

fn forward_one<N, const I: usize>(workload: &Workload) -> Option<Box<dyn Run>>
where
    N: Network<Scalar = f32, Input = Const<I>> + 'static,
{
    (workload.samples == 1).then(|| Box::new(Forward::<N, I, 1>::new(workload)) as Box<dyn Run>)
}

fn train<N>(workload: &Workload, loss: Loss, optimizer: workload::Optimizer) -> Box<dyn Run>
where
    N: Trainable<Scalar = f32> + 'static,
{
    let (targets, classes) = (workload.targets(), workload.classes());
    match (loss, optimizer) {
        (Loss::SquaredError, workload::Optimizer::Sgd) => {
            Train::<N, _, _, _>::boxed(workload, MeanSquaredError, targets, sgd())
        }
        (Loss::SquaredError, workload::Optimizer::Adam) => {
            Train::<N, _, _, _>::boxed(workload, MeanSquaredError, targets, adam())
        }
        (Loss::CrossEntropy, workload::Optimizer::Sgd) => {
            Train::<N, _, _, _>::boxed(workload, SoftmaxCrossEntropy, classes, sgd())
        }
        (Loss::CrossEntropy, workload::Optimizer::Adam) => {
            Train::<N, _, _, _>::boxed(workload, SoftmaxCrossEntropy, classes, adam())
        }
    }
}

fn sgd() -> Sgd<f32> {
    Sgd::new(LEARNING_RATE)
}

fn adam() -> Adam<f32> {
    Adam::new(LEARNING_RATE)
}

/// A network with the parameters and statistics that all engines have.
#[expect(clippy::unnecessary_box_returns, reason = "a network may be larger than the stack")]
fn network<N: Network<Scalar = f32>>(workload: &Workload) -> Box<N> {
    let mut net = N::zeroed_box();
    let (parameters, state) = (N::tensors().len(), N::state());
    let (mut parameters, mut statistics) = (state[..parameters].iter(), state[parameters..].iter());
    for filled in workload.network.tensors() {
        let tensors = if filled.is_statistic { &mut statistics } else { &mut parameters };
        let tensor = tensors.next().expect("a tensor for each of the workload");
        assert_eq!(tensor.shape, filled.shape, "{}.{}", N::NAME, tensor.name);
        fill(&mut net.as_flat_mut()[tensor.offset..][..tensor.len()], tensor, &filled.values);
    }
    net
}

/// From the order of a file, which is `PyTorch`'s, to that of memory: the axis `order[0]` of the file is the slowest.
fn fill(memory: &mut [f32], tensor: &TensorInfo, file: &[f32]) {
    let stride = |axis: usize| tensor.shape[axis + 1..].iter().product::<usize>();
    let axes: Vec<_> = tensor.order.iter().map(|&axis| (tensor.shape[axis], stride(axis))).collect();
    for (index, value) in memory.iter_mut().enumerate() {
        let (mut rest, mut place) = (index, 0);
        for (len, stride) in axes.iter().rev() {
            place += rest % len * stride;
            rest /= len;
        }
        *value = file[place];
    }
}

/// Inference of `B` samples.
struct Forward<N: Network, const I: usize, const B: usize> {
    net: Box<N>,
    work: Inference<N>,
    x: Box<SMatrix<f32, I, B>>,
}

impl<N: Network<Scalar = f32, Input = Const<I>>, const I: usize, const B: usize> Forward<N, I, B> {
    fn new(workload: &Workload) -> Self {
        let x = Box::new(SMatrix::from_column_slice(&workload.inputs()));
        Self { net: network(workload), work: N::workspace(B), x }
    }

    /// What the generated `forward` is.
    #[inline]
    fn call(&mut self) -> MatrixView<'_, f32, N::Output, Const<B>> {
        self.work.run(&self.net, black_box(&self.x))
    }
}

impl<N: Network<Scalar = f32, Input = Const<I>>, const I: usize, const B: usize> Run for Forward<N, I, B> {
    fn check(&mut self) -> Vec<f32> {
        self.call().iter().copied().collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.call()))
    }
}

/// Training steps on the same batch.
struct Train<N: Trainable, L, Target, O> {
    net: Box<N>,
    training: Training<N>,
    x: Vec<f32>,
    samples: usize,
    loss: L,
    targets: Vec<Target>,
    optimizer: O,
}

impl<N, L, Target, O> Train<N, L, Target, O>
where
    N: Trainable<Scalar = f32> + 'static,
    L: losses::Loss<f32, Target> + 'static,
    Target: 'static,
    O: Optimizer<f32> + 'static,
{
    fn boxed(workload: &Workload, loss: L, targets: Vec<Target>, optimizer: O) -> Box<dyn Run> {
        let samples = workload.samples;
        let (net, training, x) = (network(workload), Training::new(samples), workload.inputs());
        Box::new(Self { net, training, x, samples, loss, targets, optimizer })
    }

    #[inline]
    fn step(&mut self) -> f32 {
        let x = MatrixView::from_slice_generic(black_box(&self.x), N::Input::name(), Dyn(self.samples));
        let loss =
            self.training.backprop(&mut self.net, &x, &self.loss, black_box(&self.targets)).expect("targets that fit");
        self.optimizer.step(self.net.params_mut(), self.training.gradient().params());
        loss
    }
}

impl<N, L, Target, O> Run for Train<N, L, Target, O>
where
    N: Trainable<Scalar = f32> + 'static,
    L: losses::Loss<f32, Target> + 'static,
    Target: 'static,
    O: Optimizer<f32> + 'static,
{
    fn check(&mut self) -> Vec<f32> {
        (0..CHECKED_STEPS).map(|_| self.step()).collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.step()))
    }
}
