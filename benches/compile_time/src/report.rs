//! The tables.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::compiler::Time;
use crate::layers::{Curves, Point, WAYS};
use crate::levels::Level;
use crate::program::Program;

/// What was measured of a program.
pub struct Row<'p> {
    pub program: &'p Program,
    /// Words and signs of the expanded program, if the compiler tells.
    pub volume: Option<usize>,
    pub check: Time,
    pub build: Time,
    /// Of the program, stripped.
    pub bytes: u64,
}

/// The rows in Markdown; the first is that of the library, if it was built from nothing.
pub fn table(rows: &[Row], library: Option<Time>, compiler: &str) -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut table = format!(
        "{compiler}, {processors} processors; seconds, of all processors together in brackets\n\n\
         | network | words and signs, declared | expanded | check | release build | program, kB |\n\
         |---|--:|--:|--:|--:|--:|\n"
    );
    if let Some(library) = library {
        _ = writeln!(table, "| the first, with the library from nothing | | | | {} | |", seconds(library));
    }
    for Row { program, volume, check, build, bytes } in rows {
        let volume = volume.map_or_else(|| "—".into(), thousands);
        let declared = thousands(program.declared);
        _ = writeln!(
            table,
            "| {} | {declared} | {volume} | {} | {} | {} |",
            program.title,
            seconds(*check),
            seconds(*build),
            kilobytes(*bytes)
        );
    }
    table
}

fn seconds(Time { wall, processor }: Time) -> String {
    format!("{:.1} ({:.1})", wall.as_secs_f64(), processor.as_secs_f64())
}

/// `1,234,567`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

fn kilobytes(bytes: u64) -> String {
    thousands((bytes as usize).div_ceil(1000))
}

/// Of each kind of layer, a table of times and sizes against their number.
pub fn growth(curves: &[Curves]) -> String {
    let ways = WAYS.map(|(_, title)| title).join(" | ");
    let mut report = String::new();
    for Curves { kind, ways: points } in curves {
        _ = writeln!(report, "| {} | {ways} |\n|--:|--:|--:|--:|", kind.title);
        for (i, Point { layers, .. }) in points[0].iter().enumerate() {
            let cells =
                points.each_ref().map(|way| format!("{}; {} kB", seconds(way[i].time), kilobytes(way[i].bytes)));
            _ = writeln!(report, "| {layers} | {} |", cells.join(" | "));
        }
        report.push('\n');
    }
    report
}

/// What each instruction set adds to two programs.
pub fn levels(levels: &[Level]) -> String {
    let mut table =
        "| kernels for | 2-4-2-1, inference | as small as it gets | LeNet-5, training | as small as it gets |\n\
                     |---|--:|--:|--:|--:|\n"
            .to_owned();
    for Level { title, bytes } in levels {
        let cells: Vec<_> = bytes.iter().flatten().map(|&bytes| thousands(bytes as usize)).collect();
        _ = writeln!(table, "| {title} | {} |", cells.join(" | "));
    }
    table
}

/// Writes `RESULTS.md`.
pub fn write_results(table: &str, growth: &str, levels: &str) -> Result<(), String> {
    let text = format!(
        "# Compile times and sizes of programs\n\n\
         Written by `cargo run --release`; [README.md](README.md) says what is measured.\n\n{table}\n\
         ## Against the number of layers\n\nA release build in seconds, of all processors together in brackets; the program, \
         stripped.\n\n{growth}## By instruction set\n\nBytes of the stripped program.\n\n{levels}"
    );
    write("RESULTS.md", &text)
}

/// Writes a file of this package.
pub fn write(file: &str, text: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
