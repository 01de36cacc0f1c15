//! Networks with several inputs and outputs, as generated code implements them.

use core::marker::PhantomData;

use nalgebra::{Const, DimName, Dyn, OMatrix};
use nn_runtime::kernels::Kernels;
use nn_runtime::layers::Noise;
use nn_runtime::losses::{HalfSquaredError, Loss, TargetError};
use nn_runtime::plan::{Arena, Region};
use nn_runtime::{
    Flat, Generator, Inference, Inputs, LayerInfo, Losses, Network, Port, TensorEntry, Trainable, Training, exact_len,
};

const A: usize = 2;
const B: usize = 3;
/// The outputs of training: one value, which is an auxiliary output in inference of `O = 3` values, and three.
const PORTS: [Port; 2] = [Port { name: "sum", shape: &[1] }, Port { name: "scaled", shape: &[3, 1] }];

/// `sum = a₀·a₁·weight₀`, `scaled = b ⊙ weight₁₂₃ + a₀`; the first is there in training alone if there are three outputs.
#[repr(C)]
struct Two<O> {
    weight: [f64; 4],
    outputs: PhantomData<O>,
}

// SAFETY: `repr(C)` over four values and nothing.
unsafe impl<O> Flat<f64> for Two<O> {
    const LEN: usize = exact_len::<f64, Self>(&[4]);
}

impl<O> Two<O> {
    /// Packed inputs to the columns of each output.
    fn run(&self, x: &[f64], sum: &mut [f64], scaled: &mut [f64]) {
        let samples = x.len() / (A + B);
        let (a, b) = x.split_at(A * samples);
        for s in 0..samples {
            if let Some(sum) = sum.get_mut(s) {
                *sum = a[2 * s] * a[2 * s + 1] * self.weight[0];
            }
            for i in 0..B {
                scaled[B * s + i] = b[B * s + i] * self.weight[1 + i] + a[2 * s];
            }
        }
    }
}

impl<O: DimName> Network for Two<O> {
    type Scalar = f64;
    type Input = Const<{ A + B }>;
    type Output = O;
    const NAME: &'static str = "Two";
    const INPUT_SHAPE: &'static [usize] = &[A + B];
    const OUTPUT_SHAPE: &'static [usize] = &[O::DIM];
    const INPUTS: &'static [Port] = &[Port { name: "a", shape: &[A] }, Port { name: "b", shape: &[B] }];
    const OUTPUTS: &'static [Port] = if O::DIM == B { PORTS.split_at(1).1 } else { &PORTS };
    const LAYERS: &'static [LayerInfo] = &[];
    const TENSORS: &'static [TensorEntry] = &[];
    const INFERENCE_SIZE: usize = 16;
    const TRAINING_SIZE: Option<usize> = Some(32);
    const RECEPTIVE_FIELD: &'static [usize] = &[];
    const CHUNK: usize = 4;

    fn initialize(&mut self, _: &mut Generator) {
        self.weight = [0.5, -1.0, 2.0, 3.0];
    }

    fn infer<L: Kernels<f64>>(&self, _: L, x: &[f64], y: &mut [f64], arena: &mut Arena<'_, f64>, _: &mut [f64]) {
        assert!(arena.samples() <= Self::CHUNK);
        let (sum, scaled) = y.split_at_mut(y.len() - B * arena.samples());
        self.run(x, sum, scaled);
    }
}

impl<O: DimName> Trainable for Two<O> {
    const TRAINING_OUTPUTS: &'static [Port] = &PORTS;
    const OUTPUT: Region = Region { offset: 0, len: 4 };
    const D_OUTPUT: Region = Region { offset: 16, len: 4 };

    fn forward_training<L: Kernels<f64>>(
        &self,
        _: L,
        x: &[f64],
        arena: &mut Arena<'_, f64>,
        _: &mut [f64],
        _: &mut Self,
        _: Noise,
    ) {
        let samples = arena.samples();
        let [y] = arena.views([<Self as Trainable>::OUTPUT]);
        let (sum, scaled) = y.split_at_mut(samples);
        self.run(x, sum, scaled);
    }

    fn backward<L: Kernels<f64>>(
        &self,
        _: L,
        x: &[f64],
        arena: &mut Arena<'_, f64>,
        _: &mut [f64],
        d: &mut Self,
        _: Noise,
        d_x: Option<&mut [f64]>,
    ) {
        let samples = arena.samples();
        let [d_y] = arena.views([Self::D_OUTPUT]);
        let ((d_sum, d_scaled), (a, b)) = (d_y.split_at(samples), x.split_at(A * samples));
        d.weight.fill(0.0);
        let mut unwanted = vec![0.0; x.len()];
        let (d_a, d_b) = d_x.unwrap_or(&mut unwanted).split_at_mut(A * samples);
        for s in 0..samples {
            d.weight[0] += a[2 * s] * a[2 * s + 1] * d_sum[s];
            d_a[2 * s] = a[2 * s + 1] * self.weight[0] * d_sum[s];
            d_a[2 * s + 1] = a[2 * s] * self.weight[0] * d_sum[s];
            for i in 0..B {
                d.weight[1 + i] += b[B * s + i] * d_scaled[B * s + i];
                d_b[B * s + i] = self.weight[1 + i] * d_scaled[B * s + i];
                d_a[2 * s] += d_scaled[B * s + i];
            }
        }
    }
}

/// What `network!` declares for the names of the inputs.
struct TwoInputs<'a> {
    a: &'a [f64],
    b: &'a [f64],
}

impl<O: DimName> Inputs<Two<O>> for TwoInputs<'_> {
    fn samples(&self) -> usize {
        self.a.len() / A
    }

    fn port(&self, index: usize) -> &[f64] {
        [self.a, self.b][index]
    }
}

/// And for the losses and targets of the outputs.
struct TwoLosses<P, Q> {
    sum: P,
    scaled: Q,
}

#[derive(Clone, Copy)]
struct TwoTargets<'a> {
    sum: &'a [f64],
    scaled: &'a [f64],
}

impl<'a, O: DimName, P: Loss<f64, f64>, Q: Loss<f64, f64>> Losses<Two<O>, TwoTargets<'a>> for TwoLosses<P, Q> {
    fn forward_backward<L: Kernels<f64>>(
        &self,
        level: L,
        y: &[f64],
        samples: usize,
        targets: TwoTargets<'a>,
        d_y: &mut [f64],
    ) -> Result<f64, TargetError> {
        let ((sum, scaled), (d_sum, d_scaled)) = (y.split_at(samples), d_y.split_at_mut(samples));
        let first = self.sum.forward_backward(level, sum, targets.sum, 1, d_sum)?;
        Ok(first + self.scaled.forward_backward(level, scaled, targets.scaled, B, d_scaled)?)
    }
}

type Both = Two<Const<4>>;
type Main = Two<Const<3>>;

const LOSSES: TwoLosses<HalfSquaredError, HalfSquaredError> =
    TwoLosses { sum: HalfSquaredError, scaled: HalfSquaredError };

/// Numbers from −1 to 1 that look random.
fn values(len: usize, seed: usize) -> Vec<f64> {
    (0..len).map(|i| ((i + seed) * 3001 % 8191) as f64 / 4096.0 - 1.0).collect()
}

/// The two inputs of a sample in one column.
fn columns(a: &[f64], b: &[f64]) -> OMatrix<f64, Const<5>, Dyn> {
    OMatrix::<f64, Const<5>, Dyn>::from_fn(a.len() / A, |row, sample| match row {
        0..A => a[A * sample + row],
        _ => b[B * sample + row - A],
    })
}

#[test]
fn inference_takes_and_gives_ports_or_columns() {
    let net = Both::new();
    let mut work = Inference::<Both>::new(12);
    for samples in [10, 1, 4, 0, 12] {
        let (a, b) = (values(A * samples, 1), values(B * samples, 2));
        let expected: Vec<_> = (0..samples)
            .map(|s| {
                let scaled = [0, 1, 2].map(|i| b[B * s + i] * net.weight[1 + i] + a[2 * s]);
                (a[2 * s] * a[2 * s + 1] * 0.5, scaled)
            })
            .collect();
        work.run_ports(&net, &TwoInputs { a: &a, b: &b });
        assert_eq!(work.port(0), expected.iter().map(|sample| sample.0).collect::<Vec<_>>());
        assert_eq!(work.port(1), expected.iter().flat_map(|sample| sample.1).collect::<Vec<_>>());

        let y = work.run(&net, &columns(&a, &b)).into_owned();
        assert_eq!(y.shape(), (4, samples));
        for (y, (sum, scaled)) in y.column_iter().zip(&expected) {
            assert_eq!((y[0], [y[1], y[2], y[3]]), (*sum, *scaled));
        }
        assert_eq!(work.port(1), expected.iter().flat_map(|sample| sample.1).collect::<Vec<_>>());
    }
}

#[test]
fn an_output_of_training_alone_is_not_in_inference() {
    let mut net = Main::new();
    let (a, b) = (values(A * 6, 1), values(B * 6, 2));
    let mut work = Inference::<Main>::new(6);
    let y = work.run(&net, &columns(&a, &b)).into_owned();
    work.run_ports(&net, &TwoInputs { a: &a, b: &b });
    assert_eq!(work.port(0), y.as_slice());

    let mut training = Training::<Main>::new(8);
    let targets = TwoTargets { sum: &[0.0; 6], scaled: &[0.0; 18] };
    training.backprop_ports(&mut net, &TwoInputs { a: &a, b: &b }, &LOSSES, targets).unwrap();
    assert_eq!(training.output(), y);
    assert_eq!(training.port(1), y.as_slice());
    assert_eq!(training.port(0).len(), 6);
}

#[test]
fn training_gives_the_gradients_of_all_ports() {
    let (a, b) = (values(A * 5, 1), values(B * 5, 2));
    let (sum, scaled) = (values(5, 3), values(B * 5, 4));
    let targets = TwoTargets { sum: &sum, scaled: &scaled };
    let mut net = Both::new();
    let mut training = Training::<Both>::with_input_gradient(7);
    let mut loss = |net: &mut Both, a: &[f64], b: &[f64]| {
        let loss = training.backprop_ports(net, &TwoInputs { a, b }, &LOSSES, targets).unwrap();
        let d_input = [0, 1].map(|port| training.input_gradient_port(port).unwrap().to_vec());
        (loss, training.gradient().weight, d_input)
    };
    let (mean, d_weight, [d_a, d_b]) = loss(&mut net, &a, &b);

    // Packed columns are the same, and a loss over all of them together is the sum of both.
    let x = columns(&a, &b);
    let packed_targets = [&sum[..], &scaled[..]].concat();
    let mut by_columns = Training::<Both>::new(5);
    let found = by_columns.backprop(&mut net, &x, &HalfSquaredError, &packed_targets).unwrap();
    assert!((found - mean).abs() < 1e-14);
    assert!(
        by_columns.gradient().weight.iter().zip(d_weight).all(|(found, expected)| (found - expected).abs() < 1e-14)
    );

    let near = |found: f64, loss_at: &mut dyn FnMut(f64) -> f64| {
        let expected = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    };
    for (i, d) in d_weight.into_iter().enumerate() {
        near(d, &mut |step| {
            let mut net = Both::new();
            net.weight[i] += step;
            loss(&mut net, &a, &b).0
        });
    }
    let moved = |values: &[f64], i: usize, step: f64| {
        let mut values = values.to_vec();
        values[i] += step;
        values
    };
    for (i, d) in d_a.into_iter().enumerate() {
        near(d, &mut |step| loss(&mut net, &moved(&a, i, step), &b).0);
    }
    for (i, d) in d_b.into_iter().enumerate() {
        near(d, &mut |step| loss(&mut net, &a, &moved(&b, i, step)).0);
    }
}

#[test]
#[should_panic(expected = "the input `b` of 2 samples has 6 values, not 5")]
fn inputs_of_different_batches_are_refused() {
    Inference::<Both>::new(4).run_ports(&Both::new(), &TwoInputs { a: &[0.0; 4], b: &[0.0; 5] });
}

#[test]
#[should_panic(expected = "this workspace was made for 1 samples, but the batch has 2")]
fn ports_of_a_batch_larger_than_the_workspace_are_refused() {
    Inference::<Both>::new(1).run_ports(&Both::new(), &TwoInputs { a: &[0.0; 4], b: &[0.0; 6] });
}

#[test]
#[should_panic(expected = "`Two` has several outputs; `port` gives each of them")]
fn several_outputs_are_no_single_one() {
    let _ = Training::<Both>::new(1).output();
}

#[test]
#[should_panic(expected = "`Two` has several inputs; `input_gradient_port` gives each gradient")]
fn the_gradient_of_several_inputs_is_no_single_one() {
    let _ = Training::<Both>::with_input_gradient(1).input_gradient();
}
