//! What units should answer.

use thiserror::Error;

use crate::Real;
use crate::data::{Dataset, Target};

/// Why a perceptron rule does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum PerceptronError {
    /// There is no sample to learn from.
    #[error("the data set is empty")]
    Empty,
    /// A target is no answer that a threshold unit can give.
    #[error("sample {sample} has the target {value} for unit {unit}, but a threshold unit answers 0 or 1")]
    Target {
        /// Which sample, from 0.
        sample: usize,
        /// Which unit, from 0.
        unit: usize,
        /// The target.
        value: f64,
    },
}

/// Targets that tell each of `O` units what it should answer: O values of 0 or 1, or for a single unit a class, 0 or 1.
pub trait Answers<const O: usize>: Target {
    /// The target of a unit.
    fn answer(&self, unit: usize) -> f64;
}

impl<T: Real, const O: usize> Answers<O> for [T; O] {
    fn answer(&self, unit: usize) -> f64 {
        self[unit].to_f64()
    }
}

impl Answers<1> for u32 {
    fn answer(&self, _: usize) -> f64 {
        f64::from(*self)
    }
}

/// Checks that there are samples, and that each target is 0 or 1.
pub(super) fn check<T: Real, const I: usize, const O: usize, Y: Answers<O>>(
    data: &Dataset<T, I, Y>,
) -> Result<(), PerceptronError> {
    if data.is_empty() {
        return Err(PerceptronError::Empty);
    }
    for (sample, target) in data.targets().iter().enumerate() {
        for unit in 0..O {
            let value = target.answer(unit);
            if value != 0.0 && value != 1.0 {
                return Err(PerceptronError::Target { sample, unit, value });
            }
        }
    }
    Ok(())
}
