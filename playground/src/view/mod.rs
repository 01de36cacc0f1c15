//! The screen.
//!
//! ```text
//! ┌ the training and its losses ┐
//! ├ map ──────┬ settings ───────┤
//! │           ├ losses, network ┤
//! ├ keys ─────┴─────────────────┤
//! ```
//!
//! Without room for the right side there is the map alone; with more of it, losses and network are both there.

mod curves;
mod diagram;
mod map;
mod settings;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::{App, Panel};
use crate::choice::name;
use crate::session::Scores;

/// The smallest terminal that something is drawn in.
const SMALLEST: (u16, u16) = (24, 8);
/// What the right side needs.
const SIDE_WIDTH: u16 = 38;
/// What losses and network need to be there both.
const BOTH_HEIGHT: u16 = 18;

const TRAIN: Color = Color::Gray;
const TEST: Color = Color::Yellow;

const KEYS: [&str; 2] = [
    " space run/pause  s step  r restart  w weights  g data  +/- speed  q quit",
    " ↑↓ choose  ←→ change  1–7 features  d discretise  t test points  n network",
];

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, app: &mut App) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (width, height) = SMALLEST;
        let text = format!("needs {width}×{height}, found {}×{}", area.width, area.height);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(2)]).areas(area);
    frame.render_widget(status(app), head);
    frame.render_widget(keys(app), foot);
    if body.width < SIDE_WIDTH + 2 * SMALLEST.1 {
        map::draw(frame, body, app);
        return;
    }
    let map_width = (2 * (body.height - 2) + 2).min(body.width - SIDE_WIDTH);
    let [left, right] = Layout::horizontal([Constraint::Length(map_width), Constraint::Min(0)]).areas(body);
    map::draw(frame, left, app);
    draw_side(frame, right, app);
}

fn draw_side(frame: &mut Frame, area: Rect, app: &App) {
    let [top, rest] = Layout::vertical([Constraint::Length(settings::HEIGHT), Constraint::Min(0)]).areas(area);
    settings::draw(frame, top, app);
    if rest.height >= BOTH_HEIGHT {
        let [upper, lower] = Layout::vertical([Constraint::Fill(1); 2]).areas(rest);
        curves::draw(frame, upper, app);
        diagram::draw(frame, lower, app);
    } else if app.panel == Panel::Curves {
        curves::draw(frame, rest, app);
    } else {
        diagram::draw(frame, rest, app);
    }
}

fn status(app: &App) -> Line<'static> {
    let Scores { train, test } = app.session.scores();
    let accuracy = test.accuracy.map_or_else(String::new, |share| format!("  right {:.1} %", 100.0 * share));
    let state = if app.is_running() { format!("  running ×{}", app.speed) } else { "  paused".to_string() };
    Line::from(vec![
        Span::from(format!(" {}", name(&app.session.settings().data))).bold(),
        Span::from(format!("  epoch {}", app.session.epochs())),
        Span::from(format!("  train {:.4}", train.loss)).fg(TRAIN),
        Span::from(format!("  test {:.4}{accuracy}", test.loss)).fg(TEST),
        Span::from(state).bold(),
    ])
}

fn keys(app: &App) -> Paragraph<'static> {
    match &app.failure {
        Some(why) => Paragraph::new(format!(" {why}")).wrap(Wrap { trim: true }).style(Style::new().red()),
        None => Paragraph::new(KEYS.map(Line::from).to_vec()).style(Style::new().dim()),
    }
}

#[cfg(test)]
mod tests;
