//! The picture of a table: how many times as long as the first engine each other takes.

use std::fmt::Write as _;

use super::numbers::duration;
use super::{Row, Table};
use crate::workload::Task;

/// In pixels.
const WIDTH: f64 = 960.0;
/// Where the axis begins and ends.
const AXIS: (f64, f64) = (250.0, 870.0);
/// What is above the rows: title and legend.
const HEAD: f64 = 112.0;
/// What is below them: the numbers of the axis.
const FOOT: f64 = 46.0;
/// Of a row.
const HEIGHT: f64 = 22.0;
/// Of the heading of a part, with the gap above it.
const HEADING: f64 = 1.5 * HEIGHT;
/// How far a mark reaches from its middle.
const RADIUS: f64 = 4.6;
/// The axis has at least what lies between these ratios.
const RATIOS: (f64, f64) = (0.5, 10.0);

/// Of the engines behind the first, in order: shapes differ as well as colours.
const MARKS: [(Shape, &str); 8] = [
    (Shape::Circle, "#b8860b"),
    (Shape::Square, "#e0672e"),
    (Shape::Diamond, "#cc3355"),
    (Shape::Up, "#9055d8"),
    (Shape::Down, "#c867d8"),
    (Shape::Circle, "#1b8fd0"),
    (Shape::Square, "#15a08a"),
    (Shape::Diamond, "#6f9a2d"),
];

/// For the two modes that a page may have.
const STYLE: &str = "<style>
    .paper { fill: #ffffff } .ink { fill: #24292f } .faint { fill: #6e7781 } .line { stroke: #d0d7de }
    .one { stroke: #24292f } .wall { stroke: #6e7781 } .mark { stroke: #ffffff } .faster { fill: #cc3355; opacity: .07 }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } .ink { fill: #e6edf3 } .faint { fill: #8d96a0 } .line { stroke: #30363d }
      .one { stroke: #e6edf3 } .wall { stroke: #8d96a0 } .mark { stroke: #0d1117 } .faster { fill: #ff7b93; opacity: .10 }
    }
  </style>";

/// What an engine is shown as.
#[derive(Clone, Copy)]
enum Shape {
    Circle,
    Square,
    Diamond,
    Up,
    Down,
}

/// A row for each workload on which the first engine was measured.
pub fn svg(table: &Table) -> String {
    let rows: Vec<_> = table.rows.iter().filter_map(|row| Some((row, row.first()?))).collect();
    let axis = Axis::of(rows.iter().flat_map(|(row, first)| row.ratios(*first).map(|(_, ratio)| ratio)));
    let trains = |row: &Row| row.workload.task != Task::Forward;
    let (training, inference): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(row, _)| trains(row));
    let parts = [("Inference", inference), ("Training step", training)];

    let (mut body, mut y) = (String::new(), HEAD - HEADING + HEIGHT);
    for (title, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        y += HEADING;
        text(&mut body, "ink", (AXIS.0 - 12.0, y + 4.0), "end", &format!("<tspan font-weight=\"600\">{title}</tspan>"));
        for (row, first) in rows {
            y += HEIGHT;
            line(&mut body, &axis, table, row, first, y);
        }
    }
    let bottom = y + HEIGHT;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"13\">\n  {STYLE}\n  <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n{}{}{body}</svg>",
        head(table),
        axis.svg(bottom),
        height = bottom + FOOT,
    )
}

/// Logarithmic, of ratios.
struct Axis {
    least: f64,
    most: f64,
}

impl Axis {
    /// Wide enough for all.
    fn of(ratios: impl Iterator<Item = f64>) -> Self {
        let (least, most) = ratios.fold(RATIOS, |(least, most), ratio| (least.min(ratio), most.max(ratio)));
        Self { least: 0.92 * least, most: 1.08 * most }
    }

    fn x(&self, ratio: f64) -> f64 {
        let share = (ratio / self.least).ln() / (self.most / self.least).ln();
        AXIS.0 + share * (AXIS.1 - AXIS.0)
    }

    fn includes(&self, ratio: f64) -> bool {
        (self.least..=self.most).contains(&ratio)
    }

    /// Lines at 1, 2 and 5 of every decade, and what is left of 1.
    fn svg(&self, bottom: f64) -> String {
        let (mut svg, one, top) = (String::new(), self.x(1.0), HEAD + 8.0);
        let (left, width, height) = (AXIS.0, one - AXIS.0, bottom - top);
        _ = writeln!(
            svg,
            "  <rect class=\"faster\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
        for ratio in (-3..6).flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(decade))) {
            if self.includes(ratio) {
                let (x, class) = (self.x(ratio), if ratio == 1.0 { "one" } else { "line" });
                stroke(&mut svg, class, (x, top), (x, bottom));
                text(&mut svg, "faint", (x, bottom + 16.0), "middle", &ratio.to_string());
            }
        }
        let caption = "← faster · times as long as monograd takes (logarithmic) · slower →";
        text(&mut svg, "faint", (f64::midpoint(AXIS.0, AXIS.1), bottom + 35.0), "middle", caption);
        svg
    }
}

/// The title, and which mark is whose.
fn head(table: &Table) -> String {
    let (mut svg, names) = (String::new(), table.names());
    let title = format!("Time of a call, relative to {} = 1, {}", names[0], table.title().to_lowercase());
    text(
        &mut svg,
        "ink",
        (24.0, 32.0),
        "start",
        &format!("<tspan font-size=\"17\" font-weight=\"600\">{title}</tspan>"),
    );
    let legend = "│ the wall: no program that goes from layer to layer is faster on this processor";
    text(&mut svg, "faint", (24.0, 106.0), "start", legend);
    text(&mut svg, "faint", (WIDTH - 20.0, 106.0), "end", &format!("{} takes", names[0]));
    for (place, (name, (shape, colour))) in names.iter().skip(1).zip(MARKS).enumerate() {
        let (x, y) = (30.0 + 170.0 * (place % 4) as f64, 56.0 + 22.0 * (place / 4) as f64);
        mark(&mut svg, shape, colour, (x, y));
        text(&mut svg, "ink", (x + 12.0, y + 4.5), "start", name);
    }
    svg
}

/// A row: the workload, the marks, and how long the first engine takes.
fn line(svg: &mut String, axis: &Axis, table: &Table, row: &Row, first: f64, y: f64) {
    stroke(svg, "line", (AXIS.0, y), (AXIS.1, y));
    text(svg, "ink", (AXIS.0 - 12.0, y + 4.5), "end", &label(row));
    text(svg, "faint", (WIDTH - 20.0, y + 4.5), "end", &duration(first));
    let wall = table.wall(row).seconds() / first;
    if axis.includes(wall) {
        stroke(svg, "wall", (axis.x(wall), y - 7.0), (axis.x(wall), y + 7.0));
    }
    for (engine, ratio) in row.ratios(first) {
        let (shape, colour) = MARKS[(engine - 1) % MARKS.len()];
        mark(svg, shape, colour, (axis.x(ratio), y));
    }
}

/// The title without what the part of the picture says already.
fn label(row: &Row) -> String {
    row.workload.to_string().replace(", training step", "")
}

fn text(svg: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, content: &str) {
    _ = writeln!(svg, "  <text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{content}</text>");
}

fn stroke(svg: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let width = if class == "line" { 1.0 } else { 1.6 };
    _ = writeln!(
        svg,
        "  <line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke-width=\"{width}\"/>"
    );
}

fn mark(svg: &mut String, shape: Shape, colour: &str, (x, y): (f64, f64)) {
    let r = RADIUS;
    let corners = match shape {
        Shape::Circle => {
            _ = writeln!(svg, "  <circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\" fill=\"{colour}\"/>");
            return;
        }
        Shape::Square => vec![(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
        Shape::Diamond => vec![(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
        Shape::Up => vec![(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)],
        Shape::Down => vec![(0.0, 1.2), (1.15, -0.85), (-1.15, -0.85)],
    };
    let points: Vec<_> = corners.iter().map(|(a, b)| format!("{:.1},{:.1}", x + r * a, y + r * b)).collect();
    _ = writeln!(svg, "  <polygon class=\"mark\" points=\"{}\" fill=\"{colour}\"/>", points.join(" "));
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::table;
    use super::*;

    #[test]
    fn the_axis_is_logarithmic_and_holds_all() {
        let axis = Axis::of([0.25, 40.0].into_iter());
        assert!(axis.includes(0.25) && axis.includes(40.0) && !axis.includes(0.2));
        assert!((axis.x(axis.least) - AXIS.0).abs() < 1e-9 && (axis.x(axis.most) - AXIS.1).abs() < 1e-9);
        let step = |ratio| axis.x(2.0 * ratio) - axis.x(ratio);
        assert!((step(1.0) - step(8.0)).abs() < 1e-9);
    }

    /// A row without the first engine is left out, and a wall beyond the axis; every other figure is a mark, and every engine
    /// one in the legend.
    #[test]
    fn every_figure_is_a_mark() {
        let medians: [&[_]; 3] =
            [&[Some(0.2), Some(0.6), Some(0.1)], &[Some(0.5), None, Some(4.0)], &[None, Some(1.0), Some(1.0)]];
        let svg = svg(&table(1, &["monograd 1", "tract 2", "candle 3"], &medians));
        assert_eq!(svg.matches("<circle class=\"mark\"").count(), 1 + 1);
        assert_eq!(svg.matches("<polygon class=\"mark\"").count(), 1 + 2);
        assert!(svg.contains(">2-4-2-1, 1 sample<") && svg.contains(">200 ns<") && !svg.contains("8-64-64-4"));
        assert!(!svg.contains("Training step"));
    }
}
