//! Candle on its CPU backend.

use std::hint::black_box;

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{AdamW, Conv2d, Conv2dConfig, Linear, Module, Optimizer as _, ParamsAdamW, SGD, Sequential, loss, seq};

use super::{Engine, Run, pinned, seconds};
use crate::workload::{CHECKED_STEPS, LEARNING_RATE, Layer, Loss, Network, Optimizer, Parameters, Task, Workload};

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

/// A chain of layers, as a program that uses candle writes it. `tensor` makes the parameters.
fn model(network: &Network, mut tensor: impl FnMut(Vec<f32>, Vec<usize>) -> Result<Tensor>) -> Result<Sequential> {
    let mut parameters = network.parameters();
    let mut weight_and_bias = || -> Result<_> {
        let Parameters { shape, weight, bias } = parameters.next().expect("parameters for each layer");
        let outputs = shape[0];
        Ok((tensor(weight, shape)?, Some(tensor(bias, vec![outputs])?)))
    };
    let mut model = seq();
    for layer in network.layers {
        model = match *layer {
            Layer::Dense(_) => {
                let (weight, bias) = weight_and_bias()?;
                model.add(Linear::new(weight, bias))
            }
            Layer::Conv2d { stride, padding, .. } => {
                let (weight, bias) = weight_and_bias()?;
                model.add(Conv2d::new(weight, bias, Conv2dConfig { stride, padding, ..Conv2dConfig::default() }))
            }
            Layer::MaxPool { size, stride } => model.add_fn(move |x| x.max_pool2d_with_stride(size, stride)),
            Layer::AvgPool { size, stride } => model.add_fn(move |x| x.avg_pool2d_with_stride(size, stride)),
            Layer::Flatten => model.add_fn(|x| x.flatten_from(1)),
            Layer::Relu => model.add_fn(Tensor::relu),
            Layer::Tanh => model.add_fn(Tensor::tanh),
        };
    }
    Ok(model)
}

fn inputs(workload: &Workload) -> Result<Tensor> {
    let shape = [&[workload.samples], workload.network.input].concat();
    Tensor::from_vec(workload.inputs(), shape, &Device::Cpu)
}

struct Forward {
    model: Sequential,
    x: Tensor,
}

impl Forward {
    /// Plain tensors as parameters: candle keeps no graph for them.
    fn new(workload: &Workload) -> Result<Self> {
        let model = model(workload.network, |values, shape| Tensor::from_vec(values, shape, &Device::Cpu))?;
        Ok(Self { model, x: inputs(workload)? })
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
    model: Sequential,
    x: Tensor,
    targets: Tensor,
    loss: Loss,
    descent: Descent,
}

impl Train {
    fn new(workload: &Workload, loss: Loss, optimizer: Optimizer) -> Result<Self> {
        let mut variables = Vec::new();
        let model = model(workload.network, |values, shape| {
            let variable = Var::from_vec(values, shape, &Device::Cpu)?;
            variables.push(variable.clone());
            Ok(variable.into_inner())
        })?;
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
