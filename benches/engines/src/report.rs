//! The table.

use std::fmt::Write as _;
use std::{fs, ptr};

use crate::wall::{Machine, Wall};
use crate::workload::{NETWORKS, Network, Weighted, Workload};

/// What was measured of a workload.
pub struct Row<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// Seconds a call, by engine.
    pub medians: Vec<Option<f64>>,
    /// What no engine can pass.
    pub wall: Wall,
}

/// What was measured of all.
pub struct Report<'a> {
    /// The engines; the first is the one that the others are compared with.
    pub titles: Vec<String>,
    /// The workloads.
    pub rows: Vec<Row<'a>>,
    /// Where.
    pub machine: Machine,
}

impl Row<'_> {
    /// The fastest engine but the first, and how many times as long it takes.
    fn fastest_other(&self) -> Option<(usize, f64)> {
        let first = self.medians[0]?;
        let others = self.medians.iter().enumerate().skip(1);
        let ratios = others.filter_map(|(engine, median)| Some((engine, (*median)? / first)));
        ratios.min_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn line(&self) -> String {
        let median = |median: &Option<f64>| median.map_or_else(|| "–".to_owned(), microseconds);
        let medians = self.medians.iter().map(median).collect::<Vec<_>>().join(" | ");
        let ratio = self.fastest_other().map_or_else(|| "–".to_owned(), |(_, ratio)| format!("{ratio:.2} ×"));
        let share = self.medians[0].map_or_else(|| "–".to_owned(), |median| percent(self.wall.seconds() / median));
        format!("| {} | {medians} | {ratio} | {} | {share} |", self.workload, wall(&self.wall))
    }
}

impl Report<'_> {
    /// Prints the tables.
    pub fn print(&self) {
        println!("{}", self.text());
    }

    /// Writes them to `RESULTS.md`.
    pub fn write(&self) -> Result<(), String> {
        let text = self.text();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
        fs::write(path, text).map_err(|error| format!("{path}: {error}"))
    }

    fn text(&self) -> String {
        let names = self.titles.iter().map(|title| name(title)).collect::<Vec<_>>();
        let mut text =
            String::from("# Results\n\nMicroseconds a call, medians; `cargo run --release` writes this file.\n\n");
        let first = names[0];
        _ = writeln!(text, "| workload | {} | fastest other / {first} | wall | {first} at |", names.join(" | "));
        _ = writeln!(text, "|---|{}", "---:|".repeat(names.len() + 3));
        for row in &self.rows {
            _ = writeln!(text, "{}", row.line());
        }
        _ = writeln!(text, "\n{}\n\n{}\n\n{}", self.notes(), self.networks(), self.footer());
        text
    }

    /// What the walls are computed from.
    fn networks(&self) -> String {
        let mut text = String::from("| network | parameters | megabytes | multiply-accumulates a sample |\n");
        _ = writeln!(text, "|---|---:|---:|---:|");
        let is_measured = |network: &&Network| self.rows.iter().any(|row| ptr::eq(row.workload.network, *network));
        for network in NETWORKS.into_iter().filter(is_measured) {
            let layers = network.weighted();
            let parameters: usize = layers.iter().map(Weighted::parameters).sum();
            let products: usize = layers.iter().map(Weighted::multiply_accumulates).sum();
            let megabytes = digits((parameters * size_of::<f32>()) as f64 / 1e6);
            _ = writeln!(text, "| {} | {} | {megabytes} | {} |", network.name, grouped(parameters), grouped(products));
        }
        text.trim_end().to_owned()
    }

    /// Where another engine wins.
    fn notes(&self) -> String {
        let note = |row: &Row<'_>| {
            let (engine, ratio) = row.fastest_other().filter(|(_, ratio)| *ratio < 1.0)?;
            Some(format!("- {}: {} is {:.2} × as fast.", row.workload, name(&self.titles[engine]), 1.0 / ratio))
        };
        let notes: Vec<_> = self.rows.iter().filter_map(note).collect();
        let first = name(&self.titles[0]);
        if notes.is_empty() {
            format!("No other engine is faster on what {first} does.")
        } else {
            format!("Faster than {first}:\n\n{}", notes.join("\n"))
        }
    }

    fn footer(&self) -> String {
        let Machine { level, fma_peak } = self.machine;
        let bandwidths = [("16 KiB", 1 << 14), ("512 KiB", 1 << 19), ("8 MiB", 1 << 23), ("128 MiB", 1 << 27)]
            .map(|(name, bytes)| format!("{:.0} from {name}", self.machine.bandwidth(bytes) / 1e9))
            .join(", ");
        format!(
            "Engines: {}.\n\nProcessor: {}, one thread; monograd on {level:?}. Measured in the same run: {:.0} GFLOP/s of \
             multiply-adds; reading in GB/s: {bandwidths}.",
            self.titles.join(", "),
            processor(),
            fma_peak / 1e9,
        )
    }
}

/// A title without the version.
fn name(title: &str) -> &str {
    title.split(|c: char| c.is_ascii_digit() || c == '(').next().unwrap_or(title).trim_end()
}

fn microseconds(seconds: f64) -> String {
    digits(seconds * 1e6)
}

/// Three digits, more before the point and at most four behind it.
fn digits(value: f64) -> String {
    let digits = (2 - value.log10().floor() as i32).clamp(0, 4) as usize;
    format!("{value:.digits$}")
}

fn percent(share: f64) -> String {
    let digits = usize::from(share < 0.1);
    format!("{:.digits$} %", 100.0 * share)
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

/// `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim_end() == name))?;
        Some(line.split_once(':')?.1.trim())
    };
    match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => "unknown".to_owned(),
    }
}
