//! How the variants take turns.

use crate::variants::{Entry, Run, Variant};

/// How long a sample lasts at least, in seconds: less than another program on the machine would run for.
const SAMPLE: f64 = 2e-4;
/// Samples of a turn that come first and do not count: the caches hold another variant's data then.
const DROPPED: usize = 2;
/// Samples of a turn that count.
const COUNTED: usize = 10;
/// How many seconds a workload takes, about.
const BUDGET: f64 = 8.0;
/// By how much the outputs of two variants may differ, relative to the largest.
const TOLERANCE: f32 = 1e-4;

/// What was measured of a variant: seconds a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// Of which.
    pub variant: Variant,
    /// The shortest sample.
    pub least: f64,
    /// Half of the samples are longer.
    pub median: f64,
}

/// Measures all variants with the same inputs.
///
/// # Errors
/// If one computes something else than the first.
pub fn measure(x: &[f32], mut entries: Vec<Entry>) -> Result<Vec<Times>, String> {
    verify(x, &mut entries)?;
    let calls: Vec<_> = entries.iter_mut().map(|entry| calls(x, entry.run.as_mut())).collect();
    let turn = entries.len() as f64 * (DROPPED + COUNTED) as f64;
    let longest = calls.iter().map(|(_, seconds)| seconds.max(SAMPLE)).sum::<f64>() / entries.len() as f64;
    let rounds = (BUDGET / (turn * longest)).clamp(5.0, 200.0) as usize;
    let mut samples = vec![Vec::new(); entries.len()];
    for _ in 0..rounds {
        for ((entry, samples), &(calls, _)) in entries.iter_mut().zip(&mut samples).zip(&calls) {
            samples.extend(entry.run.seconds(x, DROPPED + COUNTED, calls).into_iter().skip(DROPPED));
        }
    }
    Ok(entries.iter().zip(samples).map(|(entry, samples)| summary(entry.variant, samples)).collect())
}

/// That all variants compute the same.
fn verify(x: &[f32], entries: &mut [Entry]) -> Result<(), String> {
    let expected = entries[0].run.outputs(x);
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for Entry { variant, run } in entries {
        let found = run.outputs(x);
        let agrees = |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE * largest;
        if found.len() != expected.len() || !found.iter().zip(&expected).all(agrees) {
            return Err(format!("{variant:?} gives {:?} in place of {:?}", start(&found), start(&expected)));
        }
    }
    Ok(())
}

/// Enough to see what is wrong.
fn start(values: &[f32]) -> &[f32] {
    &values[..values.len().min(5)]
}

/// How many calls a sample has, and how long it lasts.
fn calls(x: &[f32], run: &mut dyn Run) -> (usize, f64) {
    let mut calls = 1;
    loop {
        let least = run.seconds(x, 5, calls).into_iter().fold(f64::INFINITY, f64::min) * calls as f64;
        if least > SAMPLE / 4.0 {
            let calls = (SAMPLE * calls as f64 / least).ceil();
            return (calls as usize, (least / calls).max(SAMPLE));
        }
        calls *= 4;
    }
}

fn summary(variant: Variant, mut samples: Vec<f64>) -> Times {
    samples.sort_by(f64::total_cmp);
    Times { variant, least: samples[0], median: samples[samples.len() / 2] }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Vec<f32>);

    impl Run for Fixed {
        fn call(&mut self, _: &[f32]) {}

        fn outputs(&mut self, _: &[f32]) -> Vec<f32> {
            self.0.clone()
        }
    }

    #[test]
    fn a_variant_that_computes_something_else_is_refused() {
        let entry = |value| Entry { variant: Variant::Monograd, run: Box::new(Fixed(vec![2.0, value])) };
        assert_eq!(verify(&[], &mut [entry(1.0), entry(1.0001)]), Ok(()));
        assert!(verify(&[], &mut [entry(1.0), entry(1.001)]).is_err_and(|message| message.contains("[2.0, 1.001]")));
    }

    #[test]
    fn half_of_the_samples_are_longer_than_the_median() {
        let times = summary(Variant::Monograd, vec![3.0, 1.0, 9.0, 2.0, 4.0]);
        assert_eq!((times.least, times.median), (1.0, 3.0));
    }
}
