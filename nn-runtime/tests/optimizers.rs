//! Optimisers against the trajectories of `PyTorch` and of the papers, and against the formulas written out one value at a time.

mod optimizer_cases;

use core::marker::PhantomData;
use core::ops::Range;
use std::fs;

use nn_runtime::optimizers::{Adam, AdamW, Averaged, Optimizer, Rprop, Sgd, clip_by_norm, clip_by_value};
use nn_runtime::simd::{Level, force_level};
use nn_runtime::{ALIGN, Real};
use optimizer_cases::{all, number};
use safetensors::SafeTensors;

/// A reference file, in one precision.
struct References<'a, T> {
    file: SafeTensors<'a>,
    precision: PhantomData<T>,
}

impl<T: Real> References<'_, T> {
    fn values(&self, name: &str) -> Vec<T> {
        let tensor = self.file.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), T::DTYPE);
        bytemuck::pod_collect_to_vec(tensor.data())
    }

    /// The largest error of a value of `after` after any step, relative to the largest that it takes on its way.
    fn worst_error(&self, expected: &str, mut after: impl FnMut(usize, &mut [T], &[T]) -> Option<Vec<T>>) -> f64 {
        let mut params = self.values("start");
        let (gradients, expected) = (self.values("gradients"), self.values(expected));
        let len = params.len();
        let (mut largest, mut worst) = (vec![f64::MIN_POSITIVE; len], vec![0.0; len]);
        let mut expected = expected.chunks(len);
        for (step, gradient) in gradients.chunks(len).enumerate() {
            let Some(found) = after(step, &mut params, gradient) else { continue };
            for (i, (&found, &expected)) in found.iter().zip(expected.next().unwrap()).enumerate() {
                let (found, expected) = (Real::to_f64(found), Real::to_f64(expected));
                assert!(found.is_finite(), "value {i} becomes {found}");
                largest[i] = expected.abs().max(largest[i]);
                worst[i] = (found - expected).abs().max(worst[i]);
            }
        }
        assert!(expected.next().is_none(), "there are fewer steps than expected");
        worst.iter().zip(largest).map(|(error, largest)| error / largest).fold(0.0, f64::max)
    }

    fn trajectory(&self, name: &str, optimizer: &mut dyn Optimizer<T>) -> f64 {
        self.worst_error(&format!("{name}.params"), |_, params, gradient| {
            optimizer.step(params, gradient);
            Some(params.to_vec())
        })
    }

    /// Rprop that is told the losses.
    fn reported(&self) -> f64 {
        let losses = self.values("losses");
        let mut optimizer = Rprop::new(0.1).factors(0.3, 1.5).backtracking();
        self.worst_error("irprop_plus.params", |step, params, gradient| {
            optimizer.report_loss(Real::to_f64(losses[step]));
            optimizer.step(params, gradient);
            Some(params.to_vec())
        })
    }

    fn averages(&self, name: &str, mut optimizer: Averaged<Sgd<T>, T>) -> f64 {
        self.worst_error(&format!("{name}.averages"), |_, params, gradient| {
            optimizer.step(params, gradient);
            optimizer.average().map(<[T]>::to_vec)
        })
    }

    fn clipped_by_value(&self) -> f64 {
        self.worst_error("clip_by_value.gradients", |_, _, gradient| {
            let mut clipped = gradient.to_vec();
            clip_by_value(&mut clipped, 0.375);
            Some(clipped)
        })
    }

    fn clipped_by_norm(&self) -> f64 {
        let norms = self.values("clip_by_norm.norms");
        let clipped = self.worst_error("clip_by_norm.gradients", |step, _, gradient| {
            let mut clipped = gradient.to_vec();
            let (norm, expected) = (clip_by_norm(&mut clipped, 400.0), Real::to_f64(norms[step]));
            assert!((norm / expected - 1.0).abs() <= 4.0 * Real::to_f64(T::default_epsilon()), "{norm} for {expected}");
            Some(clipped)
        });
        let short = norms.iter().filter(|norm| Real::to_f64(**norm) < 400.0).count();
        assert!(short > 0 && short < norms.len(), "there are norms below and above the limit");
        clipped
    }
}

fn with_references<T: Real>(stem: &str, suffix: &str, check: impl FnOnce(References<T>)) {
    let path = format!("{}/../tests/references/{stem}.{suffix}.safetensors", env!("CARGO_MANIFEST_DIR"));
    let bytes = fs::read(path).unwrap();
    check(References { file: SafeTensors::deserialize(&bytes).unwrap(), precision: PhantomData });
}

fn check_trajectories<T: Real>(suffix: &str, level: Level, tolerance: f64) {
    let check = |name: &str, error: f64| {
        println!("{level:?} {suffix} {name}: {error:.1e}");
        assert!(error <= tolerance, "{name} in {suffix} on {level:?} is {error:e} from the reference");
    };
    with_references::<T>("optimizers", suffix, |references| {
        for (name, mut optimizer) in optimizer_cases::classic() {
            check(name, references.trajectory(name, &mut *optimizer));
        }
    });
    with_references::<T>("stochastic_optimizers", suffix, |references| {
        for (name, mut optimizer) in optimizer_cases::adaptive() {
            check(name, references.trajectory(name, &mut *optimizer));
        }
        check("irprop_plus", references.reported());
        let averaged = || Averaged::new(Sgd::new(0.1).momentum(0.9));
        check("averaged", references.averages("averaged", averaged()));
        check("averaged_tail", references.averages("averaged_tail", averaged().from_step(5)));
        check("averaged_decay", references.averages("averaged_decay", averaged().from_step(3).decay(0.75)));
        check("clip_by_value", references.clipped_by_value());
        check("clip_by_norm", references.clipped_by_norm());
    });
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

/// A parameter's way does not depend on where it lies: in a vector, in the tail of a slice, or alone.
fn check_independence<T: Real>(level: Level) {
    const LEN: usize = 37;
    let gradient = |step: usize, i: usize| T::nearest(number(11 * i + 1000 * step) * [1.0, 1e-3, 300.0][i % 3]);
    let run = |optimizer: &mut dyn Optimizer<T>, range: Range<usize>| {
        let mut params: Vec<T> = range.clone().map(|i| T::nearest(number(i))).collect();
        for step in 0..6 {
            let gradient: Vec<T> = range.clone().map(|i| gradient(step, i)).collect();
            optimizer.step(&mut params, &gradient);
        }
        params
    };
    let together: Vec<_> = all::<T>().into_iter().map(|(name, mut case)| (name, run(&mut *case, 0..LEN))).collect();
    for i in [0, 5, 17, LEN - 1] {
        for ((name, mut case), (_, together)) in all::<T>().into_iter().zip(&together) {
            assert_eq!(run(&mut *case, i..i + 1), together[i..=i], "{name} on {level:?}, value {i}");
        }
    }
}

/// Zeros between layers stay zeros, of which not even the sign changes.
fn check_padding<T: Real>(level: Level) {
    for (name, mut optimizer) in all::<T>() {
        let mut params = vec![T::zero(); 2 * ALIGN + 3];
        let mut gradient = params.clone();
        params[0] = T::one();
        let mut moved = false;
        for step in 0..50 {
            gradient[0] = T::nearest(number(step));
            optimizer.step(&mut params, &gradient);
            moved |= params[0] != T::one();
        }
        assert!(moved, "{name} on {level:?}");
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
        check_independence::<f64>(level);
        check_independence::<f32>(level);
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
