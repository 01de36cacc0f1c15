//! Monograd and dynamic engines, side by side: the same networks, weights and data, in one run.
//!
//! `README.md` says what is measured and how.

mod arguments;
mod engines;
mod exchange;
#[path = "../../machine/mod.rs"]
mod machine;
mod measure;
mod onnx;
mod report;
mod wall;
mod worker;
mod workload;

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use arguments::Arguments;
use report::{Report, Row, Table};
use wall::Machine;
use worker::Worker;
use workload::WORKLOADS;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [argument, threads] if argument == worker::ARGUMENT => {
            threads.parse().map_err(|_| "expected a number of threads".to_owned()).and_then(worker::serve)
        }
        _ => Arguments::parse(arguments.into_iter()).and_then(|arguments| compare(&arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Measures what is asked for, and prints it; only a whole run is written down.
fn compare(arguments: &Arguments) -> Result<(), String> {
    let is_named = |&index: &usize| arguments.includes(&WORKLOADS[index].to_string());
    let indices: Vec<_> = (0..WORKLOADS.len()).filter(is_named).collect();
    if indices.is_empty() {
        return Err(format!("expected part of the name of a workload, found {}", arguments.names.join(" and ")));
    }
    let begin = Instant::now();
    let mut workers = arguments.threads.iter().map(|&threads| Worker::start(threads)).collect::<Result<Vec<_>, _>>()?;
    let table = |worker: &Worker| Table::new(Machine::measure(worker.threads), worker.titles.clone());
    let mut tables: Vec<_> = workers.iter().map(table).collect();
    for (place, &index) in indices.iter().enumerate() {
        for (worker, table) in workers.iter_mut().zip(&mut tables) {
            let workload = &WORKLOADS[index];
            let seconds = begin.elapsed().as_secs();
            eprintln!("{seconds:4} s  {} of {}  {workload}, threads: {}", place + 1, indices.len(), worker.threads);
            let bandwidth = table.machine.refresh(workload);
            let row = Row { workload, outcomes: worker.measure(index, arguments.pace())?, bandwidth };
            eprintln!("        {}", table.summary(&row));
            table.rows.push(row);
        }
    }
    let report = Report { tables, seconds: begin.elapsed().as_secs_f64() };
    println!("{report}");
    if arguments.is_whole() { report.write() } else { Ok(()) }
}
