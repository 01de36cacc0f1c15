//! What only a release build has: the tests of the library are built for debugging.

use std::process::Command;

use guards::tools::release_programs;

#[test]
fn small_layers_compute_the_same_where_they_are_called() {
    let built = release_programs(env!("CARGO_TARGET_TMPDIR"));
    let output = Command::new(built.program("same")).output().expect("it was just built");
    assert!(output.status.success(), "\n{}", String::from_utf8_lossy(&output.stderr));
}
