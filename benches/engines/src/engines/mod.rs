//! The engines, one a file, and what all of them can do.

mod burn;
mod candle;
mod monograd;
mod python;
mod tract;

use std::time::Instant;

use crate::workload::Workload;

/// An engine.
pub trait Engine {
    /// Its name and version.
    fn title(&self) -> String;

    /// Builds a network with the workload's parameters and data.
    ///
    /// # Errors
    /// Why the engine cannot do this.
    fn prepare(&mut self, workload: &Workload) -> Result<Box<dyn Run>, String>;
}

/// A workload in an engine.
pub trait Run {
    /// What must be the same in all engines: the outputs, or the losses of the first training steps. Called once, before
    /// anything is measured.
    fn check(&mut self) -> Vec<f32>;

    /// How many seconds a call takes: that many samples, each the mean of so many calls.
    fn seconds(&mut self, samples: usize, calls: usize) -> Vec<f64>;
}

/// All engines, each with so many threads; the first is the one that the others are compared with.
pub fn all(threads: usize) -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = vec![
        Box::new(monograd::Monograd::new(threads)),
        Box::new(tract::Tract::new(threads)),
        Box::new(candle::Candle),
        Box::new(burn::Burn::new(threads)),
    ];
    engines.extend(python::engines(threads));
    engines
}

/// Why there is no training step.
fn does_not_train<T>() -> Result<T, String> {
    Err("does not train".to_owned())
}

fn seconds(samples: usize, calls: usize, mut call: impl FnMut()) -> Vec<f64> {
    let sample = |_| {
        let begin = Instant::now();
        for _ in 0..calls {
            call();
        }
        begin.elapsed().as_secs_f64() / calls as f64
    };
    (0..samples).map(sample).collect()
}

/// The version that this package's manifest pins `package` to.
fn pinned(package: &str) -> &'static str {
    const MANIFEST: &str = include_str!("../../Cargo.toml");
    let line = MANIFEST.lines().find(|line| line.split(' ').next() == Some(package)).unwrap_or_default();
    line.split_once("\"=").and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?")
}
