//! Gates: the square of two inputs with the lines that separate it, and the cube of three with a plane.

use std::error::Error;
use std::path::Path;

use plotters::element::PathElement;
use plotters::prelude::*;

use super::plane::{ONE, Scene, Side, ZERO, draw as draw_plane};
use super::{FONT, INK, Panel};

/// A gate of two inputs: what each corner is answered by, `(x₁, x₂)` counted up in binary, and the units that answer by 1.
pub struct Gate<'a> {
    pub title: &'a str,
    pub answers: [bool; 4],
    pub units: Vec<Side>,
}

/// The corners of the square, in the order of a truth table.
pub const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];

/// A panel for each gate, and one for the cube, whose corners have these answers and whose plane is `x₁ + x₂ + x₃ = sum`.
pub fn draw(path: &Path, gates: &[Gate], title: &str, answers: &[bool], sum: f64) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (960, 640)).into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.split_evenly((2, 3));
    for (panel, gate) in panels.iter().zip(gates) {
        let points: Vec<_> = SQUARE.into_iter().zip(gate.answers).collect();
        let edges: Vec<_> = gate.units.iter().map(|unit| (*unit, INK.stroke_width(2))).collect();
        let scene =
            Scene { title: gate.title, range: [-0.5, 1.5], points: &points, shaded: &gate.units, edges: &edges };
        draw_plane(panel, &scene)?;
    }
    cube(&panels[gates.len()], title, answers, sum)?;
    Ok(root.present()?)
}

type Point = [f64; 3];

/// The corners, in the order of a truth table.
fn corners() -> Vec<Point> {
    (0..8).map(|row| [2, 1, 0].map(|bit| f64::from(row >> bit & 1))).collect()
}

/// The pairs of corners that differ in one axis, each once.
fn edges() -> Vec<(Point, Point)> {
    let corners = corners();
    let pairs = (0..8_usize).flat_map(|row| [1, 2, 4].map(|bit| (row, row | bit)));
    pairs.filter(|(from, to)| from != to).map(|(from, to)| (corners[from], corners[to])).collect()
}

/// Where a point lies in the panel: x₁ towards the eye, x₂ to the right, x₃ up.
fn projected([x1, x2, x3]: Point) -> (i32, i32) {
    let (right, up) = (150.0 * x2 - 75.0 * x1, 150.0 * x3 - 60.0 * x1);
    ((115.0 + right).round() as i32, (220.0 - up).round() as i32)
}

/// What the plane cuts out of the cube, going round.
fn section(sum: f64) -> Vec<(i32, i32)> {
    let excess = |point: Point| point.iter().sum::<f64>() - sum;
    let crossings = edges().into_iter().filter(|(from, to)| (excess(*from) >= 0.0) != (excess(*to) >= 0.0));
    let mut points: Vec<_> = crossings
        .map(|(from, to)| {
            let part = excess(from) / (excess(from) - excess(to));
            projected([0, 1, 2].map(|axis| from[axis] + part * (to[axis] - from[axis])))
        })
        .collect();
    let count = points.len() as f64;
    let middle = |of: fn(&(i32, i32)) -> i32| points.iter().map(|point| f64::from(of(point))).sum::<f64>() / count;
    let (x, y) = (middle(|point| point.0), middle(|point| point.1));
    points.sort_by(|a, b| {
        let angle = |point: &(i32, i32)| (f64::from(point.1) - y).atan2(f64::from(point.0) - x);
        angle(a).total_cmp(&angle(b))
    });
    points
}

fn cube(area: &Panel, title: &str, answers: &[bool], sum: f64) -> Result<(), Box<dyn Error>> {
    let font = |size: u32| (FONT, size).into_font().color(&INK);
    area.draw(&Text::new(title.to_owned(), (40, 14), font(17)))?;
    for (from, to) in edges() {
        // The three edges at the hidden corner lie behind the others.
        let hidden = from == [0.0; 3];
        let style = INK.mix(if hidden { 0.25 } else { 0.7 }).stroke_width(1);
        area.draw(&PathElement::new([projected(from), projected(to)], style))?;
    }
    let section = section(sum);
    area.draw(&Polygon::new(section.clone(), ONE.mix(0.25)))?;
    let around: Vec<_> = section.iter().chain(section.first()).copied().collect();
    area.draw(&PathElement::new(around, INK.stroke_width(2)))?;
    for (corner, is_one) in corners().into_iter().zip(answers) {
        let (x, y) = projected(corner);
        area.draw(&Circle::new((x, y), 6, if *is_one { ONE } else { ZERO }.filled()))?;
        let name: String = corner.map(|bit| if bit > 0.5 { '1' } else { '0' }).iter().collect();
        area.draw(&Text::new(name, (x + 9, y - 16), font(12)))?;
    }
    Ok(())
}
