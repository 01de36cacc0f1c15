//! The language, as a program uses it: what a declaration generates, by hand and by example.

use monograd::nalgebra::{Const, Dyn, OMatrix, SMatrix, SVector, vector};
use monograd::prelude::*;

const HIDDEN: usize = 16;
const SLOPE: f64 = 0.25;

network! {
    /// Handwritten digits.
    pub struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

network! {
    #[allow(softmax_output)]
    struct Small([3]) -> (y: [2]) {
        /// Three layers in one line.
        body: dense(HIDDEN) -> tanh -> dense({ HIDDEN / 2 }, bias = false) -> gelu -> dense(5) -> elu(alpha = 0.5),
        y: dense(2, init = normal, std = 0.5) -> softmax,
    }
}

network! {
    /// A line may have the name of a layer; behind an arrow the word is the layer.
    struct Words([3]) -> [4] {
        relu: dense(1 << 3) -> relu,
        out: relu -> dense(4) -> leaky_relu(slope = SLOPE) -> relu,
    }
}

#[test]
fn batches_are_static_dynamic_or_views() {
    let net = Digits::new();
    let mut work = Digits::workspace(64);
    let x = SMatrix::<f32, 784, 1>::from_fn(|row, _| (row as f32).sin());
    let one = net.forward(&x, &mut work).into_owned();
    let many = OMatrix::<f32, Const<784>, Dyn>::from_fn(7, |row, _| (row as f32).sin());
    assert_eq!(net.forward(&many, &mut work).column(6), one.column(0));
    assert_eq!(net.forward(&many.columns(2, 3), &mut work).column(2), one.column(0));
}

#[test]
fn the_summary_is_a_table() {
    let expected = "\
Digits [784]
line    layer       output  parameters  activations     MACs  receptive field
hidden  dense(128)  [128]      100,480          128  100,352              784
        relu        [128]            0          128        0              784
out     dense(10)   [10]         1,290           10    1,280              784
total                          101,770          266  101,632
parameters 397.6 KiB, inference 64.6 KiB (workspace 128 values a sample: at least 128 live at once; all activations 266), training 461.6 KiB and 1.1 KiB a sample";
    assert_eq!(Digits::summary().to_string(), expected);
}

#[test]
fn lines_name_fields_and_tensors() {
    let net = Small::new();
    assert_eq!(net.body.dense.weight.shape(), (HIDDEN, 3));
    assert_eq!(net.body.dense_2.bias.len(), 0);
    let names: Vec<_> = Small::<f32>::tensors().into_iter().map(|tensor| tensor.name).collect();
    let body =
        ["body.dense.weight", "body.dense.bias", "body.dense_2.weight", "body.dense_3.weight", "body.dense_3.bias"];
    assert_eq!(names, [&body[..], &["y.weight", "y.bias"]].concat());
}

#[test]
fn a_softmax_sums_to_one_in_f64() {
    let mut work = Small::<f64>::workspace(1);
    let p: SVector<f64, 2> = Small::<f64>::new().forward(&vector![1.0, 2.0, 3.0], &mut work).into_owned();
    assert!((p.sum() - 1.0).abs() < 1e-15);
}

#[test]
fn code_can_be_generic_over_networks() {
    fn first<N: Network<Scalar = f32, Input = Const<I>>, const I: usize>(net: &N, x: &SVector<f32, I>) -> f32 {
        net.forward(x, &mut N::workspace(1))[0]
    }
    let net = Words::new();
    let x = vector![1.0, -2.0, 0.5];
    assert_eq!(first(&*net, &x), net.forward(&x, &mut Words::workspace(1))[0]);
    assert_eq!(Words::PARAMS, 3 * 8 + 8 + 8 * 4 + 4);
}
