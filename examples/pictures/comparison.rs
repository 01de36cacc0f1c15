//! The same numbers of two networks, side by side.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use super::{FONT, INK, Panel, TRAINING, VALIDATION, range};

/// Two lines, one a network.
pub struct Lines<'a> {
    /// What is on the vertical axis, which is logarithmic.
    pub title: &'a str,
    /// What is counted from 1 on the horizontal axis.
    pub along: &'a str,
    /// The numbers.
    pub values: [Vec<f64>; 2],
}

/// A panel for each, one beside the other, with the lines by these names.
pub fn draw(path: &Path, names: [&str; 2], panels: &[Lines]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (420 * panels.len() as u32, 360)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, lines) in root.split_evenly((1, panels.len())).iter().zip(panels) {
        panel(area, names, lines)?;
    }
    Ok(root.present()?)
}

fn panel(area: &Panel, names: [&str; 2], Lines { title, along, values }: &Lines) -> Result<(), Box<dyn Error>> {
    let (low, high) = range(values);
    let last = values[0].len().max(2) as f64;
    let decades = (-9..6).flat_map(|power| [1.0, 2.0, 5.0].map(|first| first * 10_f64.powi(power)));
    let marks = decades.filter(|mark| (low / 1.2..high * 1.2).contains(mark)).collect();
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 17).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(1.0..last, (low / 1.2..high * 1.2).log_scale().with_key_points(marks))?;
    chart
        .configure_mesh()
        .x_labels(8)
        .y_labels(12)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|value| format!("{}", (1e6 * value).round() / 1e6))
        .x_desc(*along)
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.15))
        .axis_style(INK.mix(0.5))
        .label_style((FONT, 13).into_font().color(&INK))
        .draw()?;
    for (line, (name, color)) in values.iter().zip(names.into_iter().zip([TRAINING, VALIDATION])) {
        let points = (1..).map(f64::from).zip(line.iter().copied());
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font((FONT, 13).into_font().color(&INK))
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}
