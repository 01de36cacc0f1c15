//! The programs of this package, built as a user builds them, and the tools that look at them.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Builds the programs with `--release` and gives the folder that they are in.
///
/// They have a target folder of their own inside of `folder`, since the names of their functions are to show what is generic in
/// them (`-Csymbol-mangling-version=v0`): with other flags everything is built again.
///
/// # Panics
/// If they cannot be built.
#[must_use]
pub fn release_programs(folder: &str) -> PathBuf {
    let target = Path::new(folder).join("guards");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "guards", "--bins", "--target-dir"])
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTFLAGS", "-Csymbol-mangling-version=v0")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the programs of tests/guards could not be built: {status}");
    target.join("release")
}

/// What a tool prints; none, and a note that `guard` is skipped, if the machine does not have the tool.
///
/// # Panics
/// If the tool fails.
pub fn run<A: AsRef<OsStr>>(guard: &str, tool: &str, arguments: impl IntoIterator<Item = A>) -> Option<Output> {
    let output = match Command::new(tool).args(arguments).env("LC_ALL", "C").output() {
        Ok(output) => output,
        Err(error) => {
            skip(guard, &format!("{tool} cannot be run: {error}"));
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{guard}: {tool} failed: {}\n{errors}", output.status);
    Some(output)
}

/// Whether the machine has all of these tools; if not, a note that `guard` is skipped.
#[must_use]
pub fn has(guard: &str, tools: &[&str]) -> bool {
    tools.iter().all(|tool| run(guard, tool, ["--version"]).is_some())
}

/// Says that a guard is skipped, past the test harness, which shows nothing of tests that pass.
pub fn skip(guard: &str, reason: &str) {
    use std::io::Write;
    // To a closed stream there is nothing to say.
    _ = writeln!(std::io::stderr(), "SKIPPED: {guard}: {reason}");
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
