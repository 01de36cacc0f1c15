//! Monograd and dynamic engines, side by side: the same networks, weights and data, one thread, one run.
//!
//! `README.md` says what is measured and how.

mod engines;
#[path = "../../machine/mod.rs"]
mod machine;
mod report;
mod wall;
mod workload;

use std::env;
use std::process::ExitCode;

use engines::{Engine, Run};
use report::{Report, Row};
use wall::Machine;
use workload::{WORKLOADS, Workload};

/// How often each engine has its turn at a workload, at most and at least.
const ROUNDS: (usize, usize) = (21, 5);
/// How long a workload may take before it has fewer rounds, in seconds.
const BUDGET: f64 = 15.0;
/// How long a sample lasts at least, in seconds: less than another program on the machine would run for, so that most
/// samples are undisturbed, and much longer than reading the clock.
const SAMPLE: f64 = 5e-4;
/// By how much the results of two engines may differ, relative to the largest value.
const TOLERANCE: f32 = 1e-4;

/// What the engines read to know how many threads to use.
const THREAD_VARIABLES: [&str; 5] =
    ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"];

fn main() -> ExitCode {
    for variable in THREAD_VARIABLES {
        // SAFETY: no other thread runs yet.
        unsafe { env::set_var(variable, "1") };
    }
    match compare(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the workloads whose names contain one of `names`, or all; only a whole run is written down.
fn compare(names: &[String]) -> Result<(), String> {
    let is_named = |workload: &&Workload| {
        let title = workload.to_string().to_lowercase();
        names.is_empty() || names.iter().any(|name| title.contains(&name.to_lowercase()))
    };
    let mut engines = engines::all();
    let machine = Machine::measure();
    let mut rows = Vec::new();
    for workload in WORKLOADS.iter().filter(is_named) {
        eprintln!("{workload}");
        rows.push(Row { workload, medians: measure(workload, &mut engines)?, wall: machine.wall(workload) });
    }
    if rows.is_empty() {
        return Err(format!("no workload is called {}", names.join(" or ")));
    }
    let titles = engines.iter().map(|engine| engine.title()).collect();
    let report = Report { titles, rows, machine };
    report.print();
    if names.is_empty() { report.write() } else { Ok(()) }
}

/// The median seconds a call of each engine; `None` for one that cannot do it or is not installed.
fn measure(workload: &Workload, engines: &mut [Box<dyn Engine>]) -> Result<Vec<Option<f64>>, String> {
    let mut runs: Vec<_> = engines.iter_mut().map(|engine| engine.prepare(workload)).collect();
    check(workload, engines, &mut runs)?;
    let turns: Vec<_> = runs.iter_mut().map(|run| run.as_mut().map_or_else(Turn::default, Turn::of)).collect();
    let mut times = vec![Vec::new(); runs.len()];
    let (most, least) = ROUNDS;
    let rounds = BUDGET / turns.iter().map(|turn| turn.seconds).sum::<f64>();
    for _ in 0..(rounds as usize).clamp(least, most) {
        for ((run, times), turn) in runs.iter_mut().zip(&mut times).zip(&turns) {
            if let Some(run) = run {
                times.extend(run.seconds(turn.dropped + turn.counted, turn.calls).into_iter().skip(turn.dropped));
            }
        }
    }
    Ok(times.into_iter().map(median).collect())
}

/// All engines must give what the first of them gives that does the workload at all.
fn check(workload: &Workload, engines: &[Box<dyn Engine>], runs: &mut [Option<Box<dyn Run>>]) -> Result<(), String> {
    let mut results = runs.iter_mut().zip(engines).filter_map(|(run, engine)| Some((run.as_mut()?.check(), engine)));
    let (expected, first) = results.next().ok_or("there is no engine")?;
    let scale = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for (found, engine) in results {
        let same = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= TOLERANCE * scale);
        if !same {
            let (title, first) = (engine.title(), first.title());
            return Err(format!("{workload}: {title} gives {}, but {first} {}", start(&found), start(&expected)));
        }
    }
    Ok(())
}

/// Enough to see what is wrong.
fn start(values: &[f32]) -> String {
    format!("{:?} (of {})", &values[..values.len().min(10)], values.len())
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
            let call = run.seconds(3, calls).into_iter().fold(f64::INFINITY, f64::min);
            if call * calls as f64 > SAMPLE / 2.0 {
                break call;
            }
            calls *= 2;
        };
        let (dropped, counted) = if call < 12.0 * SAMPLE { (2, 12) } else { (1, 1) };
        let calls = (SAMPLE / call).ceil() as usize;
        Self { dropped, counted, calls, seconds: ((dropped + counted) * calls) as f64 * call }
    }
}

fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}
