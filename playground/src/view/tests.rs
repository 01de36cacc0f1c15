//! The screen in the memory of a test.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::*;
use crate::settings::Settings;

fn screen(app: &mut App, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, app)).unwrap();
    terminal
}

/// The lines of the screen.
fn lines(app: &mut App, width: u16, height: u16) -> Vec<String> {
    let terminal = screen(app, width, height);
    let symbols: Vec<_> = terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect();
    symbols.chunks(usize::from(width)).map(<[&str]>::concat).collect()
}

fn trained(epochs: usize) -> App {
    let mut app = App::new(Settings::default());
    (0..epochs).for_each(|_| app.key(KeyEvent::from(KeyCode::Char('s'))));
    app
}

#[test]
fn no_size_is_too_small_to_be_drawn() {
    let mut app = trained(2);
    for panel in [Panel::Curves, Panel::Network] {
        app.panel = panel;
        for width in (0..100).chain([300]) {
            for height in [0, 1, 2, 5, 7, 8, 9, 12, 16, 17, 24, 31, 33, 60] {
                let _ = screen(&mut app, width, height);
            }
        }
    }
}

/// The screenshot of the README; `UPDATE_SNAPSHOTS=1` writes it anew.
#[test]
fn a_frame_is_what_the_readme_shows() {
    let found: String = lines(&mut trained(80), 80, 24).iter().flat_map(|line| [line.trim_end(), "\n"]).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- screen -->\n```text\n", "```\n<!-- /screen -->");
    let (before, rest) = readme.split_once(begin).unwrap();
    let (expected, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, format!("{before}{begin}{found}{end}{after}")).unwrap();
    } else {
        assert_eq!(found, expected);
    }
}

#[test]
fn eighty_columns_show_everything() {
    let mut app = trained(0);
    let text = lines(&mut app, 80, 24).join("\n");
    for part in [
        "circle",
        "epoch 0",
        "paused",
        "learning rate",
        "sin x₂",
        "losses",
        "q quit",
        "n network",
        " output ",
        "data seed 0",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    app.panel = Panel::Network;
    app.discrete = true;
    let text = lines(&mut app, 80, 24).join("\n");
    assert!(text.contains(" network ") && text.contains(" classes ") && !text.contains("losses"), "{text}");
    let text = lines(&mut app, 120, 50).join("\n");
    assert!(text.contains(" network ") && text.contains("losses"), "{text}");
}

#[test]
fn a_failure_is_shown_instead_of_the_keys() {
    let mut app = trained(0);
    app.failure = Some("the training has diverged".to_string());
    let text = lines(&mut app, 80, 24).join("\n");
    assert!(text.contains("diverged") && !text.contains("q quit"));
}

#[test]
fn the_map_has_the_colours_of_the_outputs_and_points_lie_on_it() {
    let mut app = trained(200);
    app.discrete = true;
    let terminal = screen(&mut app, 80, 24);
    let buffer = terminal.backend().buffer();
    // The map is 38×19 cells from (1, 2) on: inside of the circle it is blue, in its corners orange.
    let [inside, corner] = [(20, 11), (2, 2)].map(|place| buffer[place].bg);
    assert_eq!(inside, app.palette.color(crate::color::class(1.0)));
    assert_eq!(corner, app.palette.color(crate::color::class(-1.0)));
    let points = |app: &mut App, symbol: &str| {
        screen(app, 80, 24).backend().buffer().content.iter().filter(|cell| cell.symbol() == symbol).count()
    };
    assert!(points(&mut app, "•") > 100);
    assert_eq!(points(&mut app, "◦"), 0);
    app.test_points = true;
    assert!(points(&mut app, "◦") > 50);
}
