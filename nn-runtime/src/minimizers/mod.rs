//! Full-batch methods, one a file: what brings a function of many parameters to a minimum, by its value and gradient.
//!
//! An optimiser (see [`optimizers`](crate::optimizers)) makes one step from one gradient, which may be noisy. A minimiser has
//! the function itself: it asks for the value and the gradient wherever it wants them, compares, and goes on until the
//! gradient vanishes. The function has to be deterministic and smooth; of a network it is the mean loss over a whole data set,
//! [`FullBatch`].
//!
//! | method | direction | step | memory, in values for n parameters |
//! |---|---|---|---|
//! | [`GradientDescent`] | `−g` | constant, or backtracking | 5·n |
//! | [`BarzilaiBorwein`] | `−λ·g` | backtracking from the highest of the last values | 5·n |
//! | [`ConjugateGradient`] | `−g + β·p` | strong Wolfe | 5·n |
//! | [`LBfgs`] | `−H·g`, H from the last m steps | strong Wolfe | (2·m + 5)·n |
//! | [`Bfgs`] | `−H·g`, H whole | strong Wolfe | n² + 6·n |
//!
//! ```
//! use nn_runtime::minimizers::{Bfgs, Minimizer, Outcome};
//!
//! // Rosenbrock's valley, (1 − x)² + 100·(y − x²)².
//! let mut rosenbrock = |p: &[f64], gradient: &mut [f64]| {
//!     let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
//!     gradient.copy_from_slice(&[-2.0 * a - 400.0 * p[0] * b, 200.0 * b]);
//!     a * a + 100.0 * b * b
//! };
//! let mut point = [-1.2, 1.0];
//! let minimum = Bfgs::new().gradient_tolerance(1e-8).minimize(&mut point, &mut rosenbrock);
//! assert_eq!(minimum.outcome, Outcome::Converged);
//! assert!(minimum.iterations < 50);
//! assert!((point[0] - 1.0).abs() < 1e-8 && (point[1] - 1.0).abs() < 1e-8);
//! ```
//!
//! What all have in common is in `descent.rs`: the loop, the rules when to stop, and what happens where the function is no
//! number. A new method is a file with a `Method`: its direction, its search, and what it learns from a step.

mod backtracking;
mod barzilai_borwein;
mod bfgs;
mod conjugate_gradient;
mod cubic_step;
mod descent;
mod full_batch;
mod gradient_descent;
mod lbfgs;
mod line;
mod minimum;
mod stopping;
mod strong_wolfe;

pub use barzilai_borwein::{BarzilaiBorwein, StepLength};
pub use bfgs::Bfgs;
pub use conjugate_gradient::{ConjugateGradient, ConjugateGradientFormula};
pub use full_batch::FullBatch;
pub use gradient_descent::GradientDescent;
pub use lbfgs::LBfgs;
pub use minimum::{Minimum, Outcome};
pub use strong_wolfe::StrongWolfe;

use crate::{Flow, Real};

/// A function to be minimised: gives the value at the point that is its first argument, and overwrites the second by the
/// gradient there.
///
/// The value is an `f64` whatever the parameters are: near a minimum it is small differences of values that a search decides
/// by. Where the function is not defined, it is NaN or infinite; the searches turn back there.
pub type Objective<'a, T> = dyn FnMut(&[T], &mut [T]) -> f64 + 'a;

/// What follows a minimisation, and may end it.
pub type Watch<'a, T> = dyn FnMut(&Iterate<'_, T>) -> Flow + 'a;

/// A point on the way to a minimum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Iterate<'a, T> {
    /// How many steps led there; 0 is the start.
    pub iteration: usize,
    /// The point.
    pub params: &'a [T],
    /// The value there.
    pub value: f64,
    /// The largest size of a component of the gradient there.
    pub gradient_norm: f64,
    /// How often the function has been evaluated so far.
    pub evaluations: usize,
}

/// A method that brings a function to a minimum near where it starts.
///
/// A minimisation depends on nothing but its settings, its start and the function: the same three give the same point, bit for
/// bit, on one instruction set. Nothing is kept from one to the next but memory.
pub trait Minimizer<T: Real> {
    /// Makes room for `len` parameters. Called by [`minimize`](Self::minimize), so that a program calls it only to have all
    /// allocation behind it.
    fn prepare(&mut self, len: usize);

    /// Brings `objective` to a minimum, from `params` on, and shows the start and the point after each iteration to `watch`,
    /// which may end it there.
    ///
    /// `params` are then the point that converged, or else the one of the lowest value among those shown. They never
    /// become NaN or infinite. If `objective` is not finite at the start, they stay as they are.
    ///
    /// ```
    /// use core::ops::ControlFlow;
    /// use nn_runtime::minimizers::{GradientDescent, Minimizer, Outcome};
    ///
    /// let mut parabola = |x: &[f64], gradient: &mut [f64]| {
    ///     gradient[0] = 2.0 * x[0];
    ///     x[0] * x[0]
    /// };
    /// let (mut x, mut path) = ([1.0], Vec::new());
    /// let minimum = GradientDescent::new(0.25).minimize_watched(&mut x, &mut parabola, &mut |at| {
    ///     path.push(at.params[0]);
    ///     if at.iteration < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    /// });
    /// assert_eq!(path, [1.0, 0.5, 0.25, 0.125]);
    /// assert_eq!((minimum.outcome, minimum.value), (Outcome::Stopped, 0.015625));
    /// ```
    fn minimize_watched(
        &mut self,
        params: &mut [T],
        objective: &mut Objective<'_, T>,
        watch: &mut Watch<'_, T>,
    ) -> Minimum;

    /// The same with nobody watching.
    fn minimize(&mut self, params: &mut [T], objective: &mut Objective<'_, T>) -> Minimum {
        self.minimize_watched(params, objective, &mut |_| Flow::Continue(()))
    }
}
