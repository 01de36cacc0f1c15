//! Stability: how far from its samples the plane of a unit lies, how far it could, and what a rule found of that.

use core::fmt;

use nalgebra::Const;

use super::answers::check;
use super::{Answers, PerceptronError};
use crate::Real;
use crate::data::Dataset;
use crate::units::ThresholdUnits;

/// What a unit came to. Its weights have length 1 together, bias included.
///
/// With `x̂` a sample and its constant input 1 (without it, if the unit has no bias), and `σ = ±1` for the answers 1 and 0:
///
/// ```text
/// κ(w)  = min over the samples of σ·(w·x̂) / ‖w‖        the stability of w
/// κ_opt = max over all w of κ(w)                       that of the optimal perceptron
/// ```
///
/// The bias counts in `‖w‖`, so that κ is a distance in the space of the samples with their constant 1. It is the margin of a
/// linear support-vector machine without intercept on those. The distance of the samples themselves from the unit's plane
/// is [`margin`](Self::margin), and at least κ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitStability {
    /// κ of the weights; negative if a sample is on the wrong side.
    pub stability: f64,
    /// No weights have a larger κ than this. Where no plane separates the samples it falls towards 0.
    pub bound: f64,
    /// The smallest distance of a sample, without its constant input, from the plane; negative if one is on the wrong side, 0 if
    /// all weights but the bias are.
    pub margin: f64,
    /// Steps, of MinOver; passes over all samples, of AdaTron.
    pub iterations: usize,
    /// Whether `stability` is within the tolerance of `bound`, and positive.
    pub converged: bool,
}

impl fmt::Display for UnitStability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stability, bound, iterations, .. } = self;
        if self.converged {
            write!(f, "stability {stability:.6}, at most {bound:.6} is possible, after {iterations} iterations")
        } else {
            write!(f, "did not converge: stability {stability:.6} of at most {bound:.6} after {iterations} iterations")
        }
    }
}

/// What the units of a layer came to, in order. `Display` writes a line for each.
#[derive(Clone, Debug, PartialEq)]
pub struct StabilityFit {
    /// The units.
    pub units: Vec<UnitStability>,
}

impl StabilityFit {
    /// Whether every unit converged.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.units.iter().all(|unit| unit.converged)
    }
}

impl fmt::Display for StabilityFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, unit) in self.units.iter().enumerate() {
            writeln!(f, "unit {place}: {unit}")?;
        }
        Ok(())
    }
}

/// The samples of one unit, each turned to the side where it belongs: `ξ = σ·x̂`.
pub(super) struct Sides<'a, T> {
    /// The inputs, sample after sample.
    inputs: &'a [T],
    /// σ of each.
    signs: Vec<f64>,
    features: usize,
    /// Whether there is a constant input 1.
    bias: bool,
}

/// Weights that are made of samples, `w = Σ_μ α_μ·ξ_μ` with no α below 0.
pub(super) struct Embedded {
    /// The weights, that of the constant input last.
    pub weight: Vec<f64>,
    /// The sum of all α.
    pub total: f64,
}

impl<T: Real> Sides<'_, T> {
    pub fn samples(&self) -> usize {
        self.signs.len()
    }

    fn input(&self, sample: usize) -> &[T] {
        &self.inputs[sample * self.features..][..self.features]
    }

    /// Weights of zero.
    pub fn zeros(&self) -> Embedded {
        Embedded { weight: vec![0.0; self.features + usize::from(self.bias)], total: 0.0 }
    }

    /// `w·ξ`.
    pub fn field(&self, weight: &[f64], sample: usize) -> f64 {
        let products = self.input(sample).iter().zip(weight).map(|(x, w)| x.to_f64() * w);
        let constant = if self.bias { weight[self.features] } else { 0.0 };
        self.signs[sample] * (products.sum::<f64>() + constant)
    }

    /// `‖ξ‖²`.
    pub fn square(&self, sample: usize) -> f64 {
        self.input(sample).iter().map(|x| x.to_f64() * x.to_f64()).sum::<f64>() + f64::from(u8::from(self.bias))
    }

    /// Raises α of a sample.
    pub fn embed(&self, Embedded { weight, total }: &mut Embedded, sample: usize, more: f64) {
        let signed = more * self.signs[sample];
        for (w, x) in weight.iter_mut().zip(self.input(sample)) {
            *w += signed * x.to_f64();
        }
        if self.bias {
            weight[self.features] += signed;
        }
        *total += more;
    }

    /// The sample with the smallest `w·ξ`, the first of equals, and that number.
    pub fn weakest(&self, weight: &[f64]) -> (usize, f64) {
        let fields = (0..self.samples()).map(|sample| (sample, self.field(weight, sample)));
        fields.min_by(|a, b| a.1.total_cmp(&b.1)).expect("there are samples")
    }

    /// What weights are worth whose smallest `w·ξ` is `weakest`. For every u of length 1 some `ξ_μ·u` is at most the mean
    /// `Σ α·ξ·u / Σ α ≤ ‖w‖ / Σ α`: that is the bound.
    pub fn rate(&self, Embedded { weight, total }: &Embedded, weakest: f64, tolerance: f64) -> UnitStability {
        let norm = |weight: &[f64]| weight.iter().map(|w| w * w).sum::<f64>().sqrt();
        let over = |x: f64, length: f64| if length > 0.0 { x / length } else { 0.0 };
        let (length, stretched) = (norm(weight), norm(&weight[..self.features]));
        let (stability, bound) = (over(weakest, length), over(length, *total));
        let converged = stability > 0.0 && stability >= (1.0 - tolerance) * bound;
        UnitStability { stability, bound, margin: over(weakest, stretched), iterations: 0, converged }
    }
}

/// Fits each unit by `rule`, and gives the network its weights, scaled to length 1.
pub(super) fn fit_units<N, Y, const I: usize, const O: usize>(
    net: &mut N,
    data: &Dataset<N::Scalar, I, Y>,
    rule: impl Fn(&Sides<'_, N::Scalar>) -> (Embedded, UnitStability),
) -> Result<StabilityFit, PerceptronError>
where
    N: ThresholdUnits<Input = Const<I>, Output = Const<O>>,
    Y: Answers<O>,
{
    check(data)?;
    let (weight, bias) = net.weight_and_bias();
    let unit = |unit: usize| {
        let signs = data.targets().iter().map(|target| 2.0 * target.answer(unit) - 1.0).collect();
        let sides = Sides { inputs: data.inputs().as_slice(), signs, features: I, bias: !bias.is_empty() };
        let (embedded, stability) = rule(&sides);
        store(&embedded.weight, unit, O, weight, bias);
        stability
    };
    Ok(StabilityFit { units: (0..O).map(unit).collect() })
}

/// Writes the weights of a unit, scaled to length 1, to the `O × I` matrix and the bias.
fn store<T: Real>(found: &[f64], unit: usize, units: usize, weight: &mut [T], bias: &mut [T]) {
    let length = found.iter().map(|w| w * w).sum::<f64>().sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    for (weight, found) in weight[unit..].iter_mut().step_by(units).zip(found) {
        *weight = T::nearest(found * scale);
    }
    if let (Some(bias), Some(found)) = (bias.get_mut(unit), found.last()) {
        *bias = T::nearest(found * scale);
    }
}
