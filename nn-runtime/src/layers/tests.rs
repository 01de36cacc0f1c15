//! What every layer is held to: its definition, as plain loops, and central differences of it.

mod input_gradients;

use core::fmt::Debug;

use super::InputGradient;
use crate::activations::tests::{assert_marks, at_every_level, between_marks, vector};
use crate::activations::{Activation, Relu, Tanh};
use crate::geometry::{Axis, Window};
use crate::kernels::Kernels;
use crate::{Flat, Real};

/// A layer without parameters.
pub(super) trait Plain: Copy + Debug {
    /// How many values of a sample it takes and gives.
    fn sizes(&self) -> (usize, usize);
    fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]);
    fn backward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], d_y: &[T], d_x: &mut [T]);
}

macro_rules! plain {
    ($($layer:ty),*) => {
        $(impl crate::layers::tests::Plain for $layer {
            fn sizes(&self) -> (usize, usize) {
                (self.input().len(), self.output().len())
            }
            fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
                self.forward(level, x, y);
            }
            fn backward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], d_y: &[T], d_x: &mut [T]) {
                self.backward(level, x, d_y, d_x);
            }
        })*
    };
}

pub(super) use plain;

/// Distinct values from −2 to 2 that look random, none close to another, exact in `f32`.
pub(crate) fn values(len: usize, seed: usize) -> Vec<f64> {
    const PRIME: usize = 8191;
    (0..len).map(|i| ((i + seed) * 3001 % PRIME) as f64 / 2048.0 - 2.0).collect()
}

/// `Σ d_y·(f(x + h·e_i) − f(x − h·e_i)) / 2h` for each `i`, extrapolated to `h = 0`.
pub(crate) fn central_differences(x: &[f64], d_y: &[f64], f: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    const H: f64 = 1e-4;
    let (len, mut x) = (x.len(), x.to_vec());
    let mut weighted = |i: usize, step: f64| {
        let kept = x[i];
        x[i] += step;
        let y = f(&x);
        x[i] = kept;
        y.iter().zip(d_y).map(|(y, d)| y * d).sum::<f64>()
    };
    let mut slope = |i: usize, h: f64| (weighted(i, h) - weighted(i, -h)) / (2.0 * h);
    (0..len).map(|i| (4.0 * slope(i, H) - slope(i, 2.0 * H)) / 3.0).collect()
}

#[track_caller]
pub(crate) fn assert_near<T: Real>(found: &[T], expected: &[f64], tolerance: f64, what: impl Debug) {
    assert_eq!(found.len(), expected.len(), "{what:?}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found.to_f64() - expected).abs();
        assert!(error <= tolerance * expected.abs().max(1.0), "{what:?}: value {i} is {found}, not {expected}");
    }
}

/// The definition of one sample against the layer, whose gradient against differences of the definition.
pub(super) fn check_plain<P: Plain>(layer: P, definition: impl Fn(&[f64]) -> Vec<f64>) {
    const BATCH: usize = 3;
    let (inputs, outputs) = layer.sizes();
    let (x, d_y) = (values(inputs * BATCH, 1), values(outputs * BATCH, 777));
    let (mut y, mut d_x) = (Vec::new(), Vec::new());
    for (x, d_y) in x.chunks_exact(inputs).zip(d_y.chunks_exact(outputs)) {
        y.extend(definition(x));
        d_x.extend(central_differences(x, d_y, &definition));
    }
    let check = Check { layer, x, y, d_y, d_x };
    at_every_level!(level => { check.at::<f32, _>(level, 1e-5); check.at::<f64, _>(level, 1e-12) });
}

struct Check<P> {
    layer: P,
    x: Vec<f64>,
    y: Vec<f64>,
    d_y: Vec<f64>,
    d_x: Vec<f64>,
}

impl<P: Plain> Check<P> {
    /// On memory with marks around, dirty where it is overwritten.
    fn at<T: Real, L: Kernels<T> + Debug>(&self, level: L, tolerance: f64) {
        let what = (self.layer, level);
        let (inputs, outputs) = (self.x.len(), self.y.len());
        let (x, d_y) = (between_marks::<T>(&self.x), between_marks::<T>(&self.d_y));
        let mut y = between_marks::<T>(&vec![f64::NAN; outputs]);
        let mut d_x = between_marks::<T>(&vec![f64::NAN; inputs]);
        self.layer.forward(level, &x[1..=inputs], &mut y[1..=outputs]);
        assert_marks(&y, outputs, what);
        assert_near(&y[1..=outputs], &self.y, tolerance, what);
        self.layer.backward(level, &x[1..=inputs], &d_y[1..=outputs], &mut d_x[1..=inputs]);
        assert_marks(&d_x, inputs, what);
        assert_near(&d_x[1..=inputs], &self.d_x, tolerance.max(1e-7), what);
    }
}

/// Every output of a window with every tap.
pub(super) fn taps(window: &Window) -> Vec<([usize; 3], [usize; 3])> {
    let [d, h, w] = window.axes;
    let triples = |[d, h, w]: [usize; 3]| {
        (0..d * h * w).map(move |i| [i / (h * w), i / w % h, i % w]).collect::<Vec<[usize; 3]>>()
    };
    let taps = triples([d.size, h.size, w.size]);
    let outputs = triples([d.output, h.output, w.output]);
    outputs.into_iter().flat_map(|o| taps.iter().map(move |&k| (o, k)).collect::<Vec<_>>()).collect()
}

/// Which input tap `k` of output `o` reads; none in the padding.
pub(super) fn offset(axis: &Axis, o: usize, k: usize) -> Option<usize> {
    (o * axis.stride + k * axis.dilation).checked_sub(axis.before).filter(|&i| i < axis.input)
}

/// A layer with `gamma` and `beta`, for the checks: its parameters are one slice.
pub(super) trait Norm: Copy + Debug {
    fn forward<T: Real, L: Kernels<T>>(&self, level: L, parameters: &[T], x: &[T], y: &mut [T], f: Activation);
    fn backward<T: Real, L: Kernels<T>>(
        &self,
        level: L,
        parameters: &[T],
        x: &[T],
        d_y: &[T],
        d_x: Option<InputGradient<'_, T>>,
        d: &mut [T],
        accumulate: bool,
    );
}

/// The layer with such values; some are large.
#[allow(clippy::unnecessary_box_returns)]
pub(super) fn filled<T: Real, P: Flat<T>>(values: &[T]) -> Box<P> {
    let mut layer = P::zeroed_box();
    layer.as_flat_mut().copy_from_slice(values);
    layer
}

/// What the passes of a normalisation are to give, from its definition on a whole batch.
pub(super) struct NormCheck<N> {
    norm: N,
    parameters: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    d_y: Vec<f64>,
    d_x: Vec<f64>,
    d: Vec<f64>,
}

/// The definition, from the parameters and the batch, against the layer, whose gradients against differences of it.
pub(super) fn check_norm<N: Norm>(
    norm: N,
    parameters: usize,
    inputs: usize,
    definition: impl Fn(&[f64], &[f64]) -> Vec<f64>,
) {
    let parameters: Vec<f64> = values(parameters, 5).iter().map(|x| 0.75 + 0.25 * x).collect();
    let (x, d_y) = (values(inputs, 1), values(inputs, 777));
    let y = definition(&parameters, &x);
    let d_x = central_differences(&x, &d_y, |x| definition(&parameters, x));
    let d = central_differences(&parameters, &d_y, |parameters| definition(parameters, &x));
    let check = NormCheck { norm, parameters, x, y, d_y, d_x, d };
    at_every_level!(level => { check.at::<f32, _>(level, 2e-5); check.at::<f64, _>(level, 1e-12) });
}

impl<N: Norm> NormCheck<N> {
    fn at<T: Real, L: Kernels<T> + Debug>(&self, level: L, tolerance: f64) {
        for f in [Activation::Linear, Relu.into(), Tanh.into()] {
            self.forward::<T, L>(level, tolerance, f);
        }
        for (accumulate, d_x) in [(false, Some(false)), (true, Some(false)), (false, Some(true)), (false, None)] {
            self.backward::<T, L>(level, tolerance.max(1e-7), accumulate, d_x);
        }
    }

    fn forward<T: Real, L: Kernels<T> + Debug>(&self, level: L, tolerance: f64, f: Activation) {
        let what = (self.norm, level, f);
        let len = self.x.len();
        let x = between_marks::<T>(&self.x);
        let mut y = between_marks::<T>(&vec![f64::NAN; len]);
        self.norm.forward(level, &vector::<T>(&self.parameters), &x[1..=len], &mut y[1..=len], f);
        assert_marks(&y, len, what);
        let mut expected = self.y.clone();
        f.apply(&mut expected);
        assert_near(&y[1..=len], &expected, tolerance, what);
    }

    /// Whether the gradient of the input is wanted, and if so whether it is added.
    fn backward<T: Real, L: Kernels<T> + Debug>(&self, level: L, tolerance: f64, accumulate: bool, adds: Option<bool>) {
        let what = (self.norm, level, accumulate, adds);
        let (len, parameters) = (self.x.len(), vector::<T>(&self.parameters));
        let (x, d_y) = (between_marks::<T>(&self.x), between_marks::<T>(&self.d_y));
        let d_x_before = if adds == Some(true) { values(len, 99) } else { vec![f64::NAN; len] };
        let mut d_x = between_marks::<T>(&d_x_before);
        let before = if accumulate { 2.0 } else { f64::NAN };
        let mut d: Vec<T> = vector(&vec![before; parameters.len()]);
        let wanted = adds.map(|accumulate| InputGradient { values: &mut d_x[1..=len], accumulate });
        self.norm.backward(level, &parameters, &x[1..=len], &d_y[1..=len], wanted, &mut d, accumulate);
        assert_marks(&d_x, len, what);
        if let Some(adds) = adds {
            let sum = |(d, before): (&f64, &f64)| d + if adds { *before } else { 0.0 };
            let expected: Vec<f64> = self.d_x.iter().zip(&d_x_before).map(sum).collect();
            assert_near(&d_x[1..=len], &expected, tolerance, what);
        }
        let expected: Vec<f64> = self.d.iter().map(|d| d + if accumulate { 2.0 } else { 0.0 }).collect();
        assert_near(&d, &expected, tolerance, what);
    }
}

/// `(x − mean)/√(variance + eps)` of some values, by the definition.
pub(super) fn standardised(x: &[f64], eps: f64) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    x.iter().map(|x| (x - mean) / (variance + eps).sqrt()).collect()
}
