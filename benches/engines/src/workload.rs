//! What is measured, and the numbers it is measured on.

use std::fmt;

/// A chain of dense layers.
#[derive(Debug)]
pub struct Network {
    /// Inputs, hidden layers, outputs: `784-128-10`.
    pub name: &'static str,
    /// The same as numbers.
    pub sizes: &'static [usize],
    /// What follows each hidden layer; the output is linear.
    pub activation: Activation,
}

/// What follows a hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
}

/// What a training step minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The mean over all values.
    SquaredError,
    /// Of the softmax of the outputs with a class, the mean over the samples.
    CrossEntropy,
}

/// How a training step moves the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimizer {
    /// Plain descent with [`LEARNING_RATE`].
    Sgd,
    /// β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, with [`LEARNING_RATE`].
    Adam,
}

/// What is done with a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Inference.
    Forward,
    /// Forward, loss, backward and the update.
    Train(Loss, Optimizer),
}

/// A row of the table.
#[derive(Debug)]
pub struct Workload {
    /// The network.
    pub network: &'static Network,
    /// How many samples a call has.
    pub samples: usize,
    /// What is done.
    pub task: Task,
}

/// The learning rate of all training.
pub const LEARNING_RATE: f64 = 1e-3;
/// How many training steps must give the same losses in all engines.
pub const CHECKED_STEPS: usize = 5;

/// A network smaller than any overhead.
pub static TINY: Network = Network { name: "2-4-2-1", sizes: &[2, 4, 2, 1], activation: Activation::Tanh };
/// A network of a controller or an audio effect.
pub static SMALL: Network = Network { name: "8-64-64-4", sizes: &[8, 64, 64, 4], activation: Activation::Relu };
/// The classic network for handwritten digits.
pub static DIGITS: Network = Network { name: "784-128-10", sizes: &[784, 128, 10], activation: Activation::Relu };
/// A network whose weights lie in memory.
pub static LARGE: Network =
    Network { name: "784-4096-4096-10", sizes: &[784, 4096, 4096, 10], activation: Activation::Relu };

/// The rows of the table.
pub static WORKLOADS: [Workload; 11] = [
    Workload { network: &TINY, samples: 1, task: Task::Forward },
    Workload { network: &TINY, samples: 64, task: Task::Forward },
    Workload { network: &SMALL, samples: 1, task: Task::Forward },
    Workload { network: &SMALL, samples: 64, task: Task::Forward },
    Workload { network: &DIGITS, samples: 1, task: Task::Forward },
    Workload { network: &DIGITS, samples: 64, task: Task::Forward },
    Workload { network: &LARGE, samples: 1, task: Task::Forward },
    Workload { network: &LARGE, samples: 64, task: Task::Forward },
    Workload { network: &TINY, samples: 10, task: Task::Train(Loss::SquaredError, Optimizer::Sgd) },
    Workload { network: &DIGITS, samples: 64, task: Task::Train(Loss::CrossEntropy, Optimizer::Sgd) },
    Workload { network: &DIGITS, samples: 64, task: Task::Train(Loss::CrossEntropy, Optimizer::Adam) },
];

/// A dense layer's parameters.
pub struct Dense {
    /// How many inputs.
    pub inputs: usize,
    /// How many outputs.
    pub outputs: usize,
    /// W, row by row: the weights of an output follow one another.
    pub weight: Vec<f32>,
    /// b.
    pub bias: Vec<f32>,
}

impl Network {
    /// The parameters, the same in every engine: uniform with a variance of one by the number of inputs.
    pub fn layers(&self) -> Vec<Dense> {
        let layer = |(index, pair): (usize, &[usize])| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let scale = (3.0 / inputs as f64).sqrt() as f32;
            let filled = |stream, len| values(stream, len).map(|value| value * scale).collect();
            let stream = 2 * index as u64;
            Dense { inputs, outputs, weight: filled(stream, inputs * outputs), bias: filled(stream + 1, outputs) }
        };
        self.sizes.windows(2).enumerate().map(layer).collect()
    }

    /// How many inputs a sample has.
    pub fn inputs(&self) -> usize {
        self.sizes[0]
    }

    /// How many values the network gives for a sample.
    pub fn outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// The multiply-accumulates a sample of each layer.
    pub fn multiply_accumulates(&self) -> impl Iterator<Item = usize> {
        self.sizes.windows(2).map(|pair| pair[0] * pair[1])
    }

    /// How many parameters there are.
    pub fn parameters(&self) -> usize {
        self.multiply_accumulates().sum::<usize>() + self.sizes[1..].iter().sum::<usize>()
    }
}

impl Workload {
    /// The inputs, sample after sample.
    pub fn inputs(&self) -> Vec<f32> {
        values(100, self.network.inputs() * self.samples).collect()
    }

    /// What the outputs should be, sample after sample.
    pub fn targets(&self) -> Vec<f32> {
        values(101, self.network.outputs() * self.samples).collect()
    }

    /// The class of each sample.
    pub fn classes(&self) -> Vec<u32> {
        let classes = self.network.outputs() as f32;
        values(102, self.samples).map(|value| ((value + 1.0) * 0.5 * classes) as u32).collect()
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { network, samples, task } = self;
        let plural = if *samples == 1 { "" } else { "s" };
        write!(f, "{}, {samples} sample{plural}", network.name)?;
        match task {
            Task::Forward => Ok(()),
            Task::Train(_, Optimizer::Sgd) => f.write_str(", training step, SGD"),
            Task::Train(_, Optimizer::Adam) => f.write_str(", training step, Adam"),
        }
    }
}

/// Numbers in `[−1, 1)` that every language computes alike: the upper bits of Steele and others' `SplitMix64`, “Fast
/// splittable pseudorandom number generators” (2014).
fn values(stream: u64, len: usize) -> impl Iterator<Item = f32> {
    (0..len as u64).map(move |index| {
        let mut z = ((stream << 32) + index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}
