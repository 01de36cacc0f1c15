//! What no program on this processor can pass.

use monograd::simd::{Level, level};

use crate::machine::{fma_peak, read_bandwidth};
use crate::workload::{Optimizer, Task, Weighted, Workload};

/// The processor, measured in this run.
pub struct Machine {
    /// Its best instruction set.
    pub level: Level,
    /// Multiply-adds of registers with registers, flop/s.
    pub fma_peak: f64,
}

/// The shortest time of a call, in seconds, by what takes it.
#[derive(Default)]
pub struct Wall {
    /// Of the layers whose arithmetic takes longer.
    pub arithmetic: f64,
    /// Of the layers whose parameters take longer to read.
    pub reading: f64,
    /// At so many bytes a second.
    pub bandwidth: f64,
}

impl Wall {
    /// All of it.
    pub fn seconds(&self) -> f64 {
        self.arithmetic + self.reading
    }
}

impl Machine {
    /// Measures.
    pub fn measure() -> Self {
        Self { level: level(), fma_peak: fma_peak::<f32>(level()) }
    }

    /// Layer by layer, the products at the peak of multiply-adds, or one reading of the parameters at the bandwidth of the
    /// memory that those of the whole network lie in: whichever takes longer. Adam reads its two moments as well.
    pub fn wall(&self, workload: &Workload) -> Wall {
        let layers = workload.network.weighted();
        let arrays = if matches!(workload.task, Task::Train(_, Optimizer::Adam)) { 3 } else { 1 };
        let bytes = |layer: &Weighted| arrays * layer.parameters() * size_of::<f32>();
        let bandwidth = self.bandwidth(layers.iter().map(bytes).sum());
        let mut wall = Wall { bandwidth, ..Wall::default() };
        for (index, layer) in layers.iter().enumerate() {
            let arithmetic = flops(workload, index, layer) / self.fma_peak;
            let reading = bytes(layer) as f64 / bandwidth;
            if arithmetic > reading {
                wall.arithmetic += arithmetic;
            } else {
                wall.reading += reading;
            }
        }
        wall
    }

    /// The bandwidth of reading so many bytes again and again: that of the nearest memory which holds them.
    pub fn bandwidth(&self, bytes: usize) -> f64 {
        const LEAST: usize = 1 << 14;
        /// Both halves, which are read at once, begin on a cache line and have no rest.
        const UNIT: usize = 1 << 9;
        read_bandwidth(self.level, bytes.max(LEAST).next_multiple_of(UNIT))
    }
}

/// Two for each multiply-accumulate. The backward pass has two products as large as the forward one, but nobody needs the
/// gradient of the network's input.
fn flops(workload: &Workload, index: usize, layer: &Weighted) -> f64 {
    let products = match (workload.task, index) {
        (Task::Forward, _) => 1,
        (Task::Train(..), 0) => 2,
        (Task::Train(..), _) => 3,
    };
    2.0 * (products * layer.multiply_accumulates() * workload.samples) as f64
}
