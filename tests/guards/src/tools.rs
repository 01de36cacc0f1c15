//! The programs of this package, built as a user builds them, and the tools that look at them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, io};

use serde_json::Value;

/// Set where the guards must not be skipped for want of a tool.
const REQUIRED: &str = "REQUIRE_GUARDS";

/// What [`release_programs`] builds.
pub struct Built {
    programs: Vec<PathBuf>,
    /// The `rlib` of `nn-runtime` that they are linked with.
    pub library: PathBuf,
}

impl Built {
    /// The file of a program.
    ///
    /// # Panics
    /// If there is no such program.
    #[must_use]
    pub fn program(&self, name: &str) -> &Path {
        let is_it = |path: &&PathBuf| path.file_stem() == Some(OsStr::new(name));
        self.programs.iter().find(is_it).unwrap_or_else(|| panic!("cargo names no program {name}"))
    }
}

/// Builds the programs with `--release`.
///
/// They have a target folder of their own inside of `folder`, since the names of their functions are to show what is generic in
/// them (`-Csymbol-mangling-version=v0`): with other flags everything is built again.
///
/// # Panics
/// If they cannot be built.
#[must_use]
pub fn release_programs(folder: &str) -> Built {
    let target = Path::new(folder).join("guards");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "guards", "--bins"])
        .args(["--message-format", "json-render-diagnostics", "--target-dir"])
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTFLAGS", "-Csymbol-mangling-version=v0")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the programs of tests/guards could not be built: {}", output.status);
    let messages = String::from_utf8_lossy(&output.stdout);
    let library = library(&messages).unwrap_or_else(|| panic!("cargo names no library of nn-runtime:\n{messages}"));
    Built { programs: programs(&messages), library }
}

/// The programs among cargo's messages, an object of JSON a line.
fn programs(messages: &str) -> Vec<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).collect()
}

/// The `rlib` of `nn-runtime` among cargo's messages. The folder may have those of other builds too.
fn library(messages: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let files = message["filenames"].as_array().filter(|_| message["target"]["name"] == "nn_runtime")?;
        let mut paths = files.iter().filter_map(Value::as_str).map(PathBuf::from);
        paths.find(|path| path.extension().is_some_and(|extension| extension == "rlib"))
    })
}

/// What a tool prints; none, and a note that `guard` is skipped, if the machine does not have the tool.
///
/// # Panics
/// If the tool fails, or if there is none and the variable `REQUIRE_GUARDS` is set.
pub fn run<A: AsRef<OsStr>>(guard: &str, tool: &str, arguments: impl IntoIterator<Item = A>) -> Option<Output> {
    let output = match Command::new(tool).args(arguments).env("LC_ALL", "C").output() {
        Ok(output) => output,
        Err(error) => {
            miss(guard, tool, &error, env::var_os(REQUIRED).is_some());
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{guard}: {tool} failed: {}\n{errors}", output.status);
    Some(output)
}

/// Skips a guard for want of a tool, unless it is required.
fn miss(guard: &str, tool: &str, error: &io::Error, is_required: bool) {
    let reason = format!("{tool} cannot be run: {error}");
    assert!(!is_required, "{guard}: {reason}; install it, or unset {REQUIRED} to skip the guard");
    skip(guard, &reason);
}

/// Whether the machine has all of these tools; if not, a note that `guard` is skipped.
///
/// # Panics
/// If it does not, and the variable `REQUIRE_GUARDS` is set.
#[must_use]
pub fn has(guard: &str, tools: &[&str]) -> bool {
    tools.iter().all(|tool| run(guard, tool, ["--version"]).is_some())
}

/// Says that a guard is skipped, past the test harness, which shows nothing of tests that pass.
pub fn skip(guard: &str, reason: &str) {
    use io::Write;
    // To a closed stream there is nothing to say.
    _ = writeln!(io::stderr(), "SKIPPED: {guard}: {reason}");
}

/// Whether this is the machine that the guards are for.
#[must_use]
pub fn is_x86_64_linux(guard: &str) -> bool {
    let is = cfg!(all(target_arch = "x86_64", target_os = "linux"));
    if !is {
        skip(guard, &format!("it is for Linux on x86-64, and this is {} on {}", env::consts::OS, env::consts::ARCH));
    }
    is
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_the_one_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"rand"},"filenames":["/t/librand-0.rlib"]}
{"reason":"compiler-artifact","target":{"name":"nn_runtime"},"filenames":["/t/libnn_runtime-1.rmeta","/t/libnn_runtime-1.rlib"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(library(messages), Some(PathBuf::from("/t/libnn_runtime-1.rlib")));
        assert_eq!(library(""), None);
    }

    #[test]
    fn the_programs_are_those_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"rand"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"workloads"},"executable":"/t/x86_64/release/workloads"}"#;
        let built = Built { programs: programs(messages), library: PathBuf::new() };
        assert_eq!(built.program("workloads"), Path::new("/t/x86_64/release/workloads"));
    }

    #[test]
    #[should_panic(expected = "a guard: a-tool cannot be run")]
    fn a_tool_that_is_required_is_an_error() {
        miss("a guard", "a-tool", &io::Error::from(io::ErrorKind::NotFound), true);
    }
}
