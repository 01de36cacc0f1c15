//! A curve as a picture: time, time a multiply-accumulate and memory against size, all logarithmic.

use std::fmt::Write as _;

use crate::measure::{Curve, Point};
use crate::numbers::{bytes, duration};

/// Of the picture, in pixels.
const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 340.0;
/// The drawing of a panel: its width and height, where the first begins, and how far the next is.
const PANEL: (f64, f64) = (264.0, 200.0);
const LEFT: f64 = 78.0;
const PITCH: f64 = 352.0;
const TOP: f64 = 84.0;
/// How many sizes have room below a panel.
const MOST_LABELS: usize = 8;

const INFERENCE: &str = "#1b8fd0";
const TRAINING: &str = "#e0672e";

/// For the two modes that a page may have.
const STYLE: &str = "<style>
    .paper { fill: #ffffff } .ink { fill: #24292f } .faint { fill: #6e7781 } .line { stroke: #d0d7de }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } .ink { fill: #e6edf3 } .faint { fill: #8d96a0 } .line { stroke: #30363d }
    }
  </style>";

/// A line of a panel.
struct Line {
    colour: &'static str,
    is_wall: bool,
    value: fn(&Point) -> f64,
}

const fn line(colour: &'static str, is_wall: bool, value: fn(&Point) -> f64) -> Line {
    Line { colour, is_wall, value }
}

const TIME: [Line; 4] = [
    line(INFERENCE, false, |point| point.measured.inference),
    line(TRAINING, false, |point| point.measured.training),
    line(INFERENCE, true, |point| point.walls[0]),
    line(TRAINING, true, |point| point.walls[1]),
];

const TIME_A_MAC: [Line; 4] = [
    line(INFERENCE, false, |point| point.measured.inference / point.measured.macs as f64),
    line(TRAINING, false, |point| point.measured.training / point.measured.macs as f64),
    line(INFERENCE, true, |point| point.walls[0] / point.measured.macs as f64),
    line(TRAINING, true, |point| point.walls[1] / point.measured.macs as f64),
];

const MEMORY: [Line; 2] = [
    line(INFERENCE, false, |point| point.measured.inference_bytes as f64),
    line(TRAINING, false, |point| point.measured.training_bytes as f64),
];

/// The three panels of a curve.
pub fn svg(curve: &Curve) -> String {
    let mut body = String::new();
    text(
        &mut body,
        "ink",
        (24.0, 30.0),
        "start",
        &format!("<tspan font-size=\"17\" font-weight=\"600\">{}</tspan>", curve.title),
    );
    for (place, (colour, name)) in [(INFERENCE, "inference"), (TRAINING, "training step (SGD)")].into_iter().enumerate()
    {
        let x = WIDTH - 420.0 + 110.0 * place as f64;
        _ = writeln!(body, "  <circle cx=\"{x}\" cy=\"26\" r=\"4\" fill=\"{colour}\"/>");
        text(&mut body, "ink", (x + 9.0, 30.0), "start", name);
    }
    text(&mut body, "faint", (WIDTH - 24.0, 30.0), "end", "- - the wall");
    panel(&mut body, 0, "time of a call", curve, &TIME, duration);
    panel(&mut body, 1, "time a multiply-accumulate of inference", curve, &TIME_A_MAC, duration);
    panel(&mut body, 2, "workspace", curve, &MEMORY, bytes);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\">\n  {STYLE}\n  <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n{body}</svg>\n"
    )
}

/// A logarithmic axis from a place to another.
struct Axis {
    values: (f64, f64),
    places: (f64, f64),
}

impl Axis {
    /// As wide as the values are.
    fn of(values: impl Iterator<Item = f64>, places: (f64, f64)) -> Self {
        let (least, most) =
            values.fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        Self { values: (least, most.max(1.001 * least)), places }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value / self.values.0).ln() / (self.values.1 / self.values.0).ln();
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// Powers of ten, or 1, 2 and 5 of each where there are fewer than three.
    fn marks(&self) -> Vec<f64> {
        let inside = |value: &f64| (0.999 * self.values.0..=1.001 * self.values.1).contains(value);
        let of = |digits: &[f64]| -> Vec<f64> {
            (-15..15)
                .flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)))
                .filter(inside)
                .collect()
        };
        let powers = of(&[1.0]);
        if powers.len() < 3 { of(&[1.0, 2.0, 5.0]) } else { powers }
    }
}

fn panel(svg: &mut String, place: usize, title: &str, curve: &Curve, lines: &[Line], label: fn(f64) -> String) {
    let (left, bottom) = (LEFT + PITCH * place as f64, TOP + PANEL.1);
    let right = left + PANEL.0;
    let values = curve.points.iter().flat_map(|point| lines.iter().map(|line| (line.value)(point)));
    let vertical = Axis::of(values, (bottom, TOP));
    let horizontal = Axis::of(curve.points.iter().map(|point| point.size as f64), (left, right));
    text(svg, "ink", (left, TOP - 16.0), "start", title);
    for value in vertical.marks() {
        let y = vertical.at(value);
        _ = writeln!(svg, "  <line class=\"line\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>");
        text(svg, "faint", (left - 6.0, y + 4.0), "end", &label(value));
    }
    // Every second of many, the last among them: they would run into each other.
    let every = if curve.points.len() > MOST_LABELS { 2 } else { 1 };
    for point in curve.points.iter().rev().step_by(every) {
        let x = horizontal.at(point.size as f64);
        text(svg, "faint", (x, bottom + 18.0), "middle", &point.size.to_string());
    }
    for line in lines {
        let points: Vec<_> = curve
            .points
            .iter()
            .map(|point| (horizontal.at(point.size as f64), vertical.at((line.value)(point))))
            .collect();
        draw(svg, line, &points);
    }
}

fn draw(svg: &mut String, line: &Line, points: &[(f64, f64)]) {
    let colour = line.colour;
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let dashes = if line.is_wall { " stroke-dasharray=\"5 4\" opacity=\".75\"" } else { "" };
    let path = path.join(" ");
    _ = writeln!(svg, "  <polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"{dashes}/>");
    if !line.is_wall {
        for (x, y) in points {
            _ = writeln!(svg, "  <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.8\" fill=\"{colour}\"/>");
        }
    }
}

fn text(svg: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, content: &str) {
    _ = writeln!(svg, "  <text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{content}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_logarithmic_and_has_marks() {
        let axis = Axis::of([1.0, 1000.0].into_iter(), (0.0, 300.0));
        assert!(
            [1.0, 10.0, 100.0, 1000.0]
                .iter()
                .zip([0.0, 100.0, 200.0, 300.0])
                .all(|(&v, x)| (axis.at(v) - x).abs() < 1e-9)
        );
        assert_eq!(axis.marks().len(), 4);
        assert_eq!(Axis::of([1.0, 10.0].into_iter(), (0.0, 1.0)).marks(), [1.0, 2.0, 5.0, 10.0]);
    }
}
