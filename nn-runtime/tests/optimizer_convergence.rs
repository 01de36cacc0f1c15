//! Optimisers at work: Rosenbrock's valley, a quadratic of condition 10⁶, and the rate that averaging is for.

use nn_runtime::Generator;
use nn_runtime::optimizers::{
    AdaGrad, Adadelta, Adam, AdamW, AmsGrad, Averaged, Lion, NAdam, Optimizer, RmsProp, Rprop, Sgd,
};

type Case = (&'static str, Box<dyn Optimizer<f64>>);

/// Takes `steps` steps, with a learning rate that falls to 0 in a straight line: methods whose steps do not shrink with
/// the gradient would stay about the minimum otherwise.
fn minimise(
    optimizer: &mut dyn Optimizer<f64>,
    params: &mut [f64],
    steps: usize,
    gradient: impl Fn(&[f64], &mut [f64]),
) {
    let (first, mut d) = (optimizer.learning_rate(), vec![0.0; params.len()]);
    for step in 0..steps {
        optimizer.set_learning_rate(first * (1.0 - step as f64 / steps as f64));
        gradient(params, &mut d);
        optimizer.step(params, &d);
    }
}

fn rosenbrock([x, y]: [f64; 2]) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

fn rosenbrock_gradient(params: &[f64], d: &mut [f64]) {
    let (x, y) = (params[0], params[1]);
    d[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
    d[1] = 200.0 * (y - x * x);
}

/// Each with a learning rate that suits it, and the value that it has to reach; nothing else is tuned but the momenta that
/// are there to be chosen.
fn valley_cases() -> Vec<(Case, f64)> {
    vec![
        (("sgd", Box::new(Sgd::new(1e-3))), 1e-4),
        (("sgd_momentum", Box::new(Sgd::new(1e-3).momentum(0.9))), 1e-20),
        (("sgd_nesterov", Box::new(Sgd::new(1e-3).momentum(0.9).nesterov())), 1e-20),
        (("adagrad", Box::new(AdaGrad::new(1.0))), 1e-7),
        (("adadelta", Box::new(Adadelta::new(2.0))), 1e-5),
        (("adam", Box::new(Adam::new(0.02))), 1e-20),
        (("adamw", Box::new(AdamW::new(0.02).weight_decay(0.0))), 1e-20),
        (("amsgrad", Box::new(AmsGrad::new(0.02))), 1e-9),
        (("nadam", Box::new(NAdam::new(0.02))), 1e-15),
        (("rmsprop", Box::new(RmsProp::new(0.01))), 1e-7),
        (("rmsprop_centered_momentum", Box::new(RmsProp::new(1e-3).centered().momentum(0.9))), 1e-15),
        (("lion", Box::new(Lion::new(0.005))), 1e-6),
        (("rprop", Box::new(Rprop::new(0.01))), 1e-5),
        (("rprop_plus", Box::new(Rprop::new(0.01).backtracking())), 1e-5),
    ]
}

#[test]
fn each_finds_the_minimum_of_rosenbrocks_valley() {
    for ((name, mut optimizer), reached) in valley_cases() {
        let mut params = [-1.2, 1.0];
        minimise(&mut *optimizer, &mut params, 20_000, rosenbrock_gradient);
        let value = rosenbrock(params);
        println!("{name}: {value:.1e} at {params:?}");
        assert!(value < reached, "{name} ends at {params:?}, where the function is {value:e}");
    }
}

#[test]
fn rprop_that_is_told_the_loss_finds_it_too() {
    let (mut params, mut d) = ([-1.2, 1.0], [0.0; 2]);
    let mut optimizer = Rprop::new(0.01).backtracking();
    for _ in 0..20_000 {
        optimizer.report_loss(rosenbrock(params));
        rosenbrock_gradient(&params, &mut d);
        optimizer.step(&mut params, &d);
    }
    let value = rosenbrock(params);
    println!("irprop_plus: {value:.1e} at {params:?}");
    assert!(value < 1e-5, "{value:e} at {params:?}");
}

/// Curvatures from 1 to 10⁶ along the axes.
const CURVATURES: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

fn quadratic_gradient(params: &[f64], d: &mut [f64]) {
    for ((d, x), curvature) in d.iter_mut().zip(params).zip(CURVATURES) {
        *d = curvature * x;
    }
}

fn farthest(params: &[f64]) -> f64 {
    params.iter().fold(0.0, |farthest, x| x.abs().max(farthest))
}

/// `½ Σ λᵢ·xᵢ²`, from 1 in each coordinate: all coordinates come within a thousandth of 0 in 2000 steps.
///
/// The methods here divide by each coordinate's own size of gradient, or take its sign, and so hardly see a condition that
/// lies along the axes; along others they would. Gradient descent sees it, and with its largest stable rate has not moved
/// in the flattest direction.
#[test]
fn methods_with_a_rate_for_each_parameter_do_not_see_a_condition_along_the_axes() {
    let cases: Vec<Case> = vec![
        ("adagrad", Box::new(AdaGrad::new(0.5))),
        ("adam", Box::new(Adam::new(0.05))),
        ("adamw", Box::new(AdamW::new(0.05))),
        ("amsgrad", Box::new(AmsGrad::new(0.05))),
        ("nadam", Box::new(NAdam::new(0.05))),
        ("rmsprop", Box::new(RmsProp::new(0.01))),
        ("lion", Box::new(Lion::new(0.01))),
        ("rprop", Box::new(Rprop::new(0.01))),
        ("rprop_plus", Box::new(Rprop::new(0.01).backtracking())),
    ];
    for (name, mut optimizer) in cases {
        let mut params = [1.0; 7];
        minimise(&mut *optimizer, &mut params, 2000, quadratic_gradient);
        println!("{name}: {params:?}");
        assert!(farthest(&params) < 1e-3, "{name} ends at {params:?}");
    }
    let mut params = [1.0; 7];
    minimise(&mut Sgd::new(2e-6), &mut params, 2000, quadratic_gradient);
    assert!(params[0] > 0.99, "gradient descent ends at {params:?}");
}

/// 256 times the same experiment: the minimum of `x²/2` from gradients with noise of variance 1, by steps of `½·t^(−0.6)`.
/// Gives the mean squared error of each result, times the number of steps.
fn noisy_quadratic(steps: usize, from_step: u64) -> (f64, f64) {
    const RUNS: usize = 256;
    let mut generator = Generator::seed(3);
    let mut optimizer = Averaged::new(Sgd::new(0.5)).from_step(from_step);
    let (mut params, mut gradient) = (vec![1.0_f64; RUNS], vec![0.0; RUNS]);
    for step in 1..=steps {
        for (d, x) in gradient.iter_mut().zip(&params) {
            *d = x + generator.normal();
        }
        optimizer.set_learning_rate(0.5 * (step as f64).powf(-0.6));
        optimizer.step(&mut params, &gradient);
    }
    let error = |x: &[f64]| steps as f64 * x.iter().map(|x| x * x).sum::<f64>() / RUNS as f64;
    (error(optimizer.average().unwrap()), error(&params))
}

/// No unbiased estimate from n samples of noise of variance 1 has a squared error below 1/n (Cramér and Rao). The average
/// has it; the last iterate has about half of its learning rate, whatever n.
#[test]
fn the_average_of_the_iterates_reaches_the_best_possible_rate() {
    for steps in [1000, 4000] {
        let (average, last) = noisy_quadratic(steps, 1);
        let expected = 0.25 * (steps as f64).powf(0.4);
        println!("{steps} steps: average {average:.2}/n, last {last:.1}/n, of which the theory says {expected:.1}/n");
        assert!((0.8..1.25).contains(&average), "the average has an error of {average}/n");
        assert!((last / expected - 1.0).abs() < 0.3, "the last iterate has an error of {last}/n");
    }
    let (tail, _) = noisy_quadratic(4000, 2001);
    println!("the second half: {tail:.2}/n");
    assert!((1.6..2.5).contains(&tail), "half of the iterates have an error of {tail}/n");
}
