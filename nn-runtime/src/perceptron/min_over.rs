//! MinOver.

use nalgebra::Const;

use super::stability::{Embedded, Sides, fit_units};
use super::{Answers, PerceptronError, StabilityFit, UnitStability};
use crate::Real;
use crate::data::Dataset;
use crate::units::ThresholdUnits;

/// MinOver: the perceptron of optimal stability, by the perceptron rule on the sample with the smallest overlap.
///
/// Each step looks for the sample that the weights are least sure of, and moves them towards it. With `ξ_μ = σ_μ·x̂_μ`, where
/// `σ = ±1` for the answers 1 and 0 and `x̂` is a sample with its constant input 1 if the unit has a bias:
///
/// ```text
/// w = 0
/// repeat    ν = argmin_μ w·ξ_μ
///           w ← w + ξ_ν
/// ```
///
/// (the paper's factor 1/N scales all weights, and changes nothing else). The stability `κ(w) = min_μ w·ξ_μ / ‖w‖` approaches
/// the largest possible one. As `w` is a sum of t samples, no weights have a larger κ than `‖w‖/t`; the steps end where
/// κ is within the tolerance of that. Each step costs a pass over the samples, and a tolerance of 10⁻³ takes some ten
/// thousand of them: [`AdaTron`](super::AdaTron), whose error shrinks exponentially, is there in some hundred passes.
///
/// | setting | default | |
/// |---|---|---|
/// | [`tolerance`](Self::tolerance) | 10⁻³ | how much smaller than the bound κ may be, relatively |
/// | [`steps`](Self::steps) | 100,000 | the most steps of a unit |
///
/// Where no plane separates the samples the steps end at that limit only, and the result says that it did not converge: with
/// many samples, on which each step is a pass, a lower one saves time.
///
/// The weights that the network holds do not matter: every unit begins with zeros, and ends with weights of length 1, bias
/// included. What that means for κ is said at [`UnitStability`].
///
/// ```standalone_crate
/// # extern crate self as monograd;
/// # use nalgebra;
/// # use nn_macros::network;
/// # use nn_runtime::*;
/// use monograd::data::Dataset;
/// use monograd::perceptron::MinOver;
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
/// let fit = MinOver::new().fit(&mut *net, &and)?;
/// // The best weights are (2, 2, −3)/√17, with σ·(w·x̂) = 1/√17 for (0, 1), (1, 0) and (1, 1).
/// assert!(fit.converged());
/// assert!((fit.units[0].stability - 17.0_f64.sqrt().recip()).abs() < 1e-3 * fit.units[0].stability);
/// # Ok(())
/// # }
/// ```
///
/// Source: Krauth and Mézard, “Learning algorithms with optimal stability in neural networks” (1987).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinOver {
    tolerance: f64,
    steps: usize,
}

impl Default for MinOver {
    fn default() -> Self {
        Self { tolerance: 1e-3, steps: 100_000 }
    }
}

impl MinOver {
    /// Until κ is within 10⁻³ of the largest possible, at most 100,000 steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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

    /// At most so many steps for each unit.
    #[must_use]
    pub fn steps(self, steps: usize) -> Self {
        Self { steps, ..self }
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
        let mut embedded = sides.zeros();
        let mut steps = 0;
        loop {
            let (weakest, field) = sides.weakest(&embedded.weight);
            let rated = sides.rate(&embedded, field, self.tolerance);
            if rated.converged || steps == self.steps {
                return (embedded, UnitStability { iterations: steps, ..rated });
            }
            sides.embed(&mut embedded, weakest, 1.0);
            steps += 1;
        }
    }
}
