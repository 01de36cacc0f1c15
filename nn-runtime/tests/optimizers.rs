//! Optimisers against `PyTorch`'s trajectories and against the formulas written out one value at a time.

use std::fs;

use nn_runtime::optimizers::{Adam, AdamW, Optimizer, Sgd};
use nn_runtime::simd::{Level, force_level};
use nn_runtime::{ALIGN, Real};
use safetensors::SafeTensors;

const STEPS: usize = 20;

/// What the tests know of each case: its name in the reference file, and how to construct it.
fn cases<T: Real>() -> Vec<(&'static str, Box<dyn Optimizer<T>>)> {
    let sgd = || Sgd::<T>::new(0.1);
    let momentum = || sgd().momentum(0.9);
    let decay = 0.02;
    vec![
        ("sgd", Box::new(sgd())),
        ("sgd_momentum", Box::new(momentum())),
        ("sgd_dampening", Box::new(momentum().dampening(0.3))),
        ("sgd_nesterov", Box::new(momentum().nesterov())),
        ("sgd_weight_decay", Box::new(sgd().weight_decay(decay))),
        ("sgd_momentum_weight_decay", Box::new(momentum().weight_decay(decay))),
        ("sgd_nesterov_weight_decay", Box::new(momentum().nesterov().weight_decay(decay))),
        ("adam", Box::new(Adam::new(0.01))),
        ("adam_betas", Box::new(Adam::new(0.05).beta1(0.5).beta2(0.9).eps(1e-4))),
        ("adam_weight_decay", Box::new(Adam::new(0.01).weight_decay(decay))),
        ("adamw", Box::new(AdamW::new(0.01).weight_decay(decay))),
    ]
}

fn values<T: Real>(file: &SafeTensors, name: &str) -> Vec<T> {
    let tensor = file.tensor(name).unwrap();
    assert_eq!(tensor.dtype(), T::DTYPE);
    bytemuck::pod_collect_to_vec(tensor.data())
}

/// The largest error of a parameter after any step, relative to the largest value that the parameter takes on its way.
fn worst_error<T: Real>(file: &SafeTensors, name: &str, optimizer: &mut dyn Optimizer<T>) -> f64 {
    let mut params = values::<T>(file, "start");
    let gradients = values::<T>(file, "gradients");
    let expected = values::<T>(file, &format!("{name}.params"));
    let len = params.len();
    assert_eq!(gradients.len(), STEPS * len);
    let mut largest = vec![f64::MIN_POSITIVE; len];
    let mut worst = vec![0.0; len];
    for (gradient, expected) in gradients.chunks(len).zip(expected.chunks(len)) {
        optimizer.step(&mut params, gradient);
        for i in 0..len {
            let (found, expected) = (Real::to_f64(params[i]), Real::to_f64(expected[i]));
            assert!(found.is_finite(), "{name}: parameter {i} becomes {found}");
            largest[i] = expected.abs().max(largest[i]);
            worst[i] = (found - expected).abs().max(worst[i]);
        }
    }
    worst.iter().zip(largest).map(|(error, largest)| error / largest).fold(0.0, f64::max)
}

fn check_trajectories<T: Real>(suffix: &str, level: Level, tolerance: f64) {
    let path = format!("{}/../tests/references/optimizers.{suffix}.safetensors", env!("CARGO_MANIFEST_DIR"));
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    for (name, mut optimizer) in cases::<T>() {
        let error = worst_error(&file, name, &mut *optimizer);
        println!("{level:?} {suffix} {name}: {error:.1e}");
        assert!(error <= tolerance, "{name} in {suffix} on {level:?} is {error:e} from PyTorch");
    }
}

/// The optimisers again, one value at a time in f64, from their formulas.
#[derive(Clone, Copy, Default)]
struct Naive {
    learning_rate: f64,
    momentum: f64,
    dampening: f64,
    nesterov: bool,
    penalty: f64,
    betas: Option<(f64, f64)>,
    eps: f64,
    decay: f64,
}

impl Naive {
    fn run(self, start: f64, gradients: &[f64]) -> f64 {
        let (mut param, mut m, mut v) = (start, 0.0, 0.0);
        for (t, &g) in (1..).zip(gradients) {
            let g = g + self.penalty * param;
            if let Some((beta1, beta2)) = self.betas {
                m = beta1 * m + (1.0 - beta1) * g;
                v = beta2 * v + (1.0 - beta2) * g * g;
                let (m, v) = (m / (1.0 - beta1.powi(t)), v / (1.0 - beta2.powi(t)));
                param -= self.learning_rate * (m / (v.sqrt() + self.eps) + self.decay * param);
            } else {
                m = if t == 1 { g } else { self.momentum * m + (1.0 - self.dampening) * g };
                param -= self.learning_rate * if self.nesterov { g + self.momentum * m } else { m };
            }
        }
        param
    }
}

fn naive_cases<T: Real>() -> Vec<(Naive, Box<dyn Optimizer<T>>)> {
    let sgd = Naive { learning_rate: 0.3, ..Naive::default() };
    let momentum = Naive { momentum: 0.7, dampening: 0.1, nesterov: true, penalty: 0.05, ..sgd };
    let adam = Naive { learning_rate: 0.02, betas: Some((0.8, 0.95)), eps: 1e-3, penalty: 0.1, ..Naive::default() };
    let adamw = Naive { learning_rate: 0.02, betas: Some((0.9, 0.999)), eps: 1e-8, decay: 0.01, ..Naive::default() };
    vec![
        (sgd, Box::new(Sgd::new(0.3))),
        (momentum, Box::new(Sgd::new(0.3).momentum(0.7).dampening(0.1).nesterov().weight_decay(0.05))),
        (adam, Box::new(Adam::new(0.02).beta1(0.8).beta2(0.95).eps(1e-3).weight_decay(0.1))),
        (adamw, Box::new(AdamW::new(0.02))),
    ]
}

/// A number of ±1 that depends on `i` alone, never 0.
fn number(i: usize) -> f64 {
    let bits = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    f64::from((bits >> 40) as u32 + 1) / f64::from(1 << 23) - 1.0
}

/// Every length, on slices that begin off their alignment, whose neighbours must not be touched.
fn check_lengths<T: Real>(level: Level, tolerance: f64) {
    const DIRT: f64 = 1234.5;
    let real = T::nearest;
    for len in [0, 1, 2, 3, 7, 8, 10, 15, 16, 17, 31, 63, 64, 65, 1000] {
        for (case, (naive, mut optimizer)) in naive_cases::<T>().into_iter().enumerate() {
            let mut params = vec![real(DIRT); len + 2];
            let start: Vec<T> = (0..len).map(|i| real(number(i))).collect();
            params[1..=len].copy_from_slice(&start);
            let gradient = |step: usize| (0..len).map(move |i| real(number(7 * i + 1000 * step + 5)));
            for step in 0..5 {
                let dirty: Vec<T> = [real(DIRT)].into_iter().chain(gradient(step)).chain([real(DIRT)]).collect();
                optimizer.step(&mut params[1..=len], &dirty[1..=len]);
            }
            assert_eq!((params[0], params[len + 1]), (real(DIRT), real(DIRT)));
            for i in 0..len {
                let gradients: Vec<f64> = (0..5).map(|step| Real::to_f64(gradient(step).nth(i).unwrap())).collect();
                let expected = naive.run(Real::to_f64(start[i]), &gradients);
                let found = Real::to_f64(params[i + 1]);
                assert!(
                    (found - expected).abs() <= tolerance,
                    "case {case}, {level:?}, value {i} of {len}: {found} is not {expected}"
                );
            }
        }
    }
}

/// Zeros between layers stay zeros, of which not even the sign changes.
fn check_padding<T: Real>(level: Level) {
    for (name, mut optimizer) in cases::<T>() {
        let mut params = vec![T::zero(); 2 * ALIGN + 3];
        let mut gradient = params.clone();
        params[0] = T::one();
        for step in 0..50 {
            gradient[0] = T::nearest(number(step));
            optimizer.step(&mut params, &gradient);
        }
        assert!(params[0] != T::one());
        let padding_is_zero = params[1..].iter().all(|&value| bytemuck::bytes_of(&value).iter().all(|&byte| byte == 0));
        assert!(padding_is_zero, "{name} on {level:?}");
    }
}

/// One test, because the level is the process's.
#[test]
fn every_level_agrees_with_pytorch_and_the_formulas() {
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        force_level(Some(level)).unwrap();
        check_trajectories::<f64>("f64", level, 1e-14);
        check_trajectories::<f32>("f32", level, 1e-6);
        check_lengths::<f64>(level, 1e-13);
        check_lengths::<f32>(level, 2e-6);
        check_padding::<f64>(level);
        check_padding::<f32>(level);
    }
    force_level(None).unwrap();
}

#[test]
fn a_step_follows_the_learning_rate_of_the_moment() {
    let mut optimizer = Sgd::new(0.5);
    let mut params = [1.0_f32];
    optimizer.step(&mut params, &[1.0]);
    optimizer.set_learning_rate(0.25);
    assert_eq!(optimizer.learning_rate(), 0.25);
    optimizer.step(&mut params, &[1.0]);
    assert_eq!(params, [0.25]);
}

#[test]
fn preparing_again_keeps_the_moments() {
    let mut optimizer = Sgd::new(1.0).momentum(0.5);
    let mut params = [0.0_f32; 3];
    optimizer.prepare(3);
    optimizer.step(&mut params, &[1.0; 3]);
    optimizer.prepare(3);
    optimizer.step(&mut params, &[0.0; 3]);
    assert_eq!(params, [-1.5; 3]);
}

#[test]
#[should_panic(expected = "there are 3 parameters, but the gradient has 2 values")]
fn a_gradient_of_another_length_is_refused() {
    Sgd::new(0.1).step(&mut [0.0_f32; 3], &[0.0; 2]);
}

#[test]
#[should_panic(expected = "this optimiser has the moments of 4 parameters, but was given 3 parameters")]
fn parameters_of_another_length_are_refused() {
    let mut optimizer = Adam::new(0.1);
    optimizer.prepare(4);
    optimizer.step(&mut [0.0_f32; 3], &[0.0; 3]);
}

#[test]
#[should_panic(expected = "momentum must be at least 0 and below 1, found 1.5")]
fn a_momentum_beyond_one_is_refused() {
    let _ = Sgd::<f32>::new(0.1).momentum(1.5);
}

#[test]
#[should_panic(expected = "learning_rate must be finite and at least 0, found NaN")]
fn a_learning_rate_that_is_no_number_is_refused() {
    let _ = Adam::<f32>::new(f64::NAN);
}

#[test]
#[should_panic(expected = "eps must be finite and above 0 as a F32, found 1e-60")]
fn an_eps_that_rounds_to_zero_is_refused() {
    let _ = AdamW::<f32>::new(0.1).eps(1e-60);
}
