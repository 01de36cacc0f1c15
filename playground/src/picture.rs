//! A training as an SVG file: the map with its points, and the losses.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use thiserror::Error;

use crate::choice::name;
use crate::color::{self, Rgb};
use crate::data_set::{EXTENT, Point};
use crate::row::Row;
use crate::session::{Scores, Session};

/// Why there is no picture.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// It could not be drawn.
    #[error("the picture could not be drawn: {0}")]
    Draw(#[from] DrawingAreaErrorKind<io::Error>),
    /// It could not be written.
    #[error("the picture {} could not be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Places of the map along each side, and the pixels of a place.
const PLACES: usize = 50;
const PIXELS: i32 = 8;
const SIDE: i32 = PLACES as i32 * PIXELS;

const MARGIN: i32 = 16;
const HEAD: i32 = 30;
const CHART: i32 = 440;
const SIZE: (u32, u32) = ((SIDE + CHART + 2 * MARGIN) as u32, (HEAD + SIDE + MARGIN) as u32);

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(60, 60, 60);
const TRAIN: RGBColor = RGBColor(130, 130, 130);
const TEST: RGBColor = RGBColor(20, 20, 20);

/// The picture: the output at 50×50 places, the training points, and the losses of the epochs.
///
/// # Errors
/// If it could not be drawn, which the memory it is drawn in gives no reason for.
///
/// ```
/// use playground::picture::svg;
/// use playground::session::Session;
/// use playground::settings::Settings;
///
/// let text = svg(&mut Session::new(Settings::default()))?;
/// assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
/// # Ok::<(), playground::picture::PictureError>(())
/// ```
pub fn svg(session: &mut Session) -> Result<String, PictureError> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        root.draw(&Text::new(title(session), (MARGIN, 8), (FONT, 15).into_font().color(&INK)))?;
        let map = root.clone().shrink((MARGIN, HEAD), (SIDE as u32, SIDE as u32));
        draw_map(&map, session)?;
        let chart = root.clone().shrink((MARGIN + SIDE, HEAD), (CHART as u32, SIDE as u32));
        draw_losses(&chart, session)?;
        root.present()?;
    }
    Ok(text)
}

/// Writes the picture: the whole of it, or nothing. It is written beside the file and then takes its place.
///
/// # Errors
/// If it cannot be written; what was there before is still there then.
pub fn write(path: &Path, session: &mut Session) -> Result<(), PictureError> {
    let text = svg(session)?;
    let mut beside = path.as_os_str().to_os_string();
    beside.push(".tmp");
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    written.map_err(|source| {
        // Half a picture is of no use to anyone; the reason that counts is the first.
        let _ = fs::remove_file(&beside);
        PictureError::Write { path: path.to_path_buf(), source }
    })
}

fn title(session: &Session) -> String {
    let settings = session.settings();
    let [data, network] = [name(&settings.data), settings.network.to_string()];
    let rate = Row::LearningRate.value(settings);
    format!("{data}, hidden layers {network}, {}, learning rate {rate}", name(&settings.activation))
}

fn draw_map(area: &Area, session: &mut Session) -> Drawn {
    let colors: Vec<_> = session.map(PLACES, PLACES).iter().map(|&output| color::shade(output)).collect();
    for (row, colors) in colors.chunks(PLACES).enumerate() {
        let (mut left, top) = (0, row as i32 * PIXELS);
        for run in colors.chunk_by(|a, b| a == b) {
            let right = left + run.len() as i32 * PIXELS;
            area.draw(&Rectangle::new([(left, top), (right, top + PIXELS)], rgb(run[0]).filled()))?;
            left = right;
        }
    }
    session.train().iter().try_for_each(|point| draw_point(area, point))
}

/// Points outside of the map are left out.
fn draw_point(area: &Area, point: &Point) -> Drawn {
    if point.x1.abs().max(point.x2.abs()) >= EXTENT {
        return Ok(());
    }
    let pixel = |x: f64| ((x + EXTENT) / (2.0 * EXTENT) * f64::from(SIDE)).round() as i32;
    let place = (pixel(point.x1), pixel(-point.x2));
    area.draw(&Circle::new(place, 2, rgb(color::label(point.label)).filled()))
}

fn draw_losses(area: &Area, session: &Session) -> Drawn {
    let curves = session.curves();
    let highest = curves.train.highest().max(curves.test.highest()).max(1e-3);
    let mut chart = ChartBuilder::on(area)
        .margin_left(8)
        .x_label_area_size(36)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..session.epochs().max(1) as f64, 0.0..1.05 * highest)?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .y_desc("loss")
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.15))
        .axis_style(INK.mix(0.5))
        .label_style((FONT, 13).into_font().color(&INK))
        .draw()?;
    let Scores { train, test } = session.scores();
    for (curve, name, loss, color) in
        [(&curves.test, "test", test.loss, TEST), (&curves.train, "train", train.loss, TRAIN)]
    {
        chart
            .draw_series(LineSeries::new(curve.points().iter().copied(), color.stroke_width(2)))?
            .label(format!("{name} {loss:.4}"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font((FONT, 13).into_font().color(&INK))
        .background_style(WHITE.mix(0.8))
        .draw()
}

fn rgb([red, green, blue]: Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_set::DataSet;
    use crate::settings::Settings;

    fn trained(data: DataSet, epochs: usize) -> Session {
        let mut session = Session::new(Settings { data, noise: 50, ..Settings::default() });
        (0..epochs).for_each(|_| session.step().unwrap());
        session
    }

    #[test]
    fn it_is_valid_svg_with_map_points_and_lines() {
        for (data, epochs) in [(DataSet::Circle, 0), (DataSet::Gauss, 40), (DataSet::RegGauss, 3)] {
            let mut session = trained(data, epochs);
            let text = svg(&mut session).unwrap();
            let document = roxmltree::Document::parse(&text).unwrap();
            assert_eq!(document.root_element().tag_name().name(), "svg");
            let count = |name| document.descendants().filter(|node| node.tag_name().name() == name).count();
            let inside = |point: &&Point| point.x1.abs().max(point.x2.abs()) < EXTENT;
            assert_eq!(count("circle"), session.train().iter().filter(inside).count());
            assert!(count("rect") > PLACES && count("polyline") >= 2, "{data:?}");
            assert!(text.len() < 200_000, "{data:?}: {} bytes", text.len());
        }
    }

    #[test]
    fn it_is_the_same_for_the_same_training() {
        assert_eq!(svg(&mut trained(DataSet::Xor, 5)).unwrap(), svg(&mut trained(DataSet::Xor, 5)).unwrap());
    }

    #[test]
    fn it_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture.svg");
        let mut session = trained(DataSet::Circle, 1);
        write(&path, &mut session).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), svg(&mut session).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        // A folder cannot be replaced by a file.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        let error = write(&taken, &mut session).unwrap_err().to_string();
        assert!(error.contains("taken could not be written"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        let nowhere = folder.path().join("nowhere/picture.svg");
        assert!(matches!(write(&nowhere, &mut session), Err(PictureError::Write { .. })));
    }
}
