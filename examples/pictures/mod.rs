//! What a training looks like, as SVG files: its curve, the filters that it made, and in the modules two networks beside each other,
//! images beside their masks, and units in the plane and in space.

#![allow(dead_code, reason = "each example uses a part of it")]

pub mod comparison;
pub mod cross_validation;
pub mod gates;
pub mod overfitting;
pub mod perceptron;
pub mod plane;
pub mod plot;
pub mod segmentation;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use monograd::Epoch;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(60, 60, 60);
const TRAINING: RGBColor = RGBColor(31, 119, 180);
const VALIDATION: RGBColor = RGBColor(214, 98, 30);

/// Where a picture of this name goes: into `target/pictures`, or with the argument `--gallery` among the pictures of the repository.
pub fn path(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let for_the_gallery = std::env::args().any(|argument| argument == "--gallery");
    let folder = Path::new(if for_the_gallery { "examples/gallery" } else { "target/pictures" });
    fs::create_dir_all(folder)?;
    Ok(folder.join(format!("{name}.svg")))
}

/// The loss and the accuracy of each epoch, on what was learned from and on the validation set.
pub fn curve(path: &Path, epochs: &[Epoch]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (960, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(480);
    let loss = [
        epochs.iter().map(|epoch| epoch.loss).collect(),
        epochs.iter().filter_map(|epoch| Some(epoch.validation?.loss)).collect(),
    ];
    let percent = |accuracy: f64| 100.0 * accuracy;
    let accuracy = [
        epochs.iter().filter_map(|epoch| epoch.accuracy.map(percent)).collect(),
        epochs.iter().filter_map(|epoch| epoch.validation?.accuracy.map(percent)).collect(),
    ];
    let (low, high) = range(&loss);
    let decades = (-6..3).flat_map(|power| [1.0, 2.0, 5.0].map(|first| first * 10_f64.powi(power)));
    let lines = decades.filter(|line| (low / 1.2..high * 1.2).contains(line)).collect();
    panel(&left, "loss (logarithmic)", &loss, (low / 1.2..high * 1.2).log_scale().with_key_points(lines))?;
    panel(&right, "accuracy, %", &accuracy, range(&accuracy).0 - 1.0..100.0)?;
    Ok(root.present()?)
}

/// Two lines over the epochs: training and validation.
fn panel<Y>(area: &Panel, title: &str, lines: &[Vec<f64>; 2], y: Y) -> Result<(), Box<dyn Error>>
where
    Y: AsRangedCoord<Value = f64, CoordDescType: ValueFormatter<f64>>,
{
    let last = lines[0].len().max(2) as f64;
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 18).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(36)
        .y_label_area_size(52)
        .build_cartesian_2d(1.0..last, y)?;
    chart
        .configure_mesh()
        .x_labels(lines[0].len().clamp(2, 13))
        .y_labels(16)
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .y_label_formatter(&|value| format!("{}", (1e6 * value).round() / 1e6))
        .x_desc("epoch")
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.15))
        .axis_style(INK.mix(0.5))
        .label_style((FONT, 13).into_font().color(&INK))
        .draw()?;
    for (line, (name, color)) in lines.iter().zip([("training", TRAINING), ("validation", VALIDATION)]) {
        let points: Vec<_> = (1..).map(f64::from).zip(line.iter().copied()).collect();
        chart
            .draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        chart.draw_series(points.into_iter().map(|point| Circle::new(point, 3, color.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleRight)
        .label_font((FONT, 13).into_font().color(&INK))
        .background_style(WHITE)
        .draw()?;
    Ok(())
}

/// The smallest and the largest value of the lines.
fn range(lines: &[Vec<f64>; 2]) -> (f64, f64) {
    let values = || lines.iter().flatten().copied();
    (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
}

/// A square filter of one channel: its weights, row by row.
pub type Filter<const SIZE: usize> = [[f32; SIZE]; SIZE];

/// Rows of filters, each with a name, in the colours of one scale: blue below zero, white at zero, red above.
pub fn filters<const SIZE: usize>(path: &Path, rows: &[(&str, Vec<Filter<SIZE>>)]) -> Result<(), Box<dyn Error>> {
    const CELL: u32 = 18;
    const GAP: u32 = 16;
    const NAMES: u32 = 92;
    const SCALE: u32 = 70;
    let size = CELL * SIZE as u32;
    let right = NAMES + (size + GAP) * rows.iter().map(|(_, row)| row.len()).max().unwrap_or_default() as u32;
    let bottom = (size + GAP) * rows.len() as u32;
    let root = SVGBackend::new(path, (right + SCALE, bottom + GAP)).into_drawing_area();
    root.fill(&WHITE)?;
    let weights = || rows.iter().flat_map(|(_, row)| row.as_flattened().as_flattened());
    let largest = weights().fold(f32::MIN_POSITIVE, |largest, weight| largest.max(weight.abs()));
    let font = (FONT, 15).into_font().color(&INK);
    for ((name, row), top) in rows.iter().zip((GAP..).step_by((size + GAP) as usize)) {
        root.draw(&Text::new(*name, (GAP as i32, (top + size / 2 - 8) as i32), font.clone()))?;
        for (filter, left) in row.iter().zip((NAMES..).step_by((size + GAP) as usize)) {
            draw_filter(&root.clone().shrink((left, top), (size, size)), filter, largest)?;
        }
    }
    draw_scale(&root.clone().shrink((right, GAP), (SCALE, bottom - GAP)), largest)?;
    Ok(root.present()?)
}

fn draw_filter<const SIZE: usize>(area: &Panel, filter: &Filter<SIZE>, largest: f32) -> Result<(), Box<dyn Error>> {
    for (cell, &weight) in area.split_evenly((SIZE, SIZE)).iter().zip(filter.as_flattened()) {
        cell.fill(&color(weight / largest))?;
    }
    let (width, height) = area.dim_in_pixel();
    area.draw(&Rectangle::new([(0, 0), (width as i32, height as i32)], INK.mix(0.4)))?;
    Ok(())
}

/// What the colours mean.
fn draw_scale(area: &Panel, largest: f32) -> Result<(), Box<dyn Error>> {
    let (_, height) = area.dim_in_pixel();
    let height = height as i32;
    for y in 0..height {
        let value = 1.0 - 2.0 * y as f32 / (height - 1) as f32;
        area.draw(&Rectangle::new([(0, y), (12, y + 1)], color(value).filled()))?;
    }
    area.draw(&Rectangle::new([(0, 0), (12, height)], INK.mix(0.4)))?;
    let font = (FONT, 12).into_font().color(&INK);
    for (value, y) in [(largest, 0), (0.0, height / 2 - 6), (-largest, height - 12)] {
        area.draw(&Text::new(format!("{value:.2}"), (18, y), font.clone()))?;
    }
    Ok(())
}

/// From blue (−1) over white (0) to red (1).
fn color(value: f32) -> RGBColor {
    let end = if value < 0.0 { [33.0, 102.0, 172.0] } else { [178.0, 24.0, 43.0] };
    let [red, green, blue] = end.map(|end| (255.0 + (end - 255.0) * value.abs().min(1.0)).round() as u8);
    RGBColor(red, green, blue)
}
