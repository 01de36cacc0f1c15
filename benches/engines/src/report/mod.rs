//! What is printed and written down.

mod notes;
mod numbers;
mod picture;
mod table;

use std::fmt::{self, Write as _};
use std::{fs, ptr};

pub use table::{Row, Table};

use crate::workload::{NETWORKS, Network, Weighted};
use numbers::{digits, grouped, processor};

/// What was measured.
pub struct Report {
    /// For each number of threads, all of the same workloads.
    pub tables: Vec<Table>,
    /// How long all of it took.
    pub seconds: f64,
}

impl Report {
    /// Writes `RESULTS.md`, and a picture for each number of threads on which the first engine was measured.
    pub fn write(&self) -> Result<(), String> {
        write("RESULTS.md", &self.to_string())?;
        for table in self.tables.iter().filter(|table| table.rows.iter().any(|row| row.first().is_some())) {
            let name = match table.machine.threads {
                1 => "results.svg".to_owned(),
                threads => format!("results-{threads}-threads.svg"),
            };
            write(&name, &picture::svg(table))?;
        }
        Ok(())
    }

    /// What the walls are computed from.
    fn networks(&self) -> String {
        let mut text = String::from("| network | parameters | megabytes | multiply-accumulates a sample |\n");
        text.push_str("|---|---:|---:|---:|\n");
        let rows = || self.tables.iter().flat_map(|table| &table.rows);
        let is_measured = |network: &&Network| rows().any(|row| ptr::eq(row.workload.network, *network));
        for network in NETWORKS.into_iter().filter(is_measured) {
            let layers = network.weighted();
            let parameters: usize = layers.iter().map(Weighted::parameters).sum();
            let products: usize = layers.iter().map(Weighted::multiply_accumulates).sum();
            let megabytes = digits((parameters * size_of::<f32>()) as f64 / 1e6);
            _ = writeln!(text, "| {} | {} | {megabytes} | {} |", network.name, grouped(parameters), grouped(products));
        }
        text
    }

    fn footer(&self) -> String {
        let mut text = String::new();
        if let Some(table) = self.tables.first() {
            let level = table.machine.level;
            _ = writeln!(text, "Engines: {}.\n", table.titles.join(", "));
            _ = writeln!(text, "Processor: {}; {} on {level:?}.\n", processor(), table.names()[0]);
        }
        for table in &self.tables {
            _ = writeln!(text, "{}\n", table.walls());
        }
        _ = write!(text, "The run took {:.0} minutes.", (self.seconds / 60.0).ceil());
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# Results\n\nMicroseconds a call, medians; `cargo run --release` writes this file. “±” says how far the middle \
             half of the samples reaches, where that is further than 5 %.\n",
        )?;
        for (index, table) in self.tables.iter().enumerate() {
            writeln!(f, "\n## {}\n\n{table}\n{}", table.title(), notes::faster(&self.tables, index))?;
            write!(f, "{}", notes::dashes(table))?;
        }
        write!(f, "\n## What it was measured on\n\n{}\n{}", self.networks(), self.footer())
    }
}

fn write(name: &str, text: &str) -> Result<(), String> {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::write(&path, format!("{text}\n")).map_err(|error| format!("{path}: {error}"))
}
