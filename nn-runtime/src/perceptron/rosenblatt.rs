//! Rosenblatt's rule.

use core::fmt;

use nalgebra::Const;
use rand::seq::SliceRandom;

use super::answers::check;
use super::{Answers, PerceptronError};
use crate::data::Dataset;
use crate::initializers::Generator;
use crate::units::ThresholdUnits;
use crate::{Inference, Real};

/// Rosenblatt's perceptron rule: wherever a unit answers wrongly, its weights move towards the sample or away from it.
///
/// For each sample `x` with the desired answer `d`, and the answer `y` of the unit, both 0 or 1:
///
/// ```text
/// wᵢ ← wᵢ + r·(d − y)·xᵢ
/// b  ← b  + r·(d − y)        the weight of a constant input 1
/// ```
///
/// Samples are shown one after the other, epoch after epoch, until an epoch has no mistake or the limit is reached. The
/// answer of each sample is the one of [`forward`](crate::Network::forward): after a fit that converged the network answers
/// every sample as it should.
///
/// | setting | default | |
/// |---|---|---|
/// | `rate` | | r, positive; from weights of zero it scales them and changes no answer |
/// | [`epochs`](Self::epochs) | 1000 | the most passes over the data |
/// | [`shuffled`](Self::shuffled) | the given order | the order of the samples |
///
/// The weights start from what the network holds: zeros in one made by `zeroed()`, small random numbers in one made by
/// `seeded(…)` of `dense(n, init = normal, std = 0.01) -> step`.
///
/// If a weight vector of length 1, bias included, leaves every sample at least γ on its side, and no sample (with its
/// constant 1) is longer than R, then from zero a unit makes at most `(R/γ)²` updates, in whatever order the samples come
/// (Novikoff). If there is none, as for the exclusive or, the rule never ends by itself, and the limit ends it.
///
/// ```standalone_crate
/// # extern crate self as monograd;
/// # use nalgebra;
/// # use nn_macros::network;
/// # use nn_runtime::*;
/// use monograd::data::Dataset;
/// use monograd::perceptron::PerceptronRule;
///
/// network! {
///     struct And([2]) -> [1] {
///         unit: dense(1) -> step,
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let and = Dataset::<f32, 2, [f32; 1]>::from_rows(&rows, &[[0.0], [0.0], [0.0], [1.0]])?;
/// let mut net = And::zeroed();
/// let fit = PerceptronRule::new(1.0).fit(&mut *net, &and)?;
/// assert!(fit.converged);
/// assert_eq!((net.unit.weight.as_slice(), net.unit.bias[0]), (&[2.0, 1.0][..], -3.0));
///
/// let xor = Dataset::<f32, 2, u32>::from_labelled_rows(&rows, &[0, 1, 1, 0], 2)?;
/// let fit = PerceptronRule::new(1.0).epochs(50).fit(&mut *net, &xor)?;
/// assert!(!fit.converged && fit.mistakes > 0);
/// # Ok(())
/// # }
/// ```
///
/// Source: Rosenblatt, “The perceptron: a probabilistic model for information storage and organization in the brain” (1958);
/// Novikoff, “On convergence proofs on perceptrons” (1962).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerceptronRule {
    rate: f64,
    epochs: usize,
    seed: Option<u64>,
}

/// What came of Rosenblatt's rule. `Display` says it in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerceptronFit {
    /// Whether the last epoch had no mistake: the network answers every sample as it should.
    pub converged: bool,
    /// How often a unit changed its weights.
    pub updates: usize,
    /// The passes over the data, the last one without a mistake included.
    pub epochs: usize,
    /// The wrong answers of the last epoch, each unit's counted by itself.
    pub mistakes: usize,
}

impl fmt::Display for PerceptronFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { converged, updates, epochs, mistakes } = self;
        if *converged {
            write!(f, "converged after {updates} updates, in epoch {epochs}")
        } else {
            write!(f, "did not converge: {mistakes} mistakes in epoch {epochs}, the last, after {updates} updates")
        }
    }
}

impl PerceptronRule {
    /// The rule with rate r, samples in the given order, at most 1000 epochs.
    ///
    /// # Panics
    /// If `rate` is not positive and finite.
    #[must_use]
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        assert!(rate > 0.0 && rate.is_finite(), "the rate must be positive and finite, found {rate:?}");
        Self { rate, epochs: 1000, seed: None }
    }

    /// At most so many epochs.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// Shows the samples in a new random order in each epoch, by the generator of this seed.
    #[must_use]
    pub fn shuffled(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Trains the units on `data`, whose targets are 0 or 1, or for one unit the classes 0 and 1.
    ///
    /// # Errors
    /// If there are no samples, or a target is neither 0 nor 1; the network is unchanged then.
    pub fn fit<N, Y, const I: usize, const O: usize>(
        &self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
    ) -> Result<PerceptronFit, PerceptronError>
    where
        N: ThresholdUnits<Input = Const<I>, Output = Const<O>>,
        Y: Answers<O>,
    {
        check(data)?;
        let mut order: Vec<_> = (0..data.len()).collect();
        let mut generator = self.seed.map(Generator::seed);
        let mut work = N::workspace(1);
        let mut fit = PerceptronFit { converged: false, updates: 0, epochs: 0, mistakes: 0 };
        while !fit.converged && fit.epochs < self.epochs {
            if let Some(generator) = &mut generator {
                order.shuffle(generator);
            }
            fit.mistakes = order.iter().map(|sample| self.show(net, data, *sample, &mut work)).sum();
            fit.updates += fit.mistakes;
            fit.epochs += 1;
            fit.converged = fit.mistakes == 0;
        }
        Ok(fit)
    }

    /// Shows a sample, and counts the units that it has changed.
    fn show<N, Y, const I: usize, const O: usize>(
        &self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
        sample: usize,
        work: &mut Inference<N>,
    ) -> usize
    where
        N: ThresholdUnits<Input = Const<I>, Output = Const<O>>,
        Y: Answers<O>,
    {
        let (x, target) = (data.inputs().column(sample), &data.targets()[sample]);
        let answers = net.forward(&x, work);
        let mut wrong = [0.0; O];
        for (unit, (wrong, y)) in wrong.iter_mut().zip(answers.iter()).enumerate() {
            *wrong = target.answer(unit) - y.to_f64();
        }
        self.update(net, x.as_slice(), &wrong)
    }

    /// Moves the units whose `d − y` is not zero, and counts them.
    fn update<N: ThresholdUnits>(&self, net: &mut N, x: &[N::Scalar], wrong: &[f64]) -> usize {
        let (weight, bias) = net.weight_and_bias();
        let units = wrong.len();
        for (unit, wrong) in wrong.iter().enumerate().filter(|(_, wrong)| **wrong != 0.0) {
            let step = N::Scalar::nearest(self.rate * wrong);
            for (weight, x) in weight[unit..].iter_mut().step_by(units).zip(x) {
                *weight += step * *x;
            }
            if let Some(bias) = bias.get_mut(unit) {
                *bias += step;
            }
        }
        wrong.iter().filter(|wrong| **wrong != 0.0).count()
    }
}
