//! Burn on its pure-Rust CPU backend, Flex.

use std::hint::black_box;
use std::sync::Arc;

use burn::module::{Module, Param, RunningState};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::loss::{CrossEntropyLoss, MseLoss, Reduction};
use burn::nn::pool::{
    AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig,
};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, PaddingConfig2d, Relu, Tanh};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Int, Tensor, TensorData, s};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Engine, Run, pinned, seconds};
use crate::workload::{self, CHECKED_STEPS, EPS, LEARNING_RATE, Layer, Loss, Network, Optimizer, Task, Workload};

/// Burn.
pub struct Burn {
    device: Device,
    /// Samples are taken in its threads, so that no call has to enter it.
    pool: Arc<ThreadPool>,
}

impl Burn {
    /// With the Flex backend.
    pub fn new(threads: usize) -> Self {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        Self { device: Device::flex(), pool: Arc::new(pool) }
    }
}

impl Engine for Burn {
    fn title(&self) -> String {
        format!("burn {} (Flex)", pinned("burn"))
    }

    fn prepare(&mut self, workload: &Workload) -> Result<Box<dyn Run>, String> {
        let pool = self.pool.clone();
        Ok(match workload.task {
            Task::Forward => Box::new(Pooled { run: Forward::new(workload, &self.device), pool }),
            Task::Train(loss, optimizer) => {
                let run = Train::new(workload, loss, optimizer, &self.device.clone().autodiff());
                Box::new(Pooled { run, pool })
            }
        })
    }
}

/// A workload in the threads of a pool.
struct Pooled<R> {
    run: R,
    pool: Arc<ThreadPool>,
}

impl<R: Run + Send> Run for Pooled<R> {
    fn check(&mut self) -> Vec<f32> {
        self.pool.install(|| self.run.check())
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        self.pool.install(|| self.run.seconds(samples, calls))
    }
}

/// Layers of images.
#[derive(Module, Debug)]
enum Feature {
    Conv2d(Conv2d),
    ConvTranspose2d(ConvTranspose2d),
    BatchNorm(BatchNorm),
    MaxPool(MaxPool2d),
    AvgPool(AvgPool2d),
    GlobalAvgPool(AdaptiveAvgPool2d),
    Subsample(Subsample),
    Relu(Relu),
    Tanh(Tanh),
    Join(Join),
}

/// Every second pixel, between channels of zeros.
#[derive(Module, Debug)]
struct Subsample {
    zeros: usize,
}

/// Branches, and whether what they give is added, or lies one behind the other.
#[derive(Module, Debug)]
struct Join {
    branches: Vec<Vec<Feature>>,
    is_sum: bool,
}

/// Layers of vectors.
#[derive(Module, Debug)]
enum Classifier {
    Linear(Linear),
    Relu(Relu),
    Tanh(Tanh),
}

/// A chain of layers, as a program that uses burn writes it: the rank of a tensor is part of its type, so layers of
/// images come first, if there are any, and layers of vectors behind them.
#[derive(Module, Debug)]
struct Model {
    features: Vec<Feature>,
    classifier: Vec<Classifier>,
}

#[derive(Clone)]
enum Input {
    Vectors(Tensor<2>),
    Images(Tensor<4>),
}

impl Model {
    fn new(network: &Network, device: &Device) -> Self {
        let mut builder = Builder { tensors: &mut network.tensors(), device };
        if network.input.len() == 1 {
            return Self { features: Vec::new(), classifier: builder.classifier(network.layers) };
        }
        let mut halves = network.layers.split(|layer| *layer == Layer::Flatten);
        let mut half = || halves.next().unwrap_or_default();
        Self { features: builder.features(half()), classifier: builder.classifier(half()) }
    }

    fn forward(&self, x: Input) -> Tensor<2> {
        let vectors = match x {
            Input::Vectors(x) => x,
            Input::Images(x) => forward(&self.features, x).flatten(1, 3),
        };
        self.classifier.iter().fold(vectors, |x, layer| layer.forward(x))
    }

    /// The channels of each pixel of the images that it gives, pixel after pixel.
    fn pixels(&self, x: Input) -> Tensor<2> {
        let Input::Images(x) = x else { panic!("the pixels of a vector") };
        forward(&self.features, x).permute([0, 2, 3, 1]).flatten::<2>(0, 2)
    }
}

/// What makes a network.
struct Builder<'a> {
    tensors: &'a mut dyn Iterator<Item = workload::Tensor>,
    device: &'a Device,
}

impl Builder<'_> {
    fn features(&mut self, layers: &[Layer]) -> Vec<Feature> {
        layers.iter().map(|layer| self.feature(layer)).collect()
    }

    fn feature(&mut self, layer: &Layer) -> Feature {
        match *layer {
            Layer::Conv2d { stride, padding, bias, .. } => Feature::Conv2d(self.conv2d(stride, padding, bias)),
            Layer::ConvTranspose2d { size, .. } => Feature::ConvTranspose2d(self.conv_transpose2d(size)),
            Layer::BatchNorm => Feature::BatchNorm(self.batch_norm()),
            Layer::MaxPool { size, stride, padding } => {
                let padding = PaddingConfig2d::Explicit(padding, padding, padding, padding);
                let config = MaxPool2dConfig::new([size; 2]).with_strides([stride; 2]).with_padding(padding);
                Feature::MaxPool(config.init())
            }
            Layer::AvgPool { size, stride } => {
                Feature::AvgPool(AvgPool2dConfig::new([size; 2]).with_strides([stride; 2]).init())
            }
            Layer::GlobalAvgPool => Feature::GlobalAvgPool(AdaptiveAvgPool2dConfig::new([1; 2]).init()),
            Layer::Subsample(zeros) => Feature::Subsample(Subsample { zeros }),
            Layer::Relu => Feature::Relu(Relu::new()),
            Layer::Tanh => Feature::Tanh(Tanh::new()),
            Layer::Add(branches) => Feature::Join(self.join(branches, true)),
            Layer::Concat(branches) => Feature::Join(self.join(branches, false)),
            Layer::Dense(_) | Layer::Flatten => panic!("{layer:?} of an image"),
        }
    }

    fn join(&mut self, branches: &[&[Layer]], is_sum: bool) -> Join {
        Join { branches: branches.iter().map(|layers| self.features(layers)).collect(), is_sum }
    }

    fn classifier(&mut self, layers: &[Layer]) -> Vec<Classifier> {
        let layer = |layer: &Layer| match layer {
            Layer::Dense(_) => Classifier::Linear(self.linear()),
            Layer::Relu => Classifier::Relu(Relu::new()),
            Layer::Tanh => Classifier::Tanh(Tanh::new()),
            _ => panic!("{layer:?} of a vector"),
        };
        layers.iter().map(layer).collect()
    }

    fn next(&mut self) -> workload::Tensor {
        self.tensors.next().expect("tensors for each layer")
    }

    fn tensor<const D: usize>(&mut self) -> Tensor<D> {
        let workload::Tensor { shape, values, .. } = self.next();
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }

    fn parameter<const D: usize>(&mut self) -> Param<Tensor<D>> {
        let workload::Tensor { shape, values, .. } = self.next();
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// Burn stores a dense weight as inputs × outputs.
    fn linear(&mut self) -> Linear {
        let workload::Tensor { shape, values, .. } = self.next();
        let [outputs, inputs] = shape[..] else { panic!("a dense weight of shape {shape:?}") };
        let transposed = (0..inputs * outputs).map(|i| values[i / outputs + i % outputs * inputs]).collect();
        let weight = Param::from_data(TensorData::new::<f32, _>(transposed, [inputs, outputs]), self.device);
        Linear { weight, bias: Some(self.parameter()) }
    }

    fn conv2d(&mut self, stride: usize, padding: usize, bias: bool) -> Conv2d {
        let weight = self.parameter::<4>();
        let [outputs, inputs, height, width] = weight.shape().dims();
        let config = Conv2dConfig::new([inputs, outputs], [height, width])
            .with_stride([stride; 2])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
            .with_bias(bias);
        Conv2d { weight, bias: bias.then(|| self.parameter()), ..config.init(self.device) }
    }

    fn conv_transpose2d(&mut self, size: usize) -> ConvTranspose2d {
        let weight = self.parameter::<4>();
        let [inputs, outputs, height, width] = weight.shape().dims();
        let config = ConvTranspose2dConfig::new([inputs, outputs], [height, width]).with_stride([size; 2]);
        ConvTranspose2d { weight, bias: Some(self.parameter()), ..config.init(self.device) }
    }

    fn batch_norm(&mut self) -> BatchNorm {
        let (gamma, beta) = (self.parameter::<1>(), self.parameter());
        let (running_mean, running_var) = (RunningState::new(self.tensor()), RunningState::new(self.tensor()));
        let config = BatchNormConfig::new(gamma.shape().num_elements()).with_epsilon(EPS);
        BatchNorm { gamma, beta, running_mean, running_var, ..config.init(self.device) }
    }
}

fn forward(layers: &[Feature], x: Tensor<4>) -> Tensor<4> {
    layers.iter().fold(x, |x, layer| layer.forward(x))
}

impl Feature {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv2d(layer) => layer.forward(x),
            Self::ConvTranspose2d(layer) => layer.forward(x),
            Self::BatchNorm(layer) => layer.forward(x),
            Self::MaxPool(layer) => layer.forward(x),
            Self::AvgPool(layer) => layer.forward(x),
            Self::GlobalAvgPool(layer) => layer.forward(x),
            Self::Subsample(layer) => layer.forward(x),
            Self::Relu(layer) => layer.forward(x),
            Self::Tanh(layer) => layer.forward(x),
            Self::Join(layer) => layer.forward(&x),
        }
    }
}

impl Subsample {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.slice(s![.., .., ..;2, ..;2]);
        half.pad([(self.zeros, self.zeros), (0, 0), (0, 0)], PadMode::Constant(0.0))
    }
}

impl Join {
    fn forward(&self, x: &Tensor<4>) -> Tensor<4> {
        let parts = self.branches.iter().map(|branch| forward(branch, x.clone()));
        if self.is_sum {
            parts.reduce(|sum, part| sum + part).expect("a branch")
        } else {
            Tensor::cat(parts.collect(), 1)
        }
    }
}

impl Classifier {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear(layer) => layer.forward(x),
            Self::Relu(layer) => layer.forward(x),
            Self::Tanh(layer) => layer.forward(x),
        }
    }
}

fn inputs(workload: &Workload, device: &Device) -> Input {
    let shape = [&[workload.samples], workload.network.input].concat();
    let is_image = shape.len() == 4;
    let data = TensorData::new(workload.inputs(), shape);
    if is_image {
        Input::Images(Tensor::from_data(data, device))
    } else {
        Input::Vectors(Tensor::from_data(data, device))
    }
}

struct Forward {
    model: Model,
    x: Input,
}

impl Forward {
    fn new(workload: &Workload, device: &Device) -> Self {
        Self { model: Model::new(workload.network, device), x: inputs(workload, device) }
    }

    fn call(&self) -> Tensor<2> {
        self.model.forward(black_box(self.x.clone()))
    }
}

impl Run for Forward {
    fn check(&mut self) -> Vec<f32> {
        self.call().into_data().try_to_vec().expect("a tensor of f32")
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.call()))
    }
}

enum Targets {
    Values(Tensor<2>),
    Classes(Tensor<1, Int>, Box<CrossEntropyLoss>),
    PixelClasses(Tensor<1, Int>, Box<CrossEntropyLoss>),
}

struct Train {
    /// Taken by a step, which gives it back.
    model: Option<Model>,
    x: Input,
    targets: Targets,
    optimizer: ModuleOptimizer,
}

impl Train {
    fn new(workload: &Workload, loss: Loss, optimizer: Optimizer, device: &Device) -> Self {
        let samples = workload.samples;
        let targets = match loss {
            Loss::SquaredError => {
                let shape = [samples, workload.network.outputs()];
                Targets::Values(Tensor::from_data(TensorData::new(workload.targets(), shape), device))
            }
            Loss::CrossEntropy | Loss::PixelCrossEntropy => {
                let classes: Vec<i64> = workload.classes().into_iter().map(i64::from).collect();
                let places = classes.len();
                let classes = Tensor::from_data(TensorData::new(classes, [places]), device);
                let of = if loss == Loss::CrossEntropy { Targets::Classes } else { Targets::PixelClasses };
                of(classes, Box::new(CrossEntropyLoss::new(None, device)))
            }
        };
        let optimizer = match optimizer {
            Optimizer::Sgd => SgdConfig::new().init(),
            Optimizer::Adam => AdamConfig::new().with_epsilon(1e-8).init(),
        };
        let (model, x) = (Some(Model::new(workload.network, device)), inputs(workload, device));
        Self { model, x, targets, optimizer }
    }

    fn step(&mut self) -> Tensor<1> {
        let model = self.model.take().expect("the step before gave the model back");
        let x = black_box(self.x.clone());
        let loss = match &self.targets {
            Targets::Values(targets) => MseLoss::new().forward(model.forward(x), targets.clone(), Reduction::Mean),
            Targets::Classes(classes, loss) => loss.forward(model.forward(x), classes.clone()),
            Targets::PixelClasses(classes, loss) => loss.forward(model.pixels(x), classes.clone()),
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(LEARNING_RATE, model, gradients));
        loss
    }
}

impl Run for Train {
    fn check(&mut self) -> Vec<f32> {
        (0..CHECKED_STEPS).map(|_| self.step().into_scalar()).collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.step()))
    }
}
