//! The folds of a cross-validation, and a learning curve.

use std::error::Error;
use std::path::Path;

use monograd::validation::{CrossValidationReport, LearningCurveReport, LearningPoint, Metric, Scores, Spread};

use super::plot::{self, Axes, Line};

/// The places of the colours in the palette.
const NETWORK: usize = 0;
const BASELINE: usize = 1;
const MEAN: usize = 5;

/// Two panels: the accuracy of each fold, repetition after repetition, beside the baseline's; and the accuracy against the number of
/// samples, of each network and on average.
pub fn draw(path: &Path, folds: &CrossValidationReport, curve: &LearningCurveReport) -> Result<(), Box<dyn Error>> {
    plot::draw(path, 2, &[fold_panel(folds), curve_panel(curve)])
}

/// The folds of a repetition beside each other, so that equal ones are seen.
fn fold_panel<'a>(report: &CrossValidationReport) -> Axes<'a> {
    let repeats = report.folds.iter().map(|fold| fold.repeat).max().unwrap_or(1);
    let place = |repeat: usize, fold: usize| repeat as f64 + 0.12 * (fold as f64 - 3.0);
    let folds = report.folds.iter();
    let scores = folds.clone().filter_map(|fold| Some((place(fold.repeat, fold.fold), fold.scores.accuracy?)));
    let baseline = folds.filter_map(|fold| Some((place(fold.repeat, fold.fold), fold.baseline.accuracy?)));
    let mean = report.spread(Metric::Accuracy).map(|spread| spread.mean);
    let ends = [0.5, repeats as f64 + 0.5];
    Axes {
        title: "accuracy of each fold, held out",
        x: "repetition",
        y: "",
        x_range: ends[0]..ends[1],
        y_range: 0.0..1.4,
        logarithmic: [false; 2],
        lines: vec![
            Line::new("mean", MEAN, mean.into_iter().flat_map(|mean| ends.map(|x| (x, mean)))),
            Line::new("network", NETWORK, scores).scattered(),
            Line::new("majority class", BASELINE, baseline).scattered(),
        ],
    }
}

fn curve_panel<'a>(report: &LearningCurveReport) -> Axes<'a> {
    let each = |color, scores: fn(&LearningPoint) -> &[Scores]| {
        let points = report
            .points
            .iter()
            .flat_map(|point| scores(point).iter().filter_map(|scores| Some((point.samples as f64, scores.accuracy?))));
        Line::new("", color, points).scattered()
    };
    let mean = |name, color, spread: fn(&LearningPoint, Metric) -> Option<Spread>| {
        let point = |point: &LearningPoint| Some((point.samples as f64, spread(point, Metric::Accuracy)?.mean));
        Line::new(name, color, report.points.iter().filter_map(point).collect::<Vec<_>>())
    };
    let most = report.points.iter().map(|point| point.samples).max().unwrap_or(1);
    Axes {
        title: "accuracy against samples",
        x: "samples",
        y: "",
        x_range: 0.0..1.05 * most as f64,
        y_range: 0.3..1.2,
        logarithmic: [false; 2],
        lines: vec![
            each(NETWORK, |point| &point.training),
            each(BASELINE, |point| &point.validation),
            mean("training", NETWORK, LearningPoint::training),
            mean("validation", BASELINE, LearningPoint::validation),
        ],
    }
}
