//! BFGS that remembers the last steps only.

use super::descent::{Advance, Descent, Method, make_room, steepest};
use super::line::{Line, Precision, Sample};
use super::stopping::stopping_settings;
use super::{Minimizer, Minimum, Objective, StrongWolfe, Watch};
use crate::{Buffer, Real, vector};

/// L-BFGS: BFGS with the last m steps instead of a matrix.
///
/// With g the gradient, sᵢ the last m steps, yᵢ the changes of the gradient along them, `ρᵢ = 1/sᵢᵀyᵢ` and
/// `γ = sᵀy/yᵀy` of the last one, the direction `p = −H·g` is
///
/// ```text
/// p ← −g
/// for i from the last step back:   αᵢ = ρᵢ·sᵢᵀp,   p ← p − αᵢ·yᵢ
/// p ← γ·p
/// for i from the oldest step on:   p ← p + (αᵢ − ρᵢ·yᵢᵀp)·sᵢ
/// ```
///
/// and the step `x ← x + α·p`, with α by [`StrongWolfe`] (c₁ = 10⁻⁴, c₂ = 0.9), from 1 on; from `1/‖g‖` without a step to
/// remember. A step with `sᵀy ≤ ε·‖s‖·‖y‖`, ε the precision of `T`, is not remembered. Where no point is found, all are forgotten once and the
/// gradient followed. m is 10 unless it is set. An iteration takes 4·m·n multiplications beside the evaluation.
///
/// ```
/// use nn_runtime::minimizers::{LBfgs, Minimizer};
///
/// // A hundred curvatures from 1 to 100.
/// let mut parabola = |x: &[f32], gradient: &mut [f32]| {
///     let curvatures = (1..=100).map(|k| k as f32);
///     gradient.iter_mut().zip(x).zip(curvatures.clone()).for_each(|((g, x), k)| *g = k * x);
///     curvatures.zip(x).map(|(k, x)| f64::from(k * x * x) / 2.0).sum()
/// };
/// let mut x = [1.0; 100];
/// let minimum = LBfgs::new().memory(5).gradient_tolerance(1e-3).minimize(&mut x, &mut parabola);
/// assert!(minimum.outcome.is_converged() && minimum.iterations < 60);
/// ```
///
/// Source: Nocedal, “Updating quasi-Newton matrices with limited storage” (1980); Liu and Nocedal, “On the limited memory BFGS
/// method for large scale optimization” (1989).
#[derive(Clone, Debug)]
pub struct LBfgs<T: Real = f32> {
    descent: Descent<T>,
    history: History<T>,
}

/// The last steps.
#[derive(Clone, Debug)]
struct History<T: Real> {
    line_search: StrongWolfe,
    memory: usize,
    /// `m × n` values each, used in turn.
    steps: Buffer<T>,
    changes: Buffer<T>,
    /// `sᵀy` and αᵢ of each.
    products: Vec<f64>,
    shares: Vec<f64>,
    /// How many have been remembered, those included that were overwritten.
    count: usize,
    /// γ.
    scale: f64,
}

impl<T: Real> LBfgs<T> {
    /// The method with its usual constants.
    #[must_use]
    pub fn new() -> Self {
        let (steps, changes) = (Buffer::default(), Buffer::default());
        let line_search = StrongWolfe::new(1e-4, 0.9);
        let (products, shares) = (Vec::new(), Vec::new());
        let history = History { line_search, memory: 10, steps, changes, products, shares, count: 0, scale: 1.0 };
        Self { descent: Descent::new(), history }
    }

    /// How many steps are remembered, m.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn memory(mut self, memory: usize) -> Self {
        assert!(memory > 0, "L-BFGS remembers at least one step");
        self.history.memory = memory;
        self
    }

    /// The search along the directions.
    #[must_use]
    pub fn line_search(mut self, line_search: StrongWolfe) -> Self {
        self.history.line_search = line_search;
        self
    }

    stopping_settings!();
}

impl<T: Real> Default for LBfgs<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> Minimizer<T> for LBfgs<T> {
    fn prepare(&mut self, len: usize) {
        self.descent.prepare(len);
        self.history.prepare(len);
    }

    fn minimize_watched(
        &mut self,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum {
        self.descent.run(&mut self.history, params, objective, watch)
    }
}

impl<T: Real> Method<T> for History<T> {
    fn prepare(&mut self, len: usize) {
        make_room(&mut self.steps, self.memory * len);
        make_room(&mut self.changes, self.memory * len);
        self.products.resize(self.memory, 0.0);
        self.shares.resize(self.memory, 0.0);
    }

    fn forget(&mut self) -> bool {
        self.scale = 1.0;
        core::mem::take(&mut self.count) > 0
    }

    fn direct(&mut self, gradient: &[T], direction: &mut [T]) {
        steepest(gradient, direction);
        let n = gradient.len();
        let remembered = self.count.saturating_sub(self.memory)..self.count;
        for slot in remembered.clone().rev().map(|i| i % self.memory) {
            let (s, y) = (&self.steps[slot * n..][..n], &self.changes[slot * n..][..n]);
            self.shares[slot] = vector::dot(s, direction) / self.products[slot];
            vector::axpy(T::nearest(-self.shares[slot]), y, direction);
        }
        vector::scale(T::nearest(self.scale), direction);
        for slot in remembered.map(|i| i % self.memory) {
            let (s, y) = (&self.steps[slot * n..][..n], &self.changes[slot * n..][..n]);
            let share = vector::dot(y, direction) / self.products[slot];
            vector::axpy(T::nearest(self.shares[slot] - share), s, direction);
        }
    }

    fn search(&mut self, line: &mut Line<'_, T>) -> Option<Sample> {
        let start = line.start;
        let first = if self.count == 0 { vector::norm(line.direction).recip() } else { 1.0 };
        self.line_search.search(start, first, Precision::of::<T>(), &mut |step| line.at(step))
    }

    fn learn(&mut self, step: &Advance<'_, T>) {
        let Advance { step: s, change: y, .. } = *step;
        let (sy, yy) = (vector::dot(s, y), vector::dot(y, y));
        if sy <= Precision::of::<T>().0 * (vector::dot(s, s) * yy).sqrt() {
            return;
        }
        let (slot, n) = (self.count % self.memory, s.len());
        self.steps[slot * n..][..n].copy_from_slice(s);
        self.changes[slot * n..][..n].copy_from_slice(y);
        self.products[slot] = sy;
        self.scale = sy / yy;
        self.count += 1;
    }
}
