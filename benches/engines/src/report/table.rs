//! A table for a number of threads.

use std::fmt;

use super::numbers::{duration, microseconds, percent};
use crate::measure::Outcome;
use crate::wall::{Machine, Wall};
use crate::workload::Workload;

/// From what spread on it is shown.
const SPREAD: f64 = 0.05;

/// What was measured of a workload.
pub struct Row {
    /// The workload.
    pub workload: &'static Workload,
    /// By engine; the first is the one that the others are compared with.
    pub outcomes: Vec<Outcome>,
    /// At how many bytes a second its parameters are read.
    pub bandwidth: f64,
}

/// What was measured on a number of threads.
pub struct Table {
    /// The processor.
    pub machine: Machine,
    /// The engines, with their versions.
    pub titles: Vec<String>,
    /// The workloads.
    pub rows: Vec<Row>,
}

impl Row {
    /// The median of an engine.
    pub fn median(&self, engine: usize) -> Option<f64> {
        self.outcomes[engine].as_ref().ok().map(|times| times.median)
    }

    /// The median of the first engine.
    pub fn first(&self) -> Option<f64> {
        self.median(0)
    }

    /// Of each other engine, how many times as long as `reference` it takes.
    pub fn ratios(&self, reference: f64) -> impl Iterator<Item = (usize, f64)> {
        (1..self.outcomes.len()).filter_map(move |engine| Some((engine, self.median(engine)? / reference)))
    }

    /// How many times as long as the first the fastest of the others takes.
    fn fastest_other(&self) -> Option<f64> {
        self.ratios(self.first()?).map(|(_, ratio)| ratio).min_by(f64::total_cmp)
    }
}

impl Table {
    /// Without rows.
    pub fn new(machine: Machine, titles: Vec<String>) -> Self {
        Self { machine, titles, rows: Vec::new() }
    }

    /// On how many threads.
    pub fn title(&self) -> String {
        match self.machine.threads {
            1 => "One thread".to_owned(),
            2 => "Two threads".to_owned(),
            threads => format!("{threads} threads"),
        }
    }

    /// The engines, without their versions.
    pub fn names(&self) -> Vec<&str> {
        self.titles.iter().map(|title| name(title)).collect()
    }

    /// What no program can pass in this row.
    pub fn wall(&self, row: &Row) -> Wall {
        self.machine.wall(row.workload, row.bandwidth)
    }

    /// What was measured of the processor.
    pub fn walls(&self) -> String {
        let threads = self.machine.threads;
        let bandwidths = [("16 KiB", 1 << 14), ("512 KiB", 1 << 19), ("8 MiB", 1 << 23), ("128 MiB", 1 << 27)]
            .map(|(name, bytes)| format!("{:.0} from {name}", self.machine.bandwidth(threads * bytes) / 1e9))
            .join(", ");
        let (title, peak) = (self.title(), self.machine.fma_peak / 1e9);
        let each = if threads == 1 { "" } else { " of each" };
        format!("{title}: {peak:.0} GFLOP/s of multiply-adds; reading in GB/s: {bandwidths}{each}.")
    }

    /// A row in a line, for who waits for the rest.
    pub fn summary(&self, row: &Row) -> String {
        let figure = |(name, outcome): (&str, &Outcome)| match outcome {
            Ok(times) => format!("{name} {}", duration(times.median)),
            Err(reason) => format!("{name}: {reason}"),
        };
        self.names().into_iter().zip(&row.outcomes).map(figure).collect::<Vec<_>>().join(", ")
    }

    fn line(&self, row: &Row) -> String {
        let dash = || "–".to_owned();
        let cells = row.outcomes.iter().map(cell).collect::<Vec<_>>().join(" | ");
        let ratio = row.fastest_other().map_or_else(dash, |ratio| format!("{ratio:.2} ×"));
        let limit = self.wall(row);
        let share = row.first().map_or_else(dash, |median| percent(limit.seconds() / median));
        format!("| {} | {cells} | {ratio} | {} | {share} |", row.workload, wall(&limit))
    }

    /// How many times as long as the first an engine takes, over all rows that have both.
    fn mean_ratio(&self, engine: usize) -> Option<f64> {
        let logarithm = |row: &Row| Some((row.median(engine)? / row.first()?).ln());
        let logarithms: Vec<_> = self.rows.iter().filter_map(logarithm).collect();
        let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
        (!logarithms.is_empty()).then(|| mean.exp())
    }

    fn mean_ratios(&self) -> String {
        let ratio = |engine| self.mean_ratio(engine).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2} ×"));
        let ratios = (0..self.titles.len()).map(ratio).collect::<Vec<_>>().join(" | ");
        format!("| *engine / {}, geometric mean* | {ratios} | | | |", self.names()[0])
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        let first = names[0];
        writeln!(f, "| workload | {} | fastest other / {first} | wall | {first} at |", names.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(names.len() + 3))?;
        for row in &self.rows {
            writeln!(f, "{}", self.line(row))?;
        }
        writeln!(f, "{}", self.mean_ratios())
    }
}

/// What is before the version of a title, or before what is said in place of one.
fn name(title: &str) -> &str {
    let is_version = |&(at, _): &(usize, &str)| title[at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '(');
    title.match_indices(' ').find(is_version).map_or(title, |(at, _)| &title[..at])
}

fn cell(outcome: &Outcome) -> String {
    let Ok(times) = outcome else { return "–".to_owned() };
    let spread = times.spread();
    let spread = if spread > SPREAD { format!(" ±{}", percent(spread)) } else { String::new() };
    microseconds(times.median) + &spread
}

/// How long, and what takes it.
fn wall(wall: &Wall) -> String {
    let bandwidth = wall.bandwidth / 1e9;
    let why = match wall.reading / wall.seconds() {
        share if share < 0.05 => "arithmetic".to_owned(),
        share if share > 0.95 => format!("reading at {bandwidth:.0} GB/s"),
        share => format!("{} reading at {bandwidth:.0} GB/s", percent(share)),
    };
    format!("{} ({why})", microseconds(wall.seconds()))
}

#[cfg(test)]
pub mod tests {
    use monograd::simd::Level;

    use super::*;
    use crate::measure::Times;
    use crate::workload::WORKLOADS;

    /// Of the first workloads, with these medians in microseconds; none is “does not train”.
    pub fn table(threads: usize, titles: &[&str], medians: &[&[Option<f64>]]) -> Table {
        let machine = Machine { threads, level: Level::Scalar, fma_peak: 1e9 };
        let mut table = Table::new(machine, titles.iter().map(|&title| title.to_owned()).collect());
        let outcome = |median: &Option<f64>| {
            let median = median.ok_or_else(|| "does not train".to_owned())? / 1e6;
            Ok(Times { median, low: 0.9 * median, high: 1.01 * median })
        };
        let row = |(workload, medians): (&'static Workload, &&[Option<f64>])| {
            let outcomes = medians.iter().map(outcome).collect();
            Row { workload, outcomes, bandwidth: 1e9 }
        };
        table.rows = WORKLOADS.iter().zip(medians).map(row).collect();
        table
    }

    #[test]
    fn a_row_has_medians_spreads_ratio_and_wall() {
        let table = table(1, &["monograd 0.1.0", "other 2", "ONNX Runtime 1.2"], &[&[Some(0.2), Some(0.5), None]]);
        let text = table.to_string();
        let expected =
            "| 2-4-2-1, 1 sample | 0.200 ±5.5 % | 0.500 ±5.5 % | – | 2.50 × | 0.100 (reading at 1 GB/s) | 50 % |";
        assert_eq!(text.lines().nth(2), Some(expected));
        let mean = "| *engine / monograd, geometric mean* | 1.00 × | 2.50 × | – | | | |";
        assert_eq!(text.lines().nth(3), Some(mean));
    }

    #[test]
    fn names_have_no_versions() {
        let titles = ["monograd 0.1.0", "ONNX Runtime 1.32.0", "burn 0.22.1 (Flex)", "JAX (not installed)"];
        assert_eq!(table(1, &titles, &[]).names(), ["monograd", "ONNX Runtime", "burn", "JAX"]);
    }

    #[test]
    fn means_are_geometric() {
        let medians: [&[_]; 3] = [&[Some(1.0), Some(2.0)], &[Some(1.0), Some(8.0)], &[Some(1.0), None]];
        let mean = table(1, &["a 1", "b 1"], &medians).mean_ratio(1).expect("a ratio");
        assert!((mean - 4.0).abs() < 1e-12);
    }
}
