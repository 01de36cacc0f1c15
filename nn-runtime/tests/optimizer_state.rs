//! What optimisers remember: a state that is saved and loaded goes on, a reset one begins anew, and any gradient leaves
//! numbers.

mod optimizer_cases;

use nn_runtime::optimizers::{Adam, Averaged, NothingAveraged, Optimizer, Rprop, Sgd, clip_by_norm, clip_by_value};
use nn_runtime::{Real, StateVisitor};
use optimizer_cases::{Case, all, number};
use proptest::prelude::*;

const LEN: usize = 19;

/// A part of a state.
#[derive(Clone, Debug, PartialEq)]
enum Part<T> {
    Values(Vec<T>),
    /// The bits, as NaN is equal to nothing.
    Number(u64),
    Count(u64),
}

/// Takes a state down, by the whole names of its parts.
struct Save<'a, T> {
    prefix: String,
    parts: &'a mut Vec<(String, Part<T>)>,
}

impl<T: Real> Save<'_, T> {
    fn push(&mut self, name: &str, part: Part<T>) {
        let name = format!("{}{name}", self.prefix);
        assert!(self.parts.iter().all(|(other, _)| *other != name), "{name} is shown twice");
        self.parts.push((name, part));
    }
}

impl<T: Real> StateVisitor<T> for Save<'_, T> {
    fn values(&mut self, name: &str, values: &mut [T]) {
        self.push(name, Part::Values(values.to_vec()));
    }

    fn number(&mut self, name: &str, number: &mut f64) {
        self.push(name, Part::Number(number.to_bits()));
    }

    fn count(&mut self, name: &str, count: &mut u64) {
        self.push(name, Part::Count(*count));
    }

    fn group(&mut self, name: &str, visit: &mut dyn FnMut(&mut dyn StateVisitor<T>)) {
        visit(&mut Save { prefix: format!("{}{name}.", self.prefix), parts: self.parts });
    }
}

/// Gives the parts back in the order in which they were taken down.
struct Load<'a, T>(&'a mut dyn Iterator<Item = Part<T>>);

impl<T: Real> StateVisitor<T> for Load<'_, T> {
    fn values(&mut self, _: &str, values: &mut [T]) {
        let Some(Part::Values(saved)) = self.0.next() else { panic!("values are missing") };
        values.copy_from_slice(&saved);
    }

    fn number(&mut self, _: &str, number: &mut f64) {
        let Some(Part::Number(bits)) = self.0.next() else { panic!("a number is missing") };
        *number = f64::from_bits(bits);
    }

    fn count(&mut self, _: &str, count: &mut u64) {
        let Some(Part::Count(saved)) = self.0.next() else { panic!("a count is missing") };
        *count = saved;
    }

    fn group(&mut self, _: &str, visit: &mut dyn FnMut(&mut dyn StateVisitor<T>)) {
        visit(&mut Load(self.0));
    }
}

fn saved<T: Real>(optimizer: &mut dyn Optimizer<T>) -> Vec<(String, Part<T>)> {
    let mut parts = Vec::new();
    optimizer.visit_state(&mut Save { prefix: String::new(), parts: &mut parts });
    parts
}

/// Rprop that is told a loss before each step.
struct Told<T: Real>(Rprop<T>);

impl<T: Real> Optimizer<T> for Told<T> {
    fn prepare(&mut self, len: usize) {
        self.0.prepare(len);
    }

    fn step(&mut self, params: &mut [T], gradient: &[T]) {
        self.0.report_loss(Real::to_f64(gradient[0]));
        self.0.step(params, gradient);
    }

    fn learning_rate(&self) -> f64 {
        self.0.learning_rate()
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.0.set_learning_rate(learning_rate);
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        self.0.visit_state(visitor);
    }
}

fn cases<T: Real>() -> Vec<Case<T>> {
    let mut cases = all();
    cases.push(("irprop_plus", Box::new(Told(Rprop::new(0.1).backtracking()))));
    cases.push(("averaged", Box::new(Averaged::new(Adam::new(0.1)))));
    cases.push(("averaged_tail", Box::new(Averaged::new(Sgd::new(0.1).momentum(0.9)).from_step(3))));
    cases.push(("averaged_decay", Box::new(Averaged::new(Averaged::new(Sgd::new(0.1))).decay(0.9))));
    cases
}

fn start<T: Real>() -> Vec<T> {
    (0..LEN).map(|i| T::nearest(number(i))).collect()
}

fn run<T: Real>(optimizer: &mut dyn Optimizer<T>, params: &mut [T], steps: core::ops::Range<usize>) {
    for step in steps {
        let gradient: Vec<_> = (0..LEN).map(|i| T::nearest(number(13 * i + 1000 * step))).collect();
        optimizer.step(params, &gradient);
    }
}

fn check_resumption<T: Real>() {
    for ((name, mut whole), (_, mut second)) in cases::<T>().into_iter().zip(cases::<T>()) {
        let mut params = start::<T>();
        run(&mut *whole, &mut params, 0..5);
        whole.set_learning_rate(0.03);
        let (state, mut resumed) = (saved(&mut *whole), params.clone());
        run(&mut *whole, &mut params, 5..12);

        second.prepare(LEN);
        let mut parts = state.iter().map(|(_, part)| part.clone());
        second.visit_state(&mut Load(&mut parts));
        assert!(parts.next().is_none(), "{name}: a part of the state is not loaded");
        assert_eq!(saved(&mut *second), state, "{name}: another state");
        run(&mut *second, &mut resumed, 5..12);
        assert_eq!(resumed, params, "{name}: a training that was stopped goes another way");
        assert_eq!(saved(&mut *second), saved(&mut *whole), "{name}: and ends in another state");
    }
}

#[test]
fn a_state_that_is_saved_and_loaded_goes_on_bit_for_bit() {
    check_resumption::<f32>();
    check_resumption::<f64>();
}

fn check_reset<T: Real>() {
    for ((name, mut used), (_, mut new)) in cases::<T>().into_iter().zip(cases::<T>()) {
        run(&mut *used, &mut start::<T>(), 20..27);
        used.set_learning_rate(0.03);
        used.reset();
        assert_eq!(used.learning_rate(), 0.03, "{name}: the learning rate is a setting");
        new.set_learning_rate(0.03);
        let (mut after, mut expected) = (start::<T>(), start::<T>());
        run(&mut *used, &mut after, 0..7);
        run(&mut *new, &mut expected, 0..7);
        assert_eq!(after, expected, "{name}: a reset optimiser is not as a new one");
        assert_eq!(saved(&mut *used), saved(&mut *new), "{name}: nor is its state");
    }
}

#[test]
fn a_reset_optimiser_is_as_a_new_one() {
    check_reset::<f32>();
    check_reset::<f64>();
}

#[test]
fn a_gradient_that_is_no_number_shows_in_its_parameter_alone() {
    for (name, mut optimizer) in cases::<f32>() {
        let mut params = start();
        let mut gradient = vec![0.5; LEN];
        gradient[3] = f32::NAN;
        for _ in 0..3 {
            optimizer.step(&mut params, &gradient);
        }
        for (i, param) in params.iter().enumerate() {
            assert_eq!(param.is_nan(), i == 3, "{name}: parameter {i} is {param}");
        }
    }
}

#[test]
fn an_average_begins_with_its_first_step() {
    let mut optimizer = Averaged::new(Sgd::new(1.0)).from_step(3);
    let mut params = [0.0_f64];
    for _ in 0..2 {
        optimizer.step(&mut params, &[-1.0]);
    }
    assert_eq!(optimizer.average(), None);
    let error = optimizer.copy_average_to(&mut params).unwrap_err();
    assert_eq!(error, NothingAveraged { from_step: 3, steps: 2 });
    assert_eq!(
        error.to_string(),
        "the average begins with step 3, but there were 2 steps: take more steps, or average from an earlier one"
    );
    assert_eq!(params, [2.0]);
    optimizer.step(&mut params, &[-1.0]);
    assert_eq!(optimizer.average(), Some(&[3.0][..]));
}

#[test]
#[should_panic(expected = "the average is of 2 parameters, but is copied to 3")]
fn an_average_is_not_copied_to_other_parameters() {
    let mut optimizer = Averaged::new(Sgd::new(1.0));
    optimizer.step(&mut [0.0_f32; 2], &[0.0; 2]);
    let _ = optimizer.copy_average_to(&mut [0.0; 3]);
}

#[test]
#[should_panic(expected = "steps are counted from 1")]
fn there_is_no_step_zero() {
    let _ = Averaged::<_, f32>::new(Sgd::<f32>::new(1.0)).from_step(0);
}

#[test]
#[should_panic(expected = "smallest must be at most largest, found 2.0 and 1.0")]
fn a_range_of_step_sizes_is_in_order() {
    let _ = Rprop::<f32>::new(0.1).step_sizes(2.0, 1.0);
}

#[test]
#[should_panic(expected = "grow must be finite and at least 1, found 0.5")]
fn a_growing_factor_grows() {
    let _ = Rprop::<f32>::new(0.1).factors(0.5, 0.5);
}

/// A parameter that Rprop moves by gradients of one sign.
fn rprop_steps<const STEPS: usize>(optimizer: &mut Rprop<f64>) -> [f64; STEPS] {
    core::array::from_fn(|_| {
        let mut param = [0.0];
        optimizer.step(&mut param, &[-1.0]);
        param[0]
    })
}

#[test]
fn the_first_step_of_rprop_is_limited_like_all() {
    assert_eq!(rprop_steps(&mut Rprop::new(100.0)), [50.0, 50.0]);
    assert_eq!(rprop_steps(&mut Rprop::new(0.0)), [1e-6, 1.2e-6]);
}

#[test]
fn rprop_takes_a_new_learning_rate_when_it_is_reset() {
    let mut optimizer = Rprop::new(1.0);
    assert_eq!(rprop_steps(&mut optimizer), [1.0]);
    optimizer.set_learning_rate(0.25);
    assert_eq!(rprop_steps(&mut optimizer), [1.2]);
    optimizer.reset();
    assert_eq!(rprop_steps(&mut optimizer), [0.25]);
}

/// Values of all sizes, and zeros.
fn gradients() -> impl Strategy<Value = Vec<f32>> {
    let value =
        (-1.0_f32..1.0, -12_i32..12, 0..5).prop_map(|(x, e, zero)| if zero == 0 { 0.0 } else { x * 10_f32.powi(e) });
    prop::collection::vec(value, LEN)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parameters_stay_numbers_and_zeros_stay_zeros(gradients in prop::collection::vec(gradients(), 8)) {
        for (name, mut optimizer) in cases::<f32>() {
            let mut params = start::<f32>();
            params[7] = 0.0;
            for gradient in &gradients {
                let mut gradient = gradient.clone();
                gradient[7] = 0.0;
                optimizer.step(&mut params, &gradient);
            }
            prop_assert!(params.iter().all(|param| param.is_finite()), "{name}: {params:?}");
            prop_assert_eq!(params[7].to_bits(), 0, "{}", name);
        }
    }

    #[test]
    fn a_clipped_gradient_keeps_its_direction(gradient in gradients(), limit in 0.01_f64..100.0) {
        let mut clipped = gradient.clone();
        let norm = clip_by_norm(&mut clipped, limit);
        let exact = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        prop_assert!((norm - exact).abs() <= 1e-6 * exact);
        let factor = (limit / (exact + 1e-6)).min(1.0);
        for (clipped, g) in clipped.iter().zip(&gradient) {
            prop_assert!((f64::from(*clipped) - factor * f64::from(*g)).abs() <= 1e-6 * factor * f64::from(g.abs()));
        }
    }

    #[test]
    fn values_are_clipped_one_by_one(gradient in gradients(), limit in 0.0_f32..100.0) {
        let mut clipped = gradient.clone();
        clip_by_value(&mut clipped, f64::from(limit));
        let expected: Vec<_> = gradient.iter().map(|g| g.clamp(-limit, limit)).collect();
        prop_assert_eq!(clipped, expected);
    }

    /// However the signs come, a step of Rprop is none, or within its range.
    #[test]
    fn steps_of_rprop_stay_in_their_range(gradients in prop::collection::vec(gradients(), 20)) {
        let mut optimizer = Rprop::new(0.5).step_sizes(0.125, 2.0);
        let mut params = vec![0.0_f32; LEN];
        for gradient in &gradients {
            let before = params.clone();
            optimizer.step(&mut params, gradient);
            for ((after, before), g) in params.iter().zip(&before).zip(gradient) {
                let step = (after - before).abs();
                prop_assert!(step == 0.0 || (0.124..=2.001).contains(&step), "a step of {step}");
                prop_assert!(*g != 0.0 || step == 0.0);
            }
        }
    }
}
