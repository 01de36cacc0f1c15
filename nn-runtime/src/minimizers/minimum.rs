//! What came of a minimisation.

use core::fmt;

/// What came of a minimisation; the point itself is in the parameters.
///
/// ```
/// use nn_runtime::minimizers::{Minimum, Outcome};
///
/// let minimum = Minimum { value: 0.25, gradient_norm: 3e-6, iterations: 7, evaluations: 9, outcome: Outcome::Converged };
/// assert_eq!(
///     minimum.to_string(),
///     "value 0.25 and gradient at most 3.0e-6 after 7 iterations and 9 evaluations: the gradient is within its tolerance"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimum {
    /// The value at the parameters.
    pub value: f64,
    /// The largest size of a component of the gradient there.
    pub gradient_norm: f64,
    /// How many steps were made.
    pub iterations: usize,
    /// How often the function was evaluated, each time with its gradient.
    pub evaluations: usize,
    /// Why it ended.
    pub outcome: Outcome,
}

/// Why a minimisation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Every component of the gradient is within the tolerance.
    Converged,
    /// The parameters hardly moved; or for 200 iterations neither the value, but for rounding, nor the gradient has become
    /// smaller than it was before.
    SmallChange,
    /// As many iterations were made as were allowed.
    IterationLimit,
    /// No lower value was found, downhill of the gradient neither: the value is as low as rounding lets it be, or the gradient
    /// is not that of the value.
    LineSearchFailed,
    /// The value or the gradient is NaN or infinite: at the start, or wherever a step led.
    NotFinite,
    /// Who watched ended it.
    Stopped,
}

impl Outcome {
    /// Whether the gradient vanished, to the tolerance.
    #[must_use]
    pub fn is_converged(self) -> bool {
        self == Self::Converged
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => "the gradient is within its tolerance",
            Self::SmallChange => "the steps change nothing more",
            Self::IterationLimit => "the limit of iterations is reached",
            Self::LineSearchFailed => {
                "no lower value was found along the gradient: rounding allows no better, or the gradient is wrong"
            }
            Self::NotFinite => "the value or the gradient is not finite",
            Self::Stopped => "it was stopped",
        })
    }
}

impl fmt::Display for Minimum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, gradient_norm, iterations, evaluations, outcome } = self;
        write!(f, "value {value} and gradient at most {gradient_norm:.1e} after {iterations} ")?;
        write!(f, "iterations and {evaluations} evaluations: {outcome}")
    }
}
