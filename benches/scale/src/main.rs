//! What size costs: time and memory of networks against their width, their depth and the batch, as curves.
//!
//! `README.md` says what is measured and how.

#[path = "../../machine/mod.rs"]
mod machine;
mod measure;
mod networks;
mod numbers;
mod picture;
mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    let walls = measure::Walls::measure();
    let curves: Vec<_> = networks::series().into_iter().map(|series| series.measure(&walls)).collect();
    let tables = report::tables(&curves);
    println!("{tables}");
    match report::write(&curves, &tables) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
