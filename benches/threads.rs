//! Several threads against one: the same work on the calling thread and on a pool, measured in turns, so that the ratios hold
//! whatever else the machine does. Criterion's own figures are those of the pool.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::networks::{LeNet5, MnistCnn, ResNet20};
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use monograd::rayon::{ThreadPool, ThreadPoolBuilder};
use monograd::{CallingThread, Pool};
use nalgebra::{DimName, Dyn, OMatrix};

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let mut criterion = Criterion::default().configure_from_args();
    let mut table = Table::default();
    both::<LeNet5>(&mut criterion, &mut table, &pool, 64);
    both::<LeNet5>(&mut criterion, &mut table, &pool, 256);
    both::<MnistCnn>(&mut criterion, &mut table, &pool, 64);
    both::<ResNet20>(&mut criterion, &mut table, &pool, 32);
    criterion.final_summary();
    table.print(threads);
}

fn both<N: Trainable<Scalar = f32>>(criterion: &mut Criterion, table: &mut Table, pool: &ThreadPool, batch: usize) {
    inference::<N>(criterion, table, pool, batch);
    training::<N>(criterion, table, pool, batch);
}

type Input<N> = OMatrix<f32, <N as Network>::Input, Dyn>;

fn samples<N: Network<Scalar = f32>>(batch: usize) -> Input<N> {
    Input::<N>::from_fn_generic(N::Input::name(), Dyn(batch), |i, sample| ((i + 7 * sample) as f32).sin())
}

/// One thread, and all.
fn inference<N: Network<Scalar = f32>>(criterion: &mut Criterion, table: &mut Table, pool: &ThreadPool, batch: usize) {
    let (net, x) = (N::new(), samples::<N>(batch));
    let (mut one, mut all) = (N::workspace(batch), N::workspace(batch).threads(pool.threads()));
    let mut within = N::workspace(batch).threads(pool.threads());
    let mut one = || _ = black_box(net.forward(black_box(&x), &mut one));
    let mut all = || _ = black_box(net.forward_in(pool, black_box(&x), &mut all));
    let mut within = || _ = black_box(net.forward_in(pool, black_box(&x), &mut within));
    let name = format!("inference/{}/{batch}", N::NAME);
    table.bench(criterion, pool, name, [&mut one, &mut || {}, &mut all], &mut within);
}

/// A step in one piece, and in as many shards as there are threads, on one thread and on all.
fn training<N: Trainable<Scalar = f32>>(criterion: &mut Criterion, table: &mut Table, pool: &ThreadPool, batch: usize) {
    let (x, labels) = (samples::<N>(batch), (0..batch as u32).map(|k| k % 10).collect::<Vec<_>>());
    let (x, labels) = (&x, &labels);
    let steps = |shards: usize| {
        let (mut net, mut training, mut sgd) = (N::new(), Training::<N>::new(batch).shards(shards), Sgd::new(1e-4));
        move |pool: &dyn Pool| {
            let loss = training.backprop_in(pool, &mut net, black_box(x), &SoftmaxCrossEntropy, labels);
            black_box(loss).expect("targets that fit");
            sgd.step_in(pool, net.params_mut(), training.gradient().params());
        }
    };
    let shards = pool.threads();
    let (mut whole, mut divided, mut all, mut within) = (steps(1), steps(shards), steps(shards), steps(shards));
    let variants: [&mut dyn FnMut(); 3] =
        [&mut || whole(&CallingThread), &mut || divided(&CallingThread), &mut || all(pool)];
    table.bench(criterion, pool, format!("training/{}/{batch}", N::NAME), variants, &mut || within(pool));
}

/// Medians of each way, in seconds a call.
struct Row {
    name: String,
    medians: [f64; 4],
}

#[derive(Default)]
struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Measures all ways by turns: one thread, shards on one thread, all threads from outside of the pool, and from within.
    fn bench(
        &mut self,
        criterion: &mut Criterion,
        pool: &ThreadPool,
        name: String,
        mut variants: [&mut dyn FnMut(); 3],
        within: &mut (dyn FnMut() + Send),
    ) {
        let samples = RefCell::new([const { Vec::new() }; 4]);
        criterion.bench_function(&name, |bencher: &mut Bencher| {
            bencher.iter_custom(|calls| {
                let [one, shards, all] = &mut variants;
                let times = [
                    measured(calls, *one),
                    measured(calls, *shards),
                    measured(calls, *all),
                    pool.install(|| measured(calls, within)),
                ];
                for (samples, time) in samples.borrow_mut().iter_mut().zip(times) {
                    samples.push(time.as_secs_f64() / calls as f64);
                }
                times[2]
            });
        });
        let medians = samples.into_inner().map(|mut samples: Vec<f64>| {
            samples.sort_by(f64::total_cmp);
            samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
        });
        self.rows.push(Row { name, medians });
    }

    fn print(&self, threads: usize) {
        println!("µs on one thread, in shards on one thread, on {threads} threads, and within the pool\n");
        for Row { name, medians } in self.rows.iter().filter(|row| row.medians[0].is_finite()) {
            let [whole, shards, all, within] = medians.map(|seconds| seconds * 1e6);
            let (from_outside, inside) = (whole / all, whole / within);
            println!(
                "{name:<24} {whole:>10.1} {shards:>10.1} {all:>10.1} ({from_outside:.2} ×) {within:>10.1} ({inside:.2} ×)"
            );
        }
    }
}

fn measured(calls: u64, work: &mut (impl FnMut() + ?Sized)) -> Duration {
    let begin = Instant::now();
    for _ in 0..calls {
        work();
    }
    begin.elapsed()
}
