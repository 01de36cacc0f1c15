//! The AdaTron.

use nalgebra::Const;

use super::stability::{Embedded, Sides, fit_units};
use super::{Answers, PerceptronError, StabilityFit, UnitStability};
use crate::Real;
use crate::data::Dataset;
use crate::units::ThresholdUnits;

/// The AdaTron: the perceptron of optimal stability, by strengths of the samples that adapt until each is embedded with 1.
///
/// With `ξ_μ = σ_μ·x̂_μ`, where `σ = ±1` for the answers 1 and 0 and `x̂` is a sample with its constant input 1 if the unit
/// has a bias, the weights are `w = Σ_μ α_μ·ξ_μ`, all `α_μ ≥ 0`. Each pass takes the samples in turn:
///
/// ```text
/// α_μ ← α_μ + max(−α_μ, rate·(1 − w·ξ_μ) / ‖ξ_μ‖²)
/// ```
///
/// A sample that is embedded with more than 1 loses strength until it has none; what is left with `α > 0` are the support
/// vectors. In today's words it is coordinate ascent on the dual of the support-vector machine with a hard margin, whose
/// intercept is the weight of the constant input, and counts in `‖w‖`; see [`UnitStability`]. (The paper has samples of ±1,
/// all of one length, so that there the length is part of the rate, and no bias.)
///
/// κ is exact up to the tolerance: no weights have a larger one than `‖w‖ / Σ α`, and passes end where κ is that close. The
/// error shrinks exponentially with the passes.
///
/// | setting | default | |
/// |---|---|---|
/// | [`rate`](Self::rate) | 1 | above 0 and below 2; at 1 a sample takes its best strength given the others |
/// | [`tolerance`](Self::tolerance) | 10⁻⁶ | how much smaller than the bound κ may be, relatively |
/// | [`passes`](Self::passes) | 100,000 | the most passes of a unit |
///
/// The weights that the network holds do not matter: every unit begins with zeros, and ends with weights of length 1, bias
/// included. Where no plane separates the samples, the strengths grow without an end, and the bound falls to 0.
///
/// ```standalone_crate
/// # extern crate self as monograd;
/// # use nalgebra;
/// # use nn_macros::network;
/// # use nn_runtime::*;
/// use monograd::data::Dataset;
/// use monograd::perceptron::AdaTron;
///
/// network! {
///     struct And([2]) -> [1] {
///         unit: dense(1) -> step,
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let and = Dataset::<f64, 2, u32>::from_labelled_rows(&rows, &[0, 0, 0, 1], 2)?;
/// let mut net = And::<f64>::zeroed();
/// let fit = AdaTron::new().fit(&mut *net, &and)?;
/// // The best weights are (2, 2, −3)/√17, with σ·(w·x̂) = 1/√17 for (0, 1), (1, 0) and (1, 1).
/// assert!((fit.units[0].stability * 17.0_f64.sqrt() - 1.0).abs() < 1e-6);
/// assert!((net.unit.bias[0] + 3.0 / 17.0_f64.sqrt()).abs() < 1e-3);
/// # Ok(())
/// # }
/// ```
///
/// Source: Anlauf and Biehl, “The AdaTron: an adaptive perceptron algorithm” (1989).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaTron {
    rate: f64,
    tolerance: f64,
    passes: usize,
}

impl Default for AdaTron {
    fn default() -> Self {
        Self { rate: 1.0, tolerance: 1e-6, passes: 100_000 }
    }
}

impl AdaTron {
    /// With rate 1, until κ is within 10⁻⁶ of the largest possible, at most 100,000 passes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How much of its best step a strength goes.
    ///
    /// # Panics
    /// If `rate` is not above 0 and below 2, where the strengths converge.
    #[must_use]
    #[track_caller]
    pub fn rate(self, rate: f64) -> Self {
        assert!(rate > 0.0 && rate < 2.0, "the rate must be above 0 and below 2, found {rate:?}");
        Self { rate, ..self }
    }

    /// Until κ is at least `1 − tolerance` of the largest possible.
    ///
    /// # Panics
    /// If `tolerance` is not above 0 and below 1.
    #[must_use]
    #[track_caller]
    pub fn tolerance(self, tolerance: f64) -> Self {
        assert!(tolerance > 0.0 && tolerance < 1.0, "the tolerance must be above 0 and below 1, found {tolerance:?}");
        Self { tolerance, ..self }
    }

    /// At most so many passes over the samples for each unit.
    #[must_use]
    pub fn passes(self, passes: usize) -> Self {
        Self { passes, ..self }
    }

    /// Trains the units on `data`, whose targets are 0 or 1, or for one unit the classes 0 and 1.
    ///
    /// # Errors
    /// If there are no samples, or a target is neither 0 nor 1; the network is unchanged then.
    pub fn fit<N, Y, const I: usize, const O: usize>(
        &self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
    ) -> Result<StabilityFit, PerceptronError>
    where
        N: ThresholdUnits<Input = Const<I>, Output = Const<O>>,
        Y: Answers<O>,
    {
        fit_units(net, data, |sides| self.unit(sides))
    }

    fn unit<T: Real>(&self, sides: &Sides<'_, T>) -> (Embedded, UnitStability) {
        let (mut embedded, mut strengths) = (sides.zeros(), vec![0.0; sides.samples()]);
        let mut passes = 0;
        loop {
            let (_, field) = sides.weakest(&embedded.weight);
            let rated = sides.rate(&embedded, field, self.tolerance);
            if rated.converged || passes == self.passes {
                return (embedded, UnitStability { iterations: passes, ..rated });
            }
            self.pass(sides, &mut embedded, &mut strengths);
            passes += 1;
        }
    }

    /// Adapts each strength once.
    fn pass<T: Real>(&self, sides: &Sides<'_, T>, embedded: &mut Embedded, strengths: &mut [f64]) {
        for (sample, strength) in strengths.iter_mut().enumerate() {
            let square = sides.square(sample);
            // A sample of zeros without a bias has no side: it adds nothing, whatever its strength.
            if square > 0.0 {
                let step = self.rate * (1.0 - sides.field(&embedded.weight, sample)) / square;
                let step = step.max(-*strength);
                *strength += step;
                sides.embed(embedded, sample, step);
            }
        }
    }
}
