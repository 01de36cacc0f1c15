//! Gradient descent in the fog: who sees nothing but the slope under their feet, and how they come down. The paths of the optimisers
//! through Rosenbrock's valley, `f(x, y) = (1 − x)² + 100·(y − x²)²`, whose floor is bent and falls gently towards (1, 1).
//!
//! ```text
//! cargo run --release --example landscape
//! ```
//!
//! The walls of the valley are a thousand times steeper than its floor. A step that is short enough for the walls hardly moves along
//! the floor: plain descent crawls. Momentum adds up what the steps have in common, methods that scale each coordinate by the size of
//! its gradients take longer steps along the floor, and those that learn the curvature (BFGS) turn with the valley.
//!
//! It writes `landscape.svg` into `target/pictures`: the paths over the lines of equal height, and the height against the number of
//! gradients.

mod pictures;

use std::error::Error;
use std::ops::ControlFlow;

use monograd::minimizers::{BarzilaiBorwein, Bfgs, ConjugateGradient, LBfgs, Minimizer};
use monograd::optimizers::{AdaGrad, Adam, RmsProp, Rprop, Sgd};
use monograd::prelude::*;
use pictures::plot::{self, Axes, Line};
use plotters::prelude::SeriesLabelPosition;

const START: [f64; 2] = [-1.2, 1.0];

fn height([x, y]: [f64; 2]) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

fn slope([x, y]: [f64; 2]) -> [f64; 2] {
    let wall = y - x * x;
    [-2.0 * (1.0 - x) - 400.0 * x * wall, 200.0 * wall]
}

/// A way down: the points, and the number of gradients that each had cost.
struct Path {
    name: &'static str,
    points: Vec<([f64; 2], usize)>,
}

impl Path {
    /// The first number of gradients at which the height is below a thousandth of the first.
    fn arrival(&self) -> Option<usize> {
        self.points.iter().find(|(point, _)| height(*point) < height(START) / 1000.0).map(|(_, gradients)| *gradients)
    }

    fn last(&self) -> f64 {
        self.points.last().map_or(f64::NAN, |(point, _)| height(*point))
    }
}

const STEPS: usize = 2000;

/// The path of an optimiser: a step from each gradient.
fn walk(name: &'static str, mut optimizer: impl Optimizer<f64>) -> Path {
    let mut point = START;
    let mut points = vec![(point, 0)];
    for step in 1..=STEPS {
        let gradient = slope(point);
        optimizer.step(&mut point, &gradient);
        points.push((point, step));
    }
    Path { name, points }
}

/// The path of a minimiser, which may ask for several gradients on the way to a step.
fn descend(name: &'static str, mut minimizer: impl Minimizer<f64>) -> Path {
    let mut points = Vec::new();
    let mut objective = |point: &[f64], gradient: &mut [f64]| {
        let point = [point[0], point[1]];
        gradient.copy_from_slice(&slope(point));
        height(point)
    };
    minimizer.minimize_watched(&mut START.clone(), &mut objective, &mut |at| {
        points.push(([at.params[0], at.params[1]], at.evaluations));
        ControlFlow::Continue(())
    });
    Path { name, points }
}

fn main() -> Result<(), Box<dyn Error>> {
    let one_slope = [
        walk("gradient descent", Sgd::new(1e-3)),
        walk("momentum", Sgd::new(1e-3).momentum(0.9)),
        walk("Nesterov", Sgd::new(1e-3).momentum(0.9).nesterov()),
    ];
    let scaled = [
        walk("AdaGrad", AdaGrad::new(0.5)),
        walk("RMSProp", RmsProp::new(0.01)),
        walk("Adam", Adam::new(0.05)),
        walk("Rprop", Rprop::new(0.05)),
    ];
    let curved = [
        descend("Barzilai–Borwein", BarzilaiBorwein::new()),
        descend("conjugate gradients", ConjugateGradient::new()),
        descend("L-BFGS", LBfgs::new()),
        descend("BFGS", Bfgs::new()),
    ];
    println!("from a height of {:.1}: gradients until 0.024, and the height in the end\n", height(START));
    for path in one_slope.iter().chain(&scaled).chain(&curved) {
        let arrival = path.arrival().map_or("never".into(), |gradients| gradients.to_string());
        println!("{:>20}  {arrival:>6}   {:.1e}", path.name, path.last());
    }
    let arrivals = [&one_slope[0], &one_slope[1], &curved[3]].map(|path| path.arrival().unwrap_or(usize::MAX));
    println!("\nBFGS arrives with {} gradients, momentum with {}", arrivals[2], arrivals[1]);
    if !(arrivals[2] < 80 && arrivals[2] < arrivals[1] && arrivals[1] < arrivals[0]) {
        return Err("BFGS should be ahead of momentum, and momentum of plain descent".into());
    }
    draw(&[
        ("steps along the slope", &one_slope),
        ("each coordinate scaled", &scaled),
        ("whole lines, curvature learned", &curved),
    ])
}

/// Lines of equal height: `y = x² ± √((c − (1 − x)²)/100)`.
fn contours() -> Vec<Line> {
    let levels = [0.05, 0.4, 1.5, 4.0, 10.0, 24.0, 60.0, 150.0];
    let half = |level: f64, sign: f64| {
        let (left, right) = ((1.0 - level.sqrt()).max(-1.8), (1.0 + level.sqrt()).min(1.8));
        let x = (0..=60).map(move |k| left + (right - left) * f64::from(k) / 60.0);
        let points = x.map(move |x| (x, x * x + sign * ((level - (1.0 - x).powi(2)).max(0.0) / 100.0).sqrt()));
        Line::new("", 5, points.filter(|(_, y)| (-0.8..=2.4).contains(y))).faint()
    };
    levels
        .into_iter()
        .flat_map(|level| [half(level, 1.0), half(level, -1.0)])
        .filter(|line| !line.points.is_empty())
        .collect()
}

/// At most `most` of the points, the first and the last among them.
fn thinned(points: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    let every = points.len().div_ceil(most).max(1);
    let last = points.last().copied();
    points.into_iter().step_by(every).chain(last).collect()
}

fn draw(groups: &[(&str, &[Path])]) -> Result<(), Box<dyn Error>> {
    let mut panels = Vec::new();
    for (title, paths) in groups {
        let mut lines = contours();
        for (path, color) in paths.iter().zip([0, 1, 2, 3]) {
            // The first steps one by one, the rest as far as they can be told apart.
            let points: Vec<_> = path.points.iter().map(|(point, _)| (point[0], point[1])).collect();
            let (first, rest) = points.split_at(points.len().min(100));
            lines.push(Line::new(path.name, color, [first.to_vec(), thinned(rest.to_vec(), 60)].concat()));
        }
        panels.push(Axes {
            title,
            x: "x",
            y: "y",
            x_range: -1.8..1.8,
            y_range: -0.8..2.4,
            logarithmic: [false; 2],
            lines,
        });
    }
    let shown = groups.iter().flat_map(|(_, paths)| paths.iter());
    let shown = shown.filter(|path| !["Nesterov", "L-BFGS", "AdaGrad"].contains(&path.name));
    let lines = shown.zip(0..).map(|(path, color)| {
        let points = path.points.iter().filter(|(_, gradients)| *gradients > 0);
        let points = points.map(|(point, gradients)| (*gradients as f64, height(*point).max(1e-12)));
        Line::new(path.name, color, thinned(points.collect(), 120))
    });
    panels.push(Axes {
        title: "height against gradients",
        x: "gradients",
        y: "f",
        x_range: 1.0..STEPS as f64,
        y_range: 1e-12..1e2,
        logarithmic: [true; 2],
        lines: lines.collect(),
    });
    let path = pictures::path("landscape")?;
    // Where the valley is not.
    plot::draw_with_legends(&path, 2, &panels, |panel| match panel {
        3 => SeriesLabelPosition::LowerLeft,
        _ => SeriesLabelPosition::LowerRight,
    })?;
    println!("{}", path.display());
    Ok(())
}
