//! The tables.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use monograd::simd::level;

use crate::measure::Times;
use crate::numbers::{change, difference, duration, load, processor};
use crate::variants::{Kernel, Variant};

/// What was measured of a workload.
pub struct Row {
    pub title: String,
    pub is_convolutional: bool,
    pub times: Vec<Times>,
}

impl Row {
    fn seconds(&self, variant: Variant) -> f64 {
        let found = self.times.iter().find(|times| times.variant == variant);
        found.map_or(f64::NAN, |times| times.least)
    }

    fn parts(&self, dispatch: bool, allocation: bool, kernel: Kernel) -> f64 {
        self.seconds(Variant::Parts { dispatch, allocation, kernel })
    }

    /// The library that is faster where nothing else is taken away.
    fn general(&self) -> Kernel {
        let [gemm, other] = [Kernel::Gemm, Kernel::MatrixMultiply].map(|kernel| self.parts(false, false, kernel));
        if gemm <= other { Kernel::Gemm } else { Kernel::MatrixMultiply }
    }

    /// How much longer than the shortest the median sample is, at most and at least.
    fn spread(&self) -> f64 {
        self.times.iter().map(|times| times.median / times.least - 1.0).fold(0.0, f64::max)
    }
}

/// All of them.
pub fn tables(rows: &[Row]) -> String {
    let mut text = String::new();
    one_by_one(&mut text, rows);
    alone(&mut text, rows);
    together(&mut text, rows);
    kernels(&mut text, rows);
    conditions(&mut text, rows);
    text
}

/// A step, and what it costs.
fn step(from: f64, to: f64) -> String {
    format!("{} ({}, {})", duration(to), difference(to - from), change(to / from - 1.0))
}

fn one_by_one(text: &mut String, rows: &[Row]) {
    *text += "## One part after the other is taken away\n\n\
              | workload | Monograd | with dispatch | and allocation | and a general product | in all |\n\
              |---|--:|--:|--:|--:|--:|\n";
    for row in rows {
        let monograd = row.seconds(Variant::Monograd);
        let dispatched = row.parts(true, false, Kernel::Matched);
        let allocated = row.parts(true, true, Kernel::Matched);
        let general = row.parts(true, true, row.general());
        _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} × |",
            row.title,
            duration(monograd),
            step(monograd, dispatched),
            step(dispatched, allocated),
            step(allocated, general),
            general / monograd
        );
    }
}

fn alone(text: &mut String, rows: &[Row]) {
    *text += "\n## One part alone is taken away\n\n\
              | workload | by hand | dispatch only | allocation only | general product only |\n|---|--:|--:|--:|--:|\n";
    for row in rows {
        let all = row.parts(false, false, Kernel::Matched);
        let variants = [
            row.parts(true, false, Kernel::Matched),
            row.parts(false, true, Kernel::Matched),
            row.parts(false, false, row.general()),
        ];
        let [dispatch, allocation, general] = variants.map(|seconds| step(all, seconds));
        _ = writeln!(text, "| {} | {} | {dispatch} | {allocation} | {general} |", row.title, duration(all));
    }
}

fn together(text: &mut String, rows: &[Row]) {
    *text += "\n## Every combination\n\n\
              | workload | kernels | program | program that allocates | graph | graph that allocates |\n\
              |---|---|--:|--:|--:|--:|\n";
    for row in rows {
        for (name, kernel) in
            [("matched", Kernel::Matched), ("`gemm`", Kernel::Gemm), ("`matrixmultiply`", Kernel::MatrixMultiply)]
        {
            let cells = [(false, false), (false, true), (true, false), (true, true)]
                .map(|(dispatch, allocation)| duration(row.parts(dispatch, allocation, kernel)));
            _ = writeln!(text, "| {} | {name} | {} |", row.title, cells.join(" | "));
        }
    }
}

fn kernels(text: &mut String, rows: &[Row]) {
    *text += "\n## What “matched to the shape” consists of\n\n\
              | workload | matched | without Winograd | activations apart | windows copied | general product |\n\
              |---|--:|--:|--:|--:|--:|\n";
    for row in rows {
        let at = |kernel| row.parts(false, false, kernel);
        let all = at(Kernel::Matched);
        // Winograd's algorithms and windows are for convolutions alone.
        let steps = [
            (row.is_convolutional, Kernel::Direct),
            (true, Kernel::Unfused),
            (row.is_convolutional, Kernel::Columns),
            (true, row.general()),
        ];
        let mut before = all;
        let cells = steps.map(|(is_there, kernel)| {
            if !is_there {
                return "–".to_owned();
            }
            step(core::mem::replace(&mut before, at(kernel)), at(kernel))
        });
        _ = writeln!(text, "| {} | {} | {} |", row.title, duration(all), cells.join(" | "));
    }
}

fn conditions(text: &mut String, rows: &[Row]) {
    let spread = rows.iter().map(Row::spread).fold(0.0, f64::max);
    let load = load().map_or_else(String::new, |load| {
        format!(" In the quarter of an hour before the end, {load:.1} programs wanted a processor on average, this one among them.")
    });
    _ = writeln!(
        text,
        "\nProcessor: {}, one thread of {}, {:?}. Times are the shortest samples; the median sample of a variant was up to {:.0} % longer.{load}",
        processor(),
        std::thread::available_parallelism().map_or(1, usize::from),
        level(),
        100.0 * spread
    );
}

/// Writes `RESULTS.md`.
pub fn write(tables: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    let text = format!(
        "# Where the speed comes from\n\nTimes of a call, and what is added by each step in time and in per cent; `cargo run --release` writes this \
         file, [README.md](README.md) says what is measured.\n\n{tables}"
    );
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let times = |variant, least| Times { variant, least, median: 1.5 * least };
        let parts = |dispatch, allocation, kernel| Variant::Parts { dispatch, allocation, kernel };
        let times = vec![
            times(Variant::Monograd, 1e-6),
            times(parts(false, false, Kernel::Matched), 1e-6),
            times(parts(true, false, Kernel::Matched), 1.5e-6),
            times(parts(true, true, Kernel::Matched), 3e-6),
            times(parts(false, false, Kernel::Unfused), 2e-6),
            times(parts(false, false, Kernel::Gemm), 5e-6),
            times(parts(false, false, Kernel::MatrixMultiply), 4e-6),
            times(parts(true, true, Kernel::MatrixMultiply), 6e-6),
        ];
        Row { title: "a network".to_owned(), is_convolutional: false, times }
    }

    #[test]
    fn steps_are_differences_to_the_one_before() {
        let tables = tables(&[row()]);
        let steps =
            "1.00 µs | 1.50 µs (+500 ns, +50 %) | 3.00 µs (+1.50 µs, +100 %) | 6.00 µs (+3.00 µs, +100 %) | 6.00 ×";
        assert!(tables.contains(steps), "{tables}");
        let kernels = "| 1.00 µs | – | 2.00 µs (+1.00 µs, +100 %) | – | 4.00 µs (+2.00 µs, +100 %) |";
        assert!(tables.contains(kernels), "{tables}");
    }
}
