//! Whole networks through the public interface, each measured against the walls of the machine in the same run.

mod machine;

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Instant;

use criterion::{Bencher, Criterion};
use machine::{fma_peak, read_bandwidth};
use monograd::losses::{Loss, MeanSquaredError, SoftmaxCrossEntropy};
use monograd::optimizers::{Adam, Sgd};
use monograd::prelude::*;
use monograd::simd::level;
use nalgebra::{Const, DimName, Dyn, MatrixView, SMatrix};

network! {
    struct Tiny([2]) -> [1] {
        hidden1: dense(4) -> tanh,
        hidden2: dense(2) -> tanh,
        out: dense(1),
    }
}

network! {
    struct Small([8]) -> [4] {
        hidden1: dense(64) -> relu,
        hidden2: dense(64) -> relu,
        out: dense(4),
    }
}

network! {
    struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

network! {
    struct Large([784]) -> [10] {
        hidden1: dense(4096) -> relu,
        hidden2: dense(4096) -> relu,
        out: dense(10),
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut walls = Walls::measure();
    inference::<Tiny, 2>(&mut criterion, &mut walls);
    inference::<Small, 8>(&mut criterion, &mut walls);
    inference::<Digits, 784>(&mut criterion, &mut walls);
    inference::<Large, 784>(&mut criterion, &mut walls);
    training::<Tiny, _, _>(&mut criterion, &mut walls, "sgd", Sgd::new(1e-3), &MeanSquaredError, &[0.5; 10]);
    let classes: [u32; 64] = std::array::from_fn(|sample| sample as u32 % 10);
    training::<Digits, _, _>(&mut criterion, &mut walls, "sgd", Sgd::new(1e-3), &SoftmaxCrossEntropy, &classes);
    training::<Digits, _, _>(&mut criterion, &mut walls, "adam", Adam::new(1e-3), &SoftmaxCrossEntropy, &classes);
    criterion.final_summary();
    walls.print();
}

/// One sample, and 64.
fn inference<N: Network<Scalar = f32, Input = Const<I>>, const I: usize>(criterion: &mut Criterion, walls: &mut Walls) {
    forward::<N, I, 1>(criterion, walls);
    forward::<N, I, 64>(criterion, walls);
}

fn forward<N: Network<Scalar = f32, Input = Const<I>>, const I: usize, const B: usize>(
    criterion: &mut Criterion,
    walls: &mut Walls,
) {
    let (net, mut work) = (N::new(), N::workspace(B));
    let x = Box::new(SMatrix::<f32, I, B>::from_column_slice(&inputs::<N>(B)));
    let minimum = Work { flops: 2 * N::MACS * B, bytes: size_of::<f32>() * N::PARAMS };
    walls.bench(criterion, &format!("forward/{}/{B}", N::NAME), minimum, || {
        black_box(work.run(&net, black_box(&x)));
    });
}

/// Forward, loss, backward and update, again and again on one batch.
fn training<N, Target, L>(
    criterion: &mut Criterion,
    walls: &mut Walls,
    name: &str,
    mut optimizer: impl Optimizer<f32>,
    loss: &L,
    targets: &[Target],
) where
    N: Trainable<Scalar = f32>,
    L: Loss<f32, Target>,
{
    let batch = targets.len() / loss.targets_per_sample(N::Output::DIM);
    let (mut net, mut training, x) = (N::new(), Training::<N>::new(batch), inputs::<N>(batch));
    // Nobody needs the gradient of the network's input.
    let products = 3 * N::MACS - N::LAYERS[0].macs;
    let minimum = Work { flops: 2 * products * batch, bytes: size_of::<f32>() * N::PARAMS };
    walls.bench(criterion, &format!("training/{}/{name}/{batch}", N::NAME), minimum, || {
        let x = MatrixView::from_slice_generic(black_box(&x), N::Input::name(), Dyn(batch));
        black_box(training.backprop(&mut net, &x, loss, targets)).expect("targets that fit");
        optimizer.step(net.params_mut(), training.gradient().params());
    });
}

fn inputs<N: Network>(samples: usize) -> Vec<f32> {
    (0..N::Input::DIM * samples).map(|i| (i as f32).sin()).collect()
}

/// What a call cannot do without.
struct Work {
    flops: usize,
    /// Of parameters, each read once.
    bytes: usize,
}

/// The machine, and how near to it each network comes.
struct Walls {
    fma_peak: f64,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    seconds: f64,
    work: Work,
}

impl Walls {
    fn measure() -> Self {
        Self { fma_peak: fma_peak::<f32>(level()), rows: Vec::new() }
    }

    /// Measures `f` by criterion, and keeps the median of the same samples.
    fn bench(&mut self, criterion: &mut Criterion, name: &str, work: Work, mut f: impl FnMut()) {
        let samples = RefCell::new(Vec::new());
        criterion.bench_function(name, |bencher: &mut Bencher| {
            bencher.iter_custom(|calls| {
                let begin = Instant::now();
                for _ in 0..calls {
                    f();
                }
                let elapsed = begin.elapsed();
                samples.borrow_mut().push(elapsed.as_secs_f64() / calls as f64);
                elapsed
            });
        });
        let mut samples = samples.into_inner();
        samples.sort_by(f64::total_cmp);
        if let Some(&seconds) = samples.get(samples.len() / 2) {
            self.rows.push(Row { name: name.to_owned(), seconds, work });
        }
    }

    fn print(&self) {
        println!("{:.0} GFLOP/s of multiply-adds on {:?}\n", self.fma_peak / 1e9, level());
        println!("{:<28} {:>12} {:>12}  {:<22} {:>8}", "network", "µs", "wall, µs", "which is", "at");
        for Row { name, seconds, work } in &self.rows {
            let (wall, bound) = self.wall(work);
            let (time, share) = (seconds * 1e6, 100.0 * wall / seconds);
            println!("{name:<28} {time:>12.3} {:>12.3}  {bound:<22} {share:>6.1} %", wall * 1e6);
        }
    }

    /// The flops at the peak, or the parameters at the bandwidth of reading as many bytes again and again, which is that of
    /// the level of memory they lie in: whichever takes longer.
    fn wall(&self, work: &Work) -> (f64, String) {
        const LEAST: usize = 1 << 14;
        let bandwidth = read_bandwidth(level(), work.bytes.max(LEAST));
        let (arithmetic, reading) = (work.flops as f64 / self.fma_peak, work.bytes as f64 / bandwidth);
        if arithmetic > reading {
            (arithmetic, "arithmetic".to_owned())
        } else {
            (reading, format!("reading at {:.0} GB/s", bandwidth / 1e9))
        }
    }
}
