//! The perceptron of optimal stability against the margins of scikit-learn's and SciPy's support-vector machines.

mod reference_numbers;

use monograd::perceptron::{AdaTron, MinOver, StabilityFit};
use monograd::prelude::*;
use monograd::units::ThresholdUnits;
use nalgebra::{Const, Dyn, OMatrix};
use reference_numbers::{References, assert_close};

network! {
    struct Plane([2]) -> [1] {
        unit: dense(1) -> step,
    }

    struct Space([6]) -> [1] {
        unit: dense(1) -> step,
    }

    struct Through([4]) -> [1] {
        unit: dense(1, bias = false) -> step,
    }
}

fn check<N, const I: usize>(case: &str)
where
    N: ThresholdUnits<Input = Const<I>, Output = Const<1>>,
{
    let file = References::read("margins");
    let inputs = file.values::<N::Scalar>(&format!("{case}.x"));
    let inputs = OMatrix::<N::Scalar, Const<I>, Dyn>::from_column_slice(&inputs);
    let data = Dataset::from_labelled_columns(inputs, file.classes(&format!("{case}.targets")), 2).unwrap();
    let expected = file.values::<f64>(&format!("{case}.stability"))[0];
    let close = |fit: StabilityFit, tolerance: f64| {
        let found = fit.units[0].stability;
        assert!((found / expected - 1.0).abs() <= tolerance, "{case}: {fit}, the machine has {expected}");
    };
    let mut net = N::zeroed();
    close(MinOver::new().fit(&mut *net, &data).unwrap(), 1e-3);
    close(AdaTron::new().tolerance(1e-9).fit(&mut *net, &data).unwrap(), 1e-9);
    let (weight, bias) = net.weight_and_bias();
    let found: Vec<_> = weight.iter().chain(&*bias).copied().collect();
    assert_close(case, &found, &file.values(&format!("{case}.weight")), 1e-4);
}

#[test]
fn stability_is_the_margin_with_the_bias_in_the_norm() {
    check::<Plane<f64>, 2>("plane");
    check::<Plane<f32>, 2>("plane");
    check::<Space<f64>, 6>("space");
}

#[test]
fn without_a_bias_it_is_the_margin() {
    check::<Through<f64>, 4>("through");
}
