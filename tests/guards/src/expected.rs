//! Numbers in a file, which what is found has to agree with.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The numbers of a file, a line `name: number` each, and what was found. The first line is the compiler that they are of.
pub struct Expected {
    path: PathBuf,
    compiler: String,
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
        Self::parse(path, &text)
    }

    fn parse(path: PathBuf, text: &str) -> Self {
        let (compiler, numbers) = text.split_once('\n').unwrap_or_default();
        let line = |line| parse(line).unwrap_or_else(|| panic!("{}: not `name: number`: {line:?}", path.display()));
        let lines = numbers.lines().map(line).collect();
        Self { compiler: compiler.to_owned(), lines, path, mistakes: String::new() }
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
    pub fn finish(mut self) {
        let present = compiler();
        let report = self.report(&present);
        if env::var_os("UPDATE_GUARDS").is_some() {
            let line = |line: &Line| format!("{}: {}\n", line.name, line.number);
            let numbers: String = self.lines.iter().map(line).collect::<Vec<_>>().concat();
            return fs::write(&self.path, format!("{present}\n{numbers}"))
                .expect("the file of expected numbers is writable");
        }
        assert!(report.is_empty(), "\n{report}");
    }

    /// The mistakes and what to do about them, nothing if there are none; drops the lines that nothing was found for.
    fn report(&mut self, present: &str) -> String {
        let Self { path, compiler, lines, mistakes } = self;
        for line in lines.extract_if(.., |line| !line.is_checked) {
            _ = writeln!(mistakes, "{}: expected {}, but nothing was found of that name", line.name, line.number);
        }
        if mistakes.is_empty() {
            return String::new();
        }
        if !compiler.is_empty() && compiler != present {
            _ = writeln!(
                mistakes,
                "The numbers are of {compiler}, and this is {present}: if they hold with the former, it is the compiler that moved them."
            );
        }
        let file = path.display();
        format!(
            "{mistakes}If the change is wanted, `UPDATE_GUARDS=1 cargo test -p guards` writes what was found to {file}"
        )
    }
}

/// The name and version of the compiler that builds the programs.
fn compiler() -> String {
    let name = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(name).arg("--version").output().expect("cargo has run the compiler");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn parse(line: &str) -> Option<Line> {
    let (name, number) = line.rsplit_once(": ")?;
    Some(Line { name: name.to_owned(), number: number.parse().ok()?, is_checked: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The report on `a: 100` of an old compiler after some checks.
    fn report(present: &str, checks: &[(&str, u64)]) -> String {
        let mut expected = Expected::parse("numbers.txt".into(), "rustc 1.0.0\na: 100\n");
        for &(name, found) in checks {
            expected.check(name, found, 3.0);
        }
        expected.report(present)
    }

    #[test]
    fn what_is_near_enough_is_no_mistake_with_any_compiler() {
        assert_eq!(report("rustc 1.0.0", &[("a", 102)]), "");
        assert_eq!(report("rustc 2.0.0", &[("a", 98)]), "");
    }

    #[test]
    fn numbers_that_differ_are_mistakes() {
        assert!(report("rustc 1.0.0", &[("a", 104)]).starts_with("a: expected 100 ± 3 %, found 104 (+4.0 %)\nIf"));
        assert!(report("rustc 1.0.0", &[("a", 96)]).starts_with("a: expected 100 ± 3 %, found 96 (-4.0 %)\nIf"));
    }

    #[test]
    fn lines_that_nothing_checks_are_mistakes() {
        assert!(report("rustc 1.0.0", &[]).starts_with("a: expected 100, but nothing was found of that name\n"));
    }

    #[test]
    fn numbers_without_a_line_are_mistakes() {
        let report = report("rustc 1.0.0", &[("a", 100), ("b", 1)]);
        assert!(report.starts_with("b: nothing expected yet, found 1\n"), "{report}");
    }

    #[test]
    fn mistakes_name_the_compiler_if_it_is_another() {
        let report = report("rustc 2.0.0", &[("a", 104)]);
        assert!(report.contains("The numbers are of rustc 1.0.0, and this is rustc 2.0.0"), "{report}");
    }
}
