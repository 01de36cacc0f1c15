//! The command line.

use std::thread;

use crate::measure::Pace;

/// What is to be measured.
#[derive(Debug, PartialEq)]
pub struct Arguments {
    /// Parts of the names of workloads; none stands for all of them.
    pub names: Vec<String>,
    /// The numbers of threads, each of which has a table.
    pub threads: Vec<usize>,
    /// Whether a first impression is enough.
    pub is_quick: bool,
}

impl Arguments {
    /// Names, `--threads 1,2`, `--quick`.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self { names: Vec::new(), threads: default_threads(), is_quick: false };
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => parsed.is_quick = true,
                "--threads" => parsed.threads = numbers(&arguments.next().unwrap_or_default())?,
                option if option.starts_with("--") => {
                    return Err(format!("expected names, `--threads` or `--quick`, found `{option}`"));
                }
                name => parsed.names.push(name.to_lowercase()),
            }
        }
        Ok(parsed)
    }

    /// Whether a workload with this title is asked for.
    pub fn includes(&self, title: &str) -> bool {
        let title = title.to_lowercase();
        self.names.is_empty() || self.names.iter().any(|name| title.contains(name))
    }

    /// How much time each workload has.
    pub fn pace(&self) -> Pace {
        if self.is_quick { Pace::QUICK } else { Pace::WHOLE }
    }

    /// Whether the results are complete enough to be written down.
    pub fn is_whole(&self) -> bool {
        self.names.is_empty() && self.threads == default_threads() && !self.is_quick
    }
}

/// One, and two where there are two.
fn default_threads() -> Vec<usize> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    (1..=processors.min(2)).collect()
}

fn numbers(text: &str) -> Result<Vec<usize>, String> {
    let number = |part: &str| part.parse().ok().filter(|&number| number > 0);
    let numbers: Option<Vec<_>> = text.split(',').map(number).collect();
    numbers.ok_or_else(|| format!("expected numbers of threads, as in `--threads 1,2`, found `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn only_the_plain_command_is_whole() {
        assert!(parse(&[]).expect("no arguments").is_whole());
        for arguments in [&["LeNet"][..], &["--quick"], &["--threads", "3"]] {
            assert!(!parse(arguments).expect("arguments").is_whole());
        }
    }

    #[test]
    fn names_are_parts_of_titles() {
        let arguments = parse(&["lenet", "VGG-16, 1", "--threads", "1,2"]).expect("arguments");
        assert_eq!(arguments.threads, [1, 2]);
        let titles = ["LeNet-5, 64 samples", "VGG-16, 1 sample", "VGG-16, 4 samples"];
        assert_eq!(titles.map(|title| arguments.includes(title)), [true, true, false]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for arguments in [&["--threads"][..], &["--threads", "0"], &["--thread", "2"]] {
            let message = parse(arguments).expect_err("a mistake");
            assert!(message.starts_with("expected ") && message.contains(", found `"), "{message}");
        }
    }
}
