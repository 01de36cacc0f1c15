//! Candle on its CPU backend.

use std::hint::black_box;

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::{
    AdamW, BatchNorm, Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig, Linear, Module, ModuleT as _,
    Optimizer as _, ParamsAdamW, SGD, Sequential, loss, seq,
};

use super::{Engine, Run, pinned, seconds};
use crate::workload::{self, CHECKED_STEPS, EPS, LEARNING_RATE, Layer, Loss, Optimizer, Task, Workload};

/// Candle.
pub struct Candle;

impl Engine for Candle {
    fn title(&self) -> String {
        format!("candle {}", pinned("candle-core"))
    }

    fn prepare(&mut self, workload: &Workload) -> std::result::Result<Box<dyn Run>, String> {
        let run = match workload.task {
            Task::Forward => Forward::new(workload).map(|run| Box::new(run) as Box<dyn Run>),
            Task::Train(loss, optimizer) => {
                Train::new(workload, loss, optimizer).map(|run| Box::new(run) as Box<dyn Run>)
            }
        };
        run.map_err(|error| error.to_string())
    }
}

/// What makes a network.
struct Builder<'a, F> {
    tensors: &'a mut dyn Iterator<Item = workload::Tensor>,
    /// Makes a parameter.
    parameter: F,
    /// Whether the convolutions of inference absorb their batch normalisations, as in candle's examples.
    is_inference: bool,
}

impl<F: FnMut(Vec<f32>, Vec<usize>) -> Result<Tensor>> Builder<'_, F> {
    /// A chain of layers, as a program that uses candle writes it.
    fn chain(&mut self, layers: &[Layer]) -> Result<Sequential> {
        let mut model = seq();
        let mut layers = layers.iter().peekable();
        while let Some(layer) = layers.next() {
            model = match *layer {
                Layer::Dense(_) => model.add(Linear::new(self.parameter()?, Some(self.parameter()?))),
                Layer::Conv2d { stride, padding, bias, .. } => {
                    let config = Conv2dConfig { stride, padding, ..Conv2dConfig::default() };
                    let weight = self.parameter()?;
                    let bias = if bias { Some(self.parameter()?) } else { None };
                    let conv = Conv2d::new(weight, bias, config);
                    if self.is_inference && layers.next_if_eq(&&Layer::BatchNorm).is_some() {
                        model.add(conv.absorb_bn(&self.batch_norm()?)?)
                    } else {
                        model.add(conv)
                    }
                }
                Layer::ConvTranspose2d { size, .. } => {
                    let config = ConvTranspose2dConfig { stride: size, ..ConvTranspose2dConfig::default() };
                    model.add(ConvTranspose2d::new(self.parameter()?, Some(self.parameter()?), config))
                }
                Layer::BatchNorm => {
                    let (norm, is_training) = (self.batch_norm()?, !self.is_inference);
                    model.add_fn(move |x| norm.forward_t(x, is_training))
                }
                Layer::MaxPool { size, stride, padding } => model.add_fn(move |x| {
                    let x = x.pad_with_same(D::Minus1, padding, padding)?.pad_with_same(D::Minus2, padding, padding)?;
                    x.max_pool2d_with_stride(size, stride)
                }),
                Layer::AvgPool { size, stride } => model.add_fn(move |x| x.avg_pool2d_with_stride(size, stride)),
                Layer::GlobalAvgPool => model.add_fn(|x| x.mean_keepdim((2, 3))),
                Layer::Subsample(zeros) => model.add_fn(move |x| subsample(x, zeros)),
                Layer::Flatten => model.add_fn(|x| x.flatten_from(1)),
                Layer::Relu => model.add_fn(Tensor::relu),
                Layer::Tanh => model.add_fn(Tensor::tanh),
                Layer::Add(branches) => model.add(Sum(self.branches(branches)?)),
                Layer::Concat(branches) => model.add(Concatenation(self.branches(branches)?)),
            };
        }
        Ok(model)
    }

    fn branches(&mut self, branches: &[&[Layer]]) -> Result<Vec<Sequential>> {
        branches.iter().map(|layers| self.chain(layers)).collect()
    }

    fn parameter(&mut self) -> Result<Tensor> {
        let workload::Tensor { shape, values, .. } = self.tensors.next().expect("tensors for each layer");
        (self.parameter)(values, shape)
    }

    fn batch_norm(&mut self) -> Result<BatchNorm> {
        let (gamma, beta) = (self.parameter()?, self.parameter()?);
        let mut statistic = || {
            let workload::Tensor { shape, values, .. } = self.tensors.next().expect("tensors for each layer");
            Tensor::from_vec(values, shape, &Device::Cpu)
        };
        BatchNorm::new(gamma.elem_count(), statistic()?, statistic()?, gamma, beta, EPS)
    }
}

/// The sum of what the branches give.
struct Sum(Vec<Sequential>);

impl Module for Sum {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut sum = self.0[0].forward(x)?;
        for branch in &self.0[1..] {
            sum = (sum + branch.forward(x)?)?;
        }
        Ok(sum)
    }
}

/// What the branches give, one behind the other.
struct Concatenation(Vec<Sequential>);

impl Module for Concatenation {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let parts = self.0.iter().map(|branch| branch.forward(x)).collect::<Result<Vec<_>>>()?;
        Tensor::cat(&parts, 1)
    }
}

/// Candle has no slices with steps.
fn subsample(x: &Tensor, zeros: usize) -> Result<Tensor> {
    let (samples, channels, height, width) = x.dims4()?;
    let pairs = x.reshape((samples, channels, height / 2, 2, width / 2, 2))?;
    let half = pairs.narrow(3, 0, 1)?.narrow(5, 0, 1)?.reshape((samples, channels, height / 2, width / 2))?;
    half.pad_with_zeros(1, zeros, zeros)
}

/// The channels of each pixel, pixel after pixel.
fn pixels(y: &Tensor) -> Result<Tensor> {
    y.permute((0, 2, 3, 1))?.flatten_to(2)
}

/// `parameter` makes the parameters.
fn model(workload: &Workload, parameter: impl FnMut(Vec<f32>, Vec<usize>) -> Result<Tensor>) -> Result<Sequential> {
    let is_inference = workload.task == Task::Forward;
    let network = workload.network;
    Builder { tensors: &mut network.tensors(), parameter, is_inference }.chain(network.layers)
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
        let model = model(workload, |values, shape| Tensor::from_vec(values, shape, &Device::Cpu))?;
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
        let model = model(workload, |values, shape| {
            let variable = Var::from_vec(values, shape, &Device::Cpu)?;
            variables.push(variable.clone());
            Ok(variable.into_inner())
        })?;
        let samples = workload.samples;
        let targets = match loss {
            Loss::SquaredError => {
                Tensor::from_vec(workload.targets(), (samples, workload.network.outputs()), &Device::Cpu)?
            }
            Loss::CrossEntropy | Loss::PixelCrossEntropy => {
                let classes = workload.classes();
                let places = classes.len();
                Tensor::from_vec(classes, places, &Device::Cpu)?
            }
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
            Loss::PixelCrossEntropy => loss::cross_entropy(&pixels(&y)?, &self.targets)?,
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
