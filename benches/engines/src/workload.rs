//! What is measured, and the numbers it is measured on.

use std::fmt;

use Layer::{AvgPool, Conv2d, Dense, Flatten, MaxPool, Relu, Tanh};

/// A chain of layers.
#[derive(Debug)]
pub struct Network {
    /// What the table calls it.
    pub name: &'static str,
    /// The shape of a sample: `[features]` or `[channels, height, width]`.
    pub input: &'static [usize],
    /// What a sample goes through. The last layer gives a vector.
    pub layers: &'static [Layer],
}

/// A layer. Windows are square, with the same stride and padding along both axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `W·x + b` of so many outputs.
    Dense(usize),
    /// A convolution with a bias.
    Conv2d {
        /// How many channels it gives.
        outputs: usize,
        /// Height and width of the window.
        size: usize,
        /// The step from one window to the next.
        stride: usize,
        /// How many zeros lie around the image.
        padding: usize,
    },
    /// The largest value of each window.
    MaxPool {
        /// Height and width of the window.
        size: usize,
        /// The step from one window to the next.
        stride: usize,
    },
    /// The mean of each window.
    AvgPool {
        /// Height and width of the window.
        size: usize,
        /// The step from one window to the next.
        stride: usize,
    },
    /// From an image to a vector.
    Flatten,
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
pub static TINY: Network =
    Network { name: "2-4-2-1", input: &[2], layers: &[Dense(4), Tanh, Dense(2), Tanh, Dense(1)] };
/// A network of a controller or an audio effect.
pub static SMALL: Network =
    Network { name: "8-64-64-4", input: &[8], layers: &[Dense(64), Relu, Dense(64), Relu, Dense(4)] };
/// The classic network for handwritten digits.
pub static DIGITS: Network = Network { name: "784-128-10", input: &[784], layers: &[Dense(128), Relu, Dense(10)] };
/// A network whose weights lie in memory.
pub static LARGE: Network =
    Network { name: "784-4096-4096-10", input: &[784], layers: &[Dense(4096), Relu, Dense(4096), Relu, Dense(10)] };
/// LeNet-5 of “Gradient-based learning applied to document recognition” (1998), with its third layer fully connected and
/// its pools without parameters, as it is written today.
#[rustfmt::skip]
pub static LENET5: Network = Network {
    name: "LeNet-5",
    input: &[1, 32, 32],
    layers: &[
        conv2d(6, 5), Tanh, AvgPool { size: 2, stride: 2 },
        conv2d(16, 5), Tanh, AvgPool { size: 2, stride: 2 },
        Flatten, Dense(120), Tanh, Dense(84), Tanh, Dense(10),
    ],
};
/// The network of PyTorch's MNIST example, but for its dropout.
#[rustfmt::skip]
pub static MNIST_CNN: Network = Network {
    name: "MNIST CNN",
    input: &[1, 28, 28],
    layers: &[
        conv2d(32, 3), Relu, conv2d(64, 3), Relu, MaxPool { size: 2, stride: 2 },
        Flatten, Dense(128), Relu, Dense(10),
    ],
};
/// As torchvision has it, but for its dropout, and without the adaptive pool, which changes nothing in an image of this
/// size.
#[rustfmt::skip]
pub static ALEXNET: Network = Network {
    name: "AlexNet",
    input: &[3, 224, 224],
    layers: &[
        Conv2d { outputs: 64, size: 11, stride: 4, padding: 2 }, Relu, MaxPool { size: 3, stride: 2 },
        Conv2d { outputs: 192, size: 5, stride: 1, padding: 2 }, Relu, MaxPool { size: 3, stride: 2 },
        conv3(384), Relu, conv3(256), Relu, conv3(256), Relu, MaxPool { size: 3, stride: 2 },
        Flatten, Dense(4096), Relu, Dense(4096), Relu, Dense(1000),
    ],
};
/// Likewise.
#[rustfmt::skip]
pub static VGG16: Network = Network {
    name: "VGG-16",
    input: &[3, 224, 224],
    layers: &[
        conv3(64), Relu, conv3(64), Relu, MaxPool { size: 2, stride: 2 },
        conv3(128), Relu, conv3(128), Relu, MaxPool { size: 2, stride: 2 },
        conv3(256), Relu, conv3(256), Relu, conv3(256), Relu, MaxPool { size: 2, stride: 2 },
        conv3(512), Relu, conv3(512), Relu, conv3(512), Relu, MaxPool { size: 2, stride: 2 },
        conv3(512), Relu, conv3(512), Relu, conv3(512), Relu, MaxPool { size: 2, stride: 2 },
        Flatten, Dense(4096), Relu, Dense(4096), Relu, Dense(1000),
    ],
};

/// Only whole windows.
const fn conv2d(outputs: usize, size: usize) -> Layer {
    Conv2d { outputs, size, stride: 1, padding: 0 }
}

/// Windows of three by three around each pixel.
const fn conv3(outputs: usize) -> Layer {
    Conv2d { outputs, size: 3, stride: 1, padding: 1 }
}

/// All networks.
pub static NETWORKS: [&Network; 8] = [&TINY, &SMALL, &DIGITS, &LARGE, &LENET5, &MNIST_CNN, &ALEXNET, &VGG16];

/// The rows of the table.
pub static WORKLOADS: [Workload; 19] = [
    Workload { network: &TINY, samples: 1, task: Task::Forward },
    Workload { network: &TINY, samples: 64, task: Task::Forward },
    Workload { network: &SMALL, samples: 1, task: Task::Forward },
    Workload { network: &SMALL, samples: 64, task: Task::Forward },
    Workload { network: &DIGITS, samples: 1, task: Task::Forward },
    Workload { network: &DIGITS, samples: 64, task: Task::Forward },
    Workload { network: &LARGE, samples: 1, task: Task::Forward },
    Workload { network: &LARGE, samples: 64, task: Task::Forward },
    Workload { network: &LENET5, samples: 1, task: Task::Forward },
    Workload { network: &LENET5, samples: 64, task: Task::Forward },
    Workload { network: &MNIST_CNN, samples: 1, task: Task::Forward },
    Workload { network: &MNIST_CNN, samples: 64, task: Task::Forward },
    Workload { network: &ALEXNET, samples: 1, task: Task::Forward },
    Workload { network: &VGG16, samples: 1, task: Task::Forward },
    Workload { network: &TINY, samples: 10, task: Task::Train(Loss::SquaredError, Optimizer::Sgd) },
    Workload { network: &DIGITS, samples: 64, task: Task::Train(Loss::CrossEntropy, Optimizer::Sgd) },
    Workload { network: &DIGITS, samples: 64, task: Task::Train(Loss::CrossEntropy, Optimizer::Adam) },
    Workload { network: &LENET5, samples: 64, task: Task::Train(Loss::CrossEntropy, Optimizer::Sgd) },
    Workload { network: &MNIST_CNN, samples: 64, task: Task::Train(Loss::CrossEntropy, Optimizer::Adam) },
];

impl Layer {
    /// The shape of what it gives for a sample of shape `input`.
    fn output(self, input: &[usize]) -> Vec<usize> {
        match (self, input) {
            (Dense(outputs), [_]) => vec![outputs],
            (Conv2d { outputs, size, stride, padding }, [_, height, width]) => {
                let windows = |len| windows(len + 2 * padding, size, stride);
                vec![outputs, windows(height), windows(width)]
            }
            (MaxPool { size, stride } | AvgPool { size, stride }, [channels, height, width]) => {
                vec![*channels, windows(*height, size, stride), windows(*width, size, stride)]
            }
            (Flatten, _) => vec![input.iter().product()],
            (Relu | Tanh, _) => input.to_vec(),
            _ => panic!("{self:?} of {input:?}"),
        }
    }

    /// The shape of its weight, if it has one, as PyTorch has it: outputs × inputs (× height × width).
    fn weight(self, input: &[usize]) -> Option<Vec<usize>> {
        match self {
            Dense(outputs) => Some(vec![outputs, input[0]]),
            Conv2d { outputs, size, .. } => Some(vec![outputs, input[0], size, size]),
            MaxPool { .. } | AvgPool { .. } | Flatten | Relu | Tanh => None,
        }
    }
}

/// How many windows a line of `len` has.
fn windows(len: usize, size: usize, stride: usize) -> usize {
    (len - size) / stride + 1
}

/// A layer with parameters, in its network.
pub struct Weighted {
    /// The shape of the weight: outputs × inputs (× height × width).
    pub shape: Vec<usize>,
    /// The parameters lie between this and its negative.
    pub scale: f32,
    /// How often each weight is used for a sample.
    places: usize,
}

/// The values of its parameters.
pub struct Parameters {
    /// The shape of the weight: outputs × inputs (× height × width).
    pub shape: Vec<usize>,
    /// W, row-major: the weights of an output follow one another.
    pub weight: Vec<f32>,
    /// b.
    pub bias: Vec<f32>,
}

impl Weighted {
    /// How many outputs or channels of output, each with a bias.
    pub fn outputs(&self) -> usize {
        self.shape[0]
    }

    /// How many parameters there are.
    pub fn parameters(&self) -> usize {
        self.shape.iter().product::<usize>() + self.outputs()
    }

    /// The multiply-accumulates a sample.
    pub fn multiply_accumulates(&self) -> usize {
        self.shape.iter().product::<usize>() * self.places
    }

    fn filled(self, index: usize) -> Parameters {
        let filled = |stream, len| values(stream, len).map(|value| value * self.scale).collect();
        let stream = 2 * index as u64;
        let weight = filled(stream, self.shape.iter().product());
        Parameters { weight, bias: filled(stream + 1, self.outputs()), shape: self.shape }
    }
}

impl Network {
    /// The layers with parameters.
    ///
    /// Their values are uniform, with a variance of one by the number of inputs of a sum, or twice that before a relu, which
    /// takes half of it away: so the values of a deep network neither fade nor grow.
    pub fn weighted(&self) -> Vec<Weighted> {
        let mut shape = self.input.to_vec();
        let mut weighted = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let output = layer.output(&shape);
            if let Some(weight) = layer.weight(&shape) {
                let gain = if self.layers.get(index + 1) == Some(&Relu) { 6.0 } else { 3.0 };
                let inputs = weight[1..].iter().product::<usize>() as f64;
                let scale = (gain / inputs).sqrt() as f32;
                weighted.push(Weighted { shape: weight, scale, places: output[1..].iter().product() });
            }
            shape = output;
        }
        weighted
    }

    /// The parameters, the same in every engine.
    pub fn parameters(&self) -> impl Iterator<Item = Parameters> {
        self.weighted().into_iter().enumerate().map(|(index, layer)| layer.filled(index))
    }

    /// How many inputs a sample has.
    pub fn inputs(&self) -> usize {
        self.input.iter().product()
    }

    /// How many values the network gives for a sample.
    pub fn outputs(&self) -> usize {
        let output = self.layers.iter().fold(self.input.to_vec(), |shape, layer| layer.output(&shape));
        output.iter().product()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As PyTorch counts them.
    #[test]
    fn the_networks_are_the_known_ones() {
        let parameters = |network: &Network| network.weighted().iter().map(Weighted::parameters).sum::<usize>();
        assert_eq!(parameters(&DIGITS), 101_770);
        assert_eq!(parameters(&LENET5), 61_706);
        assert_eq!(parameters(&MNIST_CNN), 1_199_882);
        assert_eq!(parameters(&ALEXNET), 61_100_840);
        assert_eq!(parameters(&VGG16), 138_357_544);
    }

    #[test]
    fn multiply_accumulates_count_every_place() {
        let all = |network: &Network| network.weighted().iter().map(Weighted::multiply_accumulates).sum::<usize>();
        assert_eq!(all(&DIGITS), 784 * 128 + 128 * 10);
        assert_eq!(all(&LENET5), 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
        assert_eq!(all(&VGG16), 15_470_264_320);
    }

    #[test]
    fn networks_give_vectors() {
        let outputs = NETWORKS.map(Network::outputs);
        assert_eq!(outputs, [1, 4, 10, 10, 10, 10, 1000, 1000]);
    }
}
