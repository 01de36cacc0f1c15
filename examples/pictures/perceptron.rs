//! The perceptron rule in the plane: its lines on the way, the most stable one, and the exclusive or by two layers.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use super::plane::{ONE, Scene, Side, draw as draw_plane};
use super::{INK, TRAINING};

/// What is drawn.
pub struct Story<'a> {
    /// Separable points.
    pub points: &'a [([f64; 2], bool)],
    /// The line after each epoch, the last of which has no mistake.
    pub epochs: &'a [Side],
    /// The most stable line, and how far the nearest point is from it.
    pub stable: Side,
    pub margin: f64,
    /// The corners of the square, as the exclusive or answers them, and the two units of the hidden layer.
    pub corners: &'a [([f64; 2], bool)],
    pub hidden: [Side; 2],
}

const RANGE: [f64; 2] = [-1.1, 1.1];

/// Three panels.
pub fn draw(path: &Path, story: &Story) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (1140, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.split_evenly((1, 3));
    let (last, before) = story.epochs.split_last().ok_or("there are epochs")?;
    let mut lines: Vec<_> = before.iter().map(|line| (*line, INK.mix(0.3).stroke_width(1))).collect();
    lines.push((*last, ONE.stroke_width(2)));
    let title = "perceptron rule: each epoch, the last in colour";
    draw_plane(&panels[0], &Scene { title, range: RANGE, points: story.points, shaded: &[*last], edges: &lines })?;

    let (stable, edge) = (story.stable, TRAINING.mix(0.5).stroke_width(1));
    let lines = [
        (*last, ONE.stroke_width(2)),
        (stable, TRAINING.stroke_width(2)),
        (stable.moved(story.margin), edge),
        (stable.moved(-story.margin), edge),
    ];
    let title = "blue: optimal stability, and its margin";
    draw_plane(&panels[1], &Scene { title, range: RANGE, points: story.points, shaded: &[stable], edges: &lines })?;

    let lines = story.hidden.map(|unit| (unit, INK.stroke_width(2)));
    let (title, points) = ("exclusive or: two units, and one behind them", story.corners);
    draw_plane(&panels[2], &Scene { title, range: [-0.5, 1.5], points, shaded: &story.hidden, edges: &lines })?;
    Ok(root.present()?)
}
