//! Burn on its pure-Rust CPU backend, Flex.

use std::hint::black_box;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{CrossEntropyLoss, MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

use super::{Engine, Run, pinned, seconds};
use crate::workload::{Activation, CHECKED_STEPS, LEARNING_RATE, Loss, Optimizer, Task, Workload};

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

/// A chain of dense layers, as a program that uses burn writes it.
#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    /// Burn stores a weight as inputs × outputs.
    fn new(workload: &Workload, device: &Device) -> Self {
        let layer = |layer: crate::workload::Dense| {
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            let transposed = (0..inputs * outputs).map(|i| layer.weight[i / outputs + i % outputs * inputs]).collect();
            let weight = Param::from_data(TensorData::new::<f32, _>(transposed, [inputs, outputs]), device);
            let bias = Param::from_data(TensorData::new(layer.bias, [outputs]), device);
            Linear { weight, bias: Some(bias) }
        };
        Self { layers: workload.network.layers().into_iter().map(layer).collect() }
    }

    fn forward(&self, x: Tensor<2>, activation: Activation) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("a network has layers");
        let hidden = hidden.iter().fold(x, |x, layer| match activation {
            Activation::Relu => activation::relu(layer.forward(x)),
            Activation::Tanh => activation::tanh(layer.forward(x)),
        });
        last.forward(hidden)
    }
}

fn inputs(workload: &Workload, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(workload.inputs(), [workload.samples, workload.network.inputs()]), device)
}

struct Forward {
    model: Mlp,
    activation: Activation,
    x: Tensor<2>,
}

impl Forward {
    fn new(workload: &Workload, device: &Device) -> Self {
        let (model, x) = (Mlp::new(workload, device), inputs(workload, device));
        Self { model, activation: workload.network.activation, x }
    }

    fn call(&self) -> Tensor<2> {
        self.model.forward(black_box(self.x.clone()), self.activation)
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
    model: Option<Mlp>,
    activation: Activation,
    x: Tensor<2>,
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
        let (model, x) = (Some(Mlp::new(workload, device)), inputs(workload, device));
        Self { model, activation: workload.network.activation, x, targets, optimizer }
    }

    fn step(&mut self) -> Tensor<1> {
        let model = self.model.take().expect("the step before gave the model back");
        let y = model.forward(black_box(self.x.clone()), self.activation);
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
