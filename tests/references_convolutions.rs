//! Each layer of the convolutional family, as the only one of a network, against the numbers of PyTorch in
//! `tests/references`.

mod reference_numbers;

use monograd::Real;
use monograd::nalgebra::{DimName, Dyn, MatrixView};
use monograd::prelude::*;
use reference_numbers::{References, WeightedSum, assert_close, from_file_order, in_file_order};

/// Samples as the columns of a matrix.
fn samples<N: Network>(values: &[N::Scalar]) -> MatrixView<'_, N::Scalar, N::Input, Dyn> {
    MatrixView::from_slice_generic(values, N::Input::name(), Dyn(values.len() / N::Input::DIM))
}

/// A case of a layer, and what is compared with it.
struct Case {
    name: String,
    file: References,
    tolerance: f64,
}

impl Case {
    fn new<T: Real>(file: &str, name: String) -> Self {
        Self { name, file: References::read(file), tolerance: if size_of::<T>() == 4 { 1e-5 } else { 1e-12 } }
    }

    fn values<T: Real>(&self, key: &str) -> Vec<T> {
        self.file.values(&format!("{}.{key}", self.name))
    }

    fn assert_close<T: Real>(&self, key: &str, found: &[T]) {
        assert_close(&format!("{}.{key}", self.name), found, &self.values(key), self.tolerance);
    }

    /// Gives a network of this one layer the file's parameters and running statistics.
    fn load<N: Network>(&self, net: &mut N) {
        for tensor in N::state() {
            let key = word(&tensor.name);
            assert_eq!(self.file.shape(&format!("{}.{key}", self.name)), tensor.shape, "{} {key}", self.name);
            from_file_order(&tensor, net.as_flat_mut(), &self.values(key));
        }
    }

    /// A training step on the batch `x` and the loss `Σ y·d_y`: output and gradients.
    fn check_training<N: Trainable>(&self, net: &mut N, training: &mut Training<N>) {
        let x = self.values("x");
        training.backprop(net, &samples::<N>(&x), &WeightedSum, &self.values("d_y")).unwrap();
        self.assert_close("y", training.output().as_slice());
        self.assert_close("d_x", training.input_gradient().unwrap().as_slice());
        for tensor in N::tensors() {
            let found = in_file_order(&tensor, training.gradient().params());
            self.assert_close(&format!("d_{}", word(&tensor.name)), &found);
        }
    }

    fn batch(&self) -> usize {
        self.file.shape(&format!("{}.x", self.name))[0]
    }
}

/// The last word of a tensor's name.
fn word(name: &str) -> &str {
    name.rsplit('.').next().expect("a name has a word")
}

/// Inference and training of a layer that does the same in both.
fn check<N: Trainable>(file: &str, name: &str) {
    let case = Case::new::<N::Scalar>(file, name.into());
    let mut net = N::zeroed();
    case.load(&mut *net);
    let x = case.values("x");
    case.assert_close("y", N::workspace(case.batch()).run(&net, &samples::<N>(&x)).as_slice());
    case.check_training(&mut *net, &mut Training::<N>::with_input_gradient(case.batch()));
}

/// A step of training, the running statistics after it and after two more, and inference with those.
fn check_batch_norm<N: Trainable>(_: &str, name: &str) {
    let case = Case::new::<N::Scalar>("normalizations", name.into());
    let mut net = N::zeroed();
    case.load(&mut *net);
    let mut training = Training::<N>::with_input_gradient(case.batch());
    case.check_training(&mut *net, &mut training);
    let assert_statistics = |net: &N, after: usize| {
        for tensor in &N::state()[N::tensors().len()..] {
            case.assert_close(&format!("{}.after{after}", word(&tensor.name)), &in_file_order(tensor, net.as_flat()));
        }
    };
    assert_statistics(&net, 1);
    for x in ["x2", "x3"].map(|key| case.values(key)) {
        training.backprop(&mut *net, &samples::<N>(&x), &WeightedSum, &case.values("d_y")).unwrap();
    }
    assert_statistics(&net, 3);
    let x = case.values("x");
    case.assert_close("inference.y", N::workspace(case.batch()).run(&net, &samples::<N>(&x)).as_slice());
}

/// Every value is dropped or scaled, its gradient with it, and some are either; inference leaves all as they are.
fn check_dropout<N: Trainable>(_: &str, name: &str) {
    let case = Case::new::<N::Scalar>("dropout", name.into());
    let (mut net, x) = (N::new(), case.values("x"));
    let x = samples::<N>(&x);
    assert_eq!(N::workspace(x.ncols()).run(&net, &x).as_slice(), x.as_slice(), "{name}");

    let mut training = Training::<N>::with_input_gradient(x.ncols());
    training.backprop(&mut *net, &x, &WeightedSum, &case.values("d_y")).unwrap();
    let (y, d_x) = (training.output(), training.input_gradient().unwrap());
    let is_kept: Vec<_> = y.iter().map(|y| *y != N::Scalar::nearest(0.0)).collect();
    assert!(is_kept.contains(&true) && is_kept.contains(&false), "{name}");
    for (key, found) in [("kept", y.as_slice()), ("d_kept", d_x.as_slice())] {
        let mut expected = case.values(key);
        for (value, is_kept) in expected.iter_mut().zip(&is_kept) {
            *value = if *is_kept { *value } else { N::Scalar::nearest(0.0) };
        }
        assert_close(&format!("{name}.{key}"), found, &expected, case.tolerance);
    }
}

/// A module of tests for each layer: a case's declaration, and the check of it in both precisions.
macro_rules! layers {
    ($check:ident $file:literal $layer:ident: $($case:ident: ($($input:tt)*) -> $output:tt { $($chain:tt)* })*) => {
        mod $layer {
            use monograd::prelude::*;

            $(
                #[test]
                fn $case() {
                    network! {
                        #[allow(skipped_input)]
                        struct Layer($($input)*) -> $output {
                            y: $($chain)*,
                        }
                    }
                    let name = concat!(stringify!($layer), ".", stringify!($case));
                    super::$check::<Layer<f64>>($file, name);
                    super::$check::<Layer<f32>>($file, name);
                }
            )*
        }
    };
}

layers! { check "convolutions" conv1d:
    plain: (signal [3, 11]) -> (y: signal [4, 9]) { conv1d(4, 3) }
    size1: (signal [5, 7]) -> (y: signal [3, 7]) { conv1d(3, 1) }
    stride2_pad1: (signal [3, 12]) -> (y: signal [4, 6]) { conv1d(4, 3, stride = 2, padding = 1) }
    same_even: (signal [2, 9]) -> (y: signal [3, 9]) { conv1d(3, 4, padding = same) }
    dilation2_same: (signal [2, 10]) -> (y: signal [3, 10]) { conv1d(3, 3, dilation = 2, padding = same) }
    half: (signal [2, 9]) -> (y: signal [2, 9]) { conv1d(2, 5, padding = half) }
    full: (signal [2, 6]) -> (y: signal [3, 9]) { conv1d(3, 4, padding = full) }
    groups2_no_bias: (signal [4, 13]) -> (y: signal [6, 4]) { conv1d(6, 4, stride = 3, groups = 2, bias = false) }
    depthwise: (signal [5, 9]) -> (y: signal [5, 9]) { conv1d(5, 3, padding = 1, groups = 5) }
}

layers! { check "convolutions" conv2d:
    plain: ([3, 9, 8]) -> [4, 7, 6] { conv2d(4, 3) }
    size1: ([5, 4, 3]) -> [7, 4, 3] { conv2d(7, 1) }
    size1_stride2: ([4, 5, 6]) -> [3, 3, 3] { conv2d(3, 1, stride = 2, bias = false) }
    stride2: ([2, 9, 7]) -> [3, 4, 3] { conv2d(3, 3, stride = 2) }
    stride2_pad1: ([3, 9, 8]) -> [4, 5, 4] { conv2d(4, 3, stride = 2, padding = 1) }
    stride4: ([3, 15, 15]) -> [4, 4, 4] { conv2d(4, 7, stride = 4, padding = 2) }
    rectangle: ([3, 7, 8]) -> [4, 4, 7] { conv2d(4, [3, 2], stride = [2, 1], padding = [1, 0]) }
    wide: ([2, 5, 9]) -> [3, 5, 9] { conv2d(3, [1, 5], padding = [0, 2]) }
    same: ([3, 6, 5]) -> [4, 6, 5] { conv2d(4, 3, padding = same) }
    same_even: ([2, 6, 5]) -> [3, 6, 5] { conv2d(3, [4, 2], padding = same) }
    same_dilated: ([2, 6, 8]) -> [3, 6, 8] { conv2d(3, [3, 2], dilation = [2, 3], padding = same) }
    half: ([2, 6, 5]) -> [3, 6, 5] { conv2d(3, [5, 3], padding = half) }
    half_even: ([2, 5, 6]) -> [3, 6, 7] { conv2d(3, [4, 2], padding = half) }
    half_dilated: ([2, 7, 6]) -> [3, 7, 6] { conv2d(3, 3, padding = half, dilation = 2) }
    full: ([2, 5, 4]) -> [3, 7, 5] { conv2d(3, [3, 2], padding = full) }
    full_dilated: ([2, 4, 5]) -> [3, 6, 8] { conv2d(3, 2, padding = full, dilation = [2, 3]) }
    beyond_full: ([2, 3, 4]) -> [2, 6, 7] { conv2d(2, 2, padding = 2) }
    dilation2: ([3, 9, 8]) -> [3, 5, 4] { conv2d(3, 3, dilation = 2) }
    whole_input: ([3, 4, 5]) -> [6, 1, 1] { conv2d(6, [4, 5]) }
    skipping: ([2, 8, 9]) -> [3, 3, 3] { conv2d(3, 2, stride = 3) }
    groups2: ([4, 6, 5]) -> [6, 4, 3] { conv2d(6, 3, groups = 2) }
    groups3_no_bias: ([6, 5, 5]) -> [3, 3, 3] { conv2d(3, 3, groups = 3, bias = false) }
    depthwise: ([5, 6, 5]) -> [5, 6, 5] { conv2d(5, 3, padding = 1, groups = 5) }
    depthwise_stride2: ([3, 7, 8]) -> [6, 4, 4] { conv2d(6, 3, stride = 2, padding = 1, groups = 3, bias = false) }
    no_bias: ([3, 6, 5]) -> [5, 6, 5] { conv2d(5, 3, padding = 1, bias = false) }
    everything: ([4, 9, 10]) -> [6, 5, 4] {
        conv2d(6, [3, 2], stride = [2, 3], padding = [1, 2], dilation = [1, 2], groups = 2, bias = false)
    }
    many_channels: ([17, 4, 5]) -> [35, 3, 4] { conv2d(35, 2) }
    lenet: ([1, 10, 12]) -> [6, 6, 8] { conv2d(6, 5) }
}

layers! { check "convolutions" conv3d:
    plain: ([2, 4, 5, 4]) -> [3, 2, 3, 2] { conv3d(3, 3) }
    size1: ([3, 2, 3, 2]) -> [4, 2, 3, 2] { conv3d(4, 1) }
    stride2_pad1: ([2, 4, 5, 6]) -> [3, 2, 3, 3] { conv3d(3, 3, stride = 2, padding = 1) }
    oblong: ([2, 3, 5, 4]) -> [2, 3, 3, 5] { conv3d(2, [1, 3, 2], stride = [1, 2, 1], padding = [0, 1, 1]) }
    same_dilated: ([2, 3, 4, 5]) -> [2, 3, 4, 5] { conv3d(2, [2, 3, 2], dilation = [1, 2, 1], padding = same) }
    full: ([2, 2, 3, 2]) -> [2, 3, 4, 3] { conv3d(2, 2, padding = full) }
    groups2_no_bias: ([4, 3, 3, 4]) -> [4, 2, 1, 3] { conv3d(4, [2, 3, 2], groups = 2, bias = false) }
}

layers! { check "transposed_convolutions" conv_transpose1d:
    plain: (signal [3, 6]) -> (y: signal [4, 8]) { conv_transpose1d(4, 3) }
    stride2_pad1: (signal [2, 6]) -> (y: signal [3, 12]) {
        conv_transpose1d(3, 3, stride = 2, padding = 1, output_padding = 1)
    }
    holes: (signal [2, 5]) -> (y: signal [3, 16]) { conv_transpose1d(3, 2, stride = 3, output_padding = 2) }
    groups2_no_bias: (signal [4, 5]) -> (y: signal [6, 12]) {
        conv_transpose1d(6, 4, stride = 2, groups = 2, bias = false)
    }
}

layers! { check "transposed_convolutions" conv_transpose2d:
    plain: ([3, 5, 4]) -> [4, 7, 6] { conv_transpose2d(4, 3) }
    size1: ([3, 4, 3]) -> [5, 4, 3] { conv_transpose2d(5, 1) }
    stride2: ([3, 4, 3]) -> [2, 8, 6] { conv_transpose2d(2, 2, stride = 2) }
    stride2_pad1: ([2, 5, 4]) -> [3, 9, 7] { conv_transpose2d(3, 3, stride = 2, padding = 1) }
    output_padding: ([2, 4, 5]) -> [3, 8, 10] { conv_transpose2d(3, 3, stride = 2, padding = 1, output_padding = 1) }
    rectangle: ([2, 4, 5]) -> [3, 2, 15] {
        conv_transpose2d(3, [3, 2], stride = [1, 3], padding = [2, 0], output_padding = [0, 1])
    }
    half: ([2, 5, 4]) -> [3, 5, 4] { conv_transpose2d(3, [5, 3], padding = half) }
    full: ([2, 5, 6]) -> [3, 3, 3] { conv_transpose2d(3, [3, 4], padding = full) }
    dilation2: ([2, 4, 3]) -> [3, 6, 5] { conv_transpose2d(3, 3, dilation = 2, padding = 1) }
    dilated_output_padding: ([2, 3, 4]) -> [2, 8, 7] {
        conv_transpose2d(2, 2, dilation = [3, 2], output_padding = [2, 1])
    }
    holes: ([2, 3, 3]) -> [3, 9, 9] { conv_transpose2d(3, [1, 2], stride = 3, output_padding = [2, 1]) }
    groups2: ([4, 4, 3]) -> [6, 9, 7] { conv_transpose2d(6, 3, groups = 2, stride = 2) }
    depthwise: ([4, 3, 4]) -> [4, 5, 7] { conv_transpose2d(4, 3, groups = 4, stride = 2, padding = 1, bias = false) }
    no_bias: ([3, 4, 3]) -> [4, 5, 4] { conv_transpose2d(4, 2, bias = false) }
    everything: ([4, 4, 3]) -> [6, 8, 7] {
        conv_transpose2d(6, [3, 2], stride = [2, 3], padding = [1, 2], output_padding = [1, 2], dilation = [1, 2], groups = 2, bias = false)
    }
    many_channels: ([18, 3, 2]) -> [33, 6, 4] { conv_transpose2d(33, 2, stride = 2) }
}

layers! { check "transposed_convolutions" conv_transpose3d:
    plain: ([2, 2, 3, 2]) -> [3, 3, 5, 3] { conv_transpose3d(3, [2, 3, 2]) }
    stride2_pad1: ([2, 2, 3, 2]) -> [2, 4, 6, 4] { conv_transpose3d(2, 3, stride = 2, padding = 1, output_padding = 1) }
    groups2_no_bias: ([4, 2, 2, 3]) -> [2, 3, 4, 4] {
        conv_transpose3d(2, 2, stride = [1, 2, 1], groups = 2, bias = false)
    }
}

layers! { check "pools" max_pool1d:
    size2: (signal [3, 9]) -> (y: signal [3, 4]) { max_pool1d(2) }
    stride1_pad1: (signal [2, 7]) -> (y: signal [2, 7]) { max_pool1d(3, stride = 1, padding = 1) }
    ceil: (signal [2, 9]) -> (y: signal [2, 5]) { max_pool1d(2, ceil_mode = true) }
    dilation2: (signal [2, 9]) -> (y: signal [2, 4]) { max_pool1d(2, stride = 2, dilation = 2) }
}

layers! { check "pools" max_pool2d:
    size2: ([3, 6, 8]) -> [3, 3, 4] { max_pool2d(2) }
    odd: ([2, 7, 5]) -> [2, 3, 2] { max_pool2d(2) }
    size3_stride2: ([3, 7, 9]) -> [3, 3, 4] { max_pool2d(3, stride = 2) }
    size3_stride2_pad1: ([3, 7, 8]) -> [3, 4, 4] { max_pool2d(3, stride = 2, padding = 1) }
    size3_stride1_pad1: ([2, 5, 6]) -> [2, 5, 6] { max_pool2d(3, stride = 1, padding = 1) }
    rectangle: ([2, 7, 8]) -> [2, 4, 7] { max_pool2d([3, 2], stride = [2, 1], padding = [1, 0]) }
    dilation2: ([2, 8, 7]) -> [2, 5, 3] { max_pool2d([2, 3], stride = 1, dilation = [3, 2]) }
    skipping: ([2, 8, 7]) -> [2, 3, 2] { max_pool2d(2, stride = 3) }
    ceil: ([2, 7, 8]) -> [2, 4, 3] { max_pool2d([2, 3], ceil_mode = true) }
    ceil_pad1: ([2, 6, 8]) -> [2, 4, 5] { max_pool2d(3, stride = 2, padding = 1, ceil_mode = true) }
    ceil_last_in_padding: ([2, 5, 4]) -> [2, 3, 3] { max_pool2d(2, stride = 2, padding = 1, ceil_mode = true) }
    many_channels: ([19, 4, 4]) -> [19, 2, 2] { max_pool2d(2) }
    ties: ([2, 6, 6]) -> [2, 4, 4] { max_pool2d(3, stride = 1) }
}

layers! { check "pools" max_pool3d:
    size2: ([2, 4, 4, 6]) -> [2, 2, 2, 3] { max_pool3d(2) }
    oblong: ([2, 3, 4, 5]) -> [2, 3, 2, 2] { max_pool3d([1, 2, 3], stride = [1, 2, 2]) }
    pad1_ceil: ([2, 3, 4, 4]) -> [2, 2, 3, 3] { max_pool3d(2, padding = [0, 1, 1], ceil_mode = true) }
}

layers! { check "pools" avg_pool1d:
    size2: (signal [3, 9]) -> (y: signal [3, 4]) { avg_pool1d(2) }
    stride1_pad1: (signal [2, 7]) -> (y: signal [2, 7]) { avg_pool1d(3, stride = 1, padding = 1) }
    ceil_uncounted: (signal [2, 8]) -> (y: signal [2, 5]) {
        avg_pool1d(3, stride = 2, padding = 1, ceil_mode = true, count_padding = false)
    }
}

layers! { check "pools" avg_pool2d:
    size2: ([3, 6, 8]) -> [3, 3, 4] { avg_pool2d(2) }
    odd: ([2, 7, 5]) -> [2, 3, 2] { avg_pool2d(2) }
    size3_stride2: ([3, 7, 9]) -> [3, 3, 4] { avg_pool2d(3, stride = 2) }
    pad1: ([2, 7, 8]) -> [2, 4, 4] { avg_pool2d(3, stride = 2, padding = 1) }
    pad1_uncounted: ([2, 7, 8]) -> [2, 4, 4] { avg_pool2d(3, stride = 2, padding = 1, count_padding = false) }
    rectangle: ([2, 7, 8]) -> [2, 4, 7] { avg_pool2d([3, 2], stride = [2, 1], padding = [1, 0]) }
    skipping: ([2, 8, 7]) -> [2, 3, 2] { avg_pool2d(2, stride = 3) }
    ceil: ([2, 7, 8]) -> [2, 4, 3] { avg_pool2d([2, 3], ceil_mode = true) }
    ceil_pad1: ([2, 6, 8]) -> [2, 4, 5] { avg_pool2d(3, stride = 2, padding = 1, ceil_mode = true) }
    ceil_pad1_uncounted: ([2, 6, 8]) -> [2, 4, 5] {
        avg_pool2d(3, stride = 2, padding = 1, ceil_mode = true, count_padding = false)
    }
    many_channels: ([19, 4, 4]) -> [19, 2, 2] { avg_pool2d(2) }
}

layers! { check "pools" avg_pool3d:
    size2: ([2, 4, 4, 6]) -> [2, 2, 2, 3] { avg_pool3d(2) }
    oblong_ceil: ([2, 3, 4, 5]) -> [2, 3, 2, 2] { avg_pool3d([1, 2, 3], stride = [1, 2, 2], ceil_mode = true) }
    pad1_uncounted: ([2, 3, 4, 4]) -> [2, 2, 2, 2] { avg_pool3d(3, stride = 2, padding = 1, count_padding = false) }
}

layers! { check "pools" adaptive_avg_pool2d:
    smaller: ([3, 9, 8]) -> [3, 6, 3] { adaptive_avg_pool2d([6, 3]) }
    larger: ([2, 3, 4]) -> [2, 5, 4] { adaptive_avg_pool2d([5, 4]) }
    one: ([3, 4, 5]) -> [3, 1, 1] { adaptive_avg_pool2d([1, 1]) }
}

layers! { check "pools" global_avg_pool:
    signal: (signal [3, 7]) -> [3] { global_avg_pool }
    image: ([5, 4, 3]) -> [5] { global_avg_pool }
    volume: ([3, 2, 3, 4]) -> [3] { global_avg_pool }
}

layers! { check "pools" global_max_pool:
    signal: (signal [3, 7]) -> [3] { global_max_pool }
    image: ([5, 4, 3]) -> [5] { global_max_pool }
    volume: ([3, 2, 3, 4]) -> [3] { global_max_pool }
    ties: ([3, 4, 4]) -> [3] { global_max_pool }
}

layers! { check "resizes" upsample:
    signal: (signal [3, 5]) -> (y: signal [3, 15]) { upsample(3) }
    nearest: ([3, 4, 3]) -> [3, 8, 6] { upsample(2) }
    nearest_rectangle: ([2, 3, 4]) -> [2, 6, 12] { upsample([2, 3]) }
    volume: ([2, 2, 3, 2]) -> [2, 4, 3, 6] { upsample([2, 1, 3]) }
    bilinear: ([3, 4, 3]) -> [3, 8, 6] { upsample(2, mode = bilinear) }
    bilinear_rectangle: ([2, 3, 4]) -> [2, 6, 12] { upsample([2, 3], mode = bilinear) }
    bilinear_one_row: ([2, 1, 4]) -> [2, 2, 8] { upsample(2, mode = bilinear) }
    corners: ([3, 4, 3]) -> [3, 8, 6] { upsample(2, mode = bilinear, align_corners = true) }
    corners_rectangle: ([2, 3, 4]) -> [2, 6, 12] { upsample([2, 3], mode = bilinear, align_corners = true) }
    corners_one_row: ([2, 1, 4]) -> [2, 2, 8] { upsample(2, mode = bilinear, align_corners = true) }
}

layers! { check "resizes" pad:
    signal: (signal [3, 5]) -> (y: signal [3, 9]) { pad(2) }
    image: ([3, 4, 3]) -> [3, 6, 5] { pad(1) }
    rectangle_value: ([2, 4, 3]) -> [2, 6, 7] { pad([1, 2], value = 0.5) }
    one_sided: ([2, 4, 3]) -> [2, 6, 4] { pad(before = [2, 0], after = [0, 1]) }
    volume: ([2, 2, 3, 2]) -> [2, 4, 5, 4] { pad(1, value = -1.5) }
}

layers! { check "resizes" crop:
    signal: (signal [3, 9]) -> (y: signal [3, 5]) { crop(2) }
    image: ([3, 5, 4]) -> [3, 3, 2] { crop(1) }
    rectangle: ([2, 5, 7]) -> [2, 3, 3] { crop([1, 2]) }
    one_sided: ([2, 5, 4]) -> [2, 3, 3] { crop(before = [2, 0], after = [0, 1]) }
    volume: ([2, 4, 3, 5]) -> [2, 2, 1, 3] { crop(1) }
}

layers! { check "normalizations" layer_norm:
    vector: ([7]) -> [7] { layer_norm }
    sequence: (sequence [5, 6]) -> (y: sequence [5, 6]) { layer_norm }
    signal: (signal [3, 5]) -> (y: signal [3, 5]) { layer_norm }
    image: ([3, 4, 2]) -> [3, 4, 2] { layer_norm }
    volume: ([3, 2, 3, 2]) -> [3, 2, 3, 2] { layer_norm }
    eps: ([9]) -> [9] { layer_norm(eps = 0.01) }
}

layers! { check "normalizations" group_norm:
    groups2: ([6, 3, 4]) -> [6, 3, 4] { group_norm(2) }
    one_group: ([4, 3, 2]) -> [4, 3, 2] { group_norm(1) }
    groups_of_one: ([4, 3, 2]) -> [4, 3, 2] { group_norm(4, eps = 0.01) }
    vector: ([8]) -> [8] { group_norm(2) }
    signal: (signal [6, 5]) -> (y: signal [6, 5]) { group_norm(3) }
    plain: ([6, 3, 2]) -> [6, 3, 2] { group_norm(3, affine = false) }
    many_channels: ([34, 2, 2]) -> [34, 2, 2] { group_norm(2) }
}

layers! { check "normalizations" instance_norm:
    plain: ([4, 3, 4]) -> [4, 3, 4] { instance_norm }
    affine: ([4, 3, 4]) -> [4, 3, 4] { instance_norm(affine = true) }
    signal: (signal [3, 8]) -> (y: signal [3, 8]) { instance_norm(eps = 0.01) }
    volume: ([3, 2, 3, 2]) -> [3, 2, 3, 2] { instance_norm(affine = true) }
}

layers! { check "normalizations" local_response_norm:
    defaults: ([7, 3, 2]) -> [7, 3, 2] { local_response_norm(5) }
    strong: ([7, 3, 2]) -> [7, 3, 2] { local_response_norm(3, alpha = 2.0, beta = 0.5, k = 2.0) }
    even: ([6, 2, 3]) -> [6, 2, 3] { local_response_norm(4, alpha = 0.5) }
    wider_than_channels: ([3, 3, 2]) -> [3, 3, 2] { local_response_norm(9, alpha = 1.0) }
    signal: (signal [5, 4]) -> (y: signal [5, 4]) { local_response_norm(3, alpha = 1.0) }
    volume: ([5, 2, 2, 2]) -> [5, 2, 2, 2] { local_response_norm(3, alpha = 1.0) }
    many_channels: ([37, 2, 2]) -> [37, 2, 2] { local_response_norm(5, alpha = 1.0) }
}

layers! { check_batch_norm "normalizations" batch_norm:
    vector: ([4]) -> [4] { batch_norm }
    signal: (signal [3, 7]) -> (y: signal [3, 7]) { batch_norm(momentum = 0.3) }
    image: ([5, 4, 3]) -> [5, 4, 3] { batch_norm }
    image_of_one_sample: ([3, 4, 3]) -> [3, 4, 3] { batch_norm(eps = 0.001, momentum = 0.01) }
    volume: ([3, 2, 3, 2]) -> [3, 2, 3, 2] { batch_norm(eps = 0.001) }
    sequence: (sequence [4, 5]) -> (y: sequence [4, 5]) { batch_norm }
    many_channels: ([37, 2, 2]) -> [37, 2, 2] { batch_norm }
}

layers! { check_dropout "dropout" dropout:
    p25: ([32]) -> [32] { dropout(0.25) }
    p50: ([32]) -> [32] { dropout(0.5) }
    p10: ([32]) -> [32] { dropout(0.1) }
}

layers! { check_dropout "dropout" dropout2d:
    p25: ([8, 2, 2]) -> [8, 2, 2] { dropout2d(0.25) }
    p50: ([8, 2, 2]) -> [8, 2, 2] { dropout2d(0.5) }
}
