//! A sequence goes through dense layers, activations and softmax step by step.

use monograd::losses::HalfSquaredError;
use monograd::prelude::*;
use nalgebra::{SMatrix, SVector};

const STEPS: usize = 5;

network! {
    #[allow(softmax_output)]
    struct Tagger(sequence [STEPS, 3]) -> sequence [5, 2] {
        hidden: dense(4) -> gelu,
        out: dense(2) -> softmax,
    }

    /// The same layers on one step.
    #[allow(softmax_output)]
    struct Step([3]) -> [2] {
        hidden: dense(4) -> gelu,
        out: dense(2) -> softmax,
    }
}

/// Two samples.
fn samples() -> SMatrix<f64, 15, 2> {
    SMatrix::from_fn(|row, column| ((3 * row + 7 * column) as f64).sin())
}

#[test]
fn each_step_is_what_the_layers_give_for_it_alone() {
    let (net, mut step) = (Tagger::<f64>::new(), Step::<f64>::zeroed());
    step.params_mut().copy_from_slice(net.params());
    let samples = samples();
    let (mut work, mut step_work) = (Tagger::<f64>::workspace(2), Step::<f64>::workspace(1));
    let output = net.forward(&samples, &mut work);
    for sample in 0..2 {
        for at in 0..STEPS {
            let x: SVector<f64, 3> = samples.fixed_view::<3, 1>(3 * at, sample).into_owned();
            let expected = step.forward(&x, &mut step_work);
            let found = output.fixed_view::<2, 1>(2 * at, sample);
            assert_eq!(found, expected);
            assert!((found.sum() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn the_gradient_is_that_of_all_steps() {
    let mut net = Tagger::<f64>::seeded(3);
    let (samples, targets) = (samples(), [0.25; 20]);
    let mut training = Training::new(2);
    training.backprop(&mut *net, &samples, &HalfSquaredError, &targets).expect("the targets fit");
    let gradient = training.gradient().params().to_vec();
    for (index, derivative) in gradient.into_iter().enumerate() {
        let mut loss_at = |shift: f64| {
            net.params_mut()[index] += shift;
            let loss = training.backprop(&mut *net, &samples, &HalfSquaredError, &targets).expect("the targets fit");
            net.params_mut()[index] -= shift;
            loss
        };
        let numeric = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
        assert!((numeric - derivative).abs() < 1e-8, "parameter {index}: {numeric} and {derivative}");
    }
}
