//! Networks that are too small, right, and trained for too long.

use std::error::Error;
use std::path::Path;

use monograd::validation::Decomposition;

use super::plot::{self, Axes, Line};

/// All that is drawn.
pub struct Story<'a> {
    /// The function, and the samples of it.
    pub truth: Vec<(f64, f64)>,
    pub sample: Vec<(f64, f64)>,
    /// What networks of some widths make of that sample.
    pub fits: Vec<(&'a str, Vec<(f64, f64)>)>,
    /// The error on training and validation data after each epoch.
    pub epochs: [Vec<f64>; 2],
    /// The widths, and for each the training error and what the expected error is made of.
    pub widths: Vec<usize>,
    pub training: Vec<f64>,
    pub parts: Vec<Decomposition>,
}

/// The places of the colours in the palette.
const TRAINING: usize = 0;
const NEW_DATA: usize = 1;
const NOISE: usize = 2;
const SUM: usize = 5;

/// Four panels: fits, the error against epochs, and against the width, and what it is made of.
pub fn draw(path: &Path, story: &Story) -> Result<(), Box<dyn Error>> {
    let of = |part: fn(&Decomposition) -> f64| story.parts.iter().map(part).collect::<Vec<_>>();
    let line = |name, color, values: &[f64]| {
        Line::new(name, color, story.widths.iter().map(|&width| width as f64).zip(values.iter().copied()))
    };
    let errors = vec![line("training", TRAINING, &story.training), line("new data", NEW_DATA, &of(|part| part.error))];
    let parts = vec![
        line("bias² + variance + noise", SUM, &of(Decomposition::sum)),
        line("bias²", TRAINING, &of(|part| part.bias_squared)),
        line("variance", NEW_DATA, &of(|part| part.variance)),
        line("noise", NOISE, &of(|part| part.noise)),
    ];
    let highest = of(|part| part.error).into_iter().fold(0.0, f64::max);
    let last = story.widths.iter().max().map_or(2.0, |&width| width as f64);
    let widths = |title, lines| Axes {
        title,
        x: "units of the hidden layer",
        y: "",
        x_range: 1.0..last,
        y_range: 0.0..1.6 * highest,
        logarithmic: [true, false],
        lines,
    };
    let panels = [
        fits(story),
        epochs(story),
        widths("squared error against width", errors),
        widths("what the error on new data is made of", parts),
    ];
    plot::draw(path, 2, &panels)
}

fn fits<'a>(story: &Story) -> Axes<'a> {
    let mut lines = vec![Line::new("the function", SUM, story.truth.iter().copied())];
    for ((name, fit), color) in story.fits.iter().zip([0, 2, 4]) {
        lines.push(Line::new(*name, color, fit.iter().copied()));
    }
    lines.push(Line::new("the sample", NEW_DATA, story.sample.iter().copied()).scattered());
    Axes {
        title: "one sample, three networks",
        x: "x",
        y: "y",
        x_range: -1.0..1.0,
        y_range: -2.0..4.0,
        logarithmic: [false; 2],
        lines,
    }
}

/// By some of the epochs, at equal distances of their logarithms.
fn epochs<'a>(story: &Story) -> Axes<'a> {
    let last = story.epochs[0].len() as f64;
    let line = |name: &str, color, errors: &[f64]| {
        let chosen = (0..=160).map(|k| last.powf(f64::from(k) / 160.0).round());
        Line::new(name, color, chosen.map(|epoch| (epoch, errors[epoch as usize - 1])).collect::<Vec<_>>())
    };
    let highest = story.epochs.iter().flatten().copied().fold(0.0, f64::max);
    Axes {
        title: "squared error against epochs",
        x: "epoch",
        y: "",
        x_range: 1.0..last,
        y_range: 0.0..1.05 * highest,
        logarithmic: [true, false],
        lines: vec![line("training", TRAINING, &story.epochs[0]), line("validation", NEW_DATA, &story.epochs[1])],
    }
}
