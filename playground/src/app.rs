//! The state of the program, and what each key does to it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::choice::{Direction, neighbour, neighbour_around};
use crate::color::Palette;
use crate::feature::Feature;
use crate::row::Row;
use crate::session::Session;
use crate::settings::Settings;

/// What is below the settings, where there is no room for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// The losses.
    #[default]
    Curves,
    /// The network and its weights.
    Network,
}

/// What the program does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for keys.
    Paused,
    /// It trains the network.
    Running,
    /// It ends.
    Over,
}

/// The state of the program.
///
/// ```
/// use playground::app::App;
/// use playground::settings::Settings;
/// use ratatui::crossterm::event::{KeyCode, KeyEvent};
///
/// let mut app = App::new(Settings::default());
/// app.key(KeyEvent::from(KeyCode::Char(' ')));
/// app.advance(|| false);
/// assert!(app.is_running() && app.session.epochs() == 1);
/// ```
pub struct App {
    /// The training.
    pub session: Session,
    /// The colours that the terminal has.
    pub palette: Palette,
    /// The setting that the arrow keys change.
    pub selected: Row,
    /// How many epochs a frame has, if there is time for them: one of [`SPEEDS`](Self::SPEEDS).
    pub speed: usize,
    /// Whether the map has two colours only, those of the classes.
    pub discrete: bool,
    /// Whether the map shows the points that are not trained on.
    pub test_points: bool,
    /// What is below the settings.
    pub panel: Panel,
    /// Why the training stopped by itself.
    pub failure: Option<String>,
    phase: Phase,
}

impl App {
    /// Epochs a frame.
    pub const SPEEDS: [usize; 7] = [1, 2, 5, 10, 20, 50, 100];

    /// A training that stands at its beginning.
    ///
    /// # Panics
    /// As [`Session::new`].
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            session: Session::new(settings),
            palette: Palette::TrueColor,
            selected: Row::default(),
            speed: 1,
            discrete: false,
            test_points: false,
            panel: Panel::default(),
            failure: None,
            phase: Phase::Paused,
        }
    }

    /// Whether the network learns by itself.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether the program is to end.
    #[must_use]
    pub fn has_quit(&self) -> bool {
        self.phase == Phase::Over
    }

    /// The epochs of a frame, if the network learns by itself: as many as the speed says, or one and those before `is_over`.
    pub fn advance(&mut self, is_over: impl Fn() -> bool) {
        for _ in 0..self.speed {
            if !self.is_running() {
                return;
            }
            self.step();
            if is_over() {
                return;
            }
        }
    }

    /// Does what a key stands for.
    pub fn key(&mut self, key: KeyEvent) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            if key.code == KeyCode::Char('c') {
                self.phase = Phase::Over;
            }
            return;
        }
        match key.code {
            KeyCode::Up => self.selected = neighbour_around(&Row::ALL, self.selected, Direction::Back),
            KeyCode::Down => self.selected = neighbour_around(&Row::ALL, self.selected, Direction::Forward),
            KeyCode::Left => self.change(self.selected.changed(*self.session.settings(), Direction::Back)),
            KeyCode::Right => self.change(self.selected.changed(*self.session.settings(), Direction::Forward)),
            KeyCode::Char(letter) => self.letter(letter),
            KeyCode::Esc => self.phase = Phase::Over,
            _ => {}
        }
    }

    fn letter(&mut self, letter: char) {
        match letter {
            ' ' => self.phase = if self.is_running() { Phase::Paused } else { Phase::Running },
            's' => self.single_step(),
            'r' => self.restart(),
            'w' => self.other_weights(),
            'g' => self.other_data(),
            '+' => self.speed = neighbour(&Self::SPEEDS, self.speed, Direction::Forward),
            '-' => self.speed = neighbour(&Self::SPEEDS, self.speed, Direction::Back),
            'd' => self.discrete = !self.discrete,
            't' => self.test_points = !self.test_points,
            'n' => self.panel = neighbour_around(&[Panel::Curves, Panel::Network], self.panel, Direction::Forward),
            'q' => self.phase = Phase::Over,
            '1'..='7' => self.toggle(Feature::ALL[letter as usize - '1' as usize]),
            _ => {}
        }
    }

    fn step(&mut self) {
        if let Err(error) = self.session.step() {
            self.failure = Some(error.to_string());
            self.phase = Phase::Paused;
        }
    }

    fn single_step(&mut self) {
        self.phase = Phase::Paused;
        self.step();
    }

    fn restart(&mut self) {
        self.failure = None;
        self.session.restart();
    }

    fn other_weights(&mut self) {
        let settings = *self.session.settings();
        self.change(Settings { seed: settings.seed.wrapping_add(1), ..settings });
    }

    fn other_data(&mut self) {
        let settings = *self.session.settings();
        self.change(Settings { data_seed: settings.data_seed.wrapping_add(1), ..settings });
    }

    fn toggle(&mut self, feature: Feature) {
        let settings = *self.session.settings();
        self.change(Settings { features: settings.features.toggled(feature), ..settings });
    }

    fn change(&mut self, settings: Settings) {
        if settings != *self.session.settings() {
            self.failure = None;
            self.session.change(settings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_set::DataSet;
    use crate::network::Activation;

    fn app() -> App {
        App::new(Settings::default())
    }

    fn press(app: &mut App, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '↑' => KeyCode::Up,
                '↓' => KeyCode::Down,
                '←' => KeyCode::Left,
                '→' => KeyCode::Right,
                other => KeyCode::Char(other),
            };
            app.key(KeyEvent::from(code));
        }
    }

    #[test]
    fn space_starts_and_pauses() {
        let mut app = app();
        app.advance(|| false);
        assert_eq!(app.session.epochs(), 0);
        press(&mut app, " ");
        app.advance(|| false);
        press(&mut app, " ");
        app.advance(|| false);
        assert_eq!((app.session.epochs(), app.is_running()), (1, false));
    }

    #[test]
    fn a_step_is_one_epoch_and_pauses() {
        let mut app = app();
        press(&mut app, " ss");
        assert_eq!((app.session.epochs(), app.is_running()), (2, false));
    }

    #[test]
    fn a_frame_has_as_many_epochs_as_the_speed_and_the_time_allow() {
        let mut app = app();
        press(&mut app, " ++");
        app.advance(|| false);
        assert_eq!(app.session.epochs(), 5);
        app.advance(|| true);
        assert_eq!(app.session.epochs(), 6);
        press(&mut app, &"+".repeat(20));
        assert_eq!(app.speed, 100);
        press(&mut app, &"-".repeat(20));
        assert_eq!(app.speed, 1);
    }

    #[test]
    fn arrows_choose_and_change() {
        let mut app = app();
        press(&mut app, "→");
        assert_eq!(app.session.settings().data, DataSet::Xor);
        press(&mut app, "↓→→↓↓↓→");
        let settings = app.session.settings();
        assert_eq!((app.selected, settings.noise, settings.activation), (Row::Activation, 10, Activation::Relu));
        press(&mut app, "↑↑↑↑↑");
        assert_eq!(app.selected, Row::RegularizationRate);
    }

    #[test]
    fn a_changed_network_begins_anew_and_a_changed_rate_does_not() {
        let mut app = app();
        press(&mut app, "ss↓↓↓↓↓→");
        assert_eq!((app.session.settings().learning_rate, app.session.epochs()), (0.1, 2));
        press(&mut app, "5");
        assert!(app.session.settings().features.has(Feature::X1x2) && app.session.epochs() == 0);
        press(&mut app, "s1");
        assert!(!app.session.settings().features.has(Feature::X1) && app.session.epochs() == 0);
        // At the end of its list a setting stays, and so does the training.
        press(&mut app, "s↑↑↑↑←");
        assert_eq!((app.selected, app.session.epochs()), (Row::Noise, 1));
    }

    #[test]
    fn letters_for_seeds_and_views() {
        let mut app = app();
        let points = app.session.train().to_vec();
        press(&mut app, "sr");
        assert_eq!(app.session.epochs(), 0);
        press(&mut app, "w");
        assert_eq!((app.session.settings().seed, app.session.train()), (1, &points[..]));
        press(&mut app, "g");
        assert!(app.session.settings().data_seed == 1 && app.session.train() != points);
        press(&mut app, "dtn");
        assert!(app.discrete && app.test_points && app.panel == Panel::Network);
        press(&mut app, "dtn");
        assert!(!app.discrete && !app.test_points && app.panel == Panel::Curves);
    }

    #[test]
    fn keys_that_end_the_program_and_keys_that_do_nothing() {
        for code in [KeyCode::Char('q'), KeyCode::Esc] {
            let mut app = app();
            app.key(KeyEvent::from(code));
            assert!(app.has_quit());
        }
        let mut app = app();
        app.key(KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release));
        app.key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL));
        press(&mut app, "0898xyz");
        assert!(!app.has_quit() && app.session.settings() == &Settings::default());
        app.key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert!(app.has_quit());
    }

    #[test]
    fn a_training_that_diverges_stops_and_says_why() {
        let settings = Settings {
            data: DataSet::RegGauss,
            activation: Activation::Linear,
            learning_rate: 10.0,
            ..Settings::default()
        };
        let mut app = App::new(settings);
        press(&mut app, " ++++++");
        app.advance(|| false);
        assert!(!app.is_running() && app.failure.as_ref().is_some_and(|why| why.contains("diverged")));
        press(&mut app, "r");
        assert_eq!(app.failure, None);
    }
}
