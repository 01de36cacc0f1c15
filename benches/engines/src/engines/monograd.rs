//! Monograd: networks declared in the program.

use std::hint::black_box;
use std::sync::Arc;

use monograd::TensorInfo;
use monograd::losses::{self, MeanSquaredError, PixelCrossEntropy, SoftmaxCrossEntropy};
use monograd::networks::{AlexNet, LeNet5, MnistCnn, ResNet18, ResNet20, SmallUNet, Vgg16};
use monograd::optimizers::{Adam, Sgd};
use monograd::prelude::*;
use nalgebra::{Const, Dim, DimName, Dyn, IsContiguous, Matrix, MatrixView, OMatrix, RawStorage, SMatrix};
use rayon::{ThreadPool, ThreadPoolBuilder};

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
pub struct Monograd {
    /// None for one thread: the calling one.
    pool: Option<Arc<ThreadPool>>,
}

impl Monograd {
    /// With a pool of so many threads.
    pub fn new(threads: usize) -> Self {
        let pool = || Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().expect("threads"));
        Self { pool: (threads > 1).then(pool) }
    }
}

impl Engine for Monograd {
    fn title(&self) -> String {
        const MANIFEST: &str = include_str!("../../../../Cargo.toml");
        let version = MANIFEST.lines().find_map(|line| line.strip_prefix("version = "));
        format!("monograd {}", version.unwrap_or("?").trim_matches('"'))
    }

    fn prepare(&mut self, workload: &Workload) -> Result<Box<dyn Run>, String> {
        if self.pool.is_some() {
            divides(workload)?;
        }
        let pool = self.pool.as_ref();
        Ok(match (workload.network.name, workload.task) {
            ("2-4-2-1", _) => prepare::<Tiny, 2>(workload, pool),
            ("8-64-64-4", _) => prepare::<Small, 8>(workload, pool),
            ("784-128-10", _) => prepare::<Digits, 784>(workload, pool),
            ("784-4096-4096-10", _) => prepare::<Large, 784>(workload, pool),
            ("LeNet-5", _) => prepare::<LeNet5, { 32 * 32 }>(workload, pool),
            ("MNIST CNN", Task::Forward) => forward::<MnistCnn, { 28 * 28 }>(workload, pool),
            ("MNIST CNN", Task::Train(loss, optimizer)) => train::<Undropped>(workload, loss, optimizer, pool),
            ("AlexNet", Task::Forward) => forward::<AlexNet, { 3 * 224 * 224 }>(workload, pool),
            ("VGG-16", Task::Forward) => forward::<Vgg16, { 3 * 224 * 224 }>(workload, pool),
            ("ResNet-18", Task::Forward) => forward::<ResNet18, { 3 * 224 * 224 }>(workload, pool),
            ("ResNet-20", _) => prepare::<ResNet20, { 3 * 32 * 32 }>(workload, pool),
            ("small U-Net", _) => prepare::<SmallUNet, { 128 * 128 }>(workload, pool),
            _ => return Err("has no such network".to_owned()),
        })
    }
}

/// Whether threads share the work, and compute what one does.
///
/// A batch is divided among them, nothing inside of a sample: samples are independent of each other in inference, and in
/// training all but for the sum of their gradients and for the statistics of a batch normalisation.
fn divides(workload: &Workload) -> Result<(), String> {
    if workload.samples == 1 {
        return Err("computes a sample on one thread".to_owned());
    }
    if workload.task != Task::Forward && workload.network.has_batch_norm() {
        return Err("would normalise each part of a batch by itself, which the others do not".to_owned());
    }
    Ok(())
}

fn prepare<N, const I: usize>(workload: &Workload, pool: Option<&Arc<ThreadPool>>) -> Box<dyn Run>
where
    N: Trainable<Scalar = f32, Input = Const<I>> + 'static,
{
    match workload.task {
        Task::Forward => forward::<N, I>(workload, pool),
        Task::Train(loss, optimizer) => train::<N>(workload, loss, optimizer, pool),
    }
}

/// One sample is a static matrix, so that nothing about it is decided when the program runs.
fn forward<N, const I: usize>(workload: &Workload, pool: Option<&Arc<ThreadPool>>) -> Box<dyn Run>
where
    N: Network<Scalar = f32, Input = Const<I>> + 'static,
{
    let x = workload.inputs();
    match workload.samples {
        1 => Forward::<N, _, _>::boxed(workload, SMatrix::<f32, I, 1>::from_column_slice(&x), pool),
        _ => Forward::<N, _, _>::boxed(workload, OMatrix::<f32, Const<I>, Dyn>::from_vec(x), pool),
    }
}

fn train<N>(
    workload: &Workload,
    loss: Loss,
    optimizer: workload::Optimizer,
    pool: Option<&Arc<ThreadPool>>,
) -> Box<dyn Run>
where
    N: Trainable<Scalar = f32> + 'static,
{
    let (targets, classes) = (workload.targets(), workload.classes());
    match (loss, optimizer) {
        (Loss::SquaredError, workload::Optimizer::Sgd) => {
            Train::<N, _, _, _>::boxed(workload, MeanSquaredError, targets, sgd(), pool)
        }
        (Loss::SquaredError, workload::Optimizer::Adam) => {
            Train::<N, _, _, _>::boxed(workload, MeanSquaredError, targets, adam(), pool)
        }
        (Loss::CrossEntropy, workload::Optimizer::Sgd) => {
            Train::<N, _, _, _>::boxed(workload, SoftmaxCrossEntropy, classes, sgd(), pool)
        }
        (Loss::CrossEntropy, workload::Optimizer::Adam) => {
            Train::<N, _, _, _>::boxed(workload, SoftmaxCrossEntropy, classes, adam(), pool)
        }
        (Loss::PixelCrossEntropy, workload::Optimizer::Sgd) => {
            Train::<N, _, _, _>::boxed(workload, PixelCrossEntropy::new(N::OUTPUT_SHAPE[0]), classes, sgd(), pool)
        }
        (Loss::PixelCrossEntropy, workload::Optimizer::Adam) => {
            Train::<N, _, _, _>::boxed(workload, PixelCrossEntropy::new(N::OUTPUT_SHAPE[0]), classes, adam(), pool)
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

/// How many threads work.
fn threads(pool: Option<&Arc<ThreadPool>>) -> usize {
    pool.map_or(1, |pool| pool.current_num_threads())
}

/// Samples of a call, from inside of the pool, so that no call has to enter it.
fn seconds_in(pool: Option<&Arc<ThreadPool>>, samples: usize, calls: usize, call: impl FnMut() + Send) -> Vec<f64> {
    match pool {
        Some(pool) => pool.install(|| seconds(samples, calls, call)),
        None => seconds(samples, calls, call),
    }
}

/// Inference of a matrix with a sample a column.
struct Forward<N: Network, B: Dim, S> {
    net: Box<N>,
    work: Inference<N>,
    x: Box<Matrix<f32, N::Input, B, S>>,
    pool: Option<Arc<ThreadPool>>,
}

impl<N, B, S> Forward<N, B, S>
where
    N: Network<Scalar = f32> + 'static,
    B: Dim,
    S: RawStorage<f32, N::Input, B> + IsContiguous + Send + 'static,
{
    fn boxed(workload: &Workload, x: Matrix<f32, N::Input, B, S>, pool: Option<&Arc<ThreadPool>>) -> Box<dyn Run> {
        let work = N::workspace(workload.samples).threads(threads(pool));
        Box::new(Self { net: network(workload), work, x: Box::new(x), pool: pool.cloned() })
    }

    /// What the generated `forward` and `forward_in` are.
    #[inline]
    fn call(&mut self) -> MatrixView<'_, f32, N::Output, B> {
        let x = black_box(&self.x);
        match &self.pool {
            Some(pool) => self.work.run_in(&**pool, &self.net, x),
            None => self.work.run(&self.net, x),
        }
    }
}

impl<N, B, S> Run for Forward<N, B, S>
where
    N: Network<Scalar = f32> + 'static,
    B: Dim,
    S: RawStorage<f32, N::Input, B> + IsContiguous + Send + 'static,
{
    fn check(&mut self) -> Vec<f32> {
        self.call().iter().copied().collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        let pool = self.pool.clone();
        seconds_in(pool.as_ref(), samples, calls, || _ = black_box(self.call()))
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
    pool: Option<Arc<ThreadPool>>,
}

impl<N, L, Target, O> Train<N, L, Target, O>
where
    N: Trainable<Scalar = f32> + 'static,
    L: losses::Loss<f32, Target> + Send + 'static,
    Target: Send + Sync + 'static,
    O: Optimizer<f32> + Send + 'static,
{
    fn boxed(
        workload: &Workload,
        loss: L,
        targets: Vec<Target>,
        optimizer: O,
        pool: Option<&Arc<ThreadPool>>,
    ) -> Box<dyn Run> {
        let (samples, shards, pool) = (workload.samples, threads(pool), pool.cloned());
        let (net, training, x) = (network(workload), Training::new(samples).shards(shards), workload.inputs());
        Box::new(Self { net, training, x, samples, loss, targets, optimizer, pool })
    }

    #[inline]
    fn step(&mut self) -> f32 {
        let Self { net, training, x, samples, loss, targets, optimizer, pool } = self;
        let x = MatrixView::from_slice_generic(black_box(&**x), N::Input::name(), Dyn(*samples));
        let targets = black_box(&**targets);
        let value = match pool {
            Some(pool) => training.backprop_in(&**pool, net, &x, loss, targets),
            None => training.backprop(net, &x, loss, targets),
        };
        match pool {
            Some(pool) => optimizer.step_in(&**pool, net.params_mut(), training.gradient().params()),
            None => optimizer.step(net.params_mut(), training.gradient().params()),
        }
        value.expect("targets that fit")
    }
}

impl<N, L, Target, O> Run for Train<N, L, Target, O>
where
    N: Trainable<Scalar = f32> + 'static,
    L: losses::Loss<f32, Target> + Send + 'static,
    Target: Send + Sync + 'static,
    O: Optimizer<f32> + Send + 'static,
{
    fn check(&mut self) -> Vec<f32> {
        (0..CHECKED_STEPS).map(|_| self.step()).collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        let pool = self.pool.clone();
        seconds_in(pool.as_ref(), samples, calls, || _ = black_box(self.step()))
    }
}
