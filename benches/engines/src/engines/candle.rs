//! Candle on its CPU backend.

use std::hint::black_box;

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer as _, ParamsAdamW, SGD, loss};

use super::{Engine, Run, pinned, seconds};
use crate::workload::{Activation, CHECKED_STEPS, LEARNING_RATE, Loss, Optimizer, Task, Workload};

/// Candle.
pub struct Candle;

impl Engine for Candle {
    fn title(&self) -> String {
        format!("candle {}", pinned("candle-core"))
    }

    fn prepare(&mut self, workload: &Workload) -> Option<Box<dyn Run>> {
        let run = match workload.task {
            Task::Forward => Forward::new(workload).map(|run| Box::new(run) as Box<dyn Run>),
            Task::Train(loss, optimizer) => {
                Train::new(workload, loss, optimizer).map(|run| Box::new(run) as Box<dyn Run>)
            }
        };
        Some(run.expect("tensors that fit"))
    }
}

/// A chain of dense layers, as a program that uses candle writes it.
struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
}

impl Module for Mlp {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (last, hidden) = self.layers.split_last().expect("a network has layers");
        let mut x = x.clone();
        for layer in hidden {
            let y = layer.forward(&x)?;
            x = match self.activation {
                Activation::Relu => y.relu()?,
                Activation::Tanh => y.tanh()?,
            };
        }
        last.forward(&x)
    }
}

fn inputs(workload: &Workload) -> Result<Tensor> {
    Tensor::from_vec(workload.inputs(), (workload.samples, workload.network.inputs()), &Device::Cpu)
}

struct Forward {
    model: Mlp,
    x: Tensor,
}

impl Forward {
    /// Plain tensors as parameters: candle keeps no graph for them.
    fn new(workload: &Workload) -> Result<Self> {
        let layer = |layer: crate::workload::Dense| {
            let weight = Tensor::from_vec(layer.weight, (layer.outputs, layer.inputs), &Device::Cpu)?;
            let bias = Tensor::from_vec(layer.bias, layer.outputs, &Device::Cpu)?;
            Ok(Linear::new(weight, Some(bias)))
        };
        let layers = workload.network.layers().into_iter().map(layer).collect::<Result<_>>()?;
        Ok(Self { model: Mlp { layers, activation: workload.network.activation }, x: inputs(workload)? })
    }

    fn call(&self) -> Tensor {
        self.model.forward(black_box(&self.x)).expect("tensors that fit")
    }
}

impl Run for Forward {
    fn check(&mut self) -> Vec<f32> {
        self.call().flatten_all().and_then(|y| y.to_vec1()).expect("a tensor of f32")
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.call()))
    }
}

enum Descent {
    Sgd(SGD),
    Adam(AdamW),
}

struct Train {
    model: Mlp,
    x: Tensor,
    targets: Tensor,
    loss: Loss,
    descent: Descent,
}

impl Train {
    fn new(workload: &Workload, loss: Loss, optimizer: Optimizer) -> Result<Self> {
        let (mut layers, mut variables) = (Vec::new(), Vec::new());
        for layer in workload.network.layers() {
            let weight = Var::from_vec(layer.weight, (layer.outputs, layer.inputs), &Device::Cpu)?;
            let bias = Var::from_vec(layer.bias, layer.outputs, &Device::Cpu)?;
            layers.push(Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone())));
            variables.extend([weight, bias]);
        }
        let samples = workload.samples;
        let targets = match loss {
            Loss::SquaredError => {
                Tensor::from_vec(workload.targets(), (samples, workload.network.outputs()), &Device::Cpu)?
            }
            Loss::CrossEntropy => Tensor::from_vec(workload.classes(), samples, &Device::Cpu)?,
        };
        let descent = match optimizer {
            Optimizer::Sgd => Descent::Sgd(SGD::new(variables, LEARNING_RATE)?),
            // Without decay this is Adam.
            Optimizer::Adam => {
                let params = ParamsAdamW { lr: LEARNING_RATE, weight_decay: 0.0, ..ParamsAdamW::default() };
                Descent::Adam(AdamW::new(variables, params)?)
            }
        };
        let model = Mlp { layers, activation: workload.network.activation };
        Ok(Self { model, x: inputs(workload)?, targets, loss, descent })
    }

    fn step(&mut self) -> Result<Tensor> {
        let y = self.model.forward(black_box(&self.x))?;
        let loss = match self.loss {
            Loss::SquaredError => loss::mse(&y, &self.targets)?,
            Loss::CrossEntropy => loss::cross_entropy(&y, &self.targets)?,
        };
        match &mut self.descent {
            Descent::Sgd(descent) => descent.backward_step(&loss)?,
            Descent::Adam(descent) => descent.backward_step(&loss)?,
        }
        Ok(loss)
    }
}

impl Run for Train {
    fn check(&mut self) -> Vec<f32> {
        (0..CHECKED_STEPS).map(|_| self.step().and_then(|loss| loss.to_scalar()).expect("a loss")).collect()
    }

    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64> {
        seconds(samples, calls, || _ = black_box(self.step()))
    }
}
