//! The dense kernels by size, each as a fraction of the wall it stands before: the core's multiply-adds, or for a single
//! column the bandwidth of the memory that the weight lies in. Walls and kernels are measured in the same run.
//!
//! `cargo bench --bench kernels` prints a table at the end; `-- <filter>` measures the kernels whose names contain it.

mod machine;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use machine::{Every, Simds, fma_peak, read_bandwidth};
use nn_runtime::activations::{Activation, Relu};
use nn_runtime::kernels::{Kernels, OuterProduct, Product, SCRATCH, TransposedProduct};
use nn_runtime::simd::{Dispatch, Level, force_level};
use nn_runtime::{Buffer, Real};

/// `(O, I, B)`.
const SIZES: [(usize, usize, usize); 22] = [
    (4, 2, 1),
    (64, 8, 1),
    (64, 64, 1),
    (10, 128, 1),
    (128, 784, 1),
    (256, 256, 1),
    (1024, 1024, 1),
    (128, 784, 2),
    (128, 784, 4),
    (8, 8, 8),
    (16, 16, 16),
    (32, 32, 32),
    (64, 64, 64),
    (96, 96, 96),
    (128, 128, 128),
    (256, 256, 256),
    (512, 512, 512),
    (1024, 1024, 1024),
    (2048, 2048, 2048),
    (128, 784, 64),
    (10, 128, 64),
    (512, 512, 64),
];

/// A line of the table at the end.
struct Line {
    name: String,
    seconds: f64,
    wall: f64,
    rate: String,
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(15)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(250))
        .without_plots()
        .configure_from_args();
    let mut lines = Vec::new();
    for level in Level::ALL {
        if level > Level::Scalar && level.is_supported() {
            force_level(Some(level)).expect("the level is supported");
            measure::<f32>(&mut criterion, level, &mut lines);
            measure::<f64>(&mut criterion, level, &mut lines);
        }
    }
    criterion.final_summary();
    println!("\n{:<48} {:>12} {:>16} {:>7}", "kernel, O × I × B", "ns", "rate", "wall");
    for Line { name, seconds, wall, rate } in lines {
        println!("{name:<48} {:>12.1} {rate:>16} {:>5.1} %", seconds * 1e9, 100.0 * wall / seconds);
    }
}

fn measure<T: Real>(criterion: &mut Criterion, level: Level, lines: &mut Vec<Line>)
where
    Every: Simds<T>,
{
    for size in SIZES {
        let wall = Wall::of::<T>(level, size);
        T::dispatch(Kernel3 { criterion: &mut *criterion, size, level, wall, lines: &mut *lines });
    }
}

/// The time a product cannot beat.
struct Wall {
    seconds: f64,
    /// Floating-point operations or bytes.
    work: f64,
    unit: &'static str,
}

impl Wall {
    fn of<T: Real>(level: Level, (outputs, inputs, batch): (usize, usize, usize)) -> Self
    where
        Every: Simds<T>,
    {
        let bytes = outputs * inputs * size_of::<T>();
        let flops = 2.0 * (outputs * inputs * batch) as f64;
        let reading = bytes as f64 / read_bandwidth(level, bytes.max(2048));
        let computing = flops / fma_peak::<T>(level);
        if reading > computing {
            Self { seconds: reading, work: bytes as f64, unit: "GB/s" }
        } else {
            Self { seconds: computing, work: flops, unit: "GFLOP/s" }
        }
    }
}

/// The three products of one size.
struct Kernel3<'a> {
    criterion: &'a mut Criterion,
    size: (usize, usize, usize),
    level: Level,
    wall: Wall,
    lines: &'a mut Vec<Line>,
}

impl<T: Real> Dispatch<T> for Kernel3<'_> {
    type Output = ();

    fn at<L: Kernels<T>>(mut self, level: L) {
        let (outputs, inputs, batch) = self.size;
        let weight = &pattern::<T>(outputs * inputs);
        let (bias, x, d_y) = (&pattern(outputs), &pattern(inputs * batch), &pattern(outputs * batch));
        let (mut y, mut d_x) = (pattern(outputs * batch), pattern(inputs * batch));
        let (mut d_weight, scratch) = (pattern(outputs * inputs), &mut pattern(SCRATCH));
        let activation = Activation::Relu(Relu);
        self.time::<T>("product", || {
            let (weight, y) = (black_box(weight), black_box(&mut y));
            level.product(Product { weight, bias, x, y, outputs, activation, scratch });
        });
        self.time::<T>("outer_product", || {
            let (d_y, d_weight) = (black_box(d_y), black_box(&mut d_weight));
            level.outer_product(OuterProduct { d_y, x, d_weight, outputs, scratch });
        });
        self.time::<T>("transposed_product", || {
            let (weight, d_x) = (black_box(weight), black_box(&mut d_x));
            level.transposed_product(TransposedProduct { weight, d_y, d_x, outputs, scratch });
        });
    }
}

impl Kernel3<'_> {
    fn time<T: Real>(&mut self, kernel: &str, mut f: impl FnMut()) {
        let (outputs, inputs, batch) = self.size;
        let name = format!("{kernel} {:?} {:?} {outputs}×{inputs}×{batch}", self.level, T::DTYPE);
        let mut samples = Vec::new();
        self.criterion.bench_function(&name, |bencher| {
            bencher.iter_custom(|repeats| {
                let begin = Instant::now();
                for _ in 0..repeats {
                    f();
                }
                let elapsed = begin.elapsed();
                samples.push(elapsed.as_secs_f64() / repeats as f64);
                elapsed
            });
        });
        if samples.is_empty() {
            return;
        }
        samples.sort_by(f64::total_cmp);
        let seconds = samples[samples.len() / 2];
        let rate = format!("{:.1} {}", self.wall.work / seconds / 1e9, self.wall.unit);
        self.lines.push(Line { name, seconds, wall: self.wall.seconds, rate });
    }
}

/// Values between −½ and ½.
fn pattern<T: Real>(len: usize) -> Buffer<T> {
    let mut buffer = Buffer::zeroed(len);
    for (i, x) in buffer.iter_mut().enumerate() {
        *x = <T as Real>::from_f64((i * 7919 % 1000) as f64 / 1000.0 - 0.5);
    }
    buffer
}
