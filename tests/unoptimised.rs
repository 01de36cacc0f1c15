//! The tests of `tests/stack`, built without any optimisation: frames are largest there.

use std::process::Command;

#[test]
fn networks_run_in_small_threads_without_optimisation() {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--package", "stack", "--profile", "unoptimised"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "{status}");
}
