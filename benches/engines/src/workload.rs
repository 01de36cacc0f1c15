//! What is measured, and the numbers it is measured on.

use std::fmt;

use Layer::{
    Add, AvgPool, BatchNorm, Concat, Conv2d, ConvTranspose2d, Dense, Flatten, GlobalAvgPool, MaxPool, Relu, Subsample,
    Tanh,
};
use Optimizer::{Adam, Sgd};

/// A chain of layers, some of which are branches of more layers.
#[derive(Debug)]
pub struct Network {
    /// What the table calls it.
    pub name: &'static str,
    /// The shape of a sample: `[features]` or `[channels, height, width]`.
    pub input: &'static [usize],
    /// What a sample goes through.
    pub layers: &'static [Layer],
}

/// A layer. Windows are square, with the same stride and padding along both axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `W·x + b` of so many outputs.
    Dense(usize),
    /// A convolution.
    Conv2d {
        /// How many channels it gives.
        outputs: usize,
        /// Height and width of the window.
        size: usize,
        /// The step from one window to the next.
        stride: usize,
        /// How many zeros lie around the image.
        padding: usize,
        /// Whether it adds a bias.
        bias: bool,
    },
    /// A transposed convolution with a bias, whose windows lie side by side.
    ConvTranspose2d {
        /// How many channels it gives.
        outputs: usize,
        /// Height and width of what it gives for each pixel.
        size: usize,
    },
    /// A batch normalisation: in inference with statistics that are given, in training with those of the batch.
    BatchNorm,
    /// The largest value of each window.
    MaxPool {
        /// Height and width of the window.
        size: usize,
        /// The step from one window to the next.
        stride: usize,
        /// How far windows reach over the border.
        padding: usize,
    },
    /// The mean of each window.
    AvgPool {
        /// Height and width of the window.
        size: usize,
        /// The step from one window to the next.
        stride: usize,
    },
    /// The mean of each channel.
    GlobalAvgPool,
    /// Every second pixel of both axes, with so many channels of zeros before and as many behind those that arrive.
    Subsample(usize),
    /// From an image to a vector.
    Flatten,
    /// `max(x, 0)`.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// The sum of what the branches give, which all take the same image; one without layers gives the image itself.
    Add(&'static [&'static [Layer]]),
    /// The channels of what the branches give, one behind the other.
    Concat(&'static [&'static [Layer]]),
}

/// Added to the variance of a batch normalisation, as all engines do unless told otherwise.
pub const EPS: f64 = 1e-5;

/// What a training step minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The mean over all values.
    SquaredError,
    /// Of the softmax of the outputs with a class, the mean over the samples.
    CrossEntropy,
    /// Of the softmax of the channels of a pixel with its class, the mean over the pixels of all samples.
    PixelCrossEntropy,
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
        conv2d(6, 5), Tanh, avg_pool(2, 2),
        conv2d(16, 5), Tanh, avg_pool(2, 2),
        Flatten, Dense(120), Tanh, Dense(84), Tanh, Dense(10),
    ],
};
/// The network of `PyTorch`'s MNIST example, but for its dropout.
#[rustfmt::skip]
pub static MNIST_CNN: Network = Network {
    name: "MNIST CNN",
    input: &[1, 28, 28],
    layers: &[
        conv2d(32, 3), Relu, conv2d(64, 3), Relu, max_pool(2, 2),
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
        Conv2d { outputs: 64, size: 11, stride: 4, padding: 2, bias: true }, Relu, max_pool(3, 2),
        Conv2d { outputs: 192, size: 5, stride: 1, padding: 2, bias: true }, Relu, max_pool(3, 2),
        conv3(384), Relu, conv3(256), Relu, conv3(256), Relu, max_pool(3, 2),
        Flatten, Dense(4096), Relu, Dense(4096), Relu, Dense(1000),
    ],
};
/// Likewise.
#[rustfmt::skip]
pub static VGG16: Network = Network {
    name: "VGG-16",
    input: &[3, 224, 224],
    layers: &[
        conv3(64), Relu, conv3(64), Relu, max_pool(2, 2),
        conv3(128), Relu, conv3(128), Relu, max_pool(2, 2),
        conv3(256), Relu, conv3(256), Relu, conv3(256), Relu, max_pool(2, 2),
        conv3(512), Relu, conv3(512), Relu, conv3(512), Relu, max_pool(2, 2),
        conv3(512), Relu, conv3(512), Relu, conv3(512), Relu, max_pool(2, 2),
        Flatten, Dense(4096), Relu, Dense(4096), Relu, Dense(1000),
    ],
};

/// As torchvision has it, from “Deep residual learning for image recognition” (2015).
#[rustfmt::skip]
pub static RESNET18: Network = Network {
    name: "ResNet-18",
    input: &[3, 224, 224],
    layers: &[
        around(64, 7, 2), BatchNorm, Relu, MaxPool { size: 3, stride: 2, padding: 1 },
        basic::<64>(), Relu, basic::<64>(), Relu,
        down::<128>(), Relu, basic::<128>(), Relu,
        down::<256>(), Relu, basic::<256>(), Relu,
        down::<512>(), Relu, basic::<512>(), Relu,
        GlobalAvgPool, Flatten, Dense(1000),
    ],
};
/// That of the same paper for the images of CIFAR-10; its shortcuts have no parameters.
#[rustfmt::skip]
pub static RESNET20: Network = Network {
    name: "ResNet-20",
    input: &[3, 32, 32],
    layers: &[
        around(16, 3, 1), BatchNorm, Relu,
        basic::<16>(), Relu, basic::<16>(), Relu, basic::<16>(), Relu,
        subsampled::<32>(), Relu, basic::<32>(), Relu, basic::<32>(), Relu,
        subsampled::<64>(), Relu, basic::<64>(), Relu, basic::<64>(), Relu,
        GlobalAvgPool, Flatten, Dense(10),
    ],
};
/// After “U-Net: convolutional networks for biomedical image segmentation” (2015), with padding, batch normalisation, and
/// two steps down in place of four: the scores of two classes for each pixel.
#[rustfmt::skip]
pub static UNET: Network = Network {
    name: "small U-Net",
    input: &[1, 128, 128],
    layers: &[
        around(16, 3, 1), BatchNorm, Relu, around(16, 3, 1), BatchNorm, Relu,
        Concat(&[&[], &[
            max_pool(2, 2), around(32, 3, 1), BatchNorm, Relu, around(32, 3, 1), BatchNorm, Relu,
            Concat(&[&[], &[
                max_pool(2, 2), around(64, 3, 1), BatchNorm, Relu, around(64, 3, 1), BatchNorm, Relu,
                ConvTranspose2d { outputs: 32, size: 2 },
            ]]),
            around(32, 3, 1), BatchNorm, Relu, around(32, 3, 1), BatchNorm, Relu,
            ConvTranspose2d { outputs: 16, size: 2 },
        ]]),
        around(16, 3, 1), BatchNorm, Relu, around(16, 3, 1), BatchNorm, Relu,
        conv2d(2, 1),
    ],
};

/// Only whole windows.
const fn conv2d(outputs: usize, size: usize) -> Layer {
    Conv2d { outputs, size, stride: 1, padding: 0, bias: true }
}

/// Windows of three by three around each pixel.
const fn conv3(outputs: usize) -> Layer {
    Conv2d { outputs, size: 3, stride: 1, padding: 1, bias: true }
}

/// Windows around every pixel, or every second one of both axes, for a batch normalisation, which brings its own shift.
const fn around(outputs: usize, size: usize, stride: usize) -> Layer {
    Conv2d { outputs, size, stride, padding: size / 2, bias: false }
}

/// Only whole windows.
const fn max_pool(size: usize, stride: usize) -> Layer {
    MaxPool { size, stride, padding: 0 }
}

/// Only whole windows.
const fn avg_pool(size: usize, stride: usize) -> Layer {
    AvgPool { size, stride }
}

/// Two convolutions beside the identity.
const fn basic<const C: usize>() -> Layer {
    Add(const { &[&[around(C, 3, 1), BatchNorm, Relu, around(C, 3, 1), BatchNorm], &[]] })
}

/// Two convolutions to half the size, beside one of 1 × 1.
const fn down<const C: usize>() -> Layer {
    Add(const { &[&[around(C, 3, 2), BatchNorm, Relu, around(C, 3, 1), BatchNorm], &[around(C, 1, 2), BatchNorm]] })
}

/// The same without parameters in the shortcut.
const fn subsampled<const C: usize>() -> Layer {
    Add(const { &[&[around(C, 3, 2), BatchNorm, Relu, around(C, 3, 1), BatchNorm], &[Subsample(C / 4)]] })
}

/// All networks.
pub static NETWORKS: [&Network; 11] =
    [&TINY, &SMALL, &DIGITS, &LARGE, &LENET5, &MNIST_CNN, &RESNET20, &UNET, &ALEXNET, &RESNET18, &VGG16];

/// The rows of the table.
#[rustfmt::skip]
pub static WORKLOADS: [Workload; 34] = [
    forward(&TINY, 1), forward(&TINY, 64),
    forward(&SMALL, 1), forward(&SMALL, 64),
    forward(&DIGITS, 1), forward(&DIGITS, 64),
    forward(&LARGE, 1), forward(&LARGE, 64),
    forward(&LENET5, 1), forward(&LENET5, 64),
    forward(&MNIST_CNN, 1), forward(&MNIST_CNN, 64),
    forward(&RESNET20, 1), forward(&RESNET20, 64),
    forward(&UNET, 1), forward(&UNET, 8),
    forward(&ALEXNET, 1), forward(&ALEXNET, 8),
    forward(&RESNET18, 1), forward(&RESNET18, 8),
    forward(&VGG16, 1), forward(&VGG16, 4),
    train(&TINY, 10, Loss::SquaredError, Sgd), train(&TINY, 10, Loss::SquaredError, Adam),
    train(&DIGITS, 64, Loss::CrossEntropy, Sgd), train(&DIGITS, 64, Loss::CrossEntropy, Adam),
    train(&LENET5, 64, Loss::CrossEntropy, Sgd), train(&LENET5, 64, Loss::CrossEntropy, Adam),
    train(&MNIST_CNN, 64, Loss::CrossEntropy, Sgd), train(&MNIST_CNN, 64, Loss::CrossEntropy, Adam),
    train(&RESNET20, 32, Loss::CrossEntropy, Sgd), train(&RESNET20, 32, Loss::CrossEntropy, Adam),
    train(&UNET, 4, Loss::PixelCrossEntropy, Sgd), train(&UNET, 4, Loss::PixelCrossEntropy, Adam),
];

const fn forward(network: &'static Network, samples: usize) -> Workload {
    Workload { network, samples, task: Task::Forward }
}

const fn train(network: &'static Network, samples: usize, loss: Loss, optimizer: Optimizer) -> Workload {
    Workload { network, samples, task: Task::Train(loss, optimizer) }
}

impl Layer {
    /// The shape of what it gives for a sample of shape `input`.
    pub fn output(&self, input: &[usize]) -> Vec<usize> {
        match (*self, input) {
            (Dense(outputs), [_]) => vec![outputs],
            (Conv2d { outputs, size, stride, padding, .. }, [_, height, width]) => {
                let windows = |len| windows(len + 2 * padding, size, stride);
                vec![outputs, windows(height), windows(width)]
            }
            (ConvTranspose2d { outputs, size }, [_, height, width]) => vec![outputs, size * height, size * width],
            (MaxPool { size, stride, padding }, [channels, height, width]) => {
                let windows = |len| windows(len + 2 * padding, size, stride);
                vec![*channels, windows(height), windows(width)]
            }
            (AvgPool { size, stride }, [channels, height, width]) => {
                vec![*channels, windows(*height, size, stride), windows(*width, size, stride)]
            }
            (GlobalAvgPool, [channels, _, _]) => vec![*channels, 1, 1],
            (Subsample(zeros), [channels, height, width]) => vec![channels + 2 * zeros, height / 2, width / 2],
            (Flatten, _) => vec![input.iter().product()],
            (BatchNorm | Relu | Tanh, _) => input.to_vec(),
            (Add(branches), _) => chain(branches[0], input),
            (Concat(branches), _) => {
                let shapes = branches.iter().map(|branch| chain(branch, input));
                shapes.reduce(|all, shape| vec![all[0] + shape[0], all[1], all[2]]).expect("a branch")
            }
            _ => panic!("{self:?} of {input:?}"),
        }
    }

    /// How many tensors it has itself: parameters and statistics.
    pub fn tensors(&self) -> usize {
        match *self {
            Dense(_) | ConvTranspose2d { .. } => 2,
            Conv2d { bias, .. } => 1 + usize::from(bias),
            BatchNorm => 4,
            _ => 0,
        }
    }

    /// What it has of parameters, in a chain in which `next` is behind it.
    fn weighted(&self, input: &[usize], next: Option<&Self>) -> Option<Weighted> {
        let places = self.output(input)[1..].iter().product();
        let gain = if next == Some(&Relu) { 6.0 } else { 3.0 };
        match *self {
            Dense(outputs) => Some(Weighted::new(vec![outputs, input[0]], input[0], gain).bias(outputs)),
            Conv2d { outputs, size, bias, .. } => {
                let weighted = Weighted::new(vec![outputs, input[0], size, size], input[0] * size * size, gain);
                let weighted = weighted.used_at(places);
                Some(if bias { weighted.bias(outputs) } else { weighted })
            }
            ConvTranspose2d { outputs, size } => {
                let weighted = Weighted::new(vec![input[0], outputs, size, size], input[0], gain);
                Some(weighted.used_at(input[1] * input[2]).bias(outputs))
            }
            BatchNorm => Some(Weighted::batch_norm(input[0])),
            _ => None,
        }
    }
}

/// How many windows a line of `len` has.
fn windows(len: usize, size: usize, stride: usize) -> usize {
    (len - size) / stride + 1
}

/// The shape of what a chain gives for a sample of shape `input`.
fn chain(layers: &[Layer], input: &[usize]) -> Vec<usize> {
    layers.iter().fold(input.to_vec(), |shape, layer| layer.output(&shape))
}

/// The layers with parameters, branch after branch, are added to `weighted`.
fn collect(layers: &[Layer], input: &[usize], weighted: &mut Vec<Weighted>) {
    let mut shape = input.to_vec();
    for (index, layer) in layers.iter().enumerate() {
        if let Add(branches) | Concat(branches) = layer {
            for branch in *branches {
                collect(branch, &shape, weighted);
            }
        }
        weighted.extend(layer.weighted(&shape, layers.get(index + 1)));
        shape = layer.output(&shape);
    }
}

/// A layer with parameters, in its network.
pub struct Weighted {
    /// As `PyTorch` orders them: weight and bias; of a batch normalisation, also the statistics.
    pub tensors: Vec<Rule>,
    /// How often each weight is used for a sample.
    places: usize,
}

/// What the values of a tensor are: those of its stream times `scale`, plus `shift`. Tensors have streams of their own, in
/// order.
pub struct Rule {
    /// The shape, as `PyTorch` has it.
    pub shape: Vec<usize>,
    /// The largest distance from `shift`.
    pub scale: f32,
    /// The mean.
    pub shift: f32,
    /// Whether it is a mean or a variance that training gathers, which is no parameter.
    pub is_statistic: bool,
}

/// The values of a tensor.
pub struct Tensor {
    /// The shape, as `PyTorch` has it.
    pub shape: Vec<usize>,
    /// Row-major: the weights of an output follow one another.
    pub values: Vec<f32>,
    /// Whether it is a mean or a variance that training gathers, which is no parameter.
    pub is_statistic: bool,
}

impl Weighted {
    /// A weight of this shape, of which each sum has so many.
    ///
    /// Its values are uniform, with a variance of one by the number of inputs of a sum, or twice that before a relu, which
    /// takes half of it away: so the values of a deep network neither fade nor grow.
    fn new(shape: Vec<usize>, inputs: usize, gain: f64) -> Self {
        let scale = (gain / inputs as f64).sqrt() as f32;
        Self { tensors: vec![Rule { shape, scale, shift: 0.0, is_statistic: false }], places: 1 }
    }

    fn used_at(self, places: usize) -> Self {
        Self { places, ..self }
    }

    fn bias(mut self, outputs: usize) -> Self {
        self.tensors.push(Rule { shape: vec![outputs], shift: 0.0, ..self.tensors[0] });
        self
    }

    /// Gamma, beta, mean and variance.
    fn batch_norm(channels: usize) -> Self {
        let rules = [(0.5, 1.0, false), (0.5, 0.0, false), (0.5, 0.0, true), (0.5, 1.0, true)];
        let rule = |(scale, shift, is_statistic)| Rule { shape: vec![channels], scale, shift, is_statistic };
        Self { tensors: rules.map(rule).into(), places: 0 }
    }

    /// How many parameters there are.
    pub fn parameters(&self) -> usize {
        self.tensors.iter().filter(|rule| !rule.is_statistic).map(Rule::len).sum()
    }

    /// The multiply-accumulates a sample, of the weight alone.
    pub fn multiply_accumulates(&self) -> usize {
        self.tensors[0].len() * self.places
    }
}

impl Rule {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    fn filled(self, stream: usize) -> Tensor {
        let values = values(stream as u64, self.len()).map(|value| value * self.scale + self.shift).collect();
        Tensor { shape: self.shape, values, is_statistic: self.is_statistic }
    }
}

impl Network {
    /// The layers with parameters.
    pub fn weighted(&self) -> Vec<Weighted> {
        let mut weighted = Vec::new();
        collect(self.layers, self.input, &mut weighted);
        weighted
    }

    /// Whether what a sample gives in training depends on the rest of its batch.
    pub fn has_batch_norm(&self) -> bool {
        self.weighted().iter().any(|layer| layer.tensors.iter().any(|rule| rule.is_statistic))
    }

    /// The parameters and statistics, the same in every engine.
    pub fn tensors(&self) -> impl Iterator<Item = Tensor> {
        let rules = self.weighted().into_iter().flat_map(|layer| layer.tensors);
        rules.enumerate().map(|(stream, rule)| rule.filled(stream))
    }

    /// How many inputs a sample has.
    pub fn inputs(&self) -> usize {
        self.input.iter().product()
    }

    /// The shape of what it gives for a sample.
    pub fn output(&self) -> Vec<usize> {
        chain(self.layers, self.input)
    }

    /// How many values that are.
    pub fn outputs(&self) -> usize {
        self.output().iter().product()
    }
}

impl Workload {
    /// The inputs, sample after sample.
    pub fn inputs(&self) -> Vec<f32> {
        values(1000, self.network.inputs() * self.samples).collect()
    }

    /// What the outputs should be, sample after sample.
    pub fn targets(&self) -> Vec<f32> {
        values(1001, self.network.outputs() * self.samples).collect()
    }

    /// The class of each sample, or of each pixel of each sample.
    pub fn classes(&self) -> Vec<u32> {
        let output = self.network.output();
        let (classes, places) = (output[0] as f32, output[1..].iter().product::<usize>());
        values(1002, places * self.samples).map(|value| ((value + 1.0) * 0.5 * classes) as u32).collect()
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { network, samples, task } = self;
        let plural = if *samples == 1 { "" } else { "s" };
        write!(f, "{}, {samples} sample{plural}", network.name)?;
        match task {
            Task::Forward => Ok(()),
            Task::Train(_, Sgd) => f.write_str(", training step, SGD"),
            Task::Train(_, Adam) => f.write_str(", training step, Adam"),
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

    /// As `PyTorch` counts them.
    #[test]
    fn the_networks_are_the_known_ones() {
        let parameters = |network: &Network| network.weighted().iter().map(Weighted::parameters).sum::<usize>();
        assert_eq!(parameters(&DIGITS), 101_770);
        assert_eq!(parameters(&LENET5), 61_706);
        assert_eq!(parameters(&MNIST_CNN), 1_199_882);
        assert_eq!(parameters(&ALEXNET), 61_100_840);
        assert_eq!(parameters(&VGG16), 138_357_544);
        assert_eq!(parameters(&RESNET18), 11_689_512);
        assert_eq!(parameters(&RESNET20), 269_722);
        assert_eq!(parameters(&UNET), 117_090);
    }

    #[test]
    fn multiply_accumulates_count_every_place() {
        let all = |network: &Network| network.weighted().iter().map(Weighted::multiply_accumulates).sum::<usize>();
        assert_eq!(all(&DIGITS), 784 * 128 + 128 * 10);
        assert_eq!(all(&LENET5), 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
        assert_eq!(all(&VGG16), 15_470_264_320);
        assert_eq!(all(&RESNET18), 1_814_073_344);
    }

    #[test]
    fn shapes_go_through_branches() {
        let outputs = NETWORKS.map(Network::outputs);
        assert_eq!(outputs, [1, 4, 10, 10, 10, 10, 10, 2 * 128 * 128, 1000, 1000, 1000]);
        assert_eq!(UNET.output(), [2, 128, 128]);
    }
}
