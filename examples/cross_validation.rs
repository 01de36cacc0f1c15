//! Cross-validation: how good a network is on flowers that it has not seen, how sure that is, and whether more flowers would help.
//!
//! ```text
//! cargo run --release --example cross_validation
//! cargo run --release --example cross_validation -- --short     # one division instead of ten
//! ```
//!
//! 150 irises of three species are few: thirty that are held out once would give an accuracy that is off by some percent, by luck. So
//! every fifth is held out in turn, and the whole is done ten times. The scaling of the features and the majority class come
//! from the flowers that are trained on, in every fold anew.
//!
//! It writes `cross_validation.svg` into `target/pictures`: each fold beside the baseline, and the learning curve.

mod pictures;

use std::error::Error;

use monograd::TrainError;
use monograd::losses::SoftmaxCrossEntropy;
use monograd::optimizers::Adam;
use monograd::prelude::*;
use monograd::validation::{Baseline, CrossValidation, LearningCurve, Metric, Scaling};

network! {
    /// From the lengths and widths of sepals and petals to the species.
    struct Iris([4]) -> [3] {
        hidden: dense(8) -> tanh,
        out: dense(3),
    }
}

type Flowers = Dataset<f32, 4, u32>;

const SPECIES: [&str; 3] = ["setosa", "versicolor", "virginica"];

/// The accuracy that has to be reached, far from the third that the majority class has.
const ACCURACY: f64 = 0.94;

/// Fisher's irises: see `data/README.md`.
fn irises() -> Result<Flowers, Box<dyn Error>> {
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    for line in include_str!("data/iris.csv").lines().skip(1) {
        let (features, species) = line.rsplit_once(',').ok_or("a line without a species")?;
        rows.push(features.split(',').map(str::parse).collect::<Result<Vec<f32>, _>>()?);
        let label = SPECIES.iter().position(|name| *name == species).ok_or("an unknown species")?;
        labels.push(u32::try_from(label)?);
    }
    Ok(Flowers::from_labelled_rows(&rows, &labels, SPECIES.len())?)
}

/// A fresh network, trained on some of the flowers.
fn train(flowers: &Flowers, seed: u64) -> Result<Box<Iris>, TrainError> {
    let mut net = Iris::seeded(seed);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.02)).batch_size(10).epochs(60).seed(seed).fit(&mut *net, flowers)?;
    Ok(net)
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::args().any(|argument| argument == "--short");
    let repeats = if short { 1 } else { 10 };
    let flowers = irises()?;

    // Held out once: one number, and no word on how sure it is.
    let [mut train_on, mut test] = flowers.stratified_split([0.8, 0.2], 0)?;
    Scaling::Features.apply(&mut train_on, &mut test)?;
    let baseline = Baseline::fit(&train_on)?.evaluate(&test, &SoftmaxCrossEntropy)?;
    let evaluation = evaluate(&*train(&train_on, 0)?, &test, &SoftmaxCrossEntropy)?.against(baseline);
    println!("thirty flowers, held out once\n\n{evaluation}");

    // Every flower held out once, in each of the repetitions.
    let validation = CrossValidation::new(5).repeats(repeats).seed(1).scaling(Scaling::Features);
    let report = validation.run(&flowers, &SoftmaxCrossEntropy, train)?;
    println!("every fifth held out in turn, {repeats} times\n\n{report}");
    let accuracy = report.spread(Metric::Accuracy).ok_or("no accuracy")?;
    let error = report.corrected_standard_error(Metric::Accuracy).ok_or("no accuracy")?;
    println!("accuracy {accuracy} over folds, standard error {error:.4} as folds share what they are trained on\n");

    // What becomes of it with fewer flowers.
    let [train_on, validation] = flowers.stratified_split([0.7, 0.3], 2)?;
    let curve = LearningCurve::new([3, 6, 12, 24, 48, 72, 105]).repeats(repeats).seed(3).scaling(Scaling::Features);
    let curve = curve.run(&train_on, &validation, &SoftmaxCrossEntropy, train)?;
    println!("with fewer flowers, on {} others\n\n{curve}", validation.len());

    let path = pictures::path("cross_validation")?;
    pictures::cross_validation::draw(&path, &report, &curve)?;
    println!("the picture is {}", path.display());

    let majority = report.baseline_spread(Metric::Accuracy).ok_or("no accuracy")?;
    assert!(majority.mean < 0.34, "the majority class has an accuracy of {majority}");
    assert!(accuracy.mean > ACCURACY, "the accuracy is only {accuracy}");
    Ok(())
}
