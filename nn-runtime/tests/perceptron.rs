//! The rules for a single layer of threshold units, on networks that the macro declares.

extern crate self as monograd;

pub use nn_macros::network;
pub use nn_runtime::*;
pub use {nalgebra, nn_runtime::data::Dataset};

use nalgebra::{Const, Dyn, OMatrix};
use nn_runtime::perceptron::{AdaTron, MinOver, PerceptronError, PerceptronRule};
use nn_runtime::units::ThresholdUnits;
use proptest::prelude::*;

network! {
    struct Unit([2]) -> [1] {
        out: dense(1) -> step,
    }

    struct Through([3]) -> [1] {
        out: dense(1, bias = false) -> step,
    }

    struct Layer([2]) -> [3] {
        sums: dense(3),
        units: step,
    }

    struct Wide([6]) -> [1] {
        out: flatten -> dense(1, init = normal, std = 0.01) -> step,
    }
}

const CORNERS: [[f64; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];

fn of_corners(answers: [u32; 4]) -> Dataset<f64, 2, u32> {
    Dataset::from_labelled_rows(&CORNERS, &answers, 2).unwrap()
}

/// What the network answers to each sample.
fn answers<N, const I: usize>(net: &N, inputs: &OMatrix<N::Scalar, Const<I>, Dyn>) -> Vec<f64>
where
    N: Network<Input = Const<I>>,
{
    net.forward(inputs, &mut N::workspace(inputs.ncols())).iter().map(|y| y.to_f64()).collect()
}

#[test]
fn every_gate_that_a_line_separates_is_learned_and_the_others_are_not() {
    for gate in 0..16_u32 {
        let answers_wanted = [0, 1, 2, 3].map(|corner| gate >> corner & 1);
        let mut net = Unit::<f64>::zeroed();
        let fit = PerceptronRule::new(1.0).epochs(100).fit(&mut *net, &of_corners(answers_wanted)).unwrap();
        let separable = gate != 0b0110 && gate != 0b1001;
        assert_eq!(fit.converged, separable, "{answers_wanted:?}: {fit}");
        if separable {
            assert_eq!(answers(&*net, of_corners(answers_wanted).inputs()), answers_wanted.map(f64::from));
            assert_eq!(fit.mistakes, 0);
        } else {
            assert_eq!(fit.epochs, 100);
            assert!(fit.to_string().starts_with("did not converge: "), "{fit}");
        }
    }
}

#[test]
fn updates_are_those_of_the_rule_on_paper() {
    let mut net = Unit::<f64>::zeroed();
    let and = of_corners([0, 0, 0, 1]);
    let rule = PerceptronRule::new(0.5);
    // (0, 0) is answered by 1: the bias becomes −½. (1, 1) is answered by 0: all are ½ more.
    rule.epochs(1).fit(&mut *net, &and).unwrap();
    assert_eq!((net.out.weight.as_slice(), net.out.bias[0]), (&[0.5, 0.5][..], 0.0));
    let fit = rule.fit(&mut *net, &and).unwrap();
    assert_eq!((net.out.weight.as_slice(), net.out.bias[0]), (&[1.0, 0.5][..], -1.5));
    assert_eq!(fit.to_string(), format!("converged after {} updates, in epoch {}", fit.updates, fit.epochs));
    let again = rule.fit(&mut *net, &and).unwrap();
    assert_eq!((again.converged, again.updates, again.epochs), (true, 0, 1));
}

#[test]
fn units_of_a_layer_learn_by_themselves() {
    let targets = [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]];
    let data = Dataset::<f32, 2, [f32; 3]>::from_rows(&CORNERS.map(|x| x.map(|x| x as f32)), &targets).unwrap();
    let mut net = Layer::<f32>::zeroed();
    assert!(PerceptronRule::new(1.0).shuffled(3).fit(&mut *net, &data).unwrap().converged);
    assert_eq!(answers(&*net, data.inputs()), targets.as_flattened().iter().map(|t| f64::from(*t)).collect::<Vec<_>>());
    let fit = AdaTron::new().fit(&mut *net, &data).unwrap();
    assert!(fit.converged(), "{fit}");
    // The best planes of AND and OR are (2, 2, −3)/√17 and (2, 2, −1)/3.
    let [and, or] = [0, 1].map(|unit| fit.units[unit].stability);
    assert!((and - 17.0_f64.sqrt().recip()).abs() < 1e-6 && (or - 3.0_f64.recip()).abs() < 1e-6, "{fit}");
    assert_eq!(fit.to_string().lines().count(), 3);
    assert_eq!(answers(&*net, data.inputs()), targets.as_flattened().iter().map(|t| f64::from(*t)).collect::<Vec<_>>());
}

#[test]
fn the_order_of_samples_is_the_seed_s() {
    let data = random(7, 60, 0.01).0;
    let fitted = |rule: PerceptronRule| {
        let mut net = Wide::<f64>::seeded(5);
        let fit = rule.fit(&mut *net, &data).unwrap();
        assert!(fit.converged, "{fit}");
        net.params().to_vec()
    };
    let rule = PerceptronRule::new(1.0);
    assert_eq!(fitted(rule.shuffled(1)), fitted(rule.shuffled(1)));
    assert_ne!(fitted(rule.shuffled(1)), fitted(rule.shuffled(2)));
    assert_ne!(fitted(rule.shuffled(1)), fitted(rule));
}

#[test]
fn no_plane_separates_the_exclusive_or() {
    let mut net = Unit::<f64>::zeroed();
    let xor = of_corners([0, 1, 1, 0]);
    let min_over = MinOver::new().steps(2000).fit(&mut *net, &xor).unwrap();
    let ada_tron = AdaTron::new().passes(500).fit(&mut *net, &xor).unwrap();
    for unit in [min_over.units[0], ada_tron.units[0]] {
        assert!(!unit.converged && unit.stability <= 0.0 && unit.bound < 0.01, "{unit}");
        assert!(unit.to_string().starts_with("did not converge"), "{unit}");
    }
    assert_eq!((min_over.units[0].iterations, ada_tron.units[0].iterations), (2000, 500));
}

#[test]
fn a_search_without_an_end_ends_at_a_limit() {
    let fit = MinOver::new().fit(&mut *Unit::<f64>::zeroed(), &of_corners([0, 1, 1, 0])).unwrap();
    assert_eq!((fit.converged(), fit.units[0].iterations), (false, 100_000));
    let line = fit.to_string();
    assert!(line.starts_with("unit 0: did not converge") && line.ends_with("after 100000 iterations\n"), "{line}");
}

#[test]
fn a_zero_sample_without_a_bias_has_no_side() {
    let data = Dataset::<f64, 3, u32>::from_labelled_rows(&[[0.0, 0.0, 0.0], [1.0, 0.0, 2.0]], &[0, 1], 2).unwrap();
    let mut net = Through::<f64>::zeroed();
    let fit = AdaTron::new().passes(10).fit(&mut *net, &data).unwrap();
    assert!(!fit.converged() && fit.units[0].stability == 0.0, "{fit}");
}

#[test]
fn other_targets_are_errors_and_change_nothing() {
    let values = Dataset::<f64, 2, [f64; 1]>::from_rows(&CORNERS, &[[0.0], [1.0], [-1.0], [0.0]]).unwrap();
    let classes = Dataset::<f64, 2, u32>::from_labelled_rows(&CORNERS, &[0, 1, 2, 0], 3).unwrap();
    let (empty, _) = values.clone().split_at(0);
    let mut net = Unit::<f64>::seeded(1);
    let before = net.params().to_vec();
    let error = PerceptronRule::new(1.0).fit(&mut *net, &values).unwrap_err();
    assert_eq!(error.to_string(), "sample 2 has the target -1 for unit 0, but a threshold unit answers 0 or 1");
    let error = AdaTron::new().fit(&mut *net, &classes).unwrap_err();
    assert_eq!(error, PerceptronError::Target { sample: 2, unit: 0, value: 2.0 });
    let error = MinOver::new().fit(&mut *net, &empty).unwrap_err();
    assert_eq!(error.to_string(), "the data set is empty");
    assert_eq!(net.params(), before);
}

#[test]
#[should_panic(expected = "the rate must be positive and finite, found 0.0")]
fn a_rate_is_positive() {
    let _ = PerceptronRule::new(0.0);
}

#[test]
#[should_panic(expected = "the rate must be above 0 and below 2, found 2.0")]
fn an_ada_tron_of_rate_two_does_not_converge() {
    let _ = AdaTron::new().rate(2.0);
}

#[test]
#[should_panic(expected = "the tolerance must be above 0 and below 1, found 1.0")]
fn a_tolerance_is_below_one() {
    let _ = MinOver::new().tolerance(1.0);
}

/// Samples at least `gap` away from a random plane, its weights of length 1, bias last, and the stability of that plane.
fn random(seed: u64, samples: usize, gap: f64) -> (Dataset<f64, 6, u32>, f64) {
    let mut generator = Generator::seed(seed);
    let mut plane: Vec<_> = (0..7).map(|_| generator.normal()).collect();
    let length = plane.iter().map(|w| w * w).sum::<f64>().sqrt();
    for w in &mut plane {
        *w /= length;
    }
    let side = |x: &[f64]| x.iter().zip(&plane).map(|(x, w)| x * w).sum::<f64>() + plane[6];
    let mut rows = Vec::new();
    while rows.len() < samples {
        let x: Vec<_> = (0..6).map(|_| generator.normal()).collect();
        if side(&x).abs() >= gap {
            rows.push(x);
        }
    }
    let labels: Vec<_> = rows.iter().map(|x| u32::from(side(x) >= 0.0)).collect();
    let stability = rows.iter().map(|x| side(x).abs()).fold(f64::INFINITY, f64::min);
    (Dataset::from_labelled_rows(&rows, &labels, 2).unwrap(), stability)
}

/// The length of the longest sample with its constant 1.
fn longest<const I: usize>(data: &Dataset<f64, I, u32>) -> f64 {
    data.inputs().column_iter().map(|x| (x.norm_squared() + 1.0).sqrt()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Novikoff's bound, in whatever order the samples come, and whatever the rate.
    #[test]
    fn updates_are_at_most_the_bound(seed: u64, samples in 2..80_usize, gap in 0.05..0.5_f64, rate in 0.1..10.0_f64) {
        let (data, gamma) = random(seed, samples, gap);
        let bound = (longest(&data) / gamma).powi(2);
        let rule = PerceptronRule::new(rate).epochs(bound as usize + 2);
        for rule in [rule, rule.shuffled(seed)] {
            let mut net = Wide::<f64>::zeroed();
            let fit = rule.fit(&mut *net, &data).unwrap();
            prop_assert!(fit.converged && fit.updates as f64 <= bound, "{fit}, the bound is {bound}");
            let wanted: Vec<_> = data.targets().iter().map(|t| f64::from(*t)).collect();
            prop_assert_eq!(answers(&*net, data.inputs()), wanted);
        }
    }

    /// Both rules find the same plane, no worse than the one that the samples were made with, and what they say of it is true.
    #[test]
    fn the_plane_of_optimal_stability(seed: u64, samples in 2..60_usize, gap in 0.05..0.5_f64, rate in 0.2..1.8_f64) {
        let (data, gamma) = random(seed, samples, gap);
        let (mut by_min_over, mut by_ada_tron) = (Wide::<f64>::seeded(seed), Wide::<f64>::zeroed());
        let min_over = MinOver::new().tolerance(0.02).fit(&mut *by_min_over, &data).unwrap();
        let ada_tron = AdaTron::new().rate(rate).fit(&mut *by_ada_tron, &data).unwrap();
        prop_assert!(min_over.converged() && ada_tron.converged(), "{} {}", min_over, ada_tron);
        let (found, best) = (min_over.units[0], ada_tron.units[0]);
        prop_assert!(best.stability >= gamma * (1.0 - 1e-6) && best.stability <= found.bound * (1.0 + 1e-9));
        prop_assert!(found.stability >= 0.98 * best.stability && found.stability <= best.bound);
        for (net, unit) in [(&mut by_min_over, found), (&mut by_ada_tron, best)] {
            let (weight, bias) = net.weight_and_bias();
            let length = weight.iter().chain(&*bias).map(|w| w * w).sum::<f64>().sqrt();
            let within = weight.iter().map(|w| w * w).sum::<f64>().sqrt();
            let worst = data.inputs().column_iter().zip(data.targets()).map(|(x, target)| {
                let field = x.iter().zip(&*weight).map(|(x, w)| x * w).sum::<f64>() + bias[0];
                if *target == 1 { field } else { -field }
            });
            let worst = worst.fold(f64::INFINITY, f64::min);
            prop_assert!((length - 1.0).abs() < 1e-12 && (worst - unit.stability).abs() < 1e-9);
            prop_assert!((worst / within - unit.margin).abs() < 1e-9 * unit.margin && unit.margin >= unit.stability);
        }
    }
}
