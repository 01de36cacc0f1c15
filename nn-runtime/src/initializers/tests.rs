//! Moments, bounds and reproducibility of every initialiser.

use super::*;

const FANS: Fans = Fans { inputs: 48, outputs: 16 };
const N: usize = 100_000;

fn filled<T: Real>(initialization: Initialization, seed: u64, len: usize) -> Vec<T> {
    let mut values = vec![T::nearest(77.0); len];
    initialization.fill(&mut values, FANS, &mut Generator::seed(seed));
    values
}

/// Each with its mean and standard deviation for [`FANS`], and the bound of its distance from the mean.
fn all() -> [(Initialization, f64, f64, f64); 8] {
    let normal = f64::INFINITY;
    [
        (Initialization::Zeros(Zeros), 0.0, 0.0, 0.0),
        (Initialization::Constant(Constant { value: -0.1 }), -0.1, 0.0, 0.0),
        (Initialization::Normal(Normal { mean: 2.0, std: 0.3 }), 2.0, 0.3, normal),
        (Initialization::Uniform(Uniform { low: -1.0, high: 3.0 }), 1.0, (16.0_f64 / 12.0).sqrt(), 2.0),
        (
            Initialization::XavierUniform(XavierUniform { gain: 2.0 }),
            0.0,
            2.0 / 32_f64.sqrt(),
            (24.0_f64 / 64.0).sqrt(),
        ),
        (Initialization::XavierNormal(XavierNormal::new()), 0.0, 1.0 / 32_f64.sqrt(), normal),
        (Initialization::HeUniform(HeUniform { gain: 1.0 }), 0.0, 1.0 / 48_f64.sqrt(), 0.25),
        (Initialization::HeNormal(HeNormal::new()), 0.0, 1.0 / 24_f64.sqrt(), normal),
    ]
}

/// The mean of n samples varies by σ/√n; their mean square deviation by σ²·√((κ−1)/n), with a kurtosis κ of at most 3.
#[test]
fn mean_and_standard_deviation_are_within_five_sigma() {
    for (initialization, mean, std, _) in all() {
        let values = filled::<f64>(initialization, 5, N);
        let n = N as f64;
        let found = values.iter().sum::<f64>() / n;
        assert!((found - mean).abs() <= 5.0 * std / n.sqrt() + 1e-12, "{initialization:?}: mean {found}, not {mean}");
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        let tolerance = 5.0 * std * std * (2.0 / n).sqrt() + 1e-12;
        assert!(
            (variance - std * std).abs() <= tolerance,
            "{initialization:?}: variance {variance}, not {}",
            std * std
        );
    }
}

/// The share of normal values within one and two standard deviations, and the correlation of neighbours.
#[test]
fn normal_values_are_normal_and_independent() {
    let mut generator = Generator::seed(11);
    let values: Vec<f64> = (0..N).map(|_| generator.normal()).collect();
    let n = N as f64;
    for (radius, share) in [(0.5, 0.382_924_9), (1.0, 0.682_689_5), (2.0, 0.954_499_7), (3.0, 0.997_300_2)] {
        let found = values.iter().filter(|v| v.abs() < radius).count() as f64 / n;
        let sigma = (share * (1.0 - share) / n).sqrt();
        assert!((found - share).abs() < 5.0 * sigma, "{found} of the values are within {radius}, not {share}");
    }
    for lag in 1..4 {
        let correlation = values.iter().zip(&values[lag..]).map(|(a, b)| a * b).sum::<f64>() / n;
        assert!(correlation.abs() < 5.0 / n.sqrt(), "correlation {correlation} at {lag}");
    }
}

#[test]
fn uniform_values_fill_their_bounds() {
    for (initialization, mean, _, bound) in all() {
        let values = filled::<f32>(initialization, 6, N);
        let farthest = values.iter().map(|&v| (f64::from(v) - mean).abs()).fold(0.0, f64::max);
        // Rounding to f32 may move a value beyond.
        assert!(farthest <= bound * (1.0 + 1e-7) + 1e-8, "{initialization:?}: {farthest} beyond {bound}");
        assert!(bound == f64::INFINITY || farthest >= 0.999 * bound, "{initialization:?}: only {farthest} of {bound}");
    }
}

#[test]
fn f32_is_f64_rounded_and_a_seed_decides_all() {
    for (initialization, _, std, _) in all() {
        let wide = filled::<f64>(initialization, 9, 1001);
        let narrow: Vec<f32> = wide.iter().map(|&v| v as f32).collect();
        assert_eq!(filled::<f32>(initialization, 9, 1001), narrow);
        assert_eq!(filled::<f64>(initialization, 9, 1001), wide);
        assert_eq!(filled::<f64>(initialization, 10, 1001) == wide, std == 0.0, "{initialization:?}");
    }
}

#[test]
fn the_first_values_of_a_seed_are_fixed() {
    let uniform = [-0.072_572_616_671_023_88, -0.125_580_853_005_725_88, 0.182_642_679_925_683_9];
    let normal = [-0.176_567_382_238_659_78, -0.305_535_110_784_729, 0.143_167_868_041_334_66];
    let first = |initialization| filled::<f64>(initialization, 1, 3);
    assert_eq!(first(Initialization::XavierUniform(XavierUniform::new())), uniform);
    assert_eq!(first(Initialization::HeNormal(HeNormal::new())), normal);
}

#[test]
#[should_panic(expected = "the bounds must be finite and in order, found 1 and -1")]
fn uniform_refuses_bounds_out_of_order() {
    filled::<f32>(Initialization::Uniform(Uniform { low: 1.0, high: -1.0 }), 0, 1);
}

#[test]
#[should_panic(expected = "the standard deviation must be finite and at least 0, found inf")]
fn he_refuses_a_layer_without_inputs() {
    HeNormal::new().fill(&mut [0.0_f32], Fans { inputs: 0, outputs: 1 }, &mut Generator::seed(0));
}
