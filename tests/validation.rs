//! Evaluation beside its baseline, cross-validation and learning curves, with networks.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use monograd::TrainError;
use monograd::data::{SplitError, StratifiedKFold};
use monograd::kernels::Kernels;
use monograd::losses::{
    AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Loss, MeanSquaredError, SoftmaxCrossEntropy,
    TargetError,
};
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::optimizers::Adam;
use monograd::prelude::*;
use monograd::validation::{
    Baseline, BiasVariance, CrossValidation, LearningCurve, Metric, Scaling, Scores, Spread, ValidationError,
};

network! {
    struct Classifier([2]) -> [3] {
        hidden: dense(8) -> tanh,
        out: dense(3),
    }

    struct Line<const WIDTH: usize>([1]) -> [1] {
        hidden: dense(WIDTH) -> tanh,
        out: dense(1),
    }
}

type Points = Dataset<f32, 2, u32>;

/// Three clouds of 10, 20 and 30 points, class after class.
fn clouds() -> Points {
    let mut generator = Generator::seed(1);
    let labels: Vec<u32> = (0..60).map(|k| u32::from(k >= 10) + u32::from(k >= 30)).collect();
    let row = |&label: &u32| [5.0 * label as f32, 100.0].map(|center: f32| center + generator.normal() as f32);
    let rows: Vec<_> = labels.iter().map(row).collect();
    Points::from_labelled_rows(&rows, &labels, 3).unwrap()
}

fn train(data: &Points, seed: u64) -> Result<Box<Classifier>, TrainError> {
    let mut net = Classifier::seeded(seed);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.02)).batch_size(10).epochs(30).seed(seed);
    trainer.fit(&mut *net, data)?;
    Ok(net)
}

fn parabola(samples: u32) -> Dataset<f64, 1, [f64; 1]> {
    let rows: Vec<_> = (0..samples).map(|k| [f64::from(k) / f64::from(samples) - 0.5]).collect();
    let targets: Vec<_> = rows.iter().map(|[x]| [x * x]).collect();
    Dataset::from_rows(&rows, &targets).unwrap()
}

#[test]
fn an_evaluation_stands_beside_the_majority_class() {
    let data = clouds();
    let net = Classifier::seeded(0);
    let evaluation = evaluate(&*net, &data, &SoftmaxCrossEntropy).unwrap();
    let baseline = evaluation.baseline.unwrap();
    assert_eq!(baseline.accuracy, Some(0.5));
    let entropy: f64 =
        [11.0, 21.0, 31.0_f64].iter().zip([10.0, 20.0, 30.0]).map(|(p, n)| -n / 60.0 * (p / 63.0).ln()).sum();
    assert!((baseline.loss - entropy).abs() < 1e-6);
    let text = evaluation.to_string();
    assert!(text.starts_with("           model  baseline\n"), "{text}");
    assert!(text.contains("  0.5000\n") && text.lines().count() == 3, "{text}");

    // The majority of other data.
    let (first, _) = data.clone().split_at(10);
    let other = Baseline::fit(&first).unwrap().evaluate(&data, &SoftmaxCrossEntropy).unwrap();
    assert_eq!(evaluation.against(other).baseline.unwrap().accuracy, Some(10.0 / 60.0));
}

#[test]
fn an_evaluation_of_values_stands_beside_their_mean() {
    let data = parabola(40);
    let net = Line::<4, f64>::seeded(0);
    let evaluation = evaluate(&*net, &data, &HalfSquaredError).unwrap();
    let (scores, baseline) = (evaluation.scores(), evaluation.baseline.unwrap());
    assert_eq!((scores.accuracy, baseline.accuracy), (None, None));
    // Half the squared error, over the mean of it: R².
    assert!((scores.r2.unwrap() - (1.0 - scores.loss / baseline.loss)).abs() < 1e-12);
    assert!(baseline.r2.unwrap().abs() < 1e-12);
    let text = evaluation.to_string();
    assert!(text.contains("mean absolute error") && text.contains("R²") && !text.contains("accuracy"), "{text}");
}

network! {
    /// Gives out what it is given.
    struct Unchanged([2]) -> [2] {
        out: dense(2),
    }
}

/// The scores of a network whose outputs are its inputs.
fn scores_of_inputs(rows: &[[f64; 2]], targets: &[[f64; 2]], loss: &impl Loss<f64, f64>) -> Scores {
    let mut net = Unchanged::<f64>::zeroed();
    net.out.weight.copy_from_slice(&[1.0, 0.0, 0.0, 1.0]);
    let data = Dataset::<f64, 2, [f64; 2]>::from_rows(rows, targets).unwrap();
    evaluate(&*net, &data, loss).unwrap().scores()
}

#[test]
fn residuals_are_those_of_predictions_and_not_of_logits() {
    let rows = [[10.0, -10.0], [-10.0, 10.0], [10.0, 10.0]];
    let yes_or_no = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    let scores = scores_of_inputs(&rows, &yes_or_no, &BinaryCrossEntropyWithLogits);
    let missed = 1.0 / (1.0 + 10.0_f64.exp());
    assert!((scores.mean_absolute_error.unwrap() - missed).abs() < 1e-12 && scores.r2.unwrap() > 0.999, "{scores:?}");

    let scores = scores_of_inputs(&rows, &[[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], &SoftmaxCrossEntropy);
    let missed = 2.0 / 3.0 / (1.0 + 20.0_f64.exp());
    assert!((scores.mean_absolute_error.unwrap() - missed).abs() < 1e-12 && scores.r2.unwrap() > 0.999, "{scores:?}");

    let signs = [[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]];
    let scores = scores_of_inputs(&rows, &signs, &Hinge);
    assert_eq!((scores.loss, scores.mean_absolute_error, scores.r2), (0.0, None, None));
    let scores = scores_of_inputs(&rows, &signs, &AbsoluteError);
    assert_eq!((scores.loss, scores.mean_absolute_error), (9.0, Some(9.0)));
}

/// A loss that counts how often it is asked for a mean without a gradient.
struct Counted<'a>(&'a AtomicUsize);

impl Loss<f64, f64> for Counted<'_> {
    fn targets_per_sample(&self, rows: usize) -> usize {
        rows
    }

    fn forward<L: Kernels<f64>>(&self, level: L, y: &[f64], targets: &[f64], rows: usize) -> Result<f64, TargetError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        MeanSquaredError.forward(level, y, targets, rows)
    }

    fn forward_backward<L: Kernels<f64>>(
        &self,
        level: L,
        y: &[f64],
        targets: &[f64],
        rows: usize,
        d_y: &mut [f64],
    ) -> Result<f64, TargetError> {
        MeanSquaredError.forward_backward(level, y, targets, rows, d_y)
    }
}

#[test]
fn what_is_not_asked_for_is_not_computed() {
    let (data, forwards) = (parabola(20), AtomicUsize::new(0));
    let mut trainer = Trainer::new(Counted(&forwards), Adam::new(0.01)).epochs(3);
    trainer.fit_and_validate(&mut *Line::<2, f64>::seeded(0), &data, &data).unwrap();
    // Once an epoch, for the network; nobody sees the baseline.
    assert_eq!(forwards.swap(0, Ordering::Relaxed), 3);
    let report = CrossValidation::new(4).run(&data, &Counted(&forwards), |_, seed| Ok(Line::<2, f64>::seeded(seed)));
    // Twice a fold, for the network and the baseline of the other folds.
    assert_eq!((report.unwrap().folds.len(), forwards.into_inner()), (4, 8));
}

#[test]
fn a_network_beats_the_baseline_on_every_fold() {
    let data = clouds();
    let run = |seed| {
        let validation = CrossValidation::new(5).repeats(2).seed(seed).scaling(Scaling::Features);
        validation.run(&data, &SoftmaxCrossEntropy, train).unwrap()
    };
    let report = run(3);
    assert_eq!(report.folds.len(), 10);
    for fold in &report.folds {
        assert_eq!((fold.trained_on, fold.held_out, fold.baseline.accuracy), (48, 12, Some(0.5)));
        assert!(fold.scores.accuracy.unwrap() > 0.8, "{report}");
    }
    let spread = report.spread(Metric::Accuracy).unwrap();
    assert_eq!(spread, Spread::of(report.folds.iter().map(|fold| fold.scores.accuracy.unwrap())));
    let corrected = report.corrected_standard_error(Metric::Accuracy).unwrap();
    assert!((corrected - spread.standard_deviation * (0.1_f64 + 0.25).sqrt()).abs() < 1e-15);
    assert_eq!(report.spread(Metric::R2), None);
    assert_eq!(report, run(3));
    assert_ne!(report, run(4));
}

#[test]
fn what_is_held_out_does_not_reach_the_training() {
    let data = clouds();
    let seen = RefCell::new(Vec::new());
    let report = CrossValidation::new(4).scaling(Scaling::Features).run(&data, &SoftmaxCrossEntropy, |part, seed| {
        seen.borrow_mut().push((part.clone(), seed));
        Ok(Classifier::seeded(seed))
    });
    let (report, seen) = (report.unwrap(), seen.into_inner());
    let folds = StratifiedKFold::new(4).seed(Generator::seed(0).bits()).folds(&data).unwrap();
    for (((part, seed), result), fold) in seen.iter().zip(&report.folds).zip(&folds) {
        assert_eq!((part.len(), result.held_out), (45, 15));
        // Standardised by what it has itself, which it would not be by the mean of all.
        for feature in part.inputs().row_iter() {
            assert!(feature.mean().abs() < 1e-5 && (feature.variance() - 1.0).abs() < 1e-5);
        }
        let (others, held_out) = fold.datasets(&data);
        assert_eq!(part.targets(), others.targets());
        // What is held out is judged by as the moments of the others have it, and so not of mean 0 and variance 1.
        let judged_by = standardised_by(&others, &held_out);
        assert!(judged_by.inputs().row_iter().any(|feature| (feature.variance() - 1.0).abs() > 0.05));
        let expected = evaluate(&*Classifier::seeded(*seed), &judged_by, &SoftmaxCrossEntropy).unwrap();
        assert!(
            (result.scores.loss - expected.loss).abs() < 1e-5 * expected.loss,
            "{} {}",
            result.scores.loss,
            expected.loss
        );
        let baseline = Baseline::fit(&others).unwrap().evaluate(&held_out, &SoftmaxCrossEntropy).unwrap();
        assert_eq!(result.baseline, baseline);
        // Both would be something else, had they seen more.
        let leaking = standardised_by(&held_out, &held_out);
        let leaking = evaluate(&*Classifier::seeded(*seed), &leaking, &SoftmaxCrossEntropy).unwrap();
        assert!((result.scores.loss - leaking.loss).abs() > 1e-4 * leaking.loss);
        assert_ne!(result.baseline.loss, leaking.baseline.unwrap().loss);
        assert!(seen.iter().filter(|(_, other)| other == seed).count() == 1, "every network has a seed of its own");
    }
}

/// `points` less the mean of `others`, over their deviation.
fn standardised_by(others: &Points, points: &Points) -> Points {
    let mut inputs = points.inputs().clone();
    for (mut feature, other) in inputs.row_iter_mut().zip(others.inputs().row_iter()) {
        let (mean, deviation) = (other.mean(), other.variance().sqrt());
        feature.iter_mut().for_each(|x| *x = (*x - mean) / deviation);
    }
    Points::from_labelled_columns(inputs, points.targets().to_vec(), points.classes()).unwrap()
}

#[test]
fn values_are_validated_by_their_residuals() {
    let data = parabola(30);
    let report = CrossValidation::new(3).run(&data, &MeanSquaredError, |_, seed| Ok(Line::<3, f64>::seeded(seed)));
    let report = report.unwrap();
    for fold in &report.folds {
        assert!(fold.scores.r2.is_some() && fold.scores.mean_absolute_error.is_some());
        // The mean of the other folds is not that of this one.
        assert!(fold.baseline.r2.unwrap() < 0.0);
    }
    assert!(report.to_string().contains("R²  baseline"), "{report}");
}

#[test]
fn more_data_help() {
    let [train_on, validation] = clouds().stratified_split([0.7, 0.3], 2).unwrap();
    let curve = LearningCurve::new([3, 12, 42]).repeats(3).seed(5).scaling(Scaling::Features);
    let report = curve.run(&train_on, &validation, &SoftmaxCrossEntropy, train).unwrap();
    let losses: Vec<f64> = report.points.iter().map(|point| point.validation(Metric::Loss).unwrap().mean).collect();
    assert!(losses[2] < losses[0], "{report}");
    assert_eq!(report.points[1].training.len(), 3);
    // The network has learned something that its baseline, of the same subset, does not know.
    let baselines: Vec<f64> = report.points.iter().map(|point| point.baseline(Metric::Loss).unwrap().mean).collect();
    assert!(losses[2] < 0.5 * baselines[2], "{report}");
    // The largest subset is all that there is.
    let [.., largest] = &report.points[..] else { panic!() };
    let expected = Baseline::fit(&train_on).unwrap().evaluate(&validation, &SoftmaxCrossEntropy).unwrap();
    assert_eq!(largest.baseline, vec![expected; 3]);
    assert_ne!(baselines[0], baselines[2]);
    assert_eq!(report.to_string().lines().count(), 4);
    assert_eq!(report, curve.run(&train_on, &validation, &SoftmaxCrossEntropy, train).unwrap());
}

type Sample = Dataset<f64, 1, [f64; 1]>;
type Column = OMatrix<f64, Const<1>, Dyn>;

#[test]
fn a_wider_network_has_less_bias() {
    let bias = |fit: fn(&Sample, &Column, u64) -> Result<Vec<f64>, TrainError>| {
        let points: Vec<_> = (0..9).map(|k| [f64::from(k) / 4.5 - 0.9]).collect();
        let experiment = BiasVariance::new(|[x]: &[f64; 1]| (3.0 * x).sin(), 0.1).samples(20).repeats(6);
        let report = experiment.run(|generator| [2.0 * generator.uniform() - 1.0], &points, fit).unwrap();
        report.mean().bias_squared
    };
    // One unit of tanh rises or falls; two and more can do both.
    let (narrow, wide) = (bias(fit::<1>), bias(fit::<8>));
    assert!(wide < 0.5 * narrow, "bias² of {wide} with 8 units and {narrow} with 1");
}

fn fit<const WIDTH: usize>(sample: &Sample, points: &Column, seed: u64) -> Result<Vec<f64>, TrainError> {
    let mut net = Line::<WIDTH, f64>::seeded(seed);
    Trainer::new(MeanSquaredError, Adam::new(0.02)).batch_size(20).epochs(1000).seed(seed).fit(&mut *net, sample)?;
    Ok(net.forward(points, &mut Line::<WIDTH, f64>::workspace(points.ncols())).iter().copied().collect())
}

#[test]
fn errors() {
    let data = clouds();
    let validate = |validation: CrossValidation| validation.run(&data, &SoftmaxCrossEntropy, train).unwrap_err();
    assert_eq!(validate(CrossValidation::new(1)), SplitError::Folds { folds: 1 }.into());
    let expected = "60 samples cannot be held out in 61 folds, expected at least one for each";
    assert_eq!(validate(CrossValidation::new(61).unstratified()).to_string(), expected);
    let none = ValidationError::Repeats { expected: 1, found: 0 };
    assert_eq!(validate(CrossValidation::new(5).repeats(0)), none);
    let expected = format!("60 samples cannot be held out in {} folds, expected at least one for each", usize::MAX);
    assert_eq!(validate(CrossValidation::new(usize::MAX).repeats(2)).to_string(), expected);
    let curve = LearningCurve::new([10, 61]).run(&data, &data, &SoftmaxCrossEntropy, train).unwrap_err();
    assert_eq!(curve.to_string(), "a subset of 61 samples, expected 1 to 60");
    let stopped =
        CrossValidation::new(2).run::<Classifier, _, _, _>(&data, &SoftmaxCrossEntropy, |_, _| Err(TrainError::Empty));
    assert_eq!(stopped.unwrap_err(), TrainError::Empty.into());
}
