//! Initialisers, one family a file: the values that parameters start from.
//!
//! All draw from a seeded [`Generator`], in f64 and by operations whose rounding IEEE 754 fixes: the values of a seed are
//! the same on every platform, and those of `f32` are those of `f64`, rounded.

mod constant;
mod generator;
mod he;
mod normal;
mod uniform;
mod xavier;

pub use constant::{Constant, Zeros};
pub use generator::Generator;
pub use he::{HeNormal, HeUniform};
pub use normal::Normal;
pub use uniform::Uniform;
pub use xavier::{XavierNormal, XavierUniform};

use crate::Real;

/// How many values each output of a layer sums over, and how many outputs each of its inputs reaches.
///
/// For a dense layer these are its numbers of inputs and outputs. For a convolution they are the channels that an output
/// sees and all output channels, each times the number of taps; for its transpose the channels that an input reaches and
/// all input channels, the other way round. This is how `PyTorch` counts, whose fan-outs and transposes do not mind groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fans {
    /// `fan_in`.
    pub inputs: usize,
    /// `fan_out`.
    pub outputs: usize,
}

/// A way to choose the first values of a parameter.
pub trait Initializer: Copy {
    /// Overwrites `values`, the parameters of a layer with these `fans`.
    ///
    /// # Panics
    /// If the initialiser's own numbers, or the fans it uses, do not make a distribution: each says which do.
    fn fill<T: Real>(&self, values: &mut [T], fans: Fans, generator: &mut Generator);
}

/// An initialiser as data, for a program that chooses one at run time.
///
/// ```
/// use nn_runtime::initializers::{Fans, Generator, HeNormal, Initialization, Initializer};
///
/// let mut weight = [0.0_f32; 6];
/// let he = Initialization::HeNormal(HeNormal::new());
/// he.fill(&mut weight, Fans { inputs: 3, outputs: 2 }, &mut Generator::seed(1));
/// assert!(weight.iter().all(|w| w.abs() < 5.0 * (2.0_f32 / 3.0).sqrt()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialization {
    /// See [`Zeros`].
    Zeros(Zeros),
    /// See [`Constant`].
    Constant(Constant),
    /// See [`Normal`].
    Normal(Normal),
    /// See [`Uniform`].
    Uniform(Uniform),
    /// See [`XavierUniform`].
    XavierUniform(XavierUniform),
    /// See [`XavierNormal`].
    XavierNormal(XavierNormal),
    /// See [`HeUniform`].
    HeUniform(HeUniform),
    /// See [`HeNormal`].
    HeNormal(HeNormal),
}

impl Initializer for Initialization {
    fn fill<T: Real>(&self, values: &mut [T], fans: Fans, generator: &mut Generator) {
        match self {
            Self::Zeros(zeros) => zeros.fill(values, fans, generator),
            Self::Constant(constant) => constant.fill(values, fans, generator),
            Self::Normal(normal) => normal.fill(values, fans, generator),
            Self::Uniform(uniform) => uniform.fill(values, fans, generator),
            Self::XavierUniform(xavier) => xavier.fill(values, fans, generator),
            Self::XavierNormal(xavier) => xavier.fill(values, fans, generator),
            Self::HeUniform(he) => he.fill(values, fans, generator),
            Self::HeNormal(he) => he.fill(values, fans, generator),
        }
    }
}

#[cfg(test)]
mod tests;
