//! Points of two classes in a square, and what a threshold unit makes of it.

use std::error::Error;

use plotters::prelude::*;

use super::{FONT, INK, Panel};

/// The colour of what is answered by 1.
pub const ONE: RGBColor = RGBColor(214, 98, 30);
/// The colour of what is answered by 0.
pub const ZERO: RGBColor = RGBColor(31, 119, 180);

/// The points `x` with `normal·x ≥ offset`: a threshold unit with the weights `normal` and the bias `−offset` answers them by 1.
#[derive(Clone, Copy)]
pub struct Side {
    pub normal: [f64; 2],
    pub offset: f64,
}

impl Side {
    /// How much more than the offset a point has.
    pub fn excess(&self, [x1, x2]: [f64; 2]) -> f64 {
        self.normal[0] * x1 + self.normal[1] * x2 - self.offset
    }

    /// The same, with its edge so far towards its inside.
    pub fn moved(self, distance: f64) -> Self {
        Self { offset: self.offset + distance * self.normal[0].hypot(self.normal[1]), ..self }
    }

    /// The corners of what it has of the square from `low` to `high`.
    fn within(&self, low: f64, high: f64) -> Vec<(f64, f64)> {
        let square = [[low, low], [high, low], [high, high], [low, high]];
        let mut corners = Vec::new();
        for (place, &from) in square.iter().enumerate() {
            let to = square[(place + 1) % 4];
            let (here, there) = (self.excess(from), self.excess(to));
            if here >= 0.0 {
                corners.push((from[0], from[1]));
            }
            if (here >= 0.0) != (there >= 0.0) {
                corners.push(crossing(from, to, here / (here - there)));
            }
        }
        corners
    }

    /// Where its edge meets those of the square: two points, or none.
    fn edge(&self, low: f64, high: f64) -> Vec<(f64, f64)> {
        let on_edge = |(x1, x2): &(f64, f64)| {
            self.excess([*x1, *x2]).abs() <= 1e-9 * (high - low) * self.normal[0].hypot(self.normal[1])
        };
        self.within(low, high).into_iter().filter(on_edge).collect()
    }
}

/// The point at this part of the way.
fn crossing(from: [f64; 2], to: [f64; 2], part: f64) -> (f64, f64) {
    (from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1]))
}

/// What is drawn into a panel.
pub struct Scene<'a> {
    pub title: &'a str,
    /// The ends of both axes.
    pub range: [f64; 2],
    /// Points, and whether they should be answered by 1.
    pub points: &'a [([f64; 2], bool)],
    /// What is answered by 1, shaded; several overlap.
    pub shaded: &'a [Side],
    /// Edges, and how they look.
    pub edges: &'a [(Side, ShapeStyle)],
}

/// Draws the scene: first what is shaded, then edges, then points.
pub fn draw(area: &Panel, scene: &Scene) -> Result<(), Box<dyn Error>> {
    let [low, high] = scene.range;
    let mut chart = ChartBuilder::on(area)
        .caption(scene.title, (FONT, 17).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(34)
        .y_label_area_size(40)
        .build_cartesian_2d(low..high, low..high)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_labels(5)
        .y_labels(5)
        .x_desc("x₁")
        .y_desc("x₂")
        .axis_style(INK.mix(0.5))
        .label_style((FONT, 13).into_font().color(&INK))
        .draw()?;
    for side in scene.shaded {
        chart.draw_series([Polygon::new(side.within(low, high), ONE.mix(0.18))])?;
    }
    for (side, style) in scene.edges {
        chart.draw_series([PathElement::new(side.edge(low, high), *style)])?;
    }
    let marks = scene.points.iter().map(|(point, is_one)| mark((point[0], point[1]), *is_one));
    chart.draw_series(marks)?;
    Ok(())
}

/// A point in the colour of its answer.
pub fn mark<C>(at: C, is_one: bool) -> Circle<C, i32> {
    Circle::new(at, 5, if is_one { ONE } else { ZERO }.filled())
}
