//! Lines, in panels beside each other.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use super::{FONT, INK, Panel};

/// One line, or points of one kind.
pub struct Line {
    /// What it is called in the legend; an empty name has no place there.
    pub name: String,
    /// Where it goes through.
    pub points: Vec<(f64, f64)>,
    /// Its place in the palette.
    pub color: usize,
    /// Points that are not joined.
    pub scattered: bool,
    /// A thin line behind the others.
    pub faint: bool,
}

impl Line {
    /// A line through `points`.
    pub fn new(name: impl Into<String>, color: usize, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), color, scattered: false, faint: false }
    }

    /// A thin line.
    pub fn faint(self) -> Self {
        Self { faint: true, ..self }
    }

    /// The points alone.
    pub fn scattered(self) -> Self {
        Self { scattered: true, ..self }
    }
}

/// Lines over one pair of axes.
pub struct Axes<'a> {
    pub title: &'a str,
    pub x: &'a str,
    pub y: &'a str,
    pub x_range: Range<f64>,
    pub y_range: Range<f64>,
    /// Whether an axis is logarithmic; both ends of its range are positive then.
    pub logarithmic: [bool; 2],
    pub lines: Vec<Line>,
}

const PALETTE: [RGBColor; 8] = [
    RGBColor(31, 119, 180),
    RGBColor(214, 98, 30),
    RGBColor(44, 140, 60),
    RGBColor(190, 40, 50),
    RGBColor(130, 90, 180),
    RGBColor(120, 120, 120),
    RGBColor(200, 100, 170),
    RGBColor(20, 150, 160),
];

/// The panels in rows of so many, each of 420 × 320, with their legends in the upper right.
pub fn draw(path: &Path, columns: usize, panels: &[Axes]) -> Result<(), Box<dyn Error>> {
    draw_with_legends(path, columns, panels, |_| SeriesLabelPosition::UpperRight)
}

/// The same, with the legend of each panel where `legend` says.
pub fn draw_with_legends(
    path: &Path,
    columns: usize,
    panels: &[Axes],
    legend: impl Fn(usize) -> SeriesLabelPosition,
) -> Result<(), Box<dyn Error>> {
    let rows = panels.len().div_ceil(columns);
    let root = SVGBackend::new(path, (420 * columns as u32, 320 * rows as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    for (panel, (area, axes)) in root.split_evenly((rows, columns)).iter().zip(panels).enumerate() {
        draw_axes(area, axes, legend(panel))?;
    }
    Ok(root.present()?)
}

/// A value as it is drawn.
fn scaled(value: f64, logarithmic: bool) -> f64 {
    if logarithmic { value.log10() } else { value }
}

/// What stands at a mark of an axis.
fn label(value: f64, logarithmic: bool) -> String {
    if logarithmic { sensible(10_f64.powf(value)) } else { format!("{}", (1e4 * value).round() / 1e4) }
}

/// Two digits.
fn sensible(value: f64) -> String {
    let place = 10_f64.powf(value.log10().floor() - 1.0);
    let rounded = (value / place).round() * place;
    if (1e-3..1e5).contains(&value) { format!("{}", (1e6 * rounded).round() / 1e6) } else { format!("{value:.0e}") }
}

fn draw_axes(area: &Panel, axes: &Axes, legend: SeriesLabelPosition) -> Result<(), Box<dyn Error>> {
    let [log_x, log_y] = axes.logarithmic;
    let range = |range: &Range<f64>, logarithmic| scaled(range.start, logarithmic)..scaled(range.end, logarithmic);
    let mut chart = ChartBuilder::on(area)
        .caption(axes.title, (FONT, 17).into_font().color(&INK))
        .margin(12)
        .margin_right(24)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(range(&axes.x_range, log_x), range(&axes.y_range, log_y))?;
    chart
        .configure_mesh()
        .x_labels(7)
        .y_labels(7)
        .x_label_formatter(&|x| label(*x, log_x))
        .y_label_formatter(&|y| label(*y, log_y))
        .x_desc(axes.x)
        .y_desc(axes.y)
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.12))
        .axis_style(INK.mix(0.5))
        .label_style((FONT, 13).into_font().color(&INK))
        .draw()?;
    for line in &axes.lines {
        let color = PALETTE[line.color % PALETTE.len()];
        let inside = |value: f64, range: &Range<f64>| value.clamp(range.start, range.end);
        let points = line
            .points
            .iter()
            .map(|&(x, y)| (scaled(inside(x, &axes.x_range), log_x), scaled(inside(y, &axes.y_range), log_y)));
        let drawn = if line.scattered {
            chart.draw_series(points.map(|point| Circle::new(point, 2, color.mix(0.7).filled())))?
        } else {
            let style = if line.faint { color.mix(0.4).stroke_width(1) } else { color.stroke_width(2) };
            chart.draw_series(LineSeries::new(points, style))?
        };
        if !line.name.is_empty() {
            drawn
                .label(line.name.as_str())
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
        }
    }
    if axes.lines.iter().any(|line| !line.name.is_empty()) {
        chart
            .configure_series_labels()
            .position(legend)
            .label_font((FONT, 12).into_font().color(&INK))
            .background_style(WHITE.mix(0.8))
            .draw()?;
    }
    Ok(())
}
