//! Numbers in a file, which what is found has to agree with.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The numbers of a file, a line `name: number` each, and what was found.
pub struct Expected {
    path: PathBuf,
    lines: Vec<Line>,
    mistakes: String,
}

struct Line {
    name: String,
    number: u64,
    is_checked: bool,
}

impl Expected {
    /// The numbers of a file of this package.
    ///
    /// # Panics
    /// If a line of it is something else.
    #[must_use]
    pub fn read(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        // A file that is not there yet has no numbers.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lines =
            text.lines().map(|line| parse(line).unwrap_or_else(|| panic!("{file}: not `name: number`: {line:?}")));
        Self { lines: lines.collect(), path, mistakes: String::new() }
    }

    /// Takes note of what was found, and of the mistake if it is not within `percent` of what is expected: to either side, since
    /// what is better than expected would let later changes undo it unseen.
    pub fn check(&mut self, name: &str, found: u64, percent: f64) {
        let Some(line) = self.lines.iter_mut().find(|line| line.name == name) else {
            _ = writeln!(self.mistakes, "{name}: nothing expected yet, found {found}");
            self.lines.push(Line { name: name.to_owned(), number: found, is_checked: true });
            return;
        };
        let expected = line.number;
        let change = 100.0 * (found as f64 / expected as f64 - 1.0);
        if change.abs() > percent {
            _ = writeln!(self.mistakes, "{name}: expected {expected} ± {percent} %, found {found} ({change:+.1} %)");
        }
        (line.number, line.is_checked) = (found, true);
    }

    /// Writes what was found to the file if `UPDATE_GUARDS` is set.
    ///
    /// # Panics
    /// If it is not, and there are mistakes; or if the file cannot be written.
    pub fn finish(self) {
        let Self { path, mut lines, mut mistakes } = self;
        for line in lines.extract_if(.., |line| !line.is_checked) {
            _ = writeln!(mistakes, "{}: expected {}, but nothing was found of that name", line.name, line.number);
        }
        if env::var_os("UPDATE_GUARDS").is_some() {
            let lines: Vec<String> = lines.iter().map(|line| format!("{}: {}\n", line.name, line.number)).collect();
            return fs::write(&path, lines.concat()).expect("the file of expected numbers is writable");
        }
        let file = path.display();
        assert!(
            mistakes.is_empty(),
            "\n{mistakes}If the change is wanted, `UPDATE_GUARDS=1 cargo test -p guards` writes what was found to {file}"
        );
    }
}

fn parse(line: &str) -> Option<Line> {
    let (name, number) = line.rsplit_once(": ")?;
    Some(Line { name: name.to_owned(), number: number.parse().ok()?, is_checked: false })
}
