//! How the error falls with the number of samples.

use core::fmt;

use nalgebra::Const;

use super::{Baseline, Metric, Scaling, Scores, Spread, ValidationError};
use crate::data::{Dataset, SplitError, Target, stratified_order};
use crate::initializers::Generator;
use crate::losses::Loss;
use crate::trainer::measure;
use crate::{CallingThread, Network, TrainError, table};

/// Trains a fresh network on subsets of growing size, and evaluates it on what it was trained on and on a validation set, beside the
/// [`Baseline`] of the subset on the validation set.
///
/// Where the two errors have met and are still large, more data will not help, but a larger network may; where there is a gap between
/// them, more data will (Cortes et al., “Learning curves: asymptotic values and rate of convergence”, 1993).
///
/// In a repetition a smaller subset is the beginning of a larger one, and each has its share of every class, as nearly as its size
/// allows. One repetition, no scaling and seed 0 are the defaults. The scaling is fitted to the subset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningCurve {
    sizes: Vec<usize>,
    repeats: usize,
    seed: u64,
    scaling: Scaling,
}

impl LearningCurve {
    /// Subsets of these numbers of samples.
    #[must_use]
    pub fn new(sizes: impl Into<Vec<usize>>) -> Self {
        Self { sizes: sizes.into(), repeats: 1, seed: 0, scaling: Scaling::None }
    }

    /// How many subsets of each size, and networks.
    #[must_use]
    pub fn repeats(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// The seed of the subsets and of the networks.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Standardises the inputs by the mean and the deviation of the subset.
    #[must_use]
    pub fn scaling(self, scaling: Scaling) -> Self {
        Self { scaling, ..self }
    }

    /// Measures the curve of what `train` makes of a subset of `data` and a seed.
    ///
    /// # Errors
    /// If a size is 0 or larger than `data`, there is no repetition, or a training or an evaluation stops.
    pub fn run<N, const I: usize, Y, O>(
        &self,
        data: &Dataset<N::Scalar, I, Y>,
        validation: &Dataset<N::Scalar, I, Y>,
        loss: &O,
        mut train: impl FnMut(&Dataset<N::Scalar, I, Y>, u64) -> Result<Box<N>, TrainError>,
    ) -> Result<LearningCurveReport, ValidationError>
    where
        N: Network<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
    {
        self.check(data.len())?;
        let point = |&samples: &usize| LearningPoint { samples, ..LearningPoint::default() };
        let mut points: Vec<_> = self.sizes.iter().map(point).collect();
        let mut generator = Generator::seed(self.seed);
        for _ in 0..self.repeats {
            let order = stratified_order(data.targets(), &mut generator);
            for point in &mut points {
                let (mut subset, mut validation) = (data.select(&order[..point.samples]), validation.clone());
                self.scaling.apply(&mut subset, &mut validation)?;
                let net = train(&subset, generator.bits())?;
                point.training.push(measure(&CallingThread, &*net, &subset, loss)?.scores());
                point.validation.push(measure(&CallingThread, &*net, &validation, loss)?.scores());
                point.baseline.push(Baseline::fit(&subset)?.evaluate(&validation, loss)?);
            }
        }
        Ok(LearningCurveReport { points })
    }

    fn check(&self, samples: usize) -> Result<(), ValidationError> {
        if self.repeats == 0 {
            return Err(ValidationError::Repeats { expected: 1, found: 0 });
        }
        match self.sizes.iter().find(|size| !(1..=samples).contains(*size)) {
            Some(&size) => Err(SplitError::Size { size, samples }.into()),
            None => Ok(()),
        }
    }
}

/// What networks that were trained on so many samples came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningPoint {
    /// How many samples they were trained on.
    pub samples: usize,
    /// Each network on what it was trained on.
    pub training: Vec<Scores>,
    /// Each network on the validation set.
    pub validation: Vec<Scores>,
    /// The baseline of each subset on the validation set.
    pub baseline: Vec<Scores>,
}

impl LearningPoint {
    /// Mean and spread on what was trained on, over the repetitions; none if the score is not defined for the targets.
    #[must_use]
    pub fn training(&self, metric: Metric) -> Option<Spread> {
        spread(&self.training, metric)
    }

    /// Mean and spread on the validation set.
    #[must_use]
    pub fn validation(&self, metric: Metric) -> Option<Spread> {
        spread(&self.validation, metric)
    }

    /// Mean and spread of the baseline on the validation set.
    #[must_use]
    pub fn baseline(&self, metric: Metric) -> Option<Spread> {
        spread(&self.baseline, metric)
    }
}

fn spread(scores: &[Scores], metric: Metric) -> Option<Spread> {
    let scores: Vec<f64> = scores.iter().filter_map(|scores| scores.get(metric)).collect();
    (!scores.is_empty()).then(|| Spread::of(scores))
}

/// A learning curve, size by size. `Display` writes the means as a table, each score on training and on validation data, and that of
/// the baseline on validation data.
///
/// ```
/// use nn_runtime::validation::{LearningCurveReport, LearningPoint, Scores};
///
/// let scores = |accuracy| Scores { loss: 1.0 - accuracy, accuracy: Some(accuracy), mean_absolute_error: None, r2: None };
/// let point = |samples, training, validation| LearningPoint {
///     samples, training: vec![scores(training)], validation: vec![scores(validation)], baseline: vec![scores(0.5)],
/// };
/// let report = LearningCurveReport { points: vec![point(10, 1.0, 0.5), point(100, 0.9, 0.8)] };
/// assert_eq!(report.to_string(), "\
/// samples  training loss  validation loss  baseline loss  training accuracy  validation accuracy  baseline accuracy
///      10         0.0000           0.5000         0.5000             1.0000               0.5000             0.5000
///     100         0.1000           0.2000         0.5000             0.9000               0.8000             0.5000
/// ");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningCurveReport {
    /// The sizes, in the order in which they were given.
    pub points: Vec<LearningPoint>,
}

impl fmt::Display for LearningCurveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![vec!["samples".to_string()]];
        let defined = |metric: &Metric| self.points.iter().any(|point| point.training(*metric).is_some());
        for metric in Metric::ALL.into_iter().filter(defined) {
            rows[0].extend(["training", "validation", "baseline"].map(|set| format!("{set} {metric}")));
        }
        for point in &self.points {
            let mut row = vec![point.samples.to_string()];
            for metric in Metric::ALL {
                let scores = [point.training(metric), point.validation(metric), point.baseline(metric)];
                row.extend(scores.into_iter().flatten().map(|spread| format!("{:.4}", spread.mean)));
            }
            rows.push(row);
        }
        table::write(f, &rows)
    }
}
