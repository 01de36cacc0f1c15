//! Time and memory of one network.

use core::hint::black_box;
use std::time::Instant;

use monograd::losses::MeanSquaredError;
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use monograd::simd::level;
use nalgebra::{DimName, Dyn, MatrixView};

use crate::machine::{fma_peak, read_bandwidth};

/// How long a sample lasts at least, in seconds: less than another program on the machine would run for.
const SAMPLE: f64 = 2e-4;
/// How many samples a figure has, of which the shortest counts.
const SAMPLES: usize = 60;
/// How many seconds a figure may take before it has fewer.
const BUDGET: f64 = 1.5;

/// What was measured of a network and a batch.
pub struct Measured {
    /// Parameters.
    pub parameters: usize,
    /// Multiply-accumulates of a call, of all samples.
    pub macs: usize,
    /// Multiply-accumulates of the first layer in a call: its input's gradient is not needed.
    pub first_macs: usize,
    /// Seconds of a call of inference.
    pub inference: f64,
    /// Seconds of a training step: forward, loss, backward, SGD.
    pub training: f64,
    /// Bytes that inference works in.
    pub inference_bytes: usize,
    /// Bytes that training works in, the gradient among them.
    pub training_bytes: usize,
}

impl Measured {
    /// Measures a network with so many samples a call.
    pub fn of<N: Trainable<Scalar = f32>>(samples: usize) -> Self {
        let mut net = N::new();
        let mut generator = Generator::seed(1);
        let mut values = |len: usize| (0..len).map(|_| generator.uniform() as f32).collect::<Vec<_>>();
        let (x, targets) = (values(N::Input::DIM * samples), values(N::Output::DIM * samples));
        let x = MatrixView::from_slice_generic(&x, N::Input::name(), Dyn(samples));
        let mut work = N::workspace(samples);
        let inference = shortest(|| _ = black_box(work.run(&net, black_box(&x))));
        let (mut training, mut sgd) = (Training::<N>::new(samples), Sgd::new(1e-6));
        let step = shortest(|| {
            let loss = training.backprop(&mut net, black_box(&x), &MeanSquaredError, &targets);
            black_box(loss.expect("a target for each output"));
            sgd.step(net.params_mut(), training.gradient().params());
        });
        let (fixed, sample) = N::TRAINING_BYTES.expect("a network that can be trained");
        Self {
            parameters: N::PARAMS,
            macs: N::MACS * samples,
            first_macs: N::LAYERS.first().map_or(0, |layer| layer.macs) * samples,
            inference,
            training: step,
            inference_bytes: inference_bytes::<N>(samples),
            training_bytes: fixed + sample * samples,
        }
    }
}

/// What an inference workspace holds: activations of a chunk, room for the kernels, and the outputs of all samples.
fn inference_bytes<N: Network>(samples: usize) -> usize {
    let values = N::INFERENCE_SIZE * samples.min(N::CHUNK) + N::INFERENCE_SCRATCH + N::Output::DIM * samples;
    values * size_of::<N::Scalar>()
}

/// The shortest of many samples, in seconds a call.
fn shortest(mut call: impl FnMut()) -> f64 {
    let mut sample = |calls: usize| {
        let begin = Instant::now();
        for _ in 0..calls {
            call();
        }
        begin.elapsed().as_secs_f64() / calls as f64
    };
    sample(1);
    let once = sample(3).max(1e-9);
    let calls = (SAMPLE / once).ceil() as usize;
    let samples = (BUDGET / (once * calls as f64)).clamp(5.0, SAMPLES as f64) as usize;
    (0..samples).map(|_| sample(calls)).fold(f64::INFINITY, f64::min)
}

/// How fast this processor is at best.
pub struct Walls {
    /// Multiply-adds of registers with registers, flop/s.
    pub peak: f64,
}

impl Walls {
    /// Measures.
    pub fn measure() -> Self {
        Self { peak: fma_peak::<f32>(level()) }
    }

    /// The shortest time, in seconds, in which so many multiply-accumulates are done, or the parameters read so often as they
    /// are, whichever takes longer.
    fn seconds(&self, macs: usize, parameters: usize) -> f64 {
        let bytes = (parameters * size_of::<f32>()).next_multiple_of(512).max(1 << 14);
        let reading = (parameters * size_of::<f32>()) as f64 / read_bandwidth(level(), bytes);
        (2.0 * macs as f64 / self.peak).max(reading)
    }
}

/// A point of a curve.
pub struct Point {
    /// Width, depth or samples.
    pub size: usize,
    /// What was measured there.
    pub measured: Measured,
    /// The walls of inference and of a training step, in seconds.
    pub walls: [f64; 2],
}

type Measure = fn(usize) -> Measured;

/// Networks that grow in one way.
pub struct Series {
    name: &'static str,
    title: &'static str,
    /// A size, how it is measured, and how many samples a call has.
    networks: Vec<(usize, Measure, usize)>,
}

/// A series that was measured.
pub struct Curve {
    /// For the file of its picture.
    pub name: &'static str,
    /// What grows.
    pub title: &'static str,
    /// The smallest network first.
    pub points: Vec<Point>,
}

impl Series {
    /// A series with a name for its file.
    pub fn new(name: &'static str, title: &'static str, networks: Vec<(usize, Measure, usize)>) -> Self {
        Self { name, title, networks }
    }

    /// Measures every network.
    pub fn measure(self, walls: &Walls) -> Curve {
        eprintln!("{}", self.title);
        let point = |(size, measure, samples): (usize, Measure, usize)| {
            let measured = measure(samples);
            let step = 3 * measured.macs - measured.first_macs;
            let walls = [measured.macs, step].map(|macs| walls.seconds(macs, measured.parameters));
            Point { size, measured, walls }
        };
        Curve { name: self.name, title: self.title, points: self.networks.into_iter().map(point).collect() }
    }
}
