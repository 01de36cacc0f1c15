//! What no program on this processor can pass.

use monograd::simd::{Level, level};

use crate::machine::{fma_peak, read_bandwidth};
use crate::workload::{Network, Optimizer, Task, Workload};

/// The processor, measured in this run.
pub struct Machine {
    /// Its best instruction set.
    pub level: Level,
    /// Multiply-adds of registers with registers, flop/s.
    pub fma_peak: f64,
}

/// The shortest time of a call, and why.
pub struct Wall {
    /// Seconds.
    pub seconds: f64,
    /// What takes that long.
    pub bound: Bound,
}

/// What takes the time of a wall.
pub enum Bound {
    /// The arithmetic.
    Arithmetic,
    /// Reading the parameters, at so many bytes a second.
    Reading(f64),
}

impl Machine {
    /// Measures.
    pub fn measure() -> Self {
        Self { level: level(), fma_peak: fma_peak::<f32>(level()) }
    }

    /// The products at the peak of multiply-adds, or one reading of the parameters at the bandwidth of the level of memory
    /// that they lie in: whichever takes longer. Adam reads its two moments as well.
    pub fn wall(&self, workload: &Workload) -> Wall {
        let arithmetic = flops(workload) / self.fma_peak;
        let bytes = bytes(workload);
        let bandwidth = self.bandwidth(bytes);
        let reading = bytes as f64 / bandwidth;
        if arithmetic > reading {
            Wall { seconds: arithmetic, bound: Bound::Arithmetic }
        } else {
            Wall { seconds: reading, bound: Bound::Reading(bandwidth) }
        }
    }

    /// The bandwidth of reading so many bytes again and again: that of the nearest memory which holds them.
    pub fn bandwidth(&self, bytes: usize) -> f64 {
        const LEAST: usize = 1 << 14;
        read_bandwidth(self.level, bytes.max(LEAST))
    }
}

/// Two for each multiply-accumulate. The backward pass has two products as large as the forward one, but nobody needs the
/// gradient of the network's input.
fn flops(workload: &Workload) -> f64 {
    let Network { sizes, .. } = workload.network;
    let all: usize = workload.network.multiply_accumulates().sum();
    let products = match workload.task {
        Task::Forward => all,
        Task::Train(..) => 3 * all - sizes[0] * sizes[1],
    };
    2.0 * products as f64 * workload.samples as f64
}

fn bytes(workload: &Workload) -> usize {
    let arrays = if matches!(workload.task, Task::Train(_, Optimizer::Adam)) { 3 } else { 1 };
    arrays * workload.network.parameters() * size_of::<f32>()
}
