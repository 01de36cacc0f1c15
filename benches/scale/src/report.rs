//! The tables and the files.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use monograd::simd::level;

use crate::measure::Curve;
use crate::numbers::{bytes, duration, load, processor};
use crate::picture;

/// A table for each curve, and where it was measured.
pub fn tables(curves: &[Curve]) -> String {
    let mut text = String::new();
    for curve in curves {
        table(&mut text, curve);
    }
    let load = load().map_or_else(String::new, |load| {
        format!(" In the five minutes before the end, {load:.1} programs wanted a processor on average, this one among them.")
    });
    _ = writeln!(
        text,
        "Processor: {}, one thread of {}, {:?}. Times are the shortest samples.{load}",
        processor(),
        std::thread::available_parallelism().map_or(1, usize::from),
        level()
    );
    text
}

fn table(text: &mut String, curve: &Curve) {
    _ = writeln!(
        text,
        "## {}\n\n| size | parameters | inference | a multiply-accumulate | at its wall | training step | at its wall | inference \
         workspace | training workspace |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        curve.title
    );
    for point in &curve.points {
        let measured = &point.measured;
        _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.0} % | {} | {:.0} % | {} | {} |",
            point.size,
            measured.parameters,
            duration(measured.inference),
            duration(measured.inference / measured.macs as f64),
            100.0 * point.walls[0] / measured.inference,
            duration(measured.training),
            100.0 * point.walls[1] / measured.training,
            bytes(measured.inference_bytes as f64),
            bytes(measured.training_bytes as f64)
        );
    }
    text.push('\n');
}

/// Writes `RESULTS.md` and a picture of each curve.
pub fn write(curves: &[Curve], tables: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"));
    for curve in curves {
        write(&format!("{}.svg", curve.name), &picture::svg(curve))?;
    }
    write(
        "RESULTS.md",
        &format!(
            "# The cost of size\n\nWritten by `cargo run --release`; [README.md](README.md) says what is measured, and shows the \
             pictures.\n\n{tables}"
        ),
    )
}
