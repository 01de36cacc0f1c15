//! Networks that were drawn at random: gradients against central differences, inference against the training pass, on every
//! instruction set.
//!
//! `random_declarations.rs` draws them: chains, merges, blocks and repeats of each other, several inputs and outputs.

mod differences;

use differences::{assert_agree, difference_near_kinks, on_every_level, parameters, uniform};
use monograd::initializers::Generator;
use monograd::losses::{HalfSquaredError, Weighted};
use monograd::nalgebra::{Const, DimName, Dyn, MatrixView, OMatrix};
use monograd::prelude::*;

/// Of each input or output the values of a batch, a column a sample.
type Ports = Vec<Vec<f64>>;

/// A network that was drawn, as it is used by the names of its inputs and outputs.
pub trait Case: Trainable<Scalar = f64> {
    /// Nothing in it depends on the batch or is drawn anew: inference computes what training does.
    const SAME_IN_INFERENCE: bool;

    /// One training step: the loss.
    fn step(training: &mut Training<Self>, net: &mut Self, inputs: &Ports, targets: &Ports) -> f64;

    /// Inference.
    fn run(work: &mut Inference<Self>, net: &Self, inputs: &Ports);
}

/// A network's test, by the lengths of its inputs and outputs, with the structs of their names if there are several.
macro_rules! case {
    ($test:ident: $net:ident, $inputs:tt -> $outputs:tt, $same:tt) => {
        impl Case for $net<f64> {
            const SAME_IN_INFERENCE: bool = case!(@ $same);

            fn step(training: &mut Training<Self>, net: &mut Self, inputs: &Ports, targets: &Ports) -> f64 {
                let (mut inputs, mut targets) = (inputs.iter(), targets.iter());
                let losses = losses!($outputs);
                training.backprop_ports(net, inputs!(inputs, $inputs), &losses, targets!(targets, $outputs)).unwrap()
            }

            fn run(work: &mut Inference<Self>, net: &Self, inputs: &Ports) {
                let mut inputs = inputs.iter();
                work.run_ports(net, inputs!(inputs, $inputs));
            }
        }

        #[test]
        fn $test() {
            check::<$net<f64>>();
        }
    };
    (@ same) => {
        true
    };
    (@ differs) => {
        false
    };
}

macro_rules! inputs {
    ($ports:ident, [$len:literal]) => { &columns::<$len>(&mut $ports) };
    ($ports:ident, [$inputs:ident { $($name:ident: $len:literal),* }]) => {
        &$inputs { $($name: &columns::<$len>(&mut $ports)),* }
    };
}

macro_rules! losses {
    ([$len:literal]) => { HalfSquaredError };
    ([$outputs:ident { $($name:ident: $len:literal),* }]) => {
        $outputs { $($name: Weighted::new(0.5 + f64::from($len) / 8.0, HalfSquaredError)),* }
    };
}

macro_rules! targets {
    ($ports:ident, [$len:literal]) => { next(&mut $ports) };
    ($ports:ident, [$outputs:ident { $($name:ident: $len:literal),* }]) => { $outputs { $($name: next(&mut $ports)),* } };
}

#[path = "random_graphs/declarations.rs"]
mod declarations;

fn next<'p>(ports: &mut impl Iterator<Item = &'p Vec<f64>>) -> &'p [f64] {
    ports.next().expect("there are as many as the network has")
}

fn columns<'p, const LEN: usize>(
    ports: &mut impl Iterator<Item = &'p Vec<f64>>,
) -> MatrixView<'p, f64, Const<LEN>, Dyn> {
    let values = next(ports);
    MatrixView::from_slice_generic(values, Const, Dyn(values.len() / LEN))
}

/// How many samples a workspace has room for.
const CAPACITY: usize = 9;

fn check<N: Case>() {
    on_every_level(|level| {
        let mut generator = Generator::seed(11);
        let mut net = N::new();
        parameters::<N>().for_each(|(_, at)| net.params_mut()[at] = uniform(&mut generator, 0.8));
        for samples in [3, 2] {
            let what = format!("{} on {level:?}, {samples} samples", N::NAME);
            let batch = Batch::new::<N>(&mut generator, samples);
            batch.check_gradients(&what, &mut *net);
            if N::SAME_IN_INFERENCE {
                batch.check_inference(&what, &mut *net);
            }
        }
        let what = format!("{} on {level:?}", N::NAME);
        check_samples_of_a_batch(&what, &*net, &mut generator);
        check_folded(&what, &mut *net, &mut generator);
    });
}

struct Batch {
    inputs: Ports,
    targets: Ports,
}

/// A training step that remembers nothing of those before it: its loss.
fn step<N: Case>(training: &mut Training<N>, net: &mut N, batch: &Batch) -> f64 {
    let room = Training::new(0);
    *training = core::mem::replace(training, room).seed(3);
    N::step(training, net, &batch.inputs, &batch.targets)
}

impl Batch {
    fn new<N: Case>(generator: &mut Generator, samples: usize) -> Self {
        let mut values = |len: usize, bound| (0..len * samples).map(|_| uniform(generator, bound)).collect();
        let inputs = N::INPUTS.iter().map(|port| values(port.len(), 1.5)).collect();
        let targets = N::TRAINING_OUTPUTS.iter().map(|port| values(port.len(), 2.0)).collect();
        Self { inputs, targets }
    }

    /// In a workspace that nothing clean has been in.
    fn check_gradients<N: Case>(&self, what: &str, net: &mut N) {
        let mut training = Training::<N>::with_input_gradient(CAPACITY);
        poison(&mut training, net);
        let loss = step(&mut training, net, self);
        assert!(loss.is_finite(), "{what}: the loss is {loss}");
        self.check_without_input_gradient(what, net, &training, loss);
        let mut again = Training::new(CAPACITY);
        self.check_parameters(what, net, &training, &mut again);
        self.check_inputs(what, net, &training, &mut again);
    }

    /// What is computed only for the gradient of the input changes nothing else.
    fn check_without_input_gradient<N: Case>(&self, what: &str, net: &mut N, training: &Training<N>, loss: f64) {
        let mut alone = Training::<N>::new(CAPACITY);
        poison(&mut alone, net);
        assert_eq!(step(&mut alone, net, self), loss, "{what}");
        assert_eq!(alone.gradient().params(), training.gradient().params(), "{what}");
    }

    fn check_parameters<N: Case>(&self, what: &str, net: &mut N, training: &Training<N>, again: &mut Training<N>) {
        let loss = step(again, net, self);
        let mut padding = training.gradient().params().to_vec();
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        for (name, at) in parameters::<N>() {
            let (start, gradient) = (net.params()[at], core::mem::take(&mut padding[at]));
            expected.push(difference_near_kinks(gradient, loss, |h| {
                net.params_mut()[at] = start + h;
                step(again, net, self)
            }));
            net.params_mut()[at] = start;
            found.push((name, gradient));
        }
        assert_agree(what, loss, &found, &expected);
        assert!(padding.iter().all(|d| *d == 0.0), "{what}: padding has a gradient");
    }

    fn check_inputs<N: Case>(&self, what: &str, net: &mut N, training: &Training<N>, again: &mut Training<N>) {
        let loss = step(again, net, self);
        let mut moved = Self { inputs: self.inputs.clone(), targets: self.targets.clone() };
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        for (port, start) in self.inputs.iter().enumerate() {
            let gradient = training.input_gradient_port(port).expect("the workspace was made for it");
            assert_eq!(gradient.len(), start.len());
            for (i, start) in start.iter().enumerate() {
                expected.push(difference_near_kinks(gradient[i], loss, |h| {
                    moved.inputs[port][i] = start + h;
                    step(again, net, &moved)
                }));
                moved.inputs[port][i] = *start;
                found.push((format!("{}[{i}]", N::INPUTS[port].name), gradient[i]));
            }
        }
        assert_agree(what, loss, &found, &expected);
    }

    /// Inference gives what training does, bit by bit.
    fn check_inference<N: Case>(&self, what: &str, net: &mut N) {
        let (mut training, mut work) = (Training::<N>::new(CAPACITY), N::workspace(CAPACITY));
        poison(&mut training, net);
        step(&mut training, net, self);
        N::run(&mut work, net, &self.inputs);
        for (index, port) in N::OUTPUTS.iter().enumerate() {
            let trained = N::TRAINING_OUTPUTS.iter().position(|other| other.name == port.name);
            let trained = training.port(trained.expect("an output of inference is one of training"));
            assert_eq!(work.port(index), trained, "{what}, {}", port.name);
        }
    }
}

/// Leaves no number in a workspace, where a step could read what it has not written.
fn poison<N: Case>(training: &mut Training<N>, net: &mut N) {
    let nan = |ports: &[monograd::Port]| ports.iter().map(|port| vec![f64::NAN; port.len() * CAPACITY]).collect();
    let batch = Batch { inputs: nan(N::INPUTS), targets: nan(N::TRAINING_OUTPUTS) };
    assert!(step(training, net, &batch).is_nan(), "{}: NaN in is NaN out", N::NAME);
}

/// In inference a sample gives what it gives alone, by the names of the ports and as a column with all of them.
fn check_samples_of_a_batch<N: Case>(what: &str, net: &N, generator: &mut Generator) {
    let batch = Batch::new::<N>(generator, CAPACITY);
    let of = |k: usize| {
        let ports = N::INPUTS.iter().zip(&batch.inputs);
        ports.map(|(port, values)| values[k * port.len()..][..port.len()].to_vec()).collect::<Ports>()
    };
    let mut single = N::workspace(1);
    let expected: Vec<Ports> = (0..CAPACITY)
        .map(|k| {
            N::run(&mut single, net, &of(k));
            (0..N::OUTPUTS.len()).map(|index| single.port(index).to_vec()).collect()
        })
        .collect();
    let mut work = N::workspace(CAPACITY);
    let rows = |k: usize| of(k).concat();
    let matrix = (0..CAPACITY).flat_map(rows);
    let matrix = OMatrix::<f64, N::Input, Dyn>::from_iterator_generic(N::Input::name(), Dyn(CAPACITY), matrix);
    let columns = work.run(net, &matrix);
    for (k, column) in columns.column_iter().enumerate() {
        assert_eq!(column.as_slice(), expected[k].concat(), "{what}, sample {k}");
    }
    N::run(&mut work, net, &batch.inputs);
    for (index, port) in N::OUTPUTS.iter().enumerate() {
        let expected: Vec<_> = expected.iter().flat_map(|ports| ports[index].clone()).collect();
        assert_eq!(work.port(index), expected, "{what}, {}", port.name);
    }
}

/// Normalisations that became part of the layers before them change nothing. The running statistics are those that the
/// training steps have left.
fn check_folded<N: Case>(what: &str, net: &mut N, generator: &mut Generator) {
    let batch = Batch::new::<N>(generator, 3);
    let infer = |net: &N| {
        let mut work = N::workspace(3);
        N::run(&mut work, net, &batch.inputs);
        (0..N::OUTPUTS.len()).flat_map(|index| work.port(index).to_vec()).collect::<Vec<_>>()
    };
    let expected = infer(net);
    net.fold_batch_norms();
    let largest = expected.iter().fold(1.0_f64, |largest, y| largest.max(y.abs()));
    for (found, expected) in infer(net).iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-10 * largest, "{what}, folded: {found} instead of {expected}");
    }
}
