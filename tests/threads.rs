//! Threads change nothing but the time: inference and training have the same bits on any pool, and a batch in shards is the batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use monograd::data::Augment;
use monograd::kernels::Kernels;
use monograd::losses::{HalfSquaredError, Loss, MeanSquaredError, SoftmaxCrossEntropy, TargetError};
use monograd::minimizers::{FullBatch, LBfgs};
use monograd::nalgebra::{DimName, Dyn, OMatrix, SVector};
use monograd::optimizers::{
    AdaGrad, Adadelta, Adam, AdamW, AmsGrad, Averaged, Lion, NAdam, ParameterGroups, RmsProp, Rprop, Sgd,
};
use monograd::prelude::*;
use monograd::rayon::{ThreadPool, ThreadPoolBuilder};
use monograd::shapes::{Size, Vector};
use monograd::{CallingThread, CustomLayer, Flat, Pool, Real, evaluate_in, plain_data};

network! {
    /// Sizes on and off every vector's length, and noise.
    struct Dense([17]) -> [5] {
        a: dense(33) -> gelu -> dropout(0.3) -> dense(64) -> relu,
        b: dense(41) -> tanh -> dropout(0.5),
        out: dense(5),
    }
}

network! {
    /// The convolutional family, with noise and without statistics.
    struct Pictures([3, 8, 8]) -> [5] {
        stem: conv2d(16, 3, padding = 1) -> relu -> conv2d(18, 3, padding = 1) -> relu -> max_pool2d(2) -> dropout2d(0.3),
        fewer: conv2d(9, 1),
        body: repeat(2, residual()),
        out: global_avg_pool -> dense(5),
    }

    block residual() {
        body: conv2d(9, 3, padding = 1) -> group_norm(3) -> silu -> dropout(0.2),
        out: add(input, body),
    }
}

network! {
    /// Statistics of the batch, also of what was normalised before, in a block and in copies.
    struct Normalised([2, 6, 6]) -> [3] {
        stem: batch_norm -> conv2d(7, 3, bias = false) -> batch_norm -> relu -> dropout(0.2),
        body: repeat(2, residual()),
        out: global_avg_pool -> dense(3),
    }

    block residual() {
        body: conv2d(7, 3, padding = 1, bias = false) -> batch_norm -> relu,
        out: add(input, body),
    }
}

network! {
    /// Several inputs, and several outputs, one of them in training alone.
    struct Ports(image: [1, 5, 5], speed: [2]) -> (turn: [3], aux: [2] in training, brake: [1]) {
        seen: image -> conv2d(4, 3) -> relu -> flatten,
        aux: dense(2),
        all: concat(seen, speed) -> dense(11) -> tanh -> dropout(0.3),
        turn: all -> dense(3),
        brake: all -> dense(1),
    }
}

type Input<N> = OMatrix<<N as Network>::Scalar, <N as Network>::Input, Dyn>;

fn samples<N: Network>(count: usize) -> Input<N> {
    let mut generator = Generator::seed(count as u64);
    let value = |_, _| N::Scalar::nearest(2.0 * generator.uniform() - 1.0);
    Input::<N>::from_fn_generic(N::Input::name(), Dyn(count), value)
}

fn rayon(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// A thread for each call, and the last call on the calling thread.
struct Scoped(usize);

impl Pool for Scoped {
    fn threads(&self) -> usize {
        self.0
    }

    fn run(&self, calls: usize, work: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            (1..calls).for_each(|_| _ = scope.spawn(work));
            work();
        });
    }
}

/// One thread, two, three, more than there is work for, and an executor of the user's own.
fn pools() -> Vec<Box<dyn Pool>> {
    vec![
        Box::new(CallingThread),
        Box::new(rayon(1)),
        Box::new(rayon(2)),
        Box::new(rayon(3)),
        Box::new(rayon(11)),
        Box::new(Scoped(4)),
    ]
}

fn bits<T: Real>(values: &[T]) -> Vec<u64> {
    values.iter().map(|value| value.to_f64().to_bits()).collect()
}

#[test]
fn inference_has_the_same_bits_on_any_pool() {
    inference::<Dense<f32>>();
    inference::<Dense<f64>>();
    inference::<Pictures<f32>>();
    inference::<Pictures<f64>>();
    inference::<Normalised<f32>>();
    inference::<Ports<f32>>();
}

fn inference<N: Network>() {
    let net = N::seeded(1);
    let most = 2 * N::CHUNK + 3;
    let x = samples::<N>(most);
    let mut one = N::workspace(most);
    for pool in pools() {
        for threads in [1, 2, 3, 5] {
            let mut work = N::workspace(most + 2).threads(threads);
            for batch in [0, 1, 2, 3, 5, 7, 13, N::CHUNK, most] {
                let x = x.columns(0, batch.min(most));
                let expected = net.forward(&x, &mut one);
                let found = net.forward_in(&*pool, &x, &mut work);
                assert_eq!(found, expected, "{} with {batch} samples, room for {threads} threads", N::NAME);
            }
        }
    }
}

#[test]
fn ports_have_the_same_bits_on_any_pool() {
    let net = Ports::seeded(3);
    let (image, speed) = (samples::<Image>(29), samples::<Speed>(29));
    let inputs = PortsInputs { image: &image, speed: &speed };
    let mut one = Ports::workspace(29);
    let expected = net.forward(inputs, &mut one);
    for pool in pools() {
        let mut work = Ports::workspace(29).threads(pool.threads());
        let found = net.forward_in(&*pool, PortsInputs { image: &image, speed: &speed }, &mut work);
        assert_eq!((found.turn, found.brake), (expected.turn, expected.brake));
    }
}

/// What a few steps come to: losses, outputs, and gradients of the last; the network with its running statistics.
#[derive(Debug, PartialEq)]
struct Steps {
    losses: Vec<u64>,
    output: Vec<u64>,
    input_gradient: Vec<u64>,
    gradient: Vec<u64>,
    net: Vec<u64>,
}

fn steps<N: Trainable>(pool: &dyn Pool, shards: usize, batch: usize, count: usize) -> Steps {
    let (mut net, x) = (N::seeded(2), samples::<N>(batch));
    let classes: Vec<_> = (0..batch as u32).map(|k| k % N::Output::DIM as u32).collect();
    let mut training = Training::<N>::with_input_gradient(batch + 1).seed(9).shards(shards);
    let mut sgd = Sgd::new(0.1);
    let step = |_| {
        let loss = training.backprop_in(pool, &mut net, &x, &SoftmaxCrossEntropy, &classes).unwrap();
        sgd.step(net.params_mut(), training.gradient().params());
        loss.to_f64().to_bits()
    };
    Steps {
        losses: (0..count).map(step).collect(),
        output: bits(training.output().as_slice()),
        input_gradient: bits(training.input_gradient().unwrap().as_slice()),
        gradient: bits(training.gradient().params()),
        net: bits(net.as_flat()),
    }
}

#[test]
fn training_has_the_same_bits_on_any_pool() {
    training::<Dense<f32>>();
    training::<Dense<f64>>();
    training::<Pictures<f32>>();
    training::<Pictures<f64>>();
    training::<Normalised<f32>>();
    training::<Normalised<f64>>();
}

fn training<N: Trainable>() {
    let pools = pools();
    for shards in [1, 2, 3, 5] {
        for batch in [1, 2, 4, 19] {
            let expected = steps::<N>(&CallingThread, shards, batch, 3);
            for pool in &pools {
                let found = steps::<N>(&**pool, shards, batch, 3);
                assert!(found == expected, "{}: {shards} shards of {batch} samples", N::NAME);
            }
        }
    }
}

/// All but the order of sums: outputs and losses are the same to the last bit, noise included.
#[test]
fn shards_are_the_batch() {
    shards_and_whole::<Dense<f32>>();
    shards_and_whole::<Dense<f64>>();
    shards_and_whole::<Pictures<f32>>();
    shards_and_whole::<Pictures<f64>>();
}

fn shards_and_whole<N: Trainable>() {
    for batch in [1, 2, 7, 16, 29] {
        let whole = steps::<N>(&CallingThread, 1, batch, 1);
        for shards in [2, 3, 4, 40] {
            let found = steps::<N>(&CallingThread, shards, batch, 1);
            let what = format!("{}: {shards} shards of {batch} samples", N::NAME);
            assert!(found.losses == whole.losses, "{what}");
            assert!(found.output == whole.output, "{what}");
            assert_near::<N::Scalar>(&what, &found.input_gradient, &whole.input_gradient);
            assert_near::<N::Scalar>(&what, &found.gradient, &whole.gradient);
        }
    }
}

/// Within a few roundings of the largest value.
fn assert_near<T: Real>(what: &str, found: &[u64], expected: &[u64]) {
    let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(f64::from_bits(*x).abs()));
    let epsilon = T::default_epsilon().to_f64();
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let (found, expected) = (f64::from_bits(*found), f64::from_bits(*expected));
        assert!((found - expected).abs() <= 20.0 * epsilon * largest, "{what}: value {i} is {found}, not {expected}");
    }
}

/// The statistics of what no layer has normalised in parts are those of the batch.
#[test]
fn running_statistics_are_those_of_all_samples() {
    let x = samples::<Normalised<f64>>(23);
    let statistics = |shards: usize| {
        let mut net = Normalised::<f64>::seeded(4);
        let mut training = Training::<Normalised<f64>>::new(23).shards(shards);
        for _ in 0..2 {
            training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[1_u32; 23]).unwrap();
        }
        let norm = &net.buffers.stem.batch_norm;
        [norm.running_mean.as_slice(), norm.running_var.as_slice()].concat()
    };
    let whole = statistics(1);
    for shards in [2, 3, 7] {
        for (found, expected) in statistics(shards).into_iter().zip(&whole) {
            assert!((found - expected).abs() < 1e-14, "{shards} shards: {found}, expected {expected}");
        }
    }
}

network! {
    /// Statistics of the batch, and no noise.
    struct Still([2, 6, 6]) -> [3] {
        stem: conv2d(5, 3, bias = false) -> batch_norm -> relu,
        out: global_avg_pool -> dense(3),
    }
}

/// A shard is normalised by itself: two shards are two batches of half the size, of which each gives its half of the gradient.
#[test]
fn a_shard_has_statistics_of_its_own() {
    let x = samples::<Still<f64>>(8);
    let gradient = |first: usize, samples: usize, shards: usize| {
        let mut training = Training::<Still<f64>>::new(samples).shards(shards);
        let (mut net, targets) = (Still::<f64>::seeded(4), vec![0.5; 3 * samples]);
        training.backprop(&mut net, &x.columns(first, samples), &MeanSquaredError, &targets).unwrap();
        training.gradient().params().to_vec()
    };
    let (found, whole) = (gradient(0, 8, 2), gradient(0, 8, 1));
    let halves = gradient(0, 4, 1).into_iter().zip(gradient(4, 4, 1)).map(|(a, b)| f64::midpoint(a, b));
    for (found, expected) in found.iter().zip(halves) {
        assert!((found - expected).abs() < 1e-14, "{found}, expected {expected}");
    }
    assert!(found.iter().zip(&whole).any(|(found, whole)| (found - whole).abs() > 1e-4));
}

#[test]
fn networks_with_several_ports_are_trained_in_shards() {
    let batch = 13;
    let (image, speed) = (samples::<Image>(batch), samples::<Speed>(batch));
    let (turns, values) = ((0..13).map(|k| k % 3).collect::<Vec<u32>>(), vec![0.25_f32; 26]);
    let run = |pool: &dyn Pool, shards: usize| {
        let inputs = PortsInputs { image: &image, speed: &speed };
        let losses = PortsOutputs { turn: SoftmaxCrossEntropy, aux: MeanSquaredError, brake: HalfSquaredError };
        let targets = PortsOutputs { turn: &turns[..], aux: &values[..], brake: &values[..13] };
        let mut net = Ports::seeded(1);
        let mut training = Training::<Ports>::with_input_gradient(batch).shards(shards);
        let loss = training.backprop_ports_in(pool, &mut net, &inputs, &losses, targets).unwrap();
        let outputs = [0, 1, 2].map(|port| bits(training.port(port)));
        let d_inputs = [0, 1].map(|port| bits(training.input_gradient_port(port).unwrap()));
        (loss.to_bits(), outputs, d_inputs, bits(training.gradient().params()))
    };
    let whole = run(&CallingThread, 1);
    for shards in [2, 3, 5] {
        let expected = run(&CallingThread, shards);
        assert!((expected.0, &expected.1) == (whole.0, &whole.1), "{shards} shards");
        assert_near::<f32>("an input's gradient", &expected.2[0], &whole.2[0]);
        assert_near::<f32>("an input's gradient", &expected.2[1], &whole.2[1]);
        assert_near::<f32>("the gradient", &expected.3, &whole.3);
        for pool in pools() {
            assert!(run(&*pool, shards) == expected, "{shards} shards");
        }
    }
}

network! {
    struct Image([1, 5, 5]) -> [1] {
        out: flatten -> dense(1),
    }
}

network! {
    struct Speed([2]) -> [1] {
        out: dense(1),
    }
}

#[test]
fn errors_are_those_of_the_whole_batch() {
    let (mut net, x, pool) = (Dense::new(), samples::<Dense>(9), rayon(2));
    let mut training = Training::<Dense>::new(9).shards(4);
    let mut error = |x: &Input<Dense>, classes: &[u32]| {
        training.backprop_in(&pool, &mut net, x, &SoftmaxCrossEntropy, classes).unwrap_err()
    };
    let unknown = TargetError::Class { sample: 7, class: 5, classes: 5 };
    assert_eq!(error(&x, &[0, 1, 2, 3, 4, 0, 1, 5, 6]), unknown);
    assert_eq!(error(&x, &[0; 8]), TargetError::Count { samples: 9, per_sample: 1, found: 8 });
    assert_eq!(error(&samples::<Dense>(0), &[]), TargetError::EmptyBatch);
}

#[test]
#[should_panic(expected = "this workspace was made for 4 samples, but the batch has 5")]
fn too_many_samples() {
    let mut training = Training::<Dense>::new(4).shards(2);
    let _ = training.backprop_in(&rayon(2), &mut Dense::new(), &samples::<Dense>(5), &SoftmaxCrossEntropy, &[0_u32; 5]);
}

plain_data! {
    /// Takes everything but 13.
    struct Wary<T> {
        unused: SVector<T, 1>,
    }
}

impl<T: Real, F: Size> CustomLayer<T, Vector<F>> for Wary<T> {
    type Output = Vector<F>;

    fn initialize(&mut self, _: &mut Generator) {}

    fn forward<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], _: Option<&mut [T]>) {
        assert!(x.iter().all(|x| x.to_f64() != 13.0), "thirteen");
        y.copy_from_slice(x);
    }

    fn backward<L: Kernels<T>>(&self, _: L, x: &[T], _: &[T], _: &[T], d_y: &[T], d_x: Option<&mut [T]>, d: &mut Self) {
        assert!(x.iter().all(|x| x.to_f64() != 14.0), "fourteen");
        d.unused.fill(T::zero());
        if let Some(d_x) = d_x {
            d_x.copy_from_slice(d_y);
        }
    }
}

network! {
    struct Superstitious([3]) -> [2] {
        wary: Wary,
        out: dense(2),
    }
}

/// What a panic of a task says.
fn panic_of(work: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
    payload.downcast_ref::<&str>().map_or_else(|| "something else".to_owned(), ToString::to_string)
}

#[test]
fn a_panic_of_a_layer_reaches_the_caller_and_breaks_nothing() {
    let x = samples::<Superstitious>(8);
    let labels = [0_u32, 1, 0, 1, 1, 0, 1, 0];
    let pool = rayon(2);
    let mut work = Superstitious::workspace(8).threads(2);
    let mut training = Training::<Superstitious>::new(8).shards(4);
    let mut net = Superstitious::new();
    let expected = net.forward(&x, &mut Superstitious::workspace(8)).clone_owned();
    let mut fresh = Training::<Superstitious>::new(8).shards(4);
    fresh.backprop(&mut net, &x, &SoftmaxCrossEntropy, &labels).unwrap();
    for (value, says) in [(13.0, "thirteen"), (14.0, "fourteen")] {
        for sample in 0..8 {
            let mut unlucky = x.clone();
            unlucky[(1, sample)] = value;
            if value == 13.0 {
                assert_eq!(panic_of(|| _ = net.forward_in(&pool, &unlucky, &mut work)), says);
            }
            let mut step =
                |x: &Input<Superstitious>| training.backprop_in(&pool, &mut net, x, &SoftmaxCrossEntropy, &labels);
            assert_eq!(panic_of(|| _ = step(&unlucky)), says);
            step(&x).unwrap();
            assert_eq!(training.gradient().params(), fresh.gradient().params());
            assert_eq!(net.forward_in(&pool, &x, &mut work), expected);
        }
    }
}

type Data = Dataset<f32, 72, u32>;

fn data(count: usize, seed: u64) -> Data {
    let mut generator = Generator::seed(seed);
    let classes: Vec<_> = (0..count).map(|k| k as u32 % 3).collect();
    let rows: Vec<[f32; 72]> = classes
        .iter()
        .map(|&class| core::array::from_fn(|i| (generator.normal() + f64::from(class) * (i % 3) as f64 / 4.0) as f32))
        .collect();
    Data::from_labelled_rows(&rows, &classes, 3).unwrap()
}

/// Everything that a trainer does: augmentation, mixup, validation.
#[test]
fn a_training_ends_with_the_same_bits_on_any_pool() {
    let (train, validation) = (data(50, 1), data(20, 2));
    let run = |pool: &dyn Pool| {
        let mut net = Normalised::seeded(5);
        let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
            .batch_size(16)
            .epochs(3)
            .augment(Augment::images([2, 6, 6]).shift(1).noise(0.1))
            .mixup(0.3)
            .shards(3)
            .pool(pool)
            .fit_and_validate(&mut *net, &train, &validation)
            .unwrap();
        let evaluation = evaluate_in(pool, &*net, &validation, &SoftmaxCrossEntropy).unwrap();
        let last = history.epochs[2];
        (bits(net.as_flat()), last.loss.to_bits(), last.validation, evaluation)
    };
    let expected = run(&CallingThread);
    for pool in pools() {
        assert!(run(&*pool) == expected);
    }
    assert_eq!(expected.3.loss.to_bits(), expected.2.unwrap().loss.to_bits());
}

#[test]
fn a_full_batch_method_finds_the_same_minimum_on_any_pool() {
    let rows: Vec<_> = (0..30).map(|k| [f64::from(k) / 30.0, f64::from(k * k % 7)]).collect();
    let targets: Vec<_> = rows.iter().map(|[a, b]| [a.sin() - 0.1 * b]).collect();
    let data = Dataset::<f64, 2, [f64; 1]>::from_rows(&rows, &targets).unwrap();
    let run = |pool: &dyn Pool, shards: usize| {
        let mut net = Speed::<f64>::seeded(2);
        let mut problem = FullBatch::new(&mut *net, &data, HalfSquaredError).batch_size(12).shards(shards).pool(pool);
        let value = problem.minimize(&mut LBfgs::new()).unwrap().value;
        (bits(net.params()), value)
    };
    let expected = run(&CallingThread, 3);
    for pool in pools() {
        assert_eq!(run(&*pool, 3), expected);
    }
    assert!((run(&CallingThread, 1).1 - expected.1).abs() < 1e-12);
}

/// A loss sees the whole batch, also one that is no mean over samples.
#[test]
fn a_loss_sees_all_samples_at_once() {
    struct Largest;

    impl Loss<f64, f64> for Largest {
        fn targets_per_sample(&self, rows: usize) -> usize {
            rows
        }

        fn forward<L: Kernels<f64>>(&self, _: L, y: &[f64], _: &[f64], _: usize) -> Result<f64, TargetError> {
            Ok(y.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        }

        fn forward_backward<L: Kernels<f64>>(
            &self,
            level: L,
            y: &[f64],
            targets: &[f64],
            rows: usize,
            d_y: &mut [f64],
        ) -> Result<f64, TargetError> {
            let largest = self.forward(level, y, targets, rows)?;
            d_y.iter_mut().zip(y).for_each(|(d, y)| *d = f64::from(u8::from(*y == largest)));
            Ok(largest)
        }
    }

    let x = samples::<Speed<f64>>(9);
    let gradient = |shards: usize| {
        let mut training = Training::<Speed<f64>>::new(9).shards(shards);
        let loss = training.backprop(&mut Speed::<f64>::seeded(1), &x, &Largest, &[0.0; 9]).unwrap();
        (loss, training.gradient().params().to_vec())
    };
    assert_eq!(gradient(1), gradient(4));
}

fn optimizers() -> Vec<Box<dyn Optimizer<f32>>> {
    let groups = ParameterGroups::new::<Wide>(Adam::new(0.01)).group("out", Adam::new(0.1)).unwrap();
    vec![
        Box::new(Sgd::new(0.1)),
        Box::new(Sgd::new(0.1).momentum(0.9).nesterov().weight_decay(0.01)),
        Box::new(AdaGrad::new(0.1)),
        Box::new(Adadelta::new(1.0)),
        Box::new(Adam::new(0.1)),
        Box::new(AdamW::new(0.1)),
        Box::new(AmsGrad::new(0.1)),
        Box::new(NAdam::new(0.1)),
        Box::new(RmsProp::new(0.1)),
        Box::new(RmsProp::new(0.1).momentum(0.9)),
        Box::new(RmsProp::new(0.1).centered()),
        Box::new(RmsProp::new(0.1).centered().momentum(0.9)),
        Box::new(Lion::new(0.1)),
        Box::new(Rprop::new(0.1)),
        Box::new(Averaged::new(Adam::new(0.1)).from_step(2)),
        Box::new(groups),
    ]
}

network! {
    /// More parameters than one thread takes on by itself, and not whole stretches of them.
    struct Wide([250]) -> [3] {
        hidden: dense(331) -> relu,
        out: dense(3),
    }
}

/// A step of an optimiser.
type Step<'a> = dyn FnMut(&mut dyn Optimizer<f32>, &mut [f32], &[f32]) + 'a;

#[test]
fn optimisers_have_the_same_bits_on_any_pool() {
    let pools = pools();
    for place in 0..optimizers().len() {
        let run = |mut step: Box<Step>| {
            let (mut net, mut gradient, mut optimizer) = (Wide::new(), Wide::new(), optimizers().swap_remove(place));
            for k in 3..6 {
                gradient.params_mut().iter_mut().enumerate().for_each(|(i, d)| *d = ((i * k) as f32).sin());
                step(&mut *optimizer, net.params_mut(), gradient.params());
            }
            net
        };
        let expected = run(Box::new(|optimizer, params, gradient| optimizer.step(params, gradient)));
        for pool in &pools {
            let found = run(Box::new(|optimizer, params, gradient| optimizer.step_in(&**pool, params, gradient)));
            assert!(found.params() == expected.params(), "optimiser {place}");
        }
    }
}
