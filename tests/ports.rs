//! Several inputs and outputs, by name.

use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy, Weighted, mean_loss};
use monograd::nalgebra::{DMatrix, Dyn, OMatrix, SMatrix, U6};
use monograd::optimizers::Sgd;
use monograd::prelude::*;

network! {
    /// Two inputs, two outputs, and a third that only training has.
    pub struct Both(left: [4], right: [2]) -> (class: [3], value: [1], aux: [3] in training) {
        a: left -> dense(5) -> tanh,
        b: right -> dense(5) -> tanh,
        both: add(a, b),
        aux: a -> dense(3),
        class: both -> dense(3),
        value: concat(both, right) -> dense(1),
    }

    /// An output that only training has, and a single one beside it.
    pub struct Supervised([4]) -> (class: [3], aux: [3] in training) {
        a: dense(5) -> tanh,
        aux: dense(3),
        class: a -> dense(3),
    }
}

fn inputs() -> (SMatrix<f32, 4, 7>, SMatrix<f32, 2, 7>) {
    (SMatrix::from_fn(|i, j| ((i * 5 + j * 3) % 7) as f32 - 3.0), SMatrix::from_fn(|i, j| (i + j) as f32 / 5.0))
}

#[test]
fn outputs_of_training_are_no_part_of_inference() {
    assert_eq!(Both::<f32>::OUTPUTS.len(), 2);
    assert_eq!(
        Both::<f32>::TRAINING_OUTPUTS.iter().map(|port| port.name).collect::<Vec<_>>(),
        ["class", "value", "aux"]
    );
    assert_eq!(Both::<f32>::INPUTS[1].shape, [2]);
    // The workspace of inference has no room for what is not computed: as much as without the line.
    assert_eq!(Supervised::INFERENCE_BYTES, Plain::INFERENCE_BYTES);
    let mut net = Supervised::new();
    let (left, _) = inputs();
    let mut work = Supervised::workspace(7);
    let before = net.forward(&left, &mut work).into_owned();
    net.aux.bias.fill(f32::NAN);
    assert_eq!(net.forward(&left, &mut work).into_owned(), before);
}

network! {
    struct Plain([4]) -> [3] {
        a: dense(5) -> tanh,
        class: dense(3),
    }
}

#[test]
fn forward_takes_and_gives_the_names() {
    let net = Both::new();
    let (left, right) = inputs();
    let mut work = Both::workspace(9);
    let y = net.forward(BothInputs { left: &left, right: &right }, &mut work);
    assert_eq!((y.class.shape(), y.value.shape(), y.aux), ((3, 7), (1, 7), ()));
    let (class, value) = (y.class.into_owned(), y.value.into_owned());
    // One column has all inputs of a sample, and gets all its outputs.
    let stacked = OMatrix::<f32, U6, Dyn>::from_fn(7, |i, j| if i < 4 { left[(i, j)] } else { right[(i - 4, j)] });
    let y: DMatrix<f32> = DMatrix::from_fn(4, 7, |i, j| work.run(&*net, &stacked)[(i, j)]);
    for j in 0..7 {
        assert_eq!((y.column(j).rows(0, 3), y[(3, j)]), (class.column(j).as_view(), value[j]));
    }
    let sample = left.fixed_columns::<1>(3).into_owned();
    let y = net.forward(BothInputs { left: &sample, right: &right.fixed_columns::<1>(3).into_owned() }, &mut work);
    assert_eq!(y.value[0], value[3]);
}

#[test]
#[should_panic(expected = "`right` has 6 columns, but `left` has 7: each sample is a column of every input")]
fn inputs_have_as_many_columns() {
    let (left, right) = inputs();
    let mut work = Both::workspace(7);
    let (left, right) = (left.columns(0, 7).into_owned(), right.columns(0, 6).into_owned());
    Both::new().forward(BothInputs { left: &left, right: &right }, &mut work);
}

#[test]
fn losses_and_targets_go_by_name() {
    let mut net = Both::new();
    let mut training = Training::<Both>::new(7);
    let (left, right) = inputs();
    let inputs = BothInputs { left: &left, right: &right };
    let classes = [0, 1, 2, 0, 1, 2, 0];
    let values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    let losses = BothOutputs {
        class: SoftmaxCrossEntropy,
        value: HalfSquaredError,
        aux: Weighted::new(0.25, SoftmaxCrossEntropy),
    };
    let targets = || BothOutputs { class: &classes[..], value: &values[..], aux: &classes[..] };
    let first = training.backprop_ports(&mut *net, &inputs, &losses, targets()).unwrap();
    let alone = |weight: [f64; 3]| {
        let losses = BothOutputs {
            class: Weighted::new(weight[0], SoftmaxCrossEntropy),
            value: Weighted::new(weight[1], HalfSquaredError),
            aux: Weighted::new(weight[2], SoftmaxCrossEntropy),
        };
        let mut training = Training::<Both>::new(7);
        training.backprop_ports(&mut *Both::new(), &inputs, &losses, targets()).unwrap()
    };
    let sum = alone([1.0, 0.0, 0.0]) + alone([0.0, 1.0, 0.0]) + alone([0.0, 0.0, 0.25]);
    assert!((first - sum).abs() < 1e-6, "{first} {sum}");
    let mut sgd = Sgd::new(0.1);
    let mut last = first;
    for _ in 0..60 {
        sgd.step(net.params_mut(), training.gradient().params());
        last = training.backprop_ports(&mut *net, &inputs, &losses, targets()).unwrap();
    }
    assert!(last < 0.7 * first, "{first} {last}");
    assert_eq!(training.port(2).len(), 3 * 7);
}

#[test]
fn the_trainer_gives_every_output_the_same_targets() {
    let samples: Vec<[f32; 4]> =
        (0..60).map(|i| core::array::from_fn(|k| ((i * (k + 2)) % 9) as f32 / 4.0 - 1.0)).collect();
    let targets: Vec<u32> = samples.iter().map(|x| if x[0] > 0.3 { 2 } else { u32::from(x[1] > 0.0) }).collect();
    let data = Dataset::<f32, 4, u32>::from_labelled_rows(&samples, &targets, 3).unwrap();
    let losses = SupervisedOutputs { class: SoftmaxCrossEntropy, aux: Weighted::new(0.3, SoftmaxCrossEntropy) };
    let mut net = Supervised::new();
    let history = Trainer::new(losses, Sgd::new(0.3)).batch_size(10).epochs(30).fit(&mut *net, &data).unwrap();
    assert!(history.last().unwrap().loss < history.epochs[0].loss);
    assert!(evaluate(&*net, &data, &losses).unwrap().accuracy().unwrap() > 0.8);
}

network! {
    /// What is a view of an input in inference, and not the first.
    #[allow(unused_value)]
    struct View(left: [4], right: [2]) -> [2] {
        out: right -> dropout(0.5),
    }

    /// A line with the name of a struct that is generated, and one that is a keyword.
    struct Named(left: [4], right: [4]) -> [2] {
        inputs: concat(left, right) -> dense(4) -> relu -> dense(4),
        outputs: relu -> Move -> dense(3) -> relu -> dense(2),
    }

    struct NamedInput([4]) -> [4] {
        out: dense(4) -> relu -> dense(4),
    }

    struct Move([4]) -> [4] {
        out: dense(4),
    }
}

#[test]
fn an_output_may_be_any_input() {
    let (left, right) = inputs();
    let mut work = View::workspace(7);
    let found = View::new().forward(ViewInputs { left: &left, right: &right }, &mut work).into_owned();
    assert_eq!(found.as_slice(), right.as_slice());
    assert_eq!((Named::new().outputs.r#move.out.bias.len(), NamedInput::PARAMS), (4, 40));
}

#[test]
fn evaluation_measures_the_outputs_of_inference() {
    let samples: Vec<[f32; 4]> = (0..9).map(|i| core::array::from_fn(|k| ((i * (k + 2)) % 9) as f32 / 4.0)).collect();
    let data = Dataset::<f32, 4, u32>::from_labelled_rows(&samples, &[0, 1, 2, 0, 1, 2, 0, 1, 2], 3).unwrap();
    let losses = TwinOutputs { one: SoftmaxCrossEntropy, other: Weighted::new(0.5, SoftmaxCrossEntropy) };
    let net = Twin::new();
    let found = evaluate(&*net, &data, &losses).unwrap().loss;
    let mut work = Twin::workspace(9);
    let y = net.forward(data.inputs(), &mut work);
    let labels = [0, 1, 2, 0, 1, 2, 0, 1, 2];
    let one = mean_loss(&SoftmaxCrossEntropy, y.one.as_slice(), &labels, 3).unwrap();
    let other = mean_loss(&SoftmaxCrossEntropy, y.other.as_slice(), &labels, 4).unwrap();
    assert!((found - f64::from(one + 0.5 * other)).abs() < 1e-6, "{found} {one} {other}");
}

network! {
    struct Twin([4]) -> (one: [3], other: [4]) {
        one: dense(3),
        other: input -> dense(4),
    }
}
