//! The loop around the screen.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use thiserror::Error;

use crate::app::App;
use crate::view;

/// From one frame to the next.
const FRAME: Duration = Duration::from_millis(33);
/// How much of it belongs to the training; drawing and keys have the rest.
const TRAINING: Duration = Duration::from_millis(22);

/// Why there is nothing to see.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TerminalError {
    /// The output goes to a file or a pipe.
    #[error("expected a terminal, but the output is none; `--headless` trains without one")]
    None,
    /// The terminal did not do what it was told.
    #[error("the terminal failed: {0}")]
    Io(#[from] io::Error),
}

/// Runs until a key ends it, and leaves the terminal as it was, also when the program panics.
///
/// # Errors
/// If the output is no terminal, or it fails.
pub fn run(app: &mut App) -> Result<(), TerminalError> {
    if !io::stdout().is_terminal() {
        return Err(TerminalError::None);
    }
    // This also installs a panic hook that restores the terminal before the message is printed.
    let mut terminal = ratatui::try_init()?;
    let ended = frames(&mut terminal, app);
    ratatui::try_restore()?;
    Ok(ended?)
}

/// One frame after the other. While the network learns, a frame is training and then waiting for keys until its end; else the
/// program sleeps until there is a key, or another size.
fn frames(terminal: &mut DefaultTerminal, app: &mut App) -> io::Result<()> {
    while !app.has_quit() {
        let start = Instant::now();
        terminal.draw(|frame| view::draw(frame, app))?;
        if app.is_running() {
            let end = Instant::now() + TRAINING;
            app.advance(|| Instant::now() >= end);
            events(app, start + FRAME)?;
        } else {
            handle(app, &event::read()?);
            events(app, start)?;
        }
    }
    Ok(())
}

/// Handles what comes until `end`, and what is there by then.
fn events(app: &mut App, end: Instant) -> io::Result<()> {
    while !app.has_quit() && event::poll(end.saturating_duration_since(Instant::now()))? {
        handle(app, &event::read()?);
    }
    Ok(())
}

fn handle(app: &mut App, event: &Event) {
    if let Event::Key(key) = *event {
        app.key(key);
    }
}
