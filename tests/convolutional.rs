//! What users rely on around the convolutional family: running statistics, folding, noise, orders of memory, tables.

use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy};
use monograd::nalgebra::{Const, Dyn, OMatrix, SMatrix};
use monograd::networks::LeNet5;
use monograd::optimizers::Sgd;
use monograd::prelude::*;

network! {
    /// Normalisations behind convolutions with and without bias, in lines of one and of several layers.
    #[allow(bias_before_norm)]
    struct Normed([2, 6, 6]) -> [3] {
        first: batch_norm,
        stem: conv2d(5, 3, bias = false) -> batch_norm(momentum = 0.5) -> relu,
        #[allow(skipped_input)]
        body: conv2d(4, 3, groups = 1) -> batch_norm -> tanh -> conv2d(4, 2, stride = 2) -> batch_norm(eps = 0.01),
        out: flatten -> dense(3),
    }
}

type Images<const I: usize> = OMatrix<f32, Const<I>, Dyn>;

fn images<const I: usize>(samples: usize) -> Images<I> {
    Images::<I>::from_fn(samples, |pixel, sample| ((pixel * 7 + sample * 13) as f32 * 0.37).sin() + 0.5)
}

/// After two steps of training, so that nothing is what it was at first.
fn trained() -> Box<Normed> {
    let mut net = Normed::seeded(3);
    let mut training = Training::<Normed>::new(8);
    let (mut optimizer, x) = (Sgd::new(0.1), images::<72>(8));
    for _ in 0..2 {
        training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[0_u32, 1, 2, 0, 1, 2, 0, 1]).unwrap();
        optimizer.step(net.params_mut(), training.gradient().params());
    }
    net
}

#[test]
fn running_statistics_are_no_parameters() {
    assert_eq!(Normed::PARAMS, 4 + (5 * 2 * 9 + 10) + (4 * 5 * 9 + 4 + 8 + 4 * 4 * 4 + 4 + 8) + (4 * 3 + 3));
    let names = |tensors: Vec<monograd::TensorInfo>| tensors.into_iter().map(|tensor| tensor.name).collect::<Vec<_>>();
    let parameters = names(Normed::<f32>::tensors());
    let buffers = names(Normed::<f32>::state()).split_off(parameters.len());
    let expected = [
        "first.running_mean",
        "first.running_var",
        "stem.batch_norm.running_mean",
        "stem.batch_norm.running_var",
        "body.batch_norm.running_mean",
        "body.batch_norm.running_var",
        "body.batch_norm_2.running_mean",
        "body.batch_norm_2.running_var",
    ];
    assert_eq!(buffers, expected);
    assert!(parameters.iter().all(|name| !name.contains("running")));
    let mut net = trained();
    let before = net.buffers.stem.batch_norm.running_var[0];
    assert!(before != 1.0 && before > 0.0, "training moves them");
    net.params_mut().fill(0.0);
    assert_eq!(net.buffers.stem.batch_norm.running_var[0], before);
}

#[test]
fn statistics_move_by_the_momentum() {
    let mut net = Normed::new();
    let x = images::<72>(4);
    Training::<Normed>::new(4).backprop(&mut net, &x, &HalfSquaredError, &[0.0; 12]).unwrap();
    let values: Vec<f32> =
        x.column_iter().flat_map(|image| image.rows(0, 36).iter().copied().collect::<Vec<_>>()).collect();
    let mean = values.iter().sum::<f32>() / 144.0;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 143.0;
    assert!((net.buffers.first.running_mean[0] - 0.1 * mean).abs() < 1e-6);
    assert!((net.buffers.first.running_var[0] - (0.9 + 0.1 * variance)).abs() < 1e-6);
}

#[test]
fn a_loss_that_is_no_number_leaves_the_statistics_alone() {
    let mut net = trained();
    let before = net.buffers.first.running_mean;
    let mut x = images::<72>(4);
    x[5] = f32::NAN;
    let loss = Training::<Normed>::new(4).backprop(&mut net, &x, &HalfSquaredError, &[0.0; 12]).unwrap();
    assert!(loss.is_nan());
    assert_eq!(net.buffers.first.running_mean, before);
}

network! {
    /// A line that nothing uses yet.
    #[allow(unused_value)]
    struct Unused([4]) -> [2] {
        aside: batch_norm,
        out: input -> dense(2),
    }
}

#[test]
fn statistics_of_what_is_never_computed_stay() {
    let mut net = Unused::new();
    Training::<Unused>::new(4).backprop(&mut net, &images::<4>(4), &HalfSquaredError, &[0.0; 8]).unwrap();
    assert_eq!((net.buffers.aside.running_mean[0], net.buffers.aside.running_var[0]), (0.0, 1.0));
}

#[test]
fn statistics_are_saved_loaded_and_copied() {
    let net = trained();
    let path = std::env::temp_dir().join(format!("monograd-test-statistics-{}.safetensors", std::process::id()));
    net.save(&path).unwrap();
    let mut loaded = Normed::zeroed();
    let result = loaded.load(&path);
    std::fs::remove_file(&path).unwrap();
    result.unwrap();
    let mut copy = Normed::new();
    copy.copy_from(&net);
    let x = images::<72>(3);
    let (mut work, mut other) = (Normed::workspace(3), Normed::workspace(3));
    let expected = net.forward(&x, &mut work).clone_owned();
    assert_eq!(loaded.forward(&x, &mut other), expected);
    assert_eq!(copy.forward(&x, &mut other), expected);
}

#[test]
fn folding_changes_no_output() {
    let mut net = trained();
    let x = images::<72>(5);
    let mut work = Normed::workspace(5);
    let before = net.forward(&x, &mut work).clone_owned();
    net.fold_batch_norms();
    assert!(net.stem.batch_norm.gamma.iter().all(|gamma| *gamma == 1.0));
    assert!(net.buffers.body.batch_norm_2.running_mean.iter().all(|mean| *mean == 0.0));
    // What stands before the first convolution has none to go into.
    assert!(net.first.gamma[0] != 1.0);
    let after = net.forward(&x, &mut work);
    let largest = before.amax();
    for (after, before) in after.iter().zip(&before) {
        assert!((after - before).abs() <= 1e-5 * largest, "{after} is not {before}");
    }
}

network! {
    /// With noise everywhere.
    struct Noisy([1, 6, 6]) -> [3] {
        a: dropout(0.1) -> conv2d(4, 3) -> relu -> dropout2d(0.5),
        b: flatten -> dense(20) -> tanh -> dropout(0.5),
        out: dense(3),
    }

    /// Without.
    struct Quiet([1, 6, 6]) -> [3] {
        a: conv2d(4, 3) -> relu,
        b: flatten -> dense(20) -> tanh,
        out: dense(3),
    }
}

#[test]
fn inference_has_no_noise_and_no_trace_of_it() {
    assert_eq!(Noisy::INFERENCE_BYTES, Quiet::INFERENCE_BYTES);
    let (noisy, mut quiet) = (Noisy::seeded(4), Quiet::new());
    quiet.params_mut().copy_from_slice(noisy.params());
    let x = images::<36>(3);
    let (mut work, mut other) = (Noisy::workspace(3), Quiet::workspace(3));
    assert_eq!(noisy.forward(&x, &mut work), quiet.forward(&x, &mut other));
}

#[test]
fn noise_follows_from_the_seed_and_the_step() {
    let mut net = Noisy::new();
    let x = images::<36>(4);
    let mut losses = |seed: u64| {
        let mut training = Training::<Noisy>::new(4).seed(seed);
        [0, 1].map(|_| training.backprop(&mut net, &x, &HalfSquaredError, &[1.0; 12]).unwrap())
    };
    let first = losses(1);
    assert_eq!(first, losses(1));
    assert_ne!(first, losses(2));
    assert_ne!(first[0], first[1], "each step has other noise");
}

network! {
    /// Values go through, in the orders of the caller.
    struct Through([2, 2, 3]) -> [2, 2, 3] { y: max_pool2d(1) }

    struct Flat([2, 2, 3]) -> [12] { y: max_pool2d(1) -> flatten }
}

/// Inside the channels lie last; nobody outside sees that.
#[test]
fn the_caller_sees_channels_first() {
    let x = SMatrix::<f32, 12, 2>::from_fn(|row, column| (row + 100 * column) as f32);
    assert_eq!(Through::new().forward(&x, &mut Through::workspace(2)), x);
    assert_eq!(Flat::new().forward(&x, &mut Flat::workspace(2)), x);
}

network! {
    /// `LeNet`-5 as a course counts it: the last two layers without bias.
    #[allow(stacked_linear)]
    struct Course([1, 32, 32]) -> [10] {
        c1: conv2d(6, 5),
        s2: avg_pool2d(2),
        c3: conv2d(16, 5),
        s4: avg_pool2d(2),
        c5: flatten -> dense(120),
        f6: dense(84, bias = false),
        out: dense(10, bias = false),
    }
}

/// C3 is counted by courses as 2,496 parameters; a full connection has 16·(6·25 + 1) = 2,416.
#[test]
fn the_table_is_that_of_the_course() {
    let rows: Vec<_> = Course::summary()
        .layers
        .iter()
        .filter(|layer| layer.kind != "flatten")
        .map(|layer| (layer.line, layer.params, layer.activations, layer.receptive_field[0]))
        .collect();
    let expected = [
        ("c1", 156, 4704, 5),
        ("s2", 0, 1176, 6),
        ("c3", 2416, 1600, 14),
        ("s4", 0, 400, 16),
        ("c5", 48_120, 120, 32),
        ("f6", 10_080, 84, 32),
        ("out", 840, 10, 32),
    ];
    assert_eq!(rows, expected);
    assert_eq!(LeNet5::PARAMS, 61_706);
    assert_eq!(LeNet5::MACS, 6 * 25 * 784 + 16 * 150 * 100 + 400 * 120 + 120 * 84 + 840);
}

const CHANNELS: usize = 3;
const SIDE: usize = 9;
const KERNEL: usize = 3;

network! {
    /// Sizes that only the compiler knows.
    struct Constants([CHANNELS, SIDE, SIDE]) -> [4] {
        a: conv2d({ 2 * CHANNELS }, KERNEL, stride = 2, padding = { KERNEL / 2 }, bias = false) -> batch_norm -> relu,
        b: conv_transpose2d(CHANNELS, KERNEL) -> avg_pool2d(KERNEL, stride = 1),
        c: pad(1) -> max_pool2d(2) -> dropout(0.2),
        out: flatten -> dense(4),
    }
}

#[test]
fn sizes_may_be_const_expressions() {
    assert_eq!(Constants::RECEPTIVE_FIELD, [SIDE, SIDE]);
    let outputs: Vec<_> = Constants::summary().layers.iter().map(|layer| layer.output).collect();
    assert_eq!(outputs[0], [6, 5, 5]);
    assert_eq!(outputs[3], [3, 7, 7]);
    assert_eq!(outputs[4], [3, 5, 5]);
    assert_eq!(outputs[6], [3, 3, 3]);
    let mut net = Constants::new();
    let x = images::<243>(2);
    let loss = Training::<Constants>::new(2).backprop(&mut net, &x, &SoftmaxCrossEntropy, &[1_u32, 3]).unwrap();
    assert!(loss.is_finite());
}

/// The batch does not change a bit of a sample, whatever chunks it is cut into.
#[test]
fn samples_do_not_see_one_another() {
    let net = trained();
    let x = images::<72>(50);
    let (mut work, mut one) = (Normed::workspace(50), Normed::workspace(1));
    let all = net.forward(&x, &mut work);
    for (sample, expected) in x.column_iter().zip(all.column_iter()) {
        assert_eq!(net.forward(&sample, &mut one), expected);
    }
}
