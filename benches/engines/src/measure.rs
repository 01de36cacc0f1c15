//! How the engines take turns.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engines::{Engine, Run};
use crate::workload::{Optimizer, Task, Workload};

/// How long a sample lasts at least, in seconds: less than another program on the machine would run for, so that most
/// samples are undisturbed, and much longer than reading the clock.
const SAMPLE: f64 = 5e-4;
/// A call that takes longer, in seconds, is a sample of its own.
const LONG: f64 = 12.0 * SAMPLE;
/// To a call that takes longer, in seconds, it makes no difference what the caches hold when it begins.
const VERY_LONG: f64 = 0.1;
/// By how much the results of two engines may differ, relative to the largest value.
const TOLERANCE: f32 = 1e-4;
/// The same after steps of Adam behind batch normalisations. These make some gradients almost zero, so that rounding decides
/// their signs, and Adam divides each gradient by its size: such parameters move as far as others.
const ADAM_TOLERANCE: f32 = 1e-2;
/// How long the threads of one engine have to fall asleep before the next has its turn: some wait for work in a loop.
const REST: Duration = Duration::from_millis(5);

/// How much time a workload has.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Pace {
    /// How often each engine has its turn, at most.
    most: usize,
    /// And at least.
    least: usize,
    /// How many seconds a workload may take before it has fewer turns.
    budget: f64,
}

impl Pace {
    /// For figures that count.
    pub const WHOLE: Self = Self { most: 21, least: 3, budget: 6.0 };
    /// For a first impression.
    pub const QUICK: Self = Self { most: 5, least: 1, budget: 1.0 };

    /// How often each engine has its turn, if all of them together take so many seconds.
    fn rounds(self, seconds: f64) -> usize {
        ((self.budget / seconds) as usize).clamp(self.least, self.most)
    }
}

/// What was measured of an engine: seconds a call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Half of the samples are longer.
    pub median: f64,
    /// A quarter of them is shorter.
    pub low: f64,
    /// A quarter of them is longer.
    pub high: f64,
}

/// Of an engine and a workload: the times, or why there are none.
pub type Outcome = Result<Times, String>;

impl Times {
    /// Of all samples of an engine.
    fn of(mut samples: Vec<f64>) -> Outcome {
        samples.sort_by(f64::total_cmp);
        let quantile = |quarters: usize| samples.get(samples.len() * quarters / 4).copied();
        match (quantile(1), quantile(2), quantile(3)) {
            (Some(low), Some(median), Some(high)) => Ok(Self { median, low, high }),
            _ => Err("stopped while it was measured".to_owned()),
        }
    }

    /// How far the middle half of the samples reaches around the median, as a fraction of it.
    pub fn spread(&self) -> f64 {
        (self.high - self.low) / (2.0 * self.median)
    }
}

/// Measures a workload in all engines; the first that does it at all says what the results have to be.
pub fn measure(workload: &Workload, engines: &mut [Box<dyn Engine>], threads: usize, pace: Pace) -> Vec<Outcome> {
    let mut expected = None;
    let prepared = engines.iter_mut().map(|engine| prepared(engine.as_mut(), workload, &mut expected));
    let mut runs: Vec<_> = prepared.collect();
    let turns: Vec<_> = runs.iter_mut().map(|run| run.as_mut().map(Turn::of).unwrap_or_default()).collect();
    let mut samples = vec![Vec::new(); runs.len()];
    for _ in 0..pace.rounds(turns.iter().map(|turn| turn.seconds).sum()) {
        for ((run, samples), turn) in runs.iter_mut().zip(&mut samples).zip(&turns) {
            if let Ok(run) = run {
                if threads > 1 {
                    thread::sleep(REST);
                }
                samples.extend(turn.samples(run.as_mut()));
            }
        }
    }
    runs.into_iter().zip(samples).map(|(run, samples)| run.and_then(|_| Times::of(samples))).collect()
}

/// An engine with the workload, if its results are those that are expected. A panic is a reason, as an error is.
fn prepared(
    engine: &mut dyn Engine,
    workload: &Workload,
    expected: &mut Option<Vec<f32>>,
) -> Result<Box<dyn Run>, String> {
    let prepare = || {
        let mut run = engine.prepare(workload)?;
        let found = run.check();
        Ok((run, found))
    };
    let (run, found) = catch_unwind(AssertUnwindSafe(prepare)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|&message| message.to_owned()));
        Err(format!("does not work: {}", message.unwrap_or_default().lines().next().unwrap_or_default()))
    })?;
    let expected = expected.get_or_insert_with(|| found.clone());
    if agree(&found, expected, tolerance(workload)) {
        Ok(run)
    } else {
        Err(format!("gives {} in place of {}", start(&found), start(expected)))
    }
}

/// By how much results of this workload may differ.
fn tolerance(workload: &Workload) -> f32 {
    let is_adam = matches!(workload.task, Task::Train(_, Optimizer::Adam));
    if is_adam && workload.network.has_batch_norm() { ADAM_TOLERANCE } else { TOLERANCE }
}

/// Whether two results are the same but for rounding.
fn agree(found: &[f32], expected: &[f32], tolerance: f32) -> bool {
    let scale = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance * scale)
}

/// Enough to see what is wrong.
fn start(values: &[f32]) -> String {
    format!("{:?} (of {})", &values[..values.len().min(5)], values.len())
}

/// What an engine does when it is its turn.
#[derive(Default)]
struct Turn {
    /// How many samples come first and do not count: the caches hold another engine's data then.
    dropped: usize,
    /// How many samples count.
    counted: usize,
    /// How many calls a sample has.
    calls: usize,
    /// How long all of them take.
    seconds: f64,
}

impl Turn {
    /// Twelve samples that count, or one of a call that takes as long as all of them.
    fn of(run: &mut Box<dyn Run>) -> Self {
        let mut calls = 1;
        let call = loop {
            let trials = if calls == 1 { 1 } else { 3 };
            let call = run.seconds(trials, calls).into_iter().fold(f64::INFINITY, f64::min);
            if call * calls as f64 > SAMPLE / 2.0 {
                break call;
            }
            calls *= 2;
        };
        let (dropped, counted) = match call {
            call if call > VERY_LONG => (0, 1),
            call if call > LONG => (1, 1),
            _ => (2, 12),
        };
        let calls = (SAMPLE / call).ceil() as usize;
        Self { dropped, counted, calls, seconds: ((dropped + counted) * calls) as f64 * call }
    }

    fn samples(&self, run: &mut dyn Run) -> impl Iterator<Item = f64> {
        run.seconds(self.dropped + self.counted, self.calls).into_iter().skip(self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_quartiles() {
        let times = Times::of(vec![4.0, 1.0, 2.0, 3.0, 5.0, 7.0, 6.0, 8.0]).expect("samples");
        assert_eq!(times, Times { low: 3.0, median: 5.0, high: 7.0 });
        assert_eq!(times.spread(), 0.4);
        assert!(Times::of(vec![]).is_err());
    }

    #[test]
    fn a_pace_keeps_its_budget_and_its_bounds() {
        let pace = Pace { most: 21, least: 3, budget: 6.0 };
        assert_eq!([0.1, 0.5, 1.0, 60.0].map(|seconds| pace.rounds(seconds)), [21, 12, 6, 3]);
    }

    #[test]
    fn results_agree_relative_to_the_largest() {
        assert!(agree(&[1000.0, 0.05], &[1000.0, 0.0], 1e-4));
        assert!(!agree(&[1000.0, 0.2], &[1000.0, 0.0], 1e-4));
        assert!(!agree(&[1000.0], &[1000.0, 0.0], 1e-4));
        assert!(!agree(&[f32::NAN], &[1.0], 1e-4));
    }

    /// An engine that gives `result`, and whose call takes `call` seconds.
    struct Fixed {
        result: Result<Vec<f32>, &'static str>,
        call: f64,
    }

    impl Engine for Fixed {
        fn title(&self) -> String {
            "fixed 1".to_owned()
        }

        fn prepare(&mut self, _: &Workload) -> Result<Box<dyn Run>, String> {
            let result = self.result.clone()?;
            assert!(!result.is_empty(), "nothing\nat all");
            Ok(Box::new(Self { result: Ok(result), call: self.call }))
        }
    }

    impl Run for Fixed {
        fn check(&mut self) -> Vec<f32> {
            self.result.clone().expect("it was prepared")
        }

        fn seconds(&mut self, samples: usize, _: usize) -> Vec<f64> {
            vec![self.call; samples]
        }
    }

    #[test]
    fn an_engine_is_measured_only_if_it_agrees() {
        let results = [Err("does not train"), Ok(vec![1.0]), Ok(vec![1.00001]), Ok(vec![2.0]), Ok(vec![])];
        let mut engines = results.map(|result| Box::new(Fixed { result, call: 1.0 }) as Box<dyn Engine>);
        let workload = &crate::workload::WORKLOADS[0];
        let outcomes = measure(workload, &mut engines, 1, Pace::QUICK);
        let second = Ok(Times { median: 1.0, low: 1.0, high: 1.0 });
        let reasons = ["does not train", "gives [2.0] (of 1) in place of [1.0] (of 1)", "does not work: nothing"];
        let [first, last @ ..] = reasons.map(|reason| Err(reason.to_owned()));
        assert_eq!(outcomes, [first, second.clone(), second, last[0].clone(), last[1].clone()]);
    }

    #[test]
    fn a_short_call_has_many_to_a_sample_and_a_long_one_is_a_sample() {
        let turn = |call| Turn::of(&mut (Box::new(Fixed { result: Ok(vec![1.0]), call }) as Box<dyn Run>));
        let numbers = |turn: Turn| (turn.dropped, turn.counted, turn.calls);
        assert_eq!([3e-6, 1e-2, 1.0].map(|call| numbers(turn(call))), [(2, 12, 167), (1, 1, 1), (0, 1, 1)]);
    }
}
