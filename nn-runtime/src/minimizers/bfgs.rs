//! The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno.

use super::descent::{Advance, Descent, Method, make_room};
use super::line::{Line, Precision, Sample};
use super::stopping::stopping_settings;
use super::strong_wolfe::first_step;
use super::{Minimizer, Minimum, Objective, StrongWolfe, Watch};
use crate::{Buffer, Real, vector};

/// The most parameters: 1 GiB of `f32`, 2 GiB of `f64`.
const MOST: usize = 1 << 14;

/// BFGS: Newton's method, with an inverse Hessian H that is learnt from the steps.
///
/// With g the gradient, s a step and y the change of the gradient along it,
///
/// ```text
/// p = −H·g
/// x ← x + α·p                                            α by the strong Wolfe conditions
/// H ← (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ              ρ = 1 / sᵀy
/// ```
///
/// H is the identity at first, and with [`initial_scaling`](Self::initial_scaling) `sᵀy/yᵀy` times that before the first update.
/// Without, the steps are those of SciPy's `minimize(method="BFGS")`, as long as its first line search succeeds. A step with `sᵀy ≤ ε·‖s‖·‖y‖`, ε the precision of `T`, is not learnt from: H stays positive definite. α is looked for
/// by [`StrongWolfe`] with c₁ = 10⁻⁴ and c₂ = 0.9; where no point is found, H is forgotten once and the gradient followed.
///
/// Near a minimum it converges superlinearly. H takes n² values, and an iteration 2·n² multiplications beside the evaluation: for
/// some thousand parameters. From 16,385 on it is refused; [`LBfgs`](super::LBfgs) is for those.
///
/// ```
/// use nn_runtime::minimizers::{Bfgs, Minimizer};
///
/// // Curvatures of 1 and 10⁶.
/// let mut parabola = |x: &[f64], gradient: &mut [f64]| {
///     gradient.copy_from_slice(&[x[0], 1e6 * x[1]]);
///     (x[0] * x[0] + 1e6 * x[1] * x[1]) / 2.0
/// };
/// let mut x = [1.0, 1.0];
/// let minimum = Bfgs::new().minimize(&mut x, &mut parabola);
/// assert!(minimum.outcome.is_converged() && minimum.iterations < 10);
/// ```
///
/// Source: Broyden, Fletcher, Goldfarb and Shanno, each by himself (1970); Nocedal and Wright, “Numerical optimization” (2006),
/// algorithm 6.1 and equation 6.20.
#[derive(Clone, Debug)]
pub struct Bfgs<T: Real = f32> {
    descent: Descent<T>,
    inverse: InverseHessian<T>,
}

/// H, and what belongs to its use.
#[derive(Clone, Debug)]
struct InverseHessian<T: Real> {
    line_search: StrongWolfe,
    initial_scaling: bool,
    /// n², row after row; symmetric.
    matrix: Buffer<T>,
    /// `H·y`.
    product: Buffer<T>,
    updates: usize,
    /// What the last search began from.
    previous_value: Option<f64>,
}

impl<T: Real> Bfgs<T> {
    /// The method with its usual constants.
    #[must_use]
    pub fn new() -> Self {
        let inverse = InverseHessian {
            line_search: StrongWolfe::new(1e-4, 0.9),
            initial_scaling: false,
            matrix: Buffer::default(),
            product: Buffer::default(),
            updates: 0,
            previous_value: None,
        };
        Self { descent: Descent::new(), inverse }
    }

    /// Whether H is scaled to the curvature along the first step; it is not unless this is set. It helps where all curvatures are far
    /// from 1, and hinders where they differ much.
    #[must_use]
    pub fn initial_scaling(mut self, initial_scaling: bool) -> Self {
        self.inverse.initial_scaling = initial_scaling;
        self
    }

    /// The search along the directions.
    #[must_use]
    pub fn line_search(mut self, line_search: StrongWolfe) -> Self {
        self.inverse.line_search = line_search;
        self
    }

    stopping_settings!();
}

impl<T: Real> Default for Bfgs<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> Minimizer<T> for Bfgs<T> {
    /// # Panics
    /// If `len` is above 16,384.
    fn prepare(&mut self, len: usize) {
        self.descent.prepare(len);
        self.inverse.prepare(len);
    }

    /// # Panics
    /// If there are more than 16,384 parameters.
    fn minimize_watched(
        &mut self,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum {
        self.descent.run(&mut self.inverse, params, objective, watch)
    }
}

impl<T: Real> InverseHessian<T> {
    /// Sets H to `scale` times the identity.
    fn set_identity(&mut self, scale: f64) {
        self.matrix.fill(T::zero());
        let n = self.product.len();
        self.matrix.iter_mut().step_by(n + 1).for_each(|value| *value = T::nearest(scale));
    }

    /// The update, row by row: with `h = H·y`,
    ///
    /// ```text
    /// H ← H + (ρ + ρ²·yᵀh)·s·sᵀ − ρ·(h·sᵀ + s·hᵀ)
    /// ```
    fn update(&mut self, s: &[T], y: &[T], sy: f64) {
        let n = s.len();
        multiply(&self.matrix, y, &mut self.product);
        let rho = sy.recip();
        let along = rho + rho * rho * vector::dot(y, &self.product);
        for (i, row) in self.matrix.chunks_exact_mut(n).enumerate() {
            let (s_i, h_i) = (s[i].to_f64(), self.product[i].to_f64());
            vector::axpy(T::nearest(along * s_i - rho * h_i), s, row);
            vector::axpy(T::nearest(-rho * s_i), &self.product, row);
        }
    }
}

/// `y ← A·x`.
fn multiply<T: Real>(a: &[T], x: &[T], y: &mut [T]) {
    for (row, y) in a.chunks_exact(x.len()).zip(y) {
        *y = T::nearest(vector::dot(row, x));
    }
}

impl<T: Real> Method<T> for InverseHessian<T> {
    fn prepare(&mut self, len: usize) {
        assert!(
            len <= MOST,
            "BFGS keeps a matrix of {len}² values for {len} parameters, {MOST} are the most: `LBfgs` is the method for more"
        );
        make_room(&mut self.product, len);
        make_room(&mut self.matrix, len * len);
    }

    fn forget(&mut self) -> bool {
        self.set_identity(1.0);
        self.previous_value = None;
        core::mem::take(&mut self.updates) > 0
    }

    fn direct(&mut self, gradient: &[T], direction: &mut [T]) {
        multiply(&self.matrix, gradient, direction);
        vector::scale(-T::one(), direction);
    }

    fn search(&mut self, line: &mut Line<'_, T>) -> Option<Sample> {
        let start = line.start;
        // As if the value had fallen by half the norm of the gradient: a first step of about length 1.
        let previous = self.previous_value.unwrap_or_else(|| start.value + start.slope.abs().sqrt() / 2.0);
        let first = first_step(start, previous);
        let found = self.line_search.search(start, first, Precision::of::<T>(), &mut |step| line.at(step))?;
        self.previous_value = Some(start.value);
        Some(found)
    }

    fn learn(&mut self, step: &Advance<'_, T>) {
        let Advance { step: s, change: y, .. } = *step;
        let (sy, yy) = (vector::dot(s, y), vector::dot(y, y));
        if sy <= Precision::of::<T>().0 * (vector::dot(s, s) * yy).sqrt() {
            return;
        }
        if self.updates == 0 && self.initial_scaling {
            self.set_identity(sy / yy);
        }
        self.update(s, y, sy);
        self.updates += 1;
    }
}
