//! Whole networks against central differences: every parameter, and the input.

use std::sync::{Mutex, PoisonError};

use monograd::initializers::Generator;
use monograd::losses::{
    AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Huber, Loss, MeanSquaredError,
    SoftmaxCrossEntropy, mean_loss,
};
use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::prelude::*;
use monograd::simd::{Level, force_level};

/// Every batch goes through one workspace, made for more samples than any of them has.
const BATCHES: [usize; 4] = [1, 2, 17, 5];
const CAPACITY: usize = 20;

/// A network's samples, as its functions take them.
type Input<N> = OMatrix<f64, <N as Network>::Input, Dyn>;

/// Runs `check` on every instruction set of this processor, and no other check meanwhile: the level is the process's.
fn on_every_level(check: impl Fn(Level)) {
    static LEVEL: Mutex<()> = Mutex::new(());
    let _guard = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        force_level(Some(level)).unwrap();
        check(level);
    }
    force_level(None).unwrap();
}

/// Uniform values within ±`bound`.
fn uniform(generator: &mut Generator, bound: f64) -> f64 {
    bound * (2.0 * generator.uniform() - 1.0)
}

fn samples<N: Network<Scalar = f64>>(generator: &mut Generator, batch: usize) -> Input<N> {
    Input::<N>::from_fn_generic(N::Input::name(), Dyn(batch), |_, _| uniform(generator, 1.5))
}

/// The places of the true parameters, with their names; what lies between them is padding.
fn parameters<N: Network>() -> impl Iterator<Item = (String, usize)> {
    N::TENSORS.iter().flat_map(|tensor| (0..tensor.len()).map(|i| (format!("{}[{i}]", tensor.name), tensor.offset + i)))
}

/// The derivative of `f` at 0 from four values around it, with `h⁴/30` times the fifth derivative as its error.
fn central_difference(mut f: impl FnMut(f64) -> f64) -> f64 {
    const H: f64 = 1e-4;
    (8.0 * (f(H) - f(-H)) - (f(2.0 * H) - f(-2.0 * H))) / (12.0 * H)
}

/// Two gradients of a loss, value by value: they agree to `1e-8`, but for the rounding of a loss of this size.
fn assert_agree(what: &str, loss: f64, found: &[(String, f64)], expected: &[f64]) {
    for ((name, found), expected) in found.iter().zip(expected) {
        let allowed = 1e-8 * expected.abs() + 1e-11 * loss.abs();
        assert!((found - expected).abs() <= allowed, "{what}, {name}: {found} by backprop, {expected} by differences");
    }
}

/// Random parameters and samples, on every level and with batches of several sizes.
fn check<N, Target>(loss: &impl Loss<f64, Target>, target: impl Fn(usize, &mut Generator) -> Target)
where
    N: Trainable<Scalar = f64>,
{
    on_every_level(|level| {
        let mut generator = Generator::seed(7);
        let mut net = N::new();
        parameters::<N>().for_each(|(_, at)| net.params_mut()[at] = uniform(&mut generator, 0.9));
        let mut training = Training::<N>::with_input_gradient(CAPACITY);
        let mut work = N::workspace(CAPACITY);
        for batch in BATCHES {
            let x = samples::<N>(&mut generator, batch);
            let count = batch * loss.targets_per_sample(N::Output::DIM);
            let targets: Vec<_> = (0..count).map(|i| target(i, &mut generator)).collect();
            let what = format!("{} on {level:?}, {batch} samples", N::NAME);
            let found = training.backprop(&mut net, &x, loss, &targets).unwrap();
            let mut loss_of = |net: &N, x: &Input<N>| {
                let y = work.run(net, x);
                mean_loss(loss, y.as_slice(), &targets, N::Output::DIM).unwrap()
            };
            let expected = loss_of(&net, &x);
            assert!((found - expected).abs() <= 1e-13 * expected.abs(), "{what}: the loss is {found}, not {expected}");
            check_parameters(&what, &mut *net, &training, |net| loss_of(net, &x));
            check_input(&what, &training, x, |x| loss_of(&net, x));
        }
    });
}

fn check_parameters<N: Trainable<Scalar = f64>>(
    what: &str,
    net: &mut N,
    training: &Training<N>,
    mut loss: impl FnMut(&N) -> f64,
) {
    let mut padding = training.gradient().params().to_vec();
    let mut found = Vec::new();
    let mut expected = Vec::new();
    for (name, at) in parameters::<N>() {
        let start = net.params()[at];
        expected.push(central_difference(|step| {
            net.params_mut()[at] = start + step;
            loss(net)
        }));
        net.params_mut()[at] = start;
        found.push((name, std::mem::take(&mut padding[at])));
    }
    assert_agree(what, loss(net), &found, &expected);
    assert!(padding.iter().all(|d| *d == 0.0), "{what}: padding has a gradient");
}

fn check_input<N: Trainable<Scalar = f64>>(
    what: &str,
    training: &Training<N>,
    mut x: Input<N>,
    mut loss: impl FnMut(&Input<N>) -> f64,
) {
    let found = training.input_gradient().expect("the workspace was made for it");
    let found: Vec<_> = found.iter().enumerate().map(|(i, d)| (format!("input[{i}]"), *d)).collect();
    assert_eq!(found.len(), x.len());
    let mut expected = Vec::new();
    for i in 0..x.len() {
        let start = x[i];
        expected.push(central_difference(|step| {
            x[i] = start + step;
            loss(&x)
        }));
        x[i] = start;
    }
    assert_agree(what, loss(&x), &found, &expected);
}

/// A network with the half squared error, whose gradient is the residual.
fn check_network<N: Trainable<Scalar = f64>>() {
    check::<N, f64>(&HalfSquaredError, |_, generator| uniform(generator, 2.0));
}

/// A network with an activation in the middle and at the end.
macro_rules! around {
    ($($test:ident: $net:ident { $($activation:tt)+ })*) => {$(
        network! {
            struct $net([5]) -> [3] {
                hidden: dense(6) -> $($activation)+,
                out: dense(3) -> $($activation)+,
            }
        }

        #[test]
        fn $test() {
            check_network::<$net<f64>>();
        }
    )*};
}

around! {
    linear: WithLinear { linear }
    logistic: WithLogistic { logistic }
    steep_logistic: WithSteepLogistic { logistic(k = 2) }
    tanh: WithTanh { tanh }
    relu: WithRelu { relu }
    leaky_relu: WithLeakyRelu { leaky_relu }
    leaky_relu_with_a_slope: WithSlope { leaky_relu(slope = 0.2) }
    elu: WithElu { elu }
    elu_with_alpha: WithAlpha { elu(alpha = 0.7) }
    gelu: WithGelu { gelu }
    gelu_by_tanh: WithGeluByTanh { gelu(approximate = tanh) }
    silu: WithSilu { silu }
    softplus: WithSoftplus { softplus }
    softplus_with_beta: WithBeta { softplus(beta = 2) }
    softmax: WithSoftmax { softmax }
    rectified_tanh: WithRectifiedTanh { relu -> tanh }
    tanh_rectified: WithTanhRectified { tanh -> relu }
    three_that_keep_their_input: WithThreeInputs { gelu -> silu -> gelu(approximate = tanh) }
    gelu_silu_softmax: WithGeluSiluSoftmax { gelu -> silu -> softmax }
    softmax_between_others: WithSoftmaxBetween { tanh -> softmax -> silu -> elu }
}

/// A network as it is declared, and its test.
macro_rules! shapes {
    ($($test:ident: $net:ident $input:tt -> $output:tt { $($body:tt)* })*) => {$(
        network! {
            #[allow(unused_value)]
            struct $net $input -> $output { $($body)* }
        }

        #[test]
        fn $test() {
            check_network::<$net<f64>>();
        }
    )*};
}

const WIDTH: usize = 7;

shapes! {
    one_layer: OneLayer([4]) -> [3] { out: dense(3) }
    one_value: OneValue([1]) -> [1] { out: dense(1) -> tanh -> dense(1) }
    no_bias: NoBias([5]) -> [3] { hidden: dense(6, bias = false) -> tanh, out: dense(3, bias = false) }
    bias_here_and_there: SomeBias([5]) -> [3] { hidden: dense(6) -> silu -> dense(4, bias = false), out: dense(3) }
    constants_as_sizes: Constants([WIDTH]) -> [3] { a: dense(WIDTH) -> gelu -> dense({ 2 * WIDTH }) -> tanh, out: dense(3) }
    an_image: Image([1, 4, 4]) -> [3] { hidden: flatten -> dense(5) -> tanh, out: dense(3) }
    an_activated_image: ActivatedImage([2, 3, 4]) -> [3] { a: silu -> tanh -> flatten, out: dense(3) }
    flatten_in_the_middle: Flattened([5]) -> [3] { a: dense(6) -> flatten -> gelu -> flatten -> tanh, out: dense(3) }
    a_sequence: Sequence(sequence [5, 3]) -> (out: sequence [5, 2]) { a: dense(4) -> gelu -> tanh, out: dense(2) -> softmax }
    a_sequence_read_whole: SequenceWhole(sequence [5, 3]) -> [2] { a: dense(4) -> silu -> flatten, out: dense(2) }
    an_activation_first: ActivationFirst([5]) -> [3] { a: input -> tanh -> dense(3) }
    two_activations_first: ActivationsFirst([5]) -> [3] { a: gelu -> relu, out: dense(3) -> logistic }
    softmax_first: SoftmaxFirst([5]) -> [3] { a: softmax -> dense(3) }
    one_activation: OneActivation([5]) -> [5] { a: tanh }
    one_that_keeps_its_input: OneGelu([5]) -> [5] { a: gelu }
    activations_only: ActivationsOnly([5]) -> [5] { a: tanh -> silu -> gelu, b: softplus -> logistic }
    softmax_only: SoftmaxOnly([5]) -> [5] { a: softmax }
    softmax_of_activations: SoftmaxOfSilu([5]) -> [5] { a: silu -> softmax -> softmax -> gelu }
    flatten_only: FlattenOnly([2, 3, 2]) -> [12] { a: flatten }
    linear_only: LinearOnly([5]) -> [5] { a: linear }
    flatten_and_an_activation: FlattenTanh([2, 3, 2]) -> [12] { a: flatten -> tanh -> flatten }
    a_value_at_the_head: ValueAtHead([5]) -> [3] { a: dense(6) -> tanh, b: a -> dense(3) }
    the_input_at_the_head: InputAtHead([5]) -> [2] { out: input -> dense(2) }
    an_unused_line: UnusedLine([5]) -> [2] { a: dense(4) -> tanh, b: a -> dense(7), out: a -> silu -> dense(2) }
    a_line_behind_the_output: BehindOutput([5]) -> (out: [2]) { out: dense(2) -> tanh, b: dense(3) -> gelu }
    vectors_and_their_tails: Wide([21]) -> [19] { a: dense(40) -> tanh, b: dense(9) -> silu, out: dense(19) }
    many_layers: Deep([4]) -> [2] {
        a: dense(5) -> tanh -> dense(9) -> silu -> dense(3) -> elu,
        b: dense(8, bias = false) -> logistic,
        c: dense(2) -> softplus -> dense(6) -> gelu,
        out: dense(2),
    }
}

network! {
    /// A smooth network for the losses.
    struct Smooth([5]) -> [4] {
        hidden: dense(6) -> tanh,
        out: dense(4),
    }
}

network! {
    /// Steps of scores.
    struct Steps(sequence [3, 4]) -> (out: sequence [3, 2]) {
        hidden: dense(5) -> tanh,
        out: dense(2),
    }
}

/// A value within ±2.
fn value(_: usize, generator: &mut Generator) -> f64 {
    uniform(generator, 2.0)
}

/// −1 or 1.
fn sign(_: usize, generator: &mut Generator) -> f64 {
    uniform(generator, 1.0).signum()
}

#[test]
fn half_squared_error() {
    check::<Smooth<f64>, _>(&HalfSquaredError, value);
    check::<Steps<f64>, _>(&HalfSquaredError, value);
}

#[test]
fn mean_squared_error() {
    check::<Smooth<f64>, _>(&MeanSquaredError, value);
    check::<Steps<f64>, _>(&MeanSquaredError, value);
}

#[test]
fn absolute_error() {
    check::<Smooth<f64>, _>(&AbsoluteError, value);
}

#[test]
fn huber() {
    check::<Smooth<f64>, _>(&Huber { delta: 0.8 }, value);
}

#[test]
fn cross_entropy_of_classes() {
    check::<Smooth<f64>, u32>(&SoftmaxCrossEntropy, |_, generator| (generator.bits() % 4) as u32);
}

#[test]
fn cross_entropy_of_distributions() {
    // Each four targets are a sample's: the shares sum to one.
    check::<Smooth<f64>, f64>(&SoftmaxCrossEntropy, |i, _| [0.1, 0.2, 0.3, 0.4][(i + i / 4) % 4]);
}

#[test]
fn cross_entropy_of_shares_that_do_not_sum_to_one() {
    check::<Smooth<f64>, f64>(&SoftmaxCrossEntropy, |_, generator| generator.uniform());
}

#[test]
fn binary_cross_entropy() {
    check::<Smooth<f64>, f64>(&BinaryCrossEntropyWithLogits, |_, generator| (generator.bits() % 2) as f64);
    check::<Smooth<f64>, f64>(&BinaryCrossEntropyWithLogits, |_, generator| generator.uniform());
}

#[test]
fn hinge() {
    check::<Smooth<f64>, _>(&Hinge, sign);
}
