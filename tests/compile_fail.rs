//! What does not compile, and what the compiler says of it: each rule of the language has a case.
//!
//! The messages in `compile_fail` are ours, word for word. Those in `compile_fail/by_rustc` stand within the compiler's own
//! words, which change from release to release: they are compared where the compiler is the one they were written with.
//!
//! `TRYBUILD=overwrite cargo test --test compile_fail` writes the messages anew.

use std::process::Command;

/// The release whose words `compile_fail/by_rustc` has.
const RELEASE: &str = "rustc 1.95.";

#[test]
fn every_rule_of_the_language() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*.rs");
    if rustc_version().starts_with(RELEASE) {
        cases.compile_fail("tests/compile_fail/by_rustc/*.rs");
    }
}

fn rustc_version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc says its version");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
