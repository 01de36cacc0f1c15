//! Under- and overfitting: networks of growing width learn a cubic from twenty noisy points, again and again, and the error on new
//! points is taken apart into bias², variance and noise (Geman, Bienenstock and Doursat, 1992).
//!
//! ```text
//! cargo run --release --example overfitting
//! cargo run --release --example overfitting -- --short    # a glance
//! ```
//!
//! A single unit of tanh rises or falls, and cannot follow a curve that turns twice: its error is bias, the same whatever the sample.
//! From three units on there is hardly any bias left. What is then too much of the network goes into the noise of the sample at hand,
//! and the error is variance. As in any textbook it has a minimum between the two.
//!
//! What is not as in a textbook: beyond that minimum the variance of networks does not go on growing with the width. It levels off, and
//! may fall, as gradient descent in a wide network ends at smooth functions (Neal et al., “A modern take on the bias-variance tradeoff
//! in neural networks”, 2018). How *long* the training is matters more here: the error on new points is smallest after some hundreds
//! of epochs, and grows for thousands while that on the training points still falls.
//!
//! It writes `overfitting.svg` into `target/pictures`.

mod pictures;

use std::error::Error;

use monograd::losses::MeanSquaredError;
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::optimizers::Adam;
use monograd::prelude::*;
use monograd::validation::{BiasVariance, Decomposition};
use monograd::{History, TrainError};
use pictures::overfitting::Story;

network! {
    /// One hidden layer of any width.
    struct Mlp<const HIDDEN: usize>([1]) -> [1] {
        hidden: dense(HIDDEN) -> tanh,
        out: dense(1),
    }
}

type Points = Dataset<f64, 1, [f64; 1]>;
type Column = OMatrix<f64, Const<1>, Dyn>;

const SAMPLES: usize = 20;
const NOISE: f64 = 0.3;
/// The width whose training is followed epoch by epoch.
const FOLLOWED: usize = 16;

/// How much is done.
#[derive(Clone, Copy)]
struct Effort {
    epochs: usize,
    /// How many samples, each with a network of its own.
    repeats: usize,
    /// How long the training goes on that is followed epoch by epoch.
    long: usize,
}

/// `4x³ − 3x`, the Chebyshev polynomial T₃: up, down, up.
fn cubic(x: f64) -> f64 {
    4.0 * x.powi(3) - 3.0 * x
}

fn uniform(generator: &mut Generator) -> [f64; 1] {
    [2.0 * generator.uniform() - 1.0]
}

/// Noisy points of the cubic.
fn sample(samples: usize, generator: &mut Generator) -> Result<Points, Box<dyn Error>> {
    let rows: Vec<_> = (0..samples).map(|_| uniform(generator)).collect();
    let targets: Vec<_> = rows.iter().map(|x| [cubic(x[0]) + NOISE * generator.normal()]).collect();
    Ok(Points::from_rows(&rows, &targets)?)
}

fn trainer<'a>(epochs: usize, seed: u64) -> Trainer<'a, MeanSquaredError, Adam<f64>> {
    Trainer::new(MeanSquaredError, Adam::new(0.02)).batch_size(SAMPLES).epochs(epochs).seed(seed)
}

/// A network of some width, trained, its error on the sample, and its predictions.
fn fit<const HIDDEN: usize>(
    sample: &Points,
    points: &Column,
    epochs: usize,
    seed: u64,
) -> Result<(f64, Vec<f64>), TrainError> {
    let mut net = Mlp::<HIDDEN, f64>::seeded(seed);
    trainer(epochs, seed).fit(&mut *net, sample)?;
    let mut work = Mlp::<HIDDEN, f64>::workspace(points.ncols());
    let predictions = net.forward(points, &mut work).iter().copied().collect();
    Ok((evaluate(&*net, sample, &MeanSquaredError)?.loss, predictions))
}

/// The mean training error of networks of one width, and what their error on new points is made of.
fn experiment<const HIDDEN: usize>(effort: Effort) -> Result<(f64, Decomposition), Box<dyn Error>> {
    let points: Vec<_> = (0..39).map(|k| [f64::from(k) / 20.0 - 0.95]).collect();
    let mut training = 0.0;
    let report = BiasVariance::new(|x: &[f64; 1]| cubic(x[0]), NOISE)
        .samples(SAMPLES)
        .repeats(effort.repeats)
        .seed(1)
        .run(uniform, &points, |sample, points, seed| {
            let (error, predictions) = fit::<HIDDEN>(sample, points, effort.epochs, seed)?;
            training += error / effort.repeats as f64;
            Ok(predictions)
        })?;
    let Decomposition { bias_squared, variance, noise, error, .. } = report.mean();
    println!("{HIDDEN:5}  {training:8.4}  {error:8.4}  {bias_squared:8.4}  {variance:8.4}  {noise:8.4}");
    Ok((training, report.mean()))
}

/// The error on training and validation data after each epoch, on average over samples.
fn follow(effort: Effort) -> Result<[Vec<f64>; 2], Box<dyn Error>> {
    let mut generator = Generator::seed(2);
    let validation = sample(200, &mut generator)?;
    let mut errors = [vec![0.0; effort.long], vec![0.0; effort.long]];
    let trainings = effort.repeats.div_ceil(2);
    for seed in 0..trainings {
        let data = sample(SAMPLES, &mut generator)?;
        let mut net = Mlp::<FOLLOWED, f64>::seeded(seed as u64);
        let history: History = trainer(effort.long, seed as u64).fit_and_validate(&mut *net, &data, &validation)?;
        for (index, epoch) in history.epochs.iter().enumerate() {
            errors[0][index] += epoch.loss / trainings as f64;
            errors[1][index] += epoch.validation.map_or(f64::NAN, |score| score.loss) / trainings as f64;
        }
    }
    Ok(errors)
}

/// One sample, and what three networks make of it.
fn three_fits(effort: Effort, story: &mut Story) -> Result<(), Box<dyn Error>> {
    let xs: Vec<f64> = (-100..=100).map(|k| f64::from(k) / 100.0).collect();
    let data = sample(SAMPLES, &mut Generator::seed(4))?;
    let points = Column::from_vec(xs.clone());
    story.truth = xs.iter().map(|&x| (x, cubic(x))).collect();
    story.sample = data.inputs().iter().copied().zip(data.targets().iter().map(|[y]| *y)).collect();
    for (name, (_, fit)) in [
        ("1 unit", fit::<1>(&data, &points, effort.epochs, 0)?),
        ("3 units", fit::<3>(&data, &points, effort.epochs, 0)?),
        ("16 units", fit::<16>(&data, &points, effort.long, 0)?),
    ] {
        story.fits.push((name, xs.iter().copied().zip(fit).collect()));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::args().any(|argument| argument == "--short");
    let effort = if short {
        Effort { epochs: 400, repeats: 4, long: 400 }
    } else {
        Effort { epochs: 4000, repeats: 50, long: 10_000 }
    };
    println!("{SAMPLES} points, noise {NOISE}, {} samples, {} epochs\n", effort.repeats, effort.epochs);
    println!("units  training  new data     bias²  variance     noise");
    let experiments = [
        (1, experiment::<1>(effort)?),
        (2, experiment::<2>(effort)?),
        (3, experiment::<3>(effort)?),
        (4, experiment::<4>(effort)?),
        (8, experiment::<8>(effort)?),
        (16, experiment::<16>(effort)?),
        (32, experiment::<32>(effort)?),
        (64, experiment::<64>(effort)?),
    ];
    let epochs = follow(effort)?;
    let least = epochs[1].iter().copied().fold(f64::INFINITY, f64::min);
    let best = epochs[1].iter().position(|error| *error == least).map_or(0, |index| index + 1);
    let last = epochs[1][effort.long - 1];
    println!(
        "\n{FOLLOWED} units: the validation error is smallest after {best} epochs, {least:.4}, and {last:.4} in the end"
    );

    let mut story = Story {
        truth: Vec::new(),
        sample: Vec::new(),
        fits: Vec::new(),
        epochs,
        widths: experiments.iter().map(|(width, _)| *width).collect(),
        training: experiments.iter().map(|(_, (training, _))| *training).collect(),
        parts: experiments.iter().map(|(_, (_, parts))| *parts).collect(),
    };
    three_fits(effort, &mut story)?;
    let path = pictures::path("overfitting")?;
    pictures::overfitting::draw(&path, &story)?;
    println!("the picture is {}", path.display());
    let (narrow, wide) = (story.parts[0], story.parts[story.parts.len() - 1]);
    assert!(narrow.bias_squared > 3.0 * wide.bias_squared, "one unit has a bias² of {}", narrow.bias_squared);
    assert!(narrow.bias_squared > narrow.variance, "{narrow:?}");
    if !short {
        assert!(wide.variance > wide.bias_squared, "{wide:?}");
        assert!(last > 1.3 * least, "the validation error grows from {least} to {last} only");
    }
    Ok(())
}
