//! What a network sees of a point.

use clap::ValueEnum;
use monograd::nalgebra::{Const, Dyn, OMatrix};

/// A function of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Feature {
    /// x₁
    X1,
    /// x₂
    X2,
    /// x₁²
    X1sq,
    /// x₂²
    X2sq,
    /// x₁·x₂
    X1x2,
    /// sin x₁
    Sinx1,
    /// sin x₂
    Sinx2,
}

/// How many features there are: the inputs of every network.
pub const FEATURES: usize = 7;

/// Inputs of networks, a column for each point.
pub type Inputs = OMatrix<f32, Const<FEATURES>, Dyn>;

impl Feature {
    /// All of them, in the order of the inputs.
    pub const ALL: [Self; FEATURES] =
        [Self::X1, Self::X2, Self::X1sq, Self::X2sq, Self::X1x2, Self::Sinx1, Self::Sinx2];

    /// How it is written.
    #[must_use]
    pub fn formula(self) -> &'static str {
        match self {
            Self::X1 => "x₁",
            Self::X2 => "x₂",
            Self::X1sq => "x₁²",
            Self::X2sq => "x₂²",
            Self::X1x2 => "x₁x₂",
            Self::Sinx1 => "sin x₁",
            Self::Sinx2 => "sin x₂",
        }
    }

    /// Its value at a point.
    ///
    /// ```
    /// assert_eq!(playground::feature::Feature::X1x2.at(2.0, -3.0), -6.0);
    /// ```
    #[must_use]
    pub fn at(self, x1: f64, x2: f64) -> f64 {
        match self {
            Self::X1 => x1,
            Self::X2 => x2,
            Self::X1sq => x1 * x1,
            Self::X2sq => x2 * x2,
            Self::X1x2 => x1 * x2,
            Self::Sinx1 => x1.sin(),
            Self::Sinx2 => x2.sin(),
        }
    }
}

/// Which features are on.
///
/// Every network has an input for each feature, and one that is off is 0. Its weights take no part then: they get no gradient from
/// the data and give nothing to the output, and a penalty, which acts on each weight by itself, changes no other weight by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features([bool; FEATURES]);

impl Default for Features {
    /// x₁ and x₂.
    fn default() -> Self {
        Self::of(&[Feature::X1, Feature::X2])
    }
}

impl Features {
    /// These and no others.
    #[must_use]
    pub fn of(features: &[Feature]) -> Self {
        Self(Feature::ALL.map(|feature| features.contains(&feature)))
    }

    /// Whether it is on.
    #[must_use]
    pub fn has(self, feature: Feature) -> bool {
        self.0[feature as usize]
    }

    /// The same with one feature switched over.
    ///
    /// ```
    /// use playground::feature::{Feature, Features};
    ///
    /// let features = Features::default().toggled(Feature::X2).toggled(Feature::Sinx1);
    /// assert_eq!(features, Features::of(&[Feature::X1, Feature::Sinx1]));
    /// ```
    #[must_use]
    pub fn toggled(mut self, feature: Feature) -> Self {
        self.0[feature as usize] ^= true;
        self
    }

    /// The inputs of a network for a point.
    #[must_use]
    pub fn at(self, x1: f64, x2: f64) -> [f32; FEATURES] {
        Feature::ALL.map(|feature| if self.has(feature) { feature.at(x1, x2) as f32 } else { 0.0 })
    }

    /// The same for many points.
    #[must_use]
    pub fn inputs(self, points: impl Iterator<Item = (f64, f64)>) -> Inputs {
        let columns: Vec<_> = points.map(|(x1, x2)| self.at(x1, x2)).collect();
        OMatrix::from_vec_generic(Const, Dyn(columns.len()), columns.as_flattened().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_is_zero_and_what_is_on_is_in_its_place() {
        let all = Features::of(&Feature::ALL);
        let (sin1, sin2) = (2.0_f64.sin() as f32, 0.5_f64.sin() as f32);
        assert_eq!(all.at(2.0, 0.5), [2.0, 0.5, 4.0, 0.25, 1.0, sin1, sin2]);
        assert_eq!(Features::of(&[Feature::X2sq]).at(2.0, 0.5), [0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0]);
        let inputs = Features::default().inputs([(1.0, 2.0), (3.0, 4.0)].into_iter());
        assert_eq!((inputs.shape(), inputs[(0, 1)], inputs[(1, 0)], inputs[(2, 1)]), ((7, 2), 3.0, 2.0, 0.0));
    }

    #[test]
    fn the_order_of_the_features_is_that_of_their_numbers() {
        for (place, feature) in Feature::ALL.into_iter().enumerate() {
            assert_eq!(feature as usize, place);
        }
        assert_eq!(Feature::value_variants(), Feature::ALL);
    }
}
