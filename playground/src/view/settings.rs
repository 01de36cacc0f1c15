//! The panel of what can be chosen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use crate::app::App;
use crate::feature::Feature;
use crate::row::Row;

/// The rows, two lines of features, and the border.
pub const HEIGHT: u16 = Row::ALL.len() as u16 + 2 + 2;

/// How many features are in the first of their lines.
const FIRST_LINE: usize = 5;

/// The rows with their values, the one that the arrow keys change marked, and the features in brackets that are on.
pub fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let mut lines: Vec<_> = Row::ALL.into_iter().map(|row| line(row, app)).collect();
    let (first, second) = Feature::ALL.split_at(FIRST_LINE);
    lines.push(features("features", first, app));
    lines.push(features("", second, app));
    let settings = app.session.settings();
    let title = format!(" settings, data seed {}, seed {} ", settings.data_seed, settings.seed);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(title)), area);
}

fn line(row: Row, app: &App) -> Line<'static> {
    let value = row.value(app.session.settings());
    if row == app.selected {
        Line::from(format!("▸{:<15}‹ {value} ›", row.label())).bold()
    } else {
        Line::from(format!(" {:<15}  {value}", row.label()))
    }
}

fn features(label: &'static str, features: &[Feature], app: &App) -> Line<'static> {
    let mut spans = vec![Span::from(format!(" {label:<9}"))];
    spans.extend(features.iter().map(|&feature| {
        if app.session.settings().features.has(feature) {
            Span::from(format!("[{}]", feature.formula())).bold()
        } else {
            Span::from(format!(" {} ", feature.formula())).dim()
        }
    }));
    Line::from(spans)
}
