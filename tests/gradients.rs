//! Whole networks against central differences: every parameter, and the input.

mod differences;

use differences::{check, check_network, uniform};
use monograd::initializers::Generator;
use monograd::losses::{
    AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Huber, MeanSquaredError, SoftmaxCrossEntropy,
};
use monograd::prelude::*;

/// A network with an activation in the middle and at the end.
macro_rules! around {
    ($($test:ident: $net:ident { $($activation:tt)+ })*) => {$(
        network! {
            #[allow(softmax_output, stacked_linear)]
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
            #[allow(unused_value, softmax_output, stacked_linear)]
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
