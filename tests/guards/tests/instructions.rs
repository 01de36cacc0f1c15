//! How many instructions a call runs, counted by valgrind: the same on every machine, where time is not.

use std::process::Output;

use guards::expected::Expected;
use guards::tools::{Built, has, is_x86_64_linux, release_programs, run, skip};

const GUARD: &str = "instruction counts";

/// How far counts may be from those expected, in per cent: other versions of the compiler differ by less.
const TOLERANCE: f64 = 3.0;

/// Each workload, and how often it runs: so often that it is most of what the program does.
const WORKLOADS: [(&str, usize); 9] = [
    ("forward 2-4-2-1", 2000),
    ("forward 8-64-64-4", 1000),
    ("forward 784-128-10", 100),
    ("forward 784-128-10, 64 samples", 4),
    ("forward LeNet-5", 10),
    ("forward ResNet-20", 1),
    ("train 784-128-10, 64 samples, SGD", 2),
    ("train LeNet-5, 16 samples, SGD", 2),
    ("step of Adam, 101770 parameters", 10),
];

#[test]
fn calls_run_as_many_instructions_as_expected() {
    if !is_x86_64_linux(GUARD) || !has(GUARD, &["valgrind"]) {
        return;
    }
    let built = release_programs(env!("CARGO_TARGET_TMPDIR"));
    let mut expected = Expected::read("instructions.txt");
    for (name, repetitions) in WORKLOADS {
        let (Some(without), Some(with)) = (count(&built, name, 0), count(&built, name, repetitions)) else {
            return;
        };
        expected.check(name, (with - without) / repetitions as u64, TOLERANCE);
    }
    expected.finish();
}

/// The instructions of the whole program; none if it cannot run the workload, which is then skipped.
fn count(built: &Built, name: &str, repetitions: usize) -> Option<u64> {
    let program = built.program("workloads").to_str().expect("the target folder's name is text");
    let repetitions = repetitions.to_string();
    let tool = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
    let Output { stdout, stderr, .. } = run(GUARD, "valgrind", tool.into_iter().chain([program, name, &repetitions]))?;
    if let Some(reason) = String::from_utf8_lossy(&stdout).strip_prefix("unsupported: ") {
        skip(GUARD, reason.trim());
        return None;
    }
    // `==1234== I refs:        5,678,901`
    let report = String::from_utf8_lossy(&stderr);
    let line = report.lines().find(|line| line.contains("I ") && line.contains("refs:"));
    let digits: String = line.and_then(|line| line.rsplit(':').next())?.chars().filter(char::is_ascii_digit).collect();
    Some(digits.parse().unwrap_or_else(|_| panic!("valgrind reported no count:\n{report}")))
}
