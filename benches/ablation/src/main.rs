//! Where the speed of Monograd comes from: small networks, computed as they are and without one part of what makes them
//! fast, or several.
//!
//! `README.md` says what is measured and how.

mod chain;
mod graph;
mod measure;
mod networks;
mod numbers;
mod products;
mod program;
mod report;
mod variants;

use std::env;
use std::process::ExitCode;

use report::Row;

fn main() -> ExitCode {
    match measure(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the workloads whose names contain one of `names`, or all; only a whole run is written down.
fn measure(names: &[String]) -> Result<(), String> {
    let is_named = |title: &str| {
        let title = title.to_lowercase();
        names.is_empty() || names.iter().any(|name| title.contains(&name.to_lowercase()))
    };
    let mut rows = Vec::new();
    for workload in networks::workloads().into_iter().filter(|workload| is_named(&workload.title)) {
        eprintln!("{}", workload.title);
        let times = measure::measure(&workload.inputs, (workload.variants)(workload.samples))?;
        rows.push(Row { title: workload.title, is_convolutional: workload.is_convolutional, times });
    }
    if rows.is_empty() {
        return Err(format!("no workload is called {}", names.join(" or ")));
    }
    let tables = report::tables(&rows);
    println!("{tables}");
    if names.is_empty() { report::write(&tables) } else { Ok(()) }
}
