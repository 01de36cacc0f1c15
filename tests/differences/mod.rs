//! A network's gradients against central differences: every parameter, and the input.

use std::sync::{Mutex, PoisonError};

use monograd::TensorInfo;
use monograd::initializers::Generator;
use monograd::losses::{HalfSquaredError, Loss, mean_loss};
use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::prelude::*;
use monograd::simd::{Level, force_level};

/// Every batch goes through one workspace, made for more samples than any of them has.
const BATCHES: [usize; 4] = [1, 2, 17, 5];
const CAPACITY: usize = 20;

/// A network's samples, as its functions take them.
type Input<N> = OMatrix<f64, <N as Network>::Input, Dyn>;

/// Runs `check` on every instruction set of this processor, and no other check meanwhile: the level is the process's.
pub fn on_every_level(check: impl Fn(Level)) {
    static LEVEL: Mutex<()> = Mutex::new(());
    let _guard = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        force_level(Some(level)).unwrap();
        check(level);
    }
    force_level(None).unwrap();
}

/// Uniform values within ±`bound`.
pub fn uniform(generator: &mut Generator, bound: f64) -> f64 {
    bound * (2.0 * generator.uniform() - 1.0)
}

fn samples<N: Network<Scalar = f64>>(generator: &mut Generator, batch: usize) -> Input<N> {
    Input::<N>::from_fn_generic(N::Input::name(), Dyn(batch), |_, _| uniform(generator, 1.5))
}

/// The places of the true parameters, with their names; what lies between them is padding.
pub fn parameters<N: Network>() -> impl Iterator<Item = (String, usize)> {
    let places =
        |tensor: TensorInfo| (0..tensor.len()).map(move |i| (format!("{}[{i}]", tensor.name), tensor.offset + i));
    N::tensors().into_iter().flat_map(places)
}

/// The derivative of `f` at 0 from four values around it, with `h⁴/30` times the fifth derivative as its error.
fn central_difference(f: impl FnMut(f64) -> f64) -> f64 {
    const H: f64 = 1e-4;
    difference_over(H, f)
}

fn difference_over(h: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h)
}

/// The same of a function that may have a kink nearby, as where a maximum moves, or a sharp bend: where the difference is not
/// what was found, one over a hundredth of the way decides, which rounding leaves fewer digits.
#[allow(dead_code, reason = "the networks of most tests are chosen to have none")]
pub fn difference_near_kinks(found: f64, loss: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    let expected = central_difference(&mut f);
    if agree(found, expected, loss) {
        return expected;
    }
    let expected = difference_over(1e-6, f);
    if (found - expected).abs() <= 1e-5 * expected.abs() + 1e-8 * loss.abs() { found } else { expected }
}

/// They agree to `1e-8`, but for the rounding of a loss of this size.
fn agree(found: f64, expected: f64, loss: f64) -> bool {
    (found - expected).abs() <= 1e-8 * expected.abs() + 1e-11 * loss.abs()
}

/// Two gradients of a loss, value by value.
pub fn assert_agree(what: &str, loss: f64, found: &[(String, f64)], expected: &[f64]) {
    for ((name, found), expected) in found.iter().zip(expected) {
        assert!(agree(*found, *expected, loss), "{what}, {name}: {found} by backprop, {expected} by differences");
    }
}

/// Random parameters and samples, on every level and with batches of several sizes; the loss is that of inference, which
/// has to be the one of training.
#[allow(dead_code, reason = "random networks have a check of their own")]
pub fn check<N, Target>(loss: &impl Loss<f64, Target>, target: impl Fn(usize, &mut Generator) -> Target)
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
#[allow(dead_code, reason = "random networks have a check of their own")]
pub fn check_network<N: Trainable<Scalar = f64>>() {
    check::<N, f64>(&HalfSquaredError, |_, generator| uniform(generator, 2.0));
}

/// The same for a network that does something else in training than in inference: the loss is that of a training step with
/// the same noise.
#[allow(dead_code, reason = "not every test of gradients has such a network")]
pub fn check_in_training<N: Trainable<Scalar = f64>>() {
    on_every_level(|level| {
        let mut generator = Generator::seed(8);
        let mut net = N::new();
        parameters::<N>().for_each(|(_, at)| net.params_mut()[at] = uniform(&mut generator, 0.9));
        for batch in [2, 5] {
            let x = samples::<N>(&mut generator, batch);
            let targets: Vec<_> = (0..batch * N::Output::DIM).map(|_| uniform(&mut generator, 2.0)).collect();
            let step = |net: &mut N, x: &Input<N>| {
                let mut training = Training::<N>::with_input_gradient(batch).seed(3);
                let loss = training.backprop(net, x, &HalfSquaredError, &targets).unwrap();
                (training, loss)
            };
            let mut other = N::zeroed();
            let mut loss_of = |net: &N, x: &Input<N>| {
                other.copy_from(net);
                step(&mut other, x).1
            };
            let what = format!("{} on {level:?}, {batch} samples", N::NAME);
            let training = step(&mut net, &x).0;
            check_parameters(&what, &mut *net, &training, |net| loss_of(net, &x));
            check_input(&what, &training, x, |x| loss_of(&net, x));
        }
    });
}
