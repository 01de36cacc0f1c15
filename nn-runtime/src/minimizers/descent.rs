//! The loop of all methods: a direction, a search along it, and what is learnt from the step.

use core::mem;

use super::line::{Line, Precision, Sample};
use super::stopping::Stopping;
use super::{Iterate, Minimum, Objective, Outcome, Watch};
use crate::{Buffer, Real, vector};

/// After so many iterations without progress there is nothing to be gained.
const IDLE_ITERATIONS: usize = 200;

/// What a method is made of, apart from the loop.
pub(super) trait Method<T: Real> {
    /// Makes room for `len` parameters.
    fn prepare(&mut self, len: usize);

    /// Forgets the steps so far, so that the next direction is that of steepest descent. Whether there was something to forget:
    /// whether it is worth while to search again.
    fn forget(&mut self) -> bool;

    /// Writes the next direction. `direction` holds the last one.
    fn direct(&mut self, gradient: &[T], direction: &mut [T]);

    /// Looks for the next point. It is where the line was evaluated last.
    fn search(&mut self, line: &mut Line<'_, T>) -> Option<Sample>;

    /// Learns from a step.
    fn learn(&mut self, step: &Advance<'_, T>);
}

/// A step that was made.
pub(super) struct Advance<'a, T> {
    /// s: the new point less the old one.
    pub(super) step: &'a [T],
    /// y: the new gradient less the old one.
    pub(super) change: &'a [T],
    /// The new gradient.
    pub(super) gradient: &'a [T],
    /// The direction that it was made in.
    pub(super) direction: &'a [T],
}

/// The memory of the loop, and when it ends.
#[derive(Clone, Debug)]
pub(super) struct Descent<T: Real> {
    pub(super) stopping: Stopping,
    gradient: Buffer<T>,
    direction: Buffer<T>,
    trial: Buffer<T>,
    trial_gradient: Buffer<T>,
    best: Buffer<T>,
}

impl<T: Real> Descent<T> {
    /// The usual settings, and no memory yet.
    pub(super) fn new() -> Self {
        Self {
            stopping: Stopping::default(),
            gradient: Buffer::default(),
            direction: Buffer::default(),
            trial: Buffer::default(),
            trial_gradient: Buffer::default(),
            best: Buffer::default(),
        }
    }

    pub(super) fn prepare(&mut self, len: usize) {
        let Self { gradient, direction, trial, trial_gradient, best, .. } = self;
        for buffer in [gradient, direction, trial, trial_gradient, best] {
            make_room(buffer, len);
        }
    }

    pub(super) fn run<M: Method<T>>(
        &mut self,
        method: &mut M,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum {
        self.prepare(params.len());
        method.prepare(params.len());
        method.forget();
        let (value, best) = (f64::NAN, (f64::INFINITY, f64::NAN));
        let mut run =
            Run { space: self, method, params, objective, value, norm: f64::NAN, best, iterations: 0, evaluations: 0 };
        let outcome = run.iterate(watch);
        run.finish(outcome)
    }
}

/// Makes `buffer` as long as asked for, unless it is.
pub(super) fn make_room<T: Real>(buffer: &mut Buffer<T>, len: usize) {
    if buffer.len() != len {
        *buffer = Buffer::zeroed(len);
    }
}

/// A minimisation on its way.
struct Run<'a, T: Real, M> {
    space: &'a mut Descent<T>,
    method: &'a mut M,
    params: &'a mut [T],
    objective: &'a mut Objective<'a, T>,
    value: f64,
    /// The gradient's largest component.
    norm: f64,
    /// The value and the norm at the point that was left uphill, in `space.best`.
    best: (f64, f64),
    iterations: usize,
    evaluations: usize,
}

impl<T: Real, M: Method<T>> Run<'_, T, M> {
    fn iterate(&mut self, watch: &mut Watch<'_, T>) -> Outcome {
        self.value = (self.objective)(self.params, &mut self.space.gradient);
        self.evaluations = 1;
        self.norm = max_norm(&self.space.gradient);
        if !self.value.is_finite() || !self.norm.is_finite() {
            return Outcome::NotFinite;
        }
        let (mut lowest, mut still) = (Lowest { value: self.value, norm: self.norm, idle: 0 }, false);
        loop {
            let stopped = watch(&self.iterate_now()).is_break();
            if let Some(outcome) = self.end(stopped, still || lowest.idle == IDLE_ITERATIONS) {
                return outcome;
            }
            match self.advance() {
                Ok(moved) => still = moved <= self.space.stopping.change_tolerance * max_norm(self.params),
                Err(outcome) => return outcome,
            }
            lowest.compare(self.value, self.norm, Precision::of::<T>());
        }
    }

    fn iterate_now(&self) -> Iterate<'_, T> {
        let Self { value, norm, iterations, evaluations, .. } = *self;
        Iterate { iteration: iterations, params: self.params, value, gradient_norm: norm, evaluations }
    }

    fn end(&self, stopped: bool, idle: bool) -> Option<Outcome> {
        let Stopping { gradient_tolerance, max_iterations, .. } = self.space.stopping;
        let reasons = [
            (self.norm <= gradient_tolerance, Outcome::Converged),
            (stopped, Outcome::Stopped),
            (idle, Outcome::SmallChange),
            (self.iterations >= max_iterations, Outcome::IterationLimit),
        ];
        reasons.into_iter().find_map(|(holds, outcome)| holds.then_some(outcome))
    }

    /// One iteration: how far the parameter moved that moved most.
    fn advance(&mut self) -> Result<f64, Outcome> {
        loop {
            let slope = self.aim();
            let (found, last) = self.search(slope);
            match found {
                Some(point) => return Ok(self.accept(point.value)),
                None if self.method.forget() => {}
                None if last.is_finite() => return Err(Outcome::LineSearchFailed),
                None => return Err(Outcome::NotFinite),
            }
        }
    }

    /// Finds a direction that goes downhill; the slope along it.
    fn aim(&mut self) -> f64 {
        let Descent { gradient, direction, .. } = &mut *self.space;
        self.method.direct(gradient, direction);
        let slope = vector::dot(gradient, direction);
        if slope < 0.0 && slope.is_finite() {
            return slope;
        }
        self.method.forget();
        self.method.direct(gradient, direction);
        vector::dot(gradient, direction)
    }

    /// The next point, if there is one, and where the line was evaluated last.
    fn search(&mut self, slope: f64) -> (Option<Sample>, Sample) {
        let start = Sample { step: 0.0, value: self.value, slope };
        let Descent { direction, trial, trial_gradient, .. } = &mut *self.space;
        let (params, objective) = (&*self.params, &mut *self.objective);
        let mut line = Line { start, last: start, evaluations: 0, params, direction, objective, trial, trial_gradient };
        // A slope of zero is a gradient whose squares are too small for `T`.
        let found = if slope < 0.0 { self.method.search(&mut line) } else { None };
        self.evaluations += line.evaluations;
        let finite = |point: &Sample| point.is_finite() && line.trial.iter().all(T::is_finite);
        (found.filter(finite), line.last)
    }

    /// Goes on to the trial point, and lets the method learn; how far the parameter moved that moved most.
    fn accept(&mut self, value: f64) -> f64 {
        let Descent { gradient, direction, trial, trial_gradient, best, .. } = &mut *self.space;
        if value > self.value && self.value < self.best.0 {
            best.copy_from_slice(self.params);
            self.best = (self.value, self.norm);
        }
        difference(trial, self.params);
        self.params.swap_with_slice(trial);
        difference(trial_gradient, gradient);
        mem::swap(gradient, trial_gradient);
        let moved = max_norm(trial);
        self.method.learn(&Advance { step: trial, change: trial_gradient, gradient, direction });
        self.value = value;
        self.norm = max_norm(gradient);
        self.iterations += 1;
        moved
    }

    /// Goes back to the best point, unless the last one converged.
    fn finish(self, outcome: Outcome) -> Minimum {
        let Self { iterations, evaluations, mut value, norm: mut gradient_norm, .. } = self;
        if !outcome.is_converged() && self.best.0 < value {
            self.params.copy_from_slice(&self.space.best);
            (value, gradient_norm) = self.best;
        }
        Minimum { value, gradient_norm, iterations, evaluations, outcome }
    }
}

/// The lowest value and gradient so far, and for how many iterations both have been.
struct Lowest {
    value: f64,
    norm: f64,
    idle: usize,
}

impl Lowest {
    fn compare(&mut self, value: f64, norm: f64, precision: Precision) {
        self.idle += 1;
        if value < self.value - precision.noise(self.value) {
            (self.value, self.idle) = (value, 0);
        }
        if norm < self.norm {
            (self.norm, self.idle) = (norm, 0);
        }
    }
}

/// `old ← new − old`.
fn difference<T: Real>(new: &[T], old: &mut [T]) {
    vector::scale(-T::one(), old);
    vector::axpy(T::one(), new, old);
}

/// The largest size of a value; NaN if there is one.
pub(super) fn max_norm<T: Real>(values: &[T]) -> f64 {
    let larger = |max: f64, value: &T| {
        let size = value.to_f64().abs();
        if size <= max { max } else { size }
    };
    let max = values.iter().fold(0.0, larger);
    if values.iter().any(|value| value.to_f64().is_nan()) { f64::NAN } else { max }
}

/// `direction ← −gradient`.
pub(super) fn steepest<T: Real>(gradient: &[T], direction: &mut [T]) {
    direction.copy_from_slice(gradient);
    vector::scale(-T::one(), direction);
}
