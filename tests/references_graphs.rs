//! The classic networks that are no chains against the numbers of PyTorch in `tests/references`. Weights and inputs are not
//! stored: both sides make them by the rule that `tests/references/README.md` states.

mod reference_numbers;

use monograd::losses::{MeanSquaredError, SoftmaxCrossEntropy, Weighted};
use monograd::nalgebra::DimName;
use monograd::networks::{
    DenseNet121, GoogLeNet, GoogLeNetOutputs, MobileNetV2, ResNet18, ResNet20, ResNet34, ResNet50, ResNet110,
    ResNet1202, SmallUNet, SqueezeNet, UNet,
};
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use monograd::{Real, TensorInfo};
use reference_numbers::seeded::{
    BUFFERS, INPUTS, OUTPUTS, SAMPLES, TARGETS, WEIGHTS, bits, columns, filled, inputs, unit, values,
};
use reference_numbers::{References, assert_close, in_file_order};

network! {
    /// `ResNet20` by the definition of its convolutions: what rounding does to it is no more than in PyTorch.
    struct DirectResNet20([3, 32, 32]) -> [10] {
        stem: conv2d(16, 3, padding = 1, bias = false) -> batch_norm -> relu,
        stage1: repeat(3, basic(16)),
        stage2: down(32) -> repeat(2, basic(32)),
        stage3: down(64) -> repeat(2, basic(64)),
        head: global_avg_pool -> dense(10),
    }

    block basic(channels) {
        body: conv2d(channels, 3, padding = 1, bias = false, winograd = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false, winograd = false) -> batch_norm,
        out: add(input, body) -> relu,
    }

    block down(channels) {
        body: conv2d(channels, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false, winograd = false) -> batch_norm,
        out: add(input -> subsample(channels), body) -> relu,
    }
}

network! {
    /// `SmallUNet` by the definition of its convolutions.
    struct DirectSmallUNet(image: [1, 128, 128]) -> (mask: [2, 128, 128]) {
        d1: padded(16),
        d2: max_pool2d(2) -> padded(32),
        d3: max_pool2d(2) -> padded(64),
        u2: conv_transpose2d(32, 2, stride = 2) -> concat(d2, _) -> padded(32),
        u1: conv_transpose2d(16, 2, stride = 2) -> concat(d1, _) -> padded(16),
        mask: conv2d(2, 1),
    }

    block padded(channels) {
        conv1: conv2d(channels, 3, padding = 1, bias = false, winograd = false) -> batch_norm -> relu,
        conv2: conv2d(channels, 3, padding = 1, bias = false, winograd = false) -> batch_norm -> relu,
    }
}

network! {
    /// `GoogLeNet` without dropout.
    struct PlainGoogLeNet([3, 224, 224]) -> (class: [1000], aux1: [1000] in training, aux2: [1000] in training) {
        conv1: conv2d(64, 7, stride = 2, padding = 3, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> max_pool2d(3, stride = 2, ceil_mode = true),
        conv2: conv2d(64, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        conv3: conv2d(192, 3, padding = 1, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> max_pool2d(3, stride = 2, ceil_mode = true),
        inception3a: inception(64, 96, 128, 16, 32, 32),
        inception3b: inception(128, 128, 192, 32, 96, 64) -> max_pool2d(3, stride = 2, ceil_mode = true),
        inception4a: inception(192, 96, 208, 16, 48, 64),
        inception4b: inception(160, 112, 224, 24, 64, 64),
        inception4c: inception(128, 128, 256, 24, 64, 64),
        inception4d: inception(112, 144, 288, 32, 64, 64),
        inception4e: inception(256, 160, 320, 32, 128, 128) -> max_pool2d(2, ceil_mode = true),
        inception5a: inception(256, 160, 320, 32, 128, 128),
        inception5b: inception(384, 192, 384, 48, 128, 128),
        class: global_avg_pool -> dense(1000),
        aux1: inception4a -> auxiliary(),
        aux2: inception4d -> auxiliary(),
    }

    block inception(one, reduced2, three2, reduced3, three3, pooled) {
        branch1: conv2d(one, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        branch2: input -> conv2d(reduced2, 1, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> conv2d(three2, 3, padding = 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        branch3: input -> conv2d(reduced3, 1, bias = false) -> batch_norm(eps = 0.001) -> relu
            -> conv2d(three3, 3, padding = 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        branch4: input -> max_pool2d(3, stride = 1, padding = 1)
            -> conv2d(pooled, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        out: concat(branch1, branch2, branch3, branch4),
    }

    block auxiliary() {
        features: adaptive_avg_pool2d(4) -> conv2d(128, 1, bias = false) -> batch_norm(eps = 0.001) -> relu,
        hidden: flatten -> dense(1024) -> relu,
        out: dense(1000),
    }
}

network! {
    /// `SqueezeNet` without dropout.
    struct PlainSqueezeNet([3, 224, 224]) -> [1000] {
        #[allow(skipped_input)]
        stem: conv2d(64, 3, stride = 2) -> relu -> max_pool2d(3, stride = 2),
        fire2: fire(16, 64),
        fire3: fire(16, 64) -> max_pool2d(3, stride = 2),
        fire4: fire(32, 128),
        fire5: fire(32, 128) -> max_pool2d(3, stride = 2),
        fire6: fire(48, 192),
        fire7: fire(48, 192),
        fire8: fire(64, 256),
        fire9: fire(64, 256),
        head: conv2d(1000, 1) -> relu -> global_avg_pool,
    }

    block fire(squeezed, expanded) {
        squeeze: conv2d(squeezed, 1) -> relu,
        out: concat(conv2d(expanded, 1) -> relu, conv2d(expanded, 3, padding = 1) -> relu),
    }
}

network! {
    /// `MobileNetV2` without dropout.
    struct PlainMobileNetV2([3, 224, 224]) -> [1000] {
        stem: conv2d(32, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu6,
        stage1: conv2d(32, 3, padding = 1, groups = 32, bias = false) -> batch_norm -> relu6
            -> conv2d(16, 1, bias = false) -> batch_norm,
        stage2: inverted(96, 24, stride = 2) -> residual(144, 24),
        stage3: inverted(144, 32, stride = 2) -> repeat(2, residual(192, 32)),
        stage4: inverted(192, 64, stride = 2) -> repeat(3, residual(384, 64)),
        stage5: inverted(384, 96) -> repeat(2, residual(576, 96)),
        stage6: inverted(576, 160, stride = 2) -> repeat(2, residual(960, 160)),
        stage7: inverted(960, 320),
        last: conv2d(1280, 1, bias = false) -> batch_norm -> relu6,
        head: global_avg_pool -> dense(1000),
    }

    block inverted(hidden, channels, stride = 1) {
        expand: conv2d(hidden, 1, bias = false) -> batch_norm -> relu6,
        filter: conv2d(hidden, 3, stride = stride, padding = 1, groups = hidden, bias = false) -> batch_norm -> relu6,
        project: conv2d(channels, 1, bias = false) -> batch_norm,
    }

    block residual(hidden, channels) {
        body: inverted(hidden, channels),
        out: add(input, body),
    }
}

const CLASSES: [u32; 8] = [3, 1, 4, 1, 5, 9, 2, 6];

/// How a network is trained here: on these samples, with the loss of its kind.
trait Lesson {
    fn backprop<N: Trainable>(training: &mut Training<N>, net: &mut N, x: &[N::Scalar], samples: usize) -> N::Scalar;
}

/// Cross-entropy with the first of [`CLASSES`].
struct Classes;

impl Lesson for Classes {
    fn backprop<N: Trainable>(training: &mut Training<N>, net: &mut N, x: &[N::Scalar], samples: usize) -> N::Scalar {
        training.backprop(net, &columns::<N>(x), &SoftmaxCrossEntropy, &CLASSES[..samples]).unwrap()
    }
}

/// The same at the classifier, and 0.3 of it at each of those beside the trunk.
struct WithAuxiliaries;

impl Lesson for WithAuxiliaries {
    fn backprop<N: Trainable>(training: &mut Training<N>, net: &mut N, x: &[N::Scalar], samples: usize) -> N::Scalar {
        let beside = Weighted::new(0.3, SoftmaxCrossEntropy);
        let losses = GoogLeNetOutputs { class: SoftmaxCrossEntropy, aux1: beside, aux2: beside };
        training.backprop(net, &columns::<N>(x), &losses, &CLASSES[..samples]).unwrap()
    }
}

/// The mean squared error with seeded values for every pixel.
struct Pixels;

impl Lesson for Pixels {
    fn backprop<N: Trainable>(training: &mut Training<N>, net: &mut N, x: &[N::Scalar], samples: usize) -> N::Scalar {
        let targets: Vec<N::Scalar> = values(TARGETS, samples * N::Output::DIM);
        training.backprop(net, &columns::<N>(x), &MeanSquaredError, &targets).unwrap()
    }
}

/// A network of `graphs`, and what is compared with it.
struct Case {
    name: &'static str,
    file: References,
    samples: usize,
    gain: f32,
    /// In f32 a value near the kink of a relu may fall on its other side, and what is behind it has another gradient: of many
    /// values some do. The gradients of large networks are compared in f64.
    tolerance: f64,
}

impl Case {
    fn new<T: Real>(name: &'static str, samples: usize) -> Self {
        // With whole weights each of its 600 blocks would double what it takes, in inference.
        let gain = if name == "resnet1202" { 0.25 } else { 1.0 };
        let tolerance = if size_of::<T>() == 4 { 1e-4 } else { 1e-10 };
        Self { name, file: References::read("graphs"), samples, gain, tolerance }
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    #[allow(clippy::unnecessary_box_returns, reason = "a network can be larger than a stack")]
    fn filled<N: Network>(&self) -> Box<N> {
        filled(self.gain)
    }

    /// Whole, or by a fingerprint: as the file has it.
    fn assert_close<T: Real>(&self, key: &str, number: usize, found: &[T]) {
        let key = self.key(key);
        if self.file.has(&key) {
            return assert_close(&key, found, &self.file.values(&key), self.tolerance);
        }
        let [sums, samples] = [".sums", ".samples"].map(|part| self.file.values(&format!("{key}{part}")));
        self.assert_fingerprint(&key, number, found, &sums, &samples);
    }

    /// Each of many tensors against its row of the fingerprints.
    fn assert_tensors<T: Real>(&self, key: &str, tensors: impl Iterator<Item = (String, usize, Vec<T>)>) {
        let key = self.key(key);
        let [sums, samples] = [".sums", ".samples"].map(|part| self.file.values(&format!("{key}{part}")));
        let few = samples.len() / (sums.len() / 3);
        let mut rows = sums.chunks(3).zip(samples.chunks(few));
        for (name, number, found) in tensors {
            let (sums, samples) = rows.next().expect("a row for each tensor");
            self.assert_fingerprint(&format!("{key} of {name}"), number, &found, sums, samples);
        }
        assert!(rows.next().is_none(), "{key}: PyTorch has more tensors");
    }

    /// Some of the values, and sums over all of them: `Σg`, `Σg²`, `Σ g·unit(WEIGHTS + number, i)`. As far from them as the
    /// tolerance of a typical value.
    fn assert_fingerprint<T: Real>(&self, what: &str, number: usize, found: &[T], sums: &[f64], samples: &[f64]) {
        /// A gradient that is 0 but for rounding is no measure.
        const LEAST: f64 = 1e-3;
        let found: Vec<_> = found.iter().map(|value| value.to_f64()).collect();
        let len = found.len() as f64;
        let typical = (sums[1] / len).sqrt().max(LEAST);
        let assert_near = |part: &str, found: f64, expected: f64, size: f64| {
            let near = (found - expected).abs() <= self.tolerance * size;
            assert!(near, "{what}{part}: {found}, PyTorch has {expected}, {typical} is typical");
        };
        for (j, expected) in samples.iter().enumerate() {
            let place = bits(SAMPLES + number, j) % found.len() as u64;
            // Some values are larger than the typical one, and so are their errors.
            let size = typical.max(expected.abs());
            assert_near(&format!("[{place}]"), found[place as usize], *expected, size);
        }
        let sum: f64 = found.iter().sum();
        let squares: f64 = found.iter().map(|value| value * value).sum();
        let dot: f64 = found.iter().enumerate().map(|(i, value)| value * f64::from(unit(WEIGHTS + number, i))).sum();
        assert_near(", the sum", sum, sums[0], typical * len);
        assert_near(", the squares", squares, sums[1], typical * typical * len);
        assert_near(", the weighted sum", dot, sums[2], typical * len);
    }

    /// The tensors have the names and the order of the definition in Python.
    fn check_names<N: Network>(&self) {
        let names: Vec<_> = N::state().into_iter().map(|tensor| tensor.name).collect();
        let expected = self.file.text(&self.key("names"));
        assert_eq!(names, expected.lines().collect::<Vec<_>>(), "{}", self.name);
    }

    fn check_inference<N: Network>(&self, net: &N, key: &str) {
        let x = inputs::<N>(self.samples);
        self.assert_close(key, OUTPUTS, N::workspace(self.samples).run(net, &columns::<N>(&x)).as_slice());
    }

    /// With the filled parameters, and after the normalisations have become part of the convolutions before them.
    fn check_inferences<N: Network>(&self) {
        let mut net = self.filled::<N>();
        self.check_inference(&*net, "inference");
        net.fold_batch_norms();
        self.check_inference(&*net, "inference");
    }

    /// Outputs, loss and running statistics after a training step, and its gradients.
    fn check_step<N: Trainable, L: Lesson>(&self, with_gradients: bool) {
        let (mut net, x) = (self.filled::<N>(), inputs::<N>(self.samples));
        let mut training = Training::<N>::with_input_gradient(self.samples);
        let loss = L::backprop(&mut training, &mut *net, &x, self.samples);
        self.assert_close("loss", 0, &[loss]);
        for number in 0..N::TRAINING_OUTPUTS.len() {
            self.assert_close(&format!("output{number}"), OUTPUTS + number, training.port(number));
        }
        let parameters = N::tensors();
        if with_gradients {
            let gradient = |(k, tensor): (usize, &TensorInfo)| {
                (tensor.name.clone(), k, in_file_order(tensor, training.gradient().params()))
            };
            let d_input = training.input_gradient().unwrap().as_slice().to_vec();
            let d_input = (String::from("the input"), INPUTS, d_input);
            self.assert_tensors("gradients", parameters.iter().enumerate().map(gradient).chain([d_input]));
        }
        let state = N::state();
        if state.len() > parameters.len() {
            let statistics = state[parameters.len()..].iter().enumerate();
            let statistics =
                statistics.map(|(k, tensor)| (tensor.name.clone(), BUFFERS + k, in_file_order(tensor, net.as_flat())));
            self.assert_tensors("statistics", statistics);
        }
    }

    /// The losses of five steps of descent on one batch, and inference after them.
    fn check_descent<N: Trainable, L: Lesson>(self, learning_rate: f64) {
        let (mut net, x) = (self.filled::<N>(), inputs::<N>(self.samples));
        let (mut training, mut descent) = (Training::<N>::new(self.samples), Sgd::new(learning_rate));
        let losses: Vec<_> = (0..5)
            .map(|_| {
                let loss = L::backprop(&mut training, &mut *net, &x, self.samples);
                descent.step(net.params_mut(), training.gradient().params());
                loss
            })
            .collect();
        let case = Self { tolerance: 10.0 * self.tolerance, ..self };
        case.assert_close("trained.losses", 0, &losses);
        case.check_inference(&*net, "trained.inference");
    }
}

/// All but the descent, in both precisions; gradients in f64. `Ready` is `monograd::networks`' own, `Plain` the same without
/// dropout.
macro_rules! graphs {
    (in release: $($row:tt)*) => {
        graphs! { cfg_attr(debug_assertions, ignore = "together minutes without optimisation") => $($row)* }
    };
    ($ignored:meta => $($name:ident: $ready:ident, $plain:ident, $lesson:ident, $samples:literal;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            #[$ignored]
            fn in_single_precision() {
                let case = Case::new::<f32>(stringify!($name), $samples);
                case.check_names::<$ready<f32>>();
                case.check_names::<$plain<f32>>();
                case.check_inferences::<$ready<f32>>();
                case.check_step::<$plain<f32>, $lesson>(false);
            }

            #[test]
            #[$ignored]
            fn in_double_precision() {
                let case = Case::new::<f64>(stringify!($name), $samples);
                case.check_inferences::<$ready<f64>>();
                case.check_step::<$plain<f64>, $lesson>(true);
            }
        }
    )*};
    ($($row:tt)*) => {
        graphs! { cfg_attr(any(), ignore) => $($row)* }
    };
}

graphs! {
    resnet18: ResNet18, ResNet18, Classes, 2;
    resnet20: ResNet20, ResNet20, Classes, 4;
    resnet110: ResNet110, ResNet110, Classes, 2;
    small_unet: SmallUNet, SmallUNet, Pixels, 2;
    squeezenet: SqueezeNet, PlainSqueezeNet, Classes, 2;
    mobilenet_v2: MobileNetV2, PlainMobileNetV2, Classes, 2;
}

graphs! { in release:
    resnet34: ResNet34, ResNet34, Classes, 2;
    resnet50: ResNet50, ResNet50, Classes, 2;
    resnet1202: ResNet1202, ResNet1202, Classes, 2;
    googlenet: GoogLeNet, PlainGoogLeNet, WithAuxiliaries, 2;
    densenet121: DenseNet121, DenseNet121, Classes, 2;
    unet: UNet, UNet, Pixels, 1;
}

#[test]
fn a_small_residual_network_learns() {
    Case::new::<f64>("resnet20", 4).check_descent::<ResNet20<f64>, Classes>(0.02);
    Case::new::<f32>("resnet20", 4).check_descent::<DirectResNet20<f32>, Classes>(0.02);
}

#[test]
fn a_small_unet_learns() {
    Case::new::<f64>("small_unet", 2).check_descent::<SmallUNet<f64>, Pixels>(0.1);
    // Rounding makes the paths part, at relus and at the largest of four pixels.
    let case = Case { tolerance: 1e-3, ..Case::new::<f32>("small_unet", 2) };
    case.check_descent::<DirectSmallUNet<f32>, Pixels>(0.1);
}

#[test]
fn gradients_of_small_networks_in_single_precision() {
    let case = |name, samples| Case { tolerance: 1e-3, ..Case::new::<f32>(name, samples) };
    case("resnet20", 4).check_step::<DirectResNet20<f32>, Classes>(true);
    case("small_unet", 2).check_step::<DirectSmallUNet<f32>, Pixels>(true);
}

/// Twice the rounding puts more values on the other side of a relu's kink, each a few per cent of the gradient of a small tensor, and
/// the paths part earlier.
#[test]
fn small_networks_learn_with_the_rounding_of_winograds_algorithms() {
    let case = |name, samples, tolerance| Case { tolerance, ..Case::new::<f32>(name, samples) };
    case("resnet20", 4, 5e-2).check_step::<ResNet20<f32>, Classes>(true);
    case("small_unet", 2, 5e-2).check_step::<SmallUNet<f32>, Pixels>(true);
    case("resnet20", 4, 1e-3).check_descent::<ResNet20<f32>, Classes>(0.02);
    case("small_unet", 2, 5e-3).check_descent::<SmallUNet<f32>, Pixels>(0.1);
}

#[test]
fn googlenet_without_its_auxiliary_classifiers() {
    let trunk = GoogLeNet::<f32>::tensors().into_iter().filter(|tensor| !tensor.name.starts_with("aux"));
    assert_eq!(trunk.map(|tensor| tensor.len()).sum::<usize>(), 6_624_904);
}
