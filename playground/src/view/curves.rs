//! The losses of the epochs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

use super::{TEST, TRAIN};
use crate::app::App;
use crate::curve::Curve;

/// A line for the points that are trained on, and one for the others, from 0 to the largest loss.
pub fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let curves = app.session.curves();
    let highest = curves.train.highest().max(curves.test.highest()).max(1e-3);
    let epochs = app.session.epochs().max(1);
    let x = Axis::default().bounds([0.0, epochs as f64]).labels(["0".to_string(), epochs.to_string()]);
    let y = Axis::default().bounds([0.0, highest]).labels(["0".to_string(), format!("{highest:.2}")]);
    let title = Line::from(vec![Span::from(" losses: "), "train ".fg(TRAIN), "test ".fg(TEST)]);
    let chart = Chart::new(vec![line(&curves.test, TEST), line(&curves.train, TRAIN)])
        .block(Block::bordered().title(title))
        .x_axis(x)
        .y_axis(y);
    frame.render_widget(chart, area);
}

fn line(curve: &Curve, color: Color) -> Dataset<'_> {
    Dataset::default()
        .marker(Marker::Braille)
        .graph_type(GraphType::Line)
        .style(Style::new().fg(color))
        .data(curve.points())
}
