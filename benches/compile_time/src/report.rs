//! The table.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::compiler::Time;
use crate::program::Program;

/// What was measured of a program.
pub struct Row<'p> {
    pub program: &'p Program,
    /// Words and signs of the expanded program, if the compiler tells.
    pub volume: Option<usize>,
    pub check: Time,
    pub build: Time,
}

/// The rows in Markdown; the first is that of the library, if it was built from nothing.
pub fn table(rows: &[Row], library: Option<Time>, compiler: &str) -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut table = format!(
        "{compiler}, {processors} processors; seconds, of all processors together in brackets\n\n\
         | network | words and signs, declared | expanded | check | release build |\n|---|--:|--:|--:|--:|\n"
    );
    if let Some(library) = library {
        _ = writeln!(table, "| the first, with the library from nothing | | | | {} |", seconds(library));
    }
    for Row { program, volume, check, build } in rows {
        let volume = volume.map_or_else(|| "—".into(), thousands);
        let declared = thousands(program.declared);
        _ = writeln!(
            table,
            "| {} | {declared} | {volume} | {} | {} |",
            program.title,
            seconds(*check),
            seconds(*build)
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

/// Writes `RESULTS.md`.
pub fn write(table: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    let text = format!(
        "# Compile times\n\nWritten by `cargo run --release`; [README.md](README.md) says what is measured.\n\n{table}"
    );
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
