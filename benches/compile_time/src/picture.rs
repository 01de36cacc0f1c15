//! What is measured against the number of layers, as a picture: a panel for each kind of layer, a line for each way to declare them.

use std::fmt::Write as _;

use crate::layers::{Curves, Point, WAYS};

/// Of the picture, in pixels.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 340.0;
/// The drawing of a panel: its width and height, where the first begins, and how far the next is.
const PANEL: (f64, f64) = (340.0, 200.0);
const LEFT: f64 = 78.0;
const PITCH: f64 = 440.0;
const TOP: f64 = 92.0;

/// Of each way.
const COLOURS: [&str; WAYS.len()] = ["#1b8fd0", "#e0672e", "#3fa45b"];

/// For the two modes that a page may have.
const STYLE: &str = "<style>
    .paper { fill: #ffffff } .ink { fill: #24292f } .faint { fill: #6e7781 } .line { stroke: #d0d7de }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } .ink { fill: #e6edf3 } .faint { fill: #8d96a0 } .line { stroke: #30363d }
    }
  </style>";

/// What a picture shows of the points, and in which unit.
pub struct Quantity {
    value: fn(&Point) -> f64,
    unit: &'static str,
}

/// Of a release build.
pub const TIME: Quantity = Quantity { value: |point| point.time.wall.as_secs_f64(), unit: "s" };
/// Of a program.
pub const SIZE: Quantity = Quantity { value: |point| point.bytes as f64 / 1e3, unit: "kB" };

/// The panels of all kinds of layers.
pub fn svg(title: &str, curves: &[Curves], quantity: &Quantity) -> String {
    let mut body = String::new();
    text(
        &mut body,
        "ink",
        (24.0, 30.0),
        "start",
        &format!("<tspan font-size=\"17\" font-weight=\"600\">{title}</tspan>"),
    );
    for (place, (colour, (_, name))) in COLOURS.into_iter().zip(WAYS).enumerate() {
        let x = WIDTH - 490.0 + 180.0 * place as f64;
        _ = writeln!(body, "  <circle cx=\"{x}\" cy=\"26\" r=\"4\" fill=\"{colour}\"/>");
        text(&mut body, "ink", (x + 9.0, 30.0), "start", name);
    }
    for (place, curves) in curves.iter().enumerate() {
        panel(&mut body, LEFT + PITCH * place as f64, curves, quantity);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\">\n  {STYLE}\n  <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n{body}</svg>\n"
    )
}

/// Both axes begin at nought and are linear: what grows in proportion is a straight line.
fn panel(svg: &mut String, left: f64, curves: &Curves, &Quantity { value, unit }: &Quantity) {
    let (right, bottom) = (left + PANEL.0, TOP + PANEL.1);
    let points = || curves.ways.iter().flatten();
    let step = step(points().map(value).fold(0.0, f64::max));
    let highest = step * (points().map(value).fold(0.0, f64::max) / step).ceil();
    let most = points().map(|point| point.layers).max().unwrap_or(1);
    let x = |layers: usize| left + PANEL.0 * layers as f64 / most as f64;
    let y = |value: f64| bottom - PANEL.1 * value / highest;
    text(svg, "ink", (left, TOP - 16.0), "start", &format!("{unit}, against the number of {}", curves.kind.title));
    for mark in (0..).map(|i| step * f64::from(i)).take_while(|mark| *mark < highest + 0.5 * step) {
        let y = y(mark);
        _ = writeln!(svg, "  <line class=\"line\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>");
        text(svg, "faint", (left - 6.0, y + 4.0), "end", &format!("{}", (mark * 1e6).round() / 1e6));
    }
    // The smallest numbers would run into each other.
    for point in curves.ways[0].iter().filter(|point| 16 * point.layers >= most) {
        text(svg, "faint", (x(point.layers), bottom + 18.0), "middle", &point.layers.to_string());
    }
    for (points, colour) in curves.ways.iter().zip(COLOURS) {
        draw(svg, colour, &points.iter().map(|point| (x(point.layers), y(value(point)))).collect::<Vec<_>>());
    }
}

/// Between two marks, 1, 2 or 5 times a power of ten: so that there are three to seven up to `most`.
fn step(most: f64) -> f64 {
    let power = 10_f64.powf((most / 3.0).log10().floor());
    [5.0, 2.0].into_iter().map(|digit| digit * power).find(|step| 3.0 * step <= most).unwrap_or(power)
}

fn draw(svg: &mut String, colour: &str, points: &[(f64, f64)]) {
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let path = path.join(" ");
    _ = writeln!(svg, "  <polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>");
    for (x, y) in points {
        _ = writeln!(svg, "  <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.8\" fill=\"{colour}\"/>");
    }
}

fn text(svg: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, content: &str) {
    _ = writeln!(svg, "  <text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{content}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_three_to_seven() {
        assert_eq!([0.4, 1.0, 5.9, 6.0, 14.0, 800.0].map(step), [0.1, 0.2, 1.0, 2.0, 2.0, 200.0]);
    }
}
