//! Burn on its pure-Rust CPU backend, Flex.

use std::hint::black_box;

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLoss, MseLoss, Reduction};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, PaddingConfig2d, Relu, Tanh};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{Engine, Run, pinned, seconds};
use crate::workload::{CHECKED_STEPS, LEARNING_RATE, Layer, Loss, Network, Optimizer, Parameters, Task, Workload};

/// Burn.
pub struct Burn {
    device: Device,
}

impl Burn {
    /// With the Flex backend.
    pub fn new() -> Self {
        Self { device: Device::flex() }
    }
}

impl Engine for Burn {
    fn title(&self) -> String {
        format!("burn {} (Flex)", pinned("burn"))
    }

    fn prepare(&mut self, workload: &Workload) -> Option<Box<dyn Run>> {
        Some(match workload.task {
            Task::Forward => Box::new(Forward::new(workload, &self.device)),
            Task::Train(loss, optimizer) => {
                Box::new(Train::new(workload, loss, optimizer, &self.device.clone().autodiff()))
            }
        })
    }
}

/// Layers of images.
#[derive(Module, Debug)]
enum Feature {
    Conv2d(Conv2d),
    MaxPool(MaxPool2d),
    AvgPool(AvgPool2d),
    Relu(Relu),
    Tanh(Tanh),
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
        let (mut features, mut classifier) = (Vec::new(), Vec::new());
        let mut parameters = network.parameters();
        let mut parameters = || parameters.next().expect("parameters for each layer");
        let mut is_image = network.input.len() == 3;
        for layer in network.layers {
            match *layer {
                Layer::Dense(_) => classifier.push(Classifier::Linear(linear(parameters(), device))),
                Layer::Conv2d { stride, padding, .. } => {
                    features.push(Feature::Conv2d(conv2d(parameters(), stride, padding, device)));
                }
                Layer::MaxPool { size, stride } => {
                    let config = MaxPool2dConfig::new([size; 2]).with_strides([stride; 2]);
                    features.push(Feature::MaxPool(config.init()));
                }
                Layer::AvgPool { size, stride } => {
                    let config = AvgPool2dConfig::new([size; 2]).with_strides([stride; 2]);
                    features.push(Feature::AvgPool(config.init()));
                }
                Layer::Flatten => is_image = false,
                Layer::Relu if is_image => features.push(Feature::Relu(Relu::new())),
                Layer::Relu => classifier.push(Classifier::Relu(Relu::new())),
                Layer::Tanh if is_image => features.push(Feature::Tanh(Tanh::new())),
                Layer::Tanh => classifier.push(Classifier::Tanh(Tanh::new())),
            }
        }
        Self { features, classifier }
    }

    fn forward(&self, x: Input) -> Tensor<2> {
        let vectors = match x {
            Input::Vectors(x) => x,
            Input::Images(x) => self.features.iter().fold(x, |x, layer| layer.forward(x)).flatten(1, 3),
        };
        self.classifier.iter().fold(vectors, |x, layer| layer.forward(x))
    }
}

impl Feature {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv2d(layer) => layer.forward(x),
            Self::MaxPool(layer) => layer.forward(x),
            Self::AvgPool(layer) => layer.forward(x),
            Self::Relu(layer) => layer.forward(x),
            Self::Tanh(layer) => layer.forward(x),
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

/// Burn stores a dense weight as inputs × outputs.
fn linear(parameters: Parameters, device: &Device) -> Linear {
    let Parameters { shape, weight, bias } = parameters;
    let [outputs, inputs] = shape[..] else { panic!("a dense weight of shape {shape:?}") };
    let transposed = (0..inputs * outputs).map(|i| weight[i / outputs + i % outputs * inputs]).collect();
    let weight = Param::from_data(TensorData::new::<f32, _>(transposed, [inputs, outputs]), device);
    let bias = Param::from_data(TensorData::new(bias, [outputs]), device);
    Linear { weight, bias: Some(bias) }
}

fn conv2d(parameters: Parameters, stride: usize, padding: usize, device: &Device) -> Conv2d {
    let Parameters { shape, weight, bias } = parameters;
    let [outputs, inputs, height, width] = shape[..] else { panic!("a kernel of shape {shape:?}") };
    let config = Conv2dConfig::new([inputs, outputs], [height, width])
        .with_stride([stride; 2])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding));
    let weight = Param::from_data(TensorData::new(weight, shape), device);
    let bias = Some(Param::from_data(TensorData::new(bias, [outputs]), device));
    Conv2d { weight, bias, ..config.init(device) }
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
            Loss::CrossEntropy => {
                let classes: Vec<i64> = workload.classes().into_iter().map(i64::from).collect();
                let classes = Tensor::from_data(TensorData::new(classes, [samples]), device);
                Targets::Classes(classes, Box::new(CrossEntropyLoss::new(None, device)))
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
        let y = model.forward(black_box(self.x.clone()));
        let loss = match &self.targets {
            Targets::Values(targets) => MseLoss::new().forward(y, targets.clone(), Reduction::Mean),
            Targets::Classes(classes, loss) => loss.forward(y, classes.clone()),
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
