//! The kernels of dense layers and of convolutions by size, each as a fraction of the wall it stands before: the core's multiply-adds, or for a single
//! column the bandwidth of the memory that the weight lies in. Walls and kernels are measured in the same run.
//!
//! Other work on the machine only adds time. Kernels are therefore timed in bursts too short for most of them to be
//! interrupted; the fraction compares the fastest tenth of the bursts with the walls, which are the best of their trials.
//! The median is shown beside it: where the two differ much, the machine was busy.
//!
//! `cargo bench --bench kernels` prints a table at the end; `-- <filter>` measures the kernels whose names contain it.

mod machine;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use machine::{Every, Simds, fma_peak, read_bandwidth};
use nn_runtime::activations::{Activation, Relu};
use nn_runtime::geometry::{Algorithm, Axis, Convolution};
use nn_runtime::kernels::{
    Correlation, Direction, Kernels, Layout, OuterProduct, Product, SCRATCH, TransposedProduct, WeightGradient,
};
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

/// Of images as high as wide: a name, `(side, kernel, stride, padding)`, `(channels in, out, groups)`, and a batch.
///
/// Where padding is, a convolution may be faster than its wall: what is multiplied with the padding counts, but is not done.
/// Of the largest images there are a few rows, so that a call is short beside a time slice.
const CONVOLUTIONS: [(&str, [usize; 4], [usize; 3], usize); 26] = [
    ("VGG, 8 rows", [224, 3, 1, 1], [64, 64, 1], 1),
    ("VGG, 8 rows", [112, 3, 1, 1], [128, 128, 1], 1),
    ("VGG, 8 rows", [56, 3, 1, 1], [256, 256, 1], 1),
    ("VGG, 8 rows", [28, 3, 1, 1], [512, 512, 1], 1),
    ("VGG", [224, 3, 1, 1], [64, 64, 1], 1),
    ("VGG", [112, 3, 1, 1], [128, 128, 1], 1),
    ("VGG", [56, 3, 1, 1], [256, 256, 1], 1),
    ("VGG", [28, 3, 1, 1], [512, 512, 1], 1),
    ("VGG", [14, 3, 1, 1], [512, 512, 1], 1),
    ("ResNet", [56, 3, 1, 1], [64, 64, 1], 1),
    ("ResNet", [56, 1, 1, 0], [64, 256, 1], 1),
    ("ResNet", [7, 1, 1, 0], [512, 2048, 1], 1),
    ("ResNet", [56, 3, 2, 1], [128, 128, 1], 1),
    ("ResNet-20", [32, 3, 1, 1], [16, 16, 1], 1),
    ("ResNet-20", [16, 3, 1, 1], [32, 32, 1], 1),
    ("ResNet-20", [8, 3, 1, 1], [64, 64, 1], 1),
    ("AlexNet", [224, 11, 4, 2], [3, 64, 1], 1),
    ("LeNet", [32, 5, 1, 0], [1, 6, 1], 1),
    ("LeNet", [32, 5, 1, 0], [1, 6, 1], 64),
    ("LeNet", [14, 5, 1, 0], [6, 16, 1], 1),
    ("LeNet", [14, 5, 1, 0], [6, 16, 1], 64),
    ("MNIST", [28, 3, 1, 0], [1, 32, 1], 1),
    ("MNIST", [28, 3, 1, 0], [1, 32, 1], 64),
    ("MNIST", [26, 3, 1, 0], [32, 64, 1], 1),
    ("MNIST", [26, 3, 1, 0], [32, 64, 1], 64),
    ("by channel", [56, 3, 1, 1], [64, 64, 64], 1),
];

/// The convolution of a line of the table.
fn convolution(name: &str, [side, kernel, stride, padding]: [usize; 4], channels: [usize; 3]) -> Convolution {
    let [inputs, outputs, groups] = channels;
    let width = Axis::new(side, kernel, stride, 1, padding, padding);
    let height = if name.ends_with("8 rows") { Axis::new(8 + kernel - 1, kernel, 1, 1, 0, 0) } else { width };
    Convolution::new([Axis::NONE, height, width], inputs, outputs, groups)
}

/// A line of the table at the end.
struct Line {
    name: String,
    median: f64,
    tenth: f64,
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
    println!("\n{:<64} {:>13} {:>13} {:>15} {:>7}", "kernel, size", "median ns", "best 10 % ns", "rate", "wall");
    for Line { name, median, tenth, wall, rate } in lines {
        let (median, best, part) = (median * 1e9, tenth * 1e9, 100.0 * wall / tenth);
        println!("{name:<64} {median:>13.1} {best:>13.1} {rate:>15} {part:>5.1} %");
    }
}

fn measure<T: Real>(criterion: &mut Criterion, level: Level, lines: &mut Vec<Line>)
where
    Every: Simds<T>,
{
    for size in SIZES {
        let wall = Wall::of::<T>(level, size);
        let (outputs, inputs, batch) = size;
        let name = format!("{level:?} {:?} {outputs}×{inputs}×{batch}", T::DTYPE);
        let timer = Timer { criterion: &mut *criterion, name, wall, lines: &mut *lines };
        T::dispatch(Products { size, timer });
    }
    for (layer, sizes, channels, batch) in CONVOLUTIONS {
        let chosen = convolution(layer, sizes, channels);
        let ([side, kernel, stride, _], [inputs, outputs, _]) = (sizes, channels);
        let size = format!("{inputs}→{outputs} {kernel}×{kernel}/{stride} @{side}, {batch}");
        let ways = if chosen.algorithm == Algorithm::Direct { vec![chosen] } else { vec![chosen.direct(), chosen] };
        for geometry in ways {
            let name = format!("{level:?} {:?} {layer} {size} {:?}", T::DTYPE, geometry.algorithm);
            // The multiplications of the definition: an algorithm that needs fewer passes this wall.
            let flops = 2.0 * (geometry.macs() * batch) as f64;
            let wall = Wall { seconds: flops / fma_peak::<T>(level), work: flops, unit: "GFLOP/s" };
            let timer = Timer { criterion: &mut *criterion, name, wall, lines: &mut *lines };
            T::dispatch(Convolutions { geometry, batch, timer });
        }
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
struct Products<'a> {
    size: (usize, usize, usize),
    timer: Timer<'a>,
}

impl<T: Real> Dispatch<T> for Products<'_> {
    type Output = ();

    fn at<L: Kernels<T>>(mut self, level: L) {
        let (outputs, inputs, batch) = self.size;
        let weight = &pattern::<T>(outputs * inputs);
        let (bias, x, d_y) = (&pattern(outputs), &pattern(inputs * batch), &pattern(outputs * batch));
        let (mut y, mut d_x) = (pattern(outputs * batch), pattern(inputs * batch));
        let (mut d_weight, scratch) = (pattern(outputs * inputs), &mut pattern(SCRATCH));
        let activation = Activation::Relu(Relu);
        self.timer.time("product", || {
            let (weight, y) = (black_box(weight), black_box(&mut y));
            level.product(Product { weight, bias, x, y, outputs, activation, scratch });
        });
        self.timer.time("outer_product", || {
            let (d_y, d_weight) = (black_box(d_y), black_box(&mut d_weight));
            level.outer_product(OuterProduct { d_y, x, d_weight, outputs, accumulate: false, scratch });
        });
        self.timer.time("transposed_product", || {
            let (weight, d_x) = (black_box(weight), black_box(&mut d_x));
            level.transposed_product(TransposedProduct { weight, d_y, d_x, outputs, accumulate: false, scratch });
        });
    }
}

/// A convolution and its two gradients.
struct Convolutions<'a> {
    geometry: Convolution,
    batch: usize,
    timer: Timer<'a>,
}

impl<T: Real> Dispatch<T> for Convolutions<'_> {
    type Output = ();

    fn at<L: Kernels<T>>(mut self, level: L) {
        let geometry = &self.geometry;
        let (inputs, outputs) = (geometry.input().len() * self.batch, geometry.output().len() * self.batch);
        let (weight, bias) = (&pattern::<T>(geometry.weights()), &pattern::<T>(geometry.outputs));
        let (x, d_y) = (&pattern::<T>(inputs), &pattern::<T>(outputs));
        let (mut y, mut d_x) = (pattern(outputs), pattern(inputs));
        let (mut d_weight, scratch) = (pattern(weight.len()), &mut pattern(geometry.training_scratch()));
        let layout = Layout::Convolution;
        let none: &[T] = &[];
        self.timer.time("convolution", || {
            let (direction, y) = (Direction::Forward, black_box(&mut y));
            let activation = Activation::Relu(Relu);
            let (scale, shift) = (none, none);
            level.correlation(Correlation {
                geometry,
                direction,
                layout,
                weight,
                bias,
                scale,
                shift,
                x,
                y,
                accumulate: false,
                activation,
                scratch,
            });
        });
        self.timer.time("weight_gradient", || {
            let (input, output, d_weight) = (black_box(x), d_y, black_box(&mut d_weight));
            let accumulate = false;
            level.weight_gradient(WeightGradient { geometry, layout, input, output, d_weight, accumulate, scratch });
        });
        self.timer.time("input_gradient", || {
            let (direction, x, y) = (Direction::Backward, d_y, black_box(&mut d_x));
            let (bias, scale, shift) = (none, none, none);
            let activation = Activation::Linear;
            level.correlation(Correlation {
                geometry,
                direction,
                layout,
                weight,
                bias,
                scale,
                shift,
                x,
                y,
                accumulate: false,
                activation,
                scratch,
            });
        });
    }
}

/// Times the kernels of one size.
struct Timer<'a> {
    criterion: &'a mut Criterion,
    /// Level, scalar and size.
    name: String,
    wall: Wall,
    lines: &'a mut Vec<Line>,
}

impl Timer<'_> {
    fn time(&mut self, kernel: &str, mut f: impl FnMut()) {
        let name = format!("{kernel} {}", self.name);
        let mut samples = Vec::new();
        self.criterion.bench_function(&name, |bencher| {
            bencher.iter_custom(|repeats| bursts(repeats, &mut f, &mut samples));
        });
        if samples.is_empty() {
            return;
        }
        samples.sort_by(f64::total_cmp);
        let (median, tenth) = (samples[samples.len() / 2], samples[samples.len() / 10]);
        let rate = format!("{:.1} {}", self.wall.work / tenth / 1e9, self.wall.unit);
        self.lines.push(Line { name, median, tenth, wall: self.wall.seconds, rate });
    }
}

/// Calls `f` as often as asked, in bursts of at least [`BURST`], each of which is a sample; gives the time of all.
fn bursts(repeats: u64, f: &mut impl FnMut(), samples: &mut Vec<f64>) -> Duration {
    let (mut left, mut burst, mut total) = (repeats, 1, Duration::ZERO);
    while left > 0 {
        let calls = burst.min(left);
        let begin = Instant::now();
        for _ in 0..calls {
            f();
        }
        let elapsed = begin.elapsed();
        total += elapsed;
        left -= calls;
        if elapsed >= BURST {
            samples.push(elapsed.as_secs_f64() / calls as f64);
        } else {
            burst = burst.max(2 * calls);
        }
    }
    total
}

/// Long beside a reading of the clock, short beside a time slice.
const BURST: Duration = Duration::from_micros(50);

/// Values between −½ and ½.
fn pattern<T: Real>(len: usize) -> Buffer<T> {
    let mut buffer = Buffer::zeroed(len);
    for (i, x) in buffer.iter_mut().enumerate() {
        *x = T::nearest((i * 7919 % 1000) as f64 / 1000.0 - 0.5);
    }
    buffer
}
