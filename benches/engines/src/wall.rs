//! What no program on this processor can pass.

use std::sync::Barrier;
use std::thread;

use monograd::simd::{Level, level};

use crate::machine::{fma_peak, read_bandwidth};
use crate::workload::{Optimizer, Task, Weighted, Workload};

/// The processor, measured in this run, on so many threads at once.
pub struct Machine {
    /// On how many.
    pub threads: usize,
    /// Its best instruction set.
    pub level: Level,
    /// Multiply-adds of registers with registers, flop/s of all threads: the highest so far.
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
    pub fn measure(threads: usize) -> Self {
        let mut machine = Self { threads, level: level(), fma_peak: 0.0 };
        machine.measure_peak();
        machine
    }

    /// Measures the peak again, and gives the bandwidth at which the parameters of a workload are read.
    pub fn refresh(&mut self, workload: &Workload) -> f64 {
        self.measure_peak();
        self.bandwidth(workload.network.weighted().iter().map(|layer| bytes(workload, layer)).sum())
    }

    fn measure_peak(&mut self) {
        self.fma_peak = self.fma_peak.max(together(self.threads, || fma_peak::<f32>(self.level)));
    }

    /// The bandwidth of reading so many bytes again and again, each thread its own part of them: that of the nearest
    /// memory which holds the part.
    pub fn bandwidth(&self, bytes: usize) -> f64 {
        const LEAST: usize = 1 << 14;
        /// Both halves, which are read at once, begin on a cache line and have no rest.
        const UNIT: usize = 1 << 9;
        let part = (bytes / self.threads).max(LEAST).next_multiple_of(UNIT);
        together(self.threads, || read_bandwidth(self.level, part))
    }

    /// Layer by layer, the products at the peak of multiply-adds, or one reading of the parameters at this bandwidth:
    /// whichever takes longer. Adam reads its two moments as well.
    pub fn wall(&self, workload: &Workload, bandwidth: f64) -> Wall {
        let mut wall = Wall { bandwidth, ..Wall::default() };
        for (index, layer) in workload.network.weighted().iter().enumerate() {
            let arithmetic = flops(workload, index, layer) / self.fma_peak;
            let reading = bytes(workload, layer) as f64 / bandwidth;
            if arithmetic > reading {
                wall.arithmetic += arithmetic;
            } else {
                wall.reading += reading;
            }
        }
        wall
    }
}

/// What all threads reach that measure `rate` at once: so many times that of the slowest, since another may have measured
/// a while longer, alone.
fn together(threads: usize, rate: impl Fn() -> f64 + Sync) -> f64 {
    let start = Barrier::new(threads);
    let measured = || {
        start.wait();
        rate()
    };
    let slowest = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(measured)).collect();
        let rates = others.into_iter().map(|other| other.join().expect("a rate"));
        let first = measured();
        rates.fold(first, f64::min)
    });
    threads as f64 * slowest
}

/// How much of a layer is read in a call at least.
fn bytes(workload: &Workload, layer: &Weighted) -> usize {
    let arrays = if matches!(workload.task, Task::Train(_, Optimizer::Adam)) { 3 } else { 1 };
    arrays * layer.parameters() * size_of::<f32>()
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;
    use crate::workload::{DIGITS, Loss};

    const MACHINE: Machine = Machine { threads: 1, level: Level::Scalar, fma_peak: 1e9 };

    #[test]
    fn a_wall_is_the_longer_of_arithmetic_and_reading() {
        let workload = |samples, task| Workload { network: &DIGITS, samples, task };
        let one = workload(1, Task::Forward);
        // Bytes are twice the flops of one sample, and a little more for the biases.
        let wall = MACHINE.wall(&one, 1e9);
        assert_eq!((wall.arithmetic, wall.reading), (0.0, 4.0 * 101_770.0 / 1e9));
        let wall = MACHINE.wall(&workload(64, Task::Forward), 1e9);
        assert!((wall.seconds() - 64.0 * 2.0 * 101_632.0 / 1e9).abs() < 1e-12);
        assert_eq!(wall.reading, 0.0);
    }

    #[test]
    fn a_training_step_is_three_products_but_of_the_first_layer_two() {
        let task = Task::Train(Loss::CrossEntropy, Optimizer::Sgd);
        let wall = MACHINE.wall(&Workload { network: &DIGITS, samples: 64, task }, 1e12);
        let products = 2 * 784 * 128 + 3 * 128 * 10;
        assert!((wall.arithmetic - f64::from(2 * 64 * products) / 1e9).abs() < 1e-12);
    }

    #[test]
    fn threads_reach_so_many_times_the_slowest() {
        let next = AtomicUsize::new(1);
        assert_eq!(together(3, || next.fetch_add(1, Relaxed) as f64), 3.0);
    }
}
