//! Every sample held out once.

use core::fmt;

use nalgebra::Const;

use super::{Baseline, Metric, Scaling, Scores, Spread, ValidationError};
use crate::data::{Dataset, Fold, KFold, StratifiedKFold, Target};
use crate::initializers::Generator;
use crate::losses::Loss;
use crate::trainer::measure;
use crate::{CallingThread, Network, TrainError, table};

/// k-fold cross-validation, once or several times: each fold is held out once and judged by, while a fresh network is trained on the
/// others.
///
/// ```text
/// for each repetition
///     divide the samples into k folds at random
///     for each fold
///         fit the scaling and the baseline to the other folds
///         train a network on the other folds
///         evaluate network and baseline on the fold
/// ```
///
/// The network that is trained never sees what it is judged by: the function that trains is given the other folds alone, already
/// scaled. What it chooses by, such as the number of epochs, it has to take from them too.
///
/// Folds have their share of every class ([`StratifiedKFold`]) unless [`unstratified`](Self::unstratified). Once, no scaling and seed 0
/// are the defaults; the seed decides the folds and the seeds that the networks are given, and nothing else does.
///
/// Source: Stone, “Cross-validatory choice and assessment of statistical predictions” (1974); Kohavi, “A study of cross-validation
/// and bootstrap for accuracy estimation and model selection” (1995).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossValidation {
    folds: usize,
    repeats: usize,
    seed: u64,
    stratified: bool,
    scaling: Scaling,
}

impl CrossValidation {
    /// This many folds.
    #[must_use]
    pub fn new(folds: usize) -> Self {
        Self { folds, repeats: 1, seed: 0, stratified: true, scaling: Scaling::None }
    }

    /// How often the data are divided anew.
    #[must_use]
    pub fn repeats(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// The seed of the folds and of the networks.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Folds without regard to the classes.
    #[must_use]
    pub fn unstratified(self) -> Self {
        Self { stratified: false, ..self }
    }

    /// Standardises the inputs by the mean and the deviation of the folds that are trained on.
    #[must_use]
    pub fn scaling(self, scaling: Scaling) -> Self {
        Self { scaling, ..self }
    }

    /// Validates what `train` makes of a data set and a seed.
    ///
    /// # Errors
    /// If the data cannot be divided so, there is no repetition, or a training or an evaluation stops.
    pub fn run<N, const I: usize, Y, O>(
        &self,
        data: &Dataset<N::Scalar, I, Y>,
        loss: &O,
        mut train: impl FnMut(&Dataset<N::Scalar, I, Y>, u64) -> Result<Box<N>, TrainError>,
    ) -> Result<CrossValidationReport, ValidationError>
    where
        N: Network<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
    {
        if self.repeats == 0 {
            return Err(ValidationError::Repeats { expected: 1, found: 0 });
        }
        let mut generator = Generator::seed(self.seed);
        let mut results = Vec::new();
        for repeat in 1..=self.repeats {
            let folds = self.divide(data, generator.bits())?;
            for (fold, number) in folds.iter().zip(1..) {
                let (mut others, mut held_out) = fold.datasets(data);
                self.scaling.apply(&mut others, &mut held_out)?;
                let net = train(&others, generator.bits())?;
                let scores = measure(&CallingThread, &*net, &held_out, loss)?.scores();
                let baseline = Baseline::fit(&others)?.evaluate(&held_out, loss)?;
                let (trained_on, held_out) = (others.len(), held_out.len());
                results.push(FoldResult { repeat, fold: number, trained_on, held_out, scores, baseline });
            }
        }
        Ok(CrossValidationReport { folds: results })
    }

    fn divide<N: crate::Real, const I: usize, Y: Target>(
        &self,
        data: &Dataset<N, I, Y>,
        seed: u64,
    ) -> Result<Vec<Fold>, ValidationError> {
        Ok(if self.stratified {
            StratifiedKFold::new(self.folds).seed(seed).folds(data)?
        } else {
            KFold::new(self.folds).seed(seed).folds(data.len())?
        })
    }
}

/// What one fold came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldResult {
    /// Which repetition, counted from 1.
    pub repeat: usize,
    /// Which fold was held out, counted from 1.
    pub fold: usize,
    /// How many samples were trained on.
    pub trained_on: usize,
    /// How many samples were held out.
    pub held_out: usize,
    /// The network on those that were held out.
    pub scores: Scores,
    /// The baseline of those that were trained on, on those that were held out.
    pub baseline: Scores,
}

/// What a cross-validation came to, fold by fold. `Display` writes it as a table, with the mean, the standard deviation and the
/// standard error below, and each score beside that of the baseline.
///
/// The folds share what they are trained on, so that their scores are not independent: the standard error is smaller than the error
/// of the mean, the more so with many repetitions, of which each says less (Bengio and Grandvalet, “No unbiased estimator of the
/// variance of k-fold cross-validation”, 2004). [`corrected_standard_error`](Self::corrected_standard_error) allows for that.
///
/// ```
/// use nn_runtime::validation::{CrossValidationReport, FoldResult, Metric, Scores};
///
/// let scores = |loss| Scores { loss, accuracy: None, mean_absolute_error: None, r2: None };
/// let fold = |fold, loss| FoldResult {
///     repeat: 1, fold, trained_on: 4, held_out: 2, scores: scores(loss), baseline: scores(1.0),
/// };
/// let report = CrossValidationReport { folds: vec![fold(1, 0.1), fold(2, 0.2), fold(3, 0.3)] };
/// assert_eq!(report.spread(Metric::Loss).unwrap().to_string(), "0.2000 ± 0.1000");
/// assert_eq!(report.to_string(), "\
/// repeat                fold  trained on  held out    loss  baseline
///      1                   1           4         2  0.1000    1.0000
///      1                   2           4         2  0.2000    1.0000
///      1                   3           4         2  0.3000    1.0000
///                       mean                        0.2000    1.0000
///         standard deviation                        0.1000    0.0000
///             standard error                        0.0577    0.0000
/// ");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossValidationReport {
    /// The folds, repetition after repetition.
    pub folds: Vec<FoldResult>,
}

impl CrossValidationReport {
    /// Mean and spread of a score of the network over the folds; none if it is not defined for the targets, or there is no fold.
    #[must_use]
    pub fn spread(&self, metric: Metric) -> Option<Spread> {
        self.spread_of(|fold| fold.scores.get(metric))
    }

    /// Mean and spread of a score of the baseline over the folds.
    #[must_use]
    pub fn baseline_spread(&self, metric: Metric) -> Option<Spread> {
        self.spread_of(|fold| fold.baseline.get(metric))
    }

    /// The standard error of the mean with a correction for folds that share what they are trained on: `s·√(1/n + h/t)` over n
    /// scores of networks that were trained on t samples and judged by h, on average. It is conservative.
    ///
    /// Source: Nadeau and Bengio, “Inference for the generalization error” (2003).
    #[must_use]
    pub fn corrected_standard_error(&self, metric: Metric) -> Option<f64> {
        let spread = self.spread(metric)?;
        let sum = |of: fn(&FoldResult) -> usize| self.folds.iter().map(of).sum::<usize>() as f64;
        let ratio = sum(|fold| fold.held_out) / sum(|fold| fold.trained_on);
        Some(spread.standard_deviation * (1.0 / spread.count as f64 + ratio).sqrt())
    }

    fn spread_of(&self, score: impl Fn(&FoldResult) -> Option<f64>) -> Option<Spread> {
        let scores: Vec<f64> = self.folds.iter().filter_map(score).collect();
        (!scores.is_empty()).then(|| Spread::of(scores))
    }

    /// One of the rows below the folds.
    fn summary(&self, name: &str, of: fn(&Spread) -> f64) -> Vec<String> {
        let mut row = vec![String::new(), name.into(), String::new(), String::new()];
        for metric in Metric::ALL {
            let spreads = [self.spread(metric), self.baseline_spread(metric)];
            row.extend(spreads.iter().flatten().map(|spread| format!("{:.4}", of(spread))));
        }
        row
    }
}

impl fmt::Display for CrossValidationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![["repeat", "fold", "trained on", "held out"].map(String::from).to_vec()];
        let measured = Metric::ALL.into_iter().filter(|&metric| self.spread(metric).is_some());
        rows[0].extend(measured.flat_map(|metric| [metric.to_string(), "baseline".into()]));
        for FoldResult { repeat, fold, trained_on, held_out, scores, baseline } in &self.folds {
            let mut row = [repeat, fold, trained_on, held_out].map(ToString::to_string).to_vec();
            for metric in Metric::ALL {
                let pair = [scores.get(metric), baseline.get(metric)];
                row.extend(pair.into_iter().flatten().map(|score| format!("{score:.4}")));
            }
            rows.push(row);
        }
        rows.push(self.summary("mean", |spread| spread.mean));
        rows.push(self.summary("standard deviation", |spread| spread.standard_deviation));
        rows.push(self.summary("standard error", Spread::standard_error));
        table::write(f, &rows)
    }
}
