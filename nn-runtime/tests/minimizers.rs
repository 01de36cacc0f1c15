//! Full-batch methods against SciPy's and `PyTorch`'s, and on random functions whose minimum is known.

use core::ops::ControlFlow;
use std::fs;

use nalgebra::{DMatrix, DVector};
use nn_runtime::minimizers::{
    BarzilaiBorwein, Bfgs, ConjugateGradient, ConjugateGradientFormula, GradientDescent, LBfgs, Minimizer, Minimum,
    Objective, Outcome, StepLength, StrongWolfe,
};
use nn_runtime::{Generator, Real};
use proptest::prelude::*;
use safetensors::SafeTensors;

/// The numbers of the reference file.
struct References(Vec<u8>);

impl References {
    fn load() -> Self {
        Self(fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/references/minimizers.safetensors")).unwrap())
    }

    fn values(&self, name: &str) -> Vec<f64> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        bytemuck::pod_collect_to_vec(tensor.data())
    }
}

/// A function, and where the methods start from.
struct Problem {
    name: &'static str,
    start: Vec<f64>,
    function: Box<Objective<'static, f64>>,
}

/// `Σ 100·(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²` in any number of dimensions.
fn rosenbrock<T: Real>(x: &[T], gradient: &mut [T]) -> f64 {
    let real = T::nearest;
    gradient.fill(T::zero());
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let (a, b) = (x[i + 1] - x[i] * x[i], T::one() - x[i]);
        sum += Real::to_f64(real(100.0) * a * a + b * b);
        gradient[i] += real(-400.0) * x[i] * a - real(2.0) * b;
        gradient[i + 1] += real(200.0) * a;
    }
    sum
}

/// Far from the minimum; in ten dimensions in the basin of the one at (1, …, 1).
fn valley_start<T: Real>(n: usize) -> Vec<T> {
    let start: &[f64] = if n == 2 { &[-1.2, 1.0] } else { &[1.3, 0.7, 0.8, 1.9, 1.2] };
    start.iter().copied().map(T::nearest).cycle().take(n).collect()
}

/// `xᵀAx/2 − bᵀx`.
fn quadratic<T: Real>(a: DMatrix<T>, b: DVector<T>) -> impl FnMut(&[T], &mut [T]) -> f64 {
    move |x, gradient| {
        let x = DVector::from_column_slice(x);
        let ax = &a * &x;
        gradient.copy_from_slice((&ax - &b).as_slice());
        x.iter()
            .zip(&ax)
            .zip(&b)
            .map(|((x, ax), b)| Real::to_f64(*x) * (Real::to_f64(*ax) / 2.0 - Real::to_f64(*b)))
            .sum()
    }
}

/// `‖A·x − b‖²/2`.
fn least_squares(a: DMatrix<f64>, b: DVector<f64>) -> impl FnMut(&[f64], &mut [f64]) -> f64 {
    move |x, gradient| {
        let residual = &a * DVector::from_column_slice(x) - &b;
        gradient.copy_from_slice(a.tr_mul(&residual).as_slice());
        residual.norm_squared() / 2.0
    }
}

fn problems(references: &References) -> Vec<Problem> {
    let valley = |name, n: usize| Problem { name, start: valley_start(n), function: Box::new(rosenbrock::<f64>) };
    let a = DMatrix::from_row_slice(10, 10, &references.values("quadratic.a"));
    let b = DVector::from_vec(references.values("quadratic.b"));
    let ill = Problem { name: "quadratic", start: vec![0.0; 10], function: Box::new(least_squares(a, b)) };
    let origin = Problem { name: "rosenbrock2_origin", start: vec![0.0; 2], ..valley("", 2) };
    vec![valley("rosenbrock2", 2), origin, valley("rosenbrock10", 10), ill]
}

/// The minimum, and the points on the way to it.
fn path(method: &mut dyn Minimizer<f64>, problem: &mut Problem) -> (Minimum, Vec<f64>, Vec<Vec<f64>>) {
    let (mut params, mut path) = (problem.start.clone(), Vec::new());
    let minimum = method.minimize_watched(&mut params, &mut *problem.function, &mut |at| {
        path.push(at.params.to_vec());
        ControlFlow::Continue(())
    });
    (minimum, params, path)
}

/// The largest difference, relative to the largest size of an expected value.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(1e-300, |size, value| value.abs().max(size));
    found.iter().zip(expected).fold(0.0, |worst, (a, b)| (a - b).abs().max(worst)) / size
}

/// Checks that the first iterates are SciPy's, that both end at one point, and that neither takes many more evaluations.
fn check_against_scipy(key: &str, mut method: impl Minimizer<f64>, steps: usize, tolerance: f64) {
    let references = References::load();
    for mut problem in problems(&references) {
        let name = problem.name;
        let get = |what: &str| references.values(&format!("{name}.{key}.{what}"));
        let (minimum, params, iterates) = path(&mut method, &mut problem);
        let counts = get("counts");
        println!("{name} {key}: {minimum}; SciPy {counts:?}");
        // There SciPy's first line search gives up at once, as `CG` asks more than the Wolfe conditions, and a second one is made.
        let steps = if (name, key) == ("rosenbrock2", "cg") { 0 } else { steps };
        for (i, expected) in get("path").chunks(params.len()).enumerate().take(steps + 1) {
            let error = difference(&iterates[i], expected);
            assert!(error <= tolerance, "{name}: iterate {i} of {key} is {error:e} from SciPy's");
        }
        assert_eq!(minimum.outcome, Outcome::Converged, "{name}");
        let (a, b) = (difference(&params, &get("minimum")), 2e-5);
        assert!(a <= b, "{name}: the minima differ by {a:e}");
        // The way of conjugate gradients depends on the last bits: SciPy's own counts vary by two when the start varies by 1e-14.
        let factor = if key == "cg" { 3.0 } else { 1.2 };
        assert!((minimum.evaluations as f64) < factor * counts[1] + 5.0, "{name}: {minimum}, SciPy {counts:?}");
    }
}

#[test]
fn bfgs_takes_the_steps_of_scipy() {
    check_against_scipy("bfgs", Bfgs::new().gradient_tolerance(1e-6), 15, 1e-8);
}

#[test]
fn conjugate_gradients_take_the_steps_of_scipy() {
    let method = ConjugateGradient::new().gradient_tolerance(1e-6).max_iterations(5000);
    check_against_scipy("cg", method, 15, 1e-8);
}

#[test]
fn lbfgs_takes_the_steps_of_scipy() {
    let method = LBfgs::new().line_search(StrongWolfe::new(1e-3, 0.9)).gradient_tolerance(1e-6);
    check_against_scipy("lbfgs", method, 15, 1e-8);
}

/// Every method, with the name that a failure is reported by.
fn methods<T: Real>(tolerance: f64, iterations: usize) -> Vec<(&'static str, Box<dyn Minimizer<T>>)> {
    macro_rules! all {
        ($($name:literal: $method:expr,)*) => {
            vec![$(($name, Box::new($method.gradient_tolerance(tolerance).max_iterations(iterations)) as _)),*]
        };
    }
    all![
        "backtracking": GradientDescent::backtracking(),
        "bb long": BarzilaiBorwein::new(),
        "bb short": BarzilaiBorwein::new().step_length(StepLength::Short),
        "bb alternating": BarzilaiBorwein::new().step_length(StepLength::Alternating),
        "cg": ConjugateGradient::new(),
        "cg fr": ConjugateGradient::new().formula(ConjugateGradientFormula::FletcherReeves),
        "cg hs": ConjugateGradient::new().formula(ConjugateGradientFormula::HestenesStiefel),
        "bfgs": Bfgs::new(),
        "bfgs scaled": Bfgs::new().initial_scaling(true),
        "lbfgs": LBfgs::new(),
        "lbfgs 3": LBfgs::new().memory(3),
    ]
}

#[test]
fn every_method_finds_rosenbrocks_minimum() {
    for n in [2, 10] {
        for (name, mut method) in methods::<f64>(1e-8, 100_000) {
            let mut params = valley_start(n);
            let minimum = method.minimize(&mut params, &mut rosenbrock);
            println!("rosenbrock{n} {name}: {minimum}");
            assert_eq!(minimum.outcome, Outcome::Converged, "{n}, {name}");
            assert!(difference(&params, &vec![1.0; n]) <= 1e-5, "{n}, {name}: {params:?}");
        }
    }
}

#[test]
fn rosenbrocks_minimum_in_f32() {
    for n in [2, 10] {
        for (name, mut method) in methods::<f32>(1e-3, 100_000) {
            let mut params = valley_start(n);
            let minimum = method.minimize(&mut params, &mut rosenbrock);
            println!("rosenbrock{n} f32 {name}: {minimum}");
            let params: Vec<_> = params.into_iter().map(f64::from).collect();
            assert!(difference(&params, &vec![1.0; n]) <= 1e-2, "{n}, {name}: {minimum} {params:?}");
        }
    }
}

/// Curvatures from 1 to 10⁶: for the methods that are made for it.
#[test]
fn an_ill_conditioned_quadratic() {
    let references = References::load();
    let solution = references.values("quadratic.solution");
    for (name, mut method) in methods::<f64>(1e-6, 20_000) {
        let mut problem = problems(&references).pop().unwrap();
        let mut params = problem.start.clone();
        let minimum = method.minimize(&mut params, &mut *problem.function);
        println!("quadratic {name}: {minimum}");
        if name != "backtracking" {
            let error = difference(&params, &solution);
            assert!(error <= 1e-5, "{name}: {minimum}, {error:e} from the solution");
        }
    }
}

#[test]
fn minima_are_those_of_pytorchs_lbfgs() {
    let references = References::load();
    for mut problem in problems(&references) {
        let [expected, counts] =
            ["minimum", "counts"].map(|what| references.values(&format!("{}.torch.{what}", problem.name)));
        let mut method = LBfgs::new().gradient_tolerance(1e-9).max_iterations(5000);
        let (minimum, params, _) = path(&mut method, &mut problem);
        println!("{}: {minimum}; PyTorch {counts:?}", problem.name);
        assert!(minimum.outcome.is_converged());
        assert!(difference(&params, &expected) <= 1e-8, "{}", problem.name);
        assert!((minimum.evaluations as f64) < 1.5 * counts[1] + 10.0);
    }
}

/// A symmetric matrix of curvatures between 1 and 100, and where the minimum is.
fn convex(n: usize, seed: u64) -> (DMatrix<f64>, DVector<f64>) {
    let mut generator = Generator::seed(seed);
    let rotation = DMatrix::from_fn(n, n, |_, _| generator.normal()).qr().q();
    let curvatures = DVector::from_fn(n, |_, _| 100_f64.powf(generator.uniform()));
    let a = &rotation * DMatrix::from_diagonal(&curvatures) * rotation.transpose();
    let a = (&a + a.transpose()) / 2.0;
    (a, DVector::from_fn(n, |_, _| generator.normal()))
}

fn check_quadratic<T: Real>(n: usize, seed: u64, tolerance: f64) {
    let (a, solution) = convex(n, seed);
    let b = &a * &solution;
    let (a, b) = (a.map(T::nearest), b.map(T::nearest));
    for (name, mut method) in methods::<T>(tolerance, 10_000) {
        let mut params = vec![T::zero(); n];
        let mut values = Vec::new();
        let minimum = method.minimize_watched(&mut params, &mut quadratic(a.clone(), b.clone()), &mut |at| {
            values.push(at.value);
            ControlFlow::Continue(())
        });
        let params: Vec<_> = params.into_iter().map(Real::to_f64).collect();
        let error = (DVector::from_vec(params) - &solution).amax();
        // The smallest curvature is 1, so that an error is no larger than the gradient's norm.
        let bound = 2.0 * tolerance * (n as f64).sqrt() + 4e-6 * f64::from(u8::from(tolerance > 1e-6)) * n as f64;
        assert!(error <= bound, "{name}: {minimum}, {error:e} from the solution");
        let noise = 1e-15_f64.max(tolerance * 1e-3);
        let falls = values.windows(2).all(|pair| pair[1] <= pair[0] + noise * pair[0].abs());
        assert!(falls || name.starts_with("bb"), "{name}: {values:?}");
        assert_eq!(minimum.iterations + 1, values.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn convex_quadratics(n in 1_usize..12, seed: u64) {
        check_quadratic::<f64>(n, seed, 1e-7);
    }

    #[test]
    fn convex_quadratics_in_f32(n in 1_usize..12, seed: u64) {
        check_quadratic::<f32>(n, seed, 2e-3);
    }
}

#[test]
fn a_run_is_the_same_again() {
    for (name, mut method) in methods::<f64>(1e-8, 50) {
        let mut run = || {
            let mut params = [-1.2, 1.0, 0.3];
            let minimum = method.minimize(&mut params, &mut rosenbrock);
            (minimum, params)
        };
        assert_eq!(run(), run(), "{name}");
    }
}

/// `−ln x + x` is nothing below zero: the first long steps lead there.
#[test]
fn searches_turn_back_where_the_function_is_not_finite() {
    for nothing in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (name, mut method) in methods::<f64>(1e-8, 10_000) {
            let mut params = [1e-3, 30.0];
            let mut barrier = |x: &[f64], gradient: &mut [f64]| {
                let outside = x.iter().any(|&x| x <= 0.0);
                gradient.iter_mut().zip(x).for_each(|(g, x)| *g = if outside { nothing } else { 1.0 - 1.0 / x });
                if outside { nothing } else { x.iter().map(|x| x - x.ln()).sum() }
            };
            let minimum = method.minimize(&mut params, &mut barrier);
            assert_eq!(minimum.outcome, Outcome::Converged, "{name}: {minimum}");
            assert!(difference(&params, &[1.0, 1.0]) < 1e-6, "{name}: {params:?}");
        }
    }
}

#[test]
fn a_start_that_is_not_finite_stays() {
    for (name, mut method) in methods::<f64>(1e-8, 100) {
        let mut params = [1.0, 2.0];
        let mut nothing = |_: &[f64], gradient: &mut [f64]| {
            gradient.fill(1.0);
            f64::NAN
        };
        let minimum = method.minimize(&mut params, &mut nothing);
        assert_eq!((minimum.outcome, minimum.evaluations), (Outcome::NotFinite, 1), "{name}");
        let mut steep = |_: &[f64], gradient: &mut [f64]| {
            gradient.fill(f64::INFINITY);
            1.0
        };
        assert_eq!(method.minimize(&mut params, &mut steep).outcome, Outcome::NotFinite, "{name}");
        assert_eq!(params, [1.0, 2.0]);
    }
}

#[test]
fn a_divergence_leaves_the_best_point() {
    let mut parabola = |x: &[f32], gradient: &mut [f32]| {
        gradient[0] = 2.0 * x[0];
        f64::from(x[0] * x[0])
    };
    let mut x = [3.0_f32];
    let minimum = GradientDescent::new(1.5).minimize(&mut x, &mut parabola);
    assert_eq!((minimum.outcome, minimum.value, x), (Outcome::NotFinite, 9.0, [3.0]));
    assert_eq!(minimum.gradient_norm, 6.0);
}

/// A gradient that points uphill is none of this value.
#[test]
fn a_wrong_gradient_is_told() {
    for (name, mut method) in methods::<f64>(1e-8, 100) {
        let mut params = [1.0, 2.0];
        let mut wrong = |x: &[f64], gradient: &mut [f64]| {
            gradient.iter_mut().zip(x).for_each(|(g, x)| *g = -2.0 * x);
            x.iter().map(|x| x * x).sum()
        };
        let minimum = method.minimize(&mut params, &mut wrong);
        assert_eq!((minimum.outcome, params), (Outcome::LineSearchFailed, [1.0, 2.0]), "{name}: {minimum}");
    }
}

#[test]
fn what_cannot_be_improved_ends() {
    // The gradient of a plateau, a gradient tolerance that rounding cannot reach, and no dimension at all.
    for (name, mut method) in methods::<f32>(0.0, 100_000) {
        let mut flat = [1.0_f32];
        let minimum = method.minimize(&mut flat, &mut |_: &[f32], gradient: &mut [f32]| {
            gradient[0] = 1e-30;
            5.0
        });
        assert!(minimum.iterations <= 202, "{name}: {minimum}");
        let mut x = [3.0_f32, 1.0];
        let minimum = method.minimize(&mut x, &mut |x: &[f32], gradient: &mut [f32]| {
            gradient[0] = 2.0 * (x[0] - 0.1) * 7.3;
            gradient[1] = 2.0 * (x[1] - 0.7) * 0.3;
            f64::from(7.3 * (x[0] - 0.1).powi(2) + 0.3 * (x[1] - 0.7).powi(2) + 12.0)
        });
        assert!((x[0] - 0.1).abs() < 1e-2 && (x[1] - 0.7).abs() < 1e-2, "{name}: {minimum}, {x:?}");
        assert!(minimum.iterations < 1000, "{name}: {minimum}");
        let minimum = method.minimize(&mut [], &mut |_: &[f32], _: &mut [f32]| 1.0);
        assert_eq!(minimum.outcome, Outcome::Converged);
    }
}

#[test]
fn limits_end_it() {
    for (name, mut method) in methods::<f64>(1e-8, 3) {
        let mut params = [-1.2, 1.0];
        let minimum = method.minimize(&mut params, &mut rosenbrock);
        assert_eq!((minimum.outcome, minimum.iterations), (Outcome::IterationLimit, 3), "{name}");
        assert_eq!(minimum.value, rosenbrock(&params, &mut [0.0; 2]), "{name}");
    }
    let mut params = [-1.2, 1.0];
    let minimum = Bfgs::new().change_tolerance(0.1).minimize(&mut params, &mut rosenbrock);
    assert_eq!(minimum.outcome, Outcome::SmallChange);
}

#[test]
#[should_panic(expected = "`LBfgs` is the method for more")]
fn a_matrix_without_end_is_refused() {
    Minimizer::<f32>::prepare(&mut Bfgs::new(), 20_000);
}

#[test]
#[should_panic(expected = "0 < sufficient_decrease < curvature < 1")]
fn constants_that_no_step_meets_are_refused() {
    let _ = StrongWolfe::new(0.5, 0.1);
}

#[test]
#[should_panic(expected = "gradient_tolerance must be finite and at least 0, found -1.0")]
fn a_negative_tolerance_is_refused() {
    let _ = Bfgs::<f32>::new().gradient_tolerance(-1.0);
}
