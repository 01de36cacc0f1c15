//! What a network and a program weigh: memory, code, packages.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use guards::expected::Expected;
use guards::tools::{has, is_x86_64_linux, release_programs, run};
use guards::{Digits, Small};
use monograd::networks::{AlexNet, LeNet5, MnistCnn, ResNet18, ResNet20, SmallUNet, Vgg16};
use monograd::prelude::*;

/// Memory is a matter of the declaration, and the same everywhere.
#[test]
fn workspaces_are_as_large_as_expected() {
    let mut expected = Expected::read("workspaces.txt");
    check_workspaces::<Small>(&mut expected, "8-64-64-4");
    check_workspaces::<Digits>(&mut expected, "784-128-10");
    check_workspaces::<LeNet5>(&mut expected, "LeNet-5");
    check_workspaces::<MnistCnn>(&mut expected, "MNIST CNN");
    check_workspaces::<ResNet20>(&mut expected, "ResNet-20");
    check_workspaces::<ResNet18>(&mut expected, "ResNet-18");
    check_workspaces::<SmallUNet>(&mut expected, "small U-Net");
    check_workspaces::<AlexNet>(&mut expected, "AlexNet");
    check_workspaces::<Vgg16>(&mut expected, "VGG-16");
    expected.finish();
}

fn check_workspaces<N: Network>(expected: &mut Expected, name: &str) {
    expected.check(&format!("{name}, bytes of inference for a sample"), N::INFERENCE_BYTES as u64, 0.0);
    if let Some((fixed, sample)) = N::TRAINING_BYTES {
        expected.check(&format!("{name}, bytes of training in any case"), fixed as u64, 0.0);
        expected.check(&format!("{name}, bytes of training for a sample"), sample as u64, 0.0);
    }
}

/// Machine code is what most of the compiler's time goes into: its size stands for the time of a build, which no test can hold.
#[test]
fn programs_are_as_large_as_expected() {
    let guard = "sizes of programs and of the library's code";
    if !is_x86_64_linux(guard) || !has(guard, &["strip", "size"]) {
        return;
    }
    let built = release_programs(env!("CARGO_TARGET_TMPDIR"));
    let program = built.program("smallest");
    let stripped = program.with_extension("stripped");
    run(guard, "strip", [OsStr::new("-o"), stripped.as_os_str(), program.as_os_str()]);
    let Some(code) = library_code(guard, &built.library) else { return };
    let mut expected = Expected::read("sizes.txt");
    let bytes = stripped.metadata().expect("it was just written").len();
    expected.check("bytes of the smallest program that trains, stripped", bytes, 5.0);
    expected.check("bytes of the library's code", code, 3.0);
    expected.finish();
}

/// The bytes of code in `nn-runtime`'s library: the first column that `size` prints, over all of its objects.
fn library_code(guard: &str, library: &Path) -> Option<u64> {
    let sizes = run(guard, "size", [OsStr::new("--totals"), library.as_os_str()])?;
    let report = String::from_utf8_lossy(&sizes.stdout);
    let totals =
        report.lines().find(|line| line.ends_with("(TOTALS)")).unwrap_or_else(|| panic!("no totals:\n{report}"));
    totals.split_whitespace().next()?.parse().ok()
}

/// A package more has to be worth it. What packages depend on in their turn is theirs to change: there is a margin.
#[test]
fn as_many_packages_are_built_as_expected() {
    let mut expected = Expected::read("dependencies.txt");
    let features = [
        ("default features", &[][..]),
        ("no features", &["--no-default-features"]),
        ("threads", &["--features", "rayon"]),
    ];
    for (features, arguments) in features {
        expected.check(&format!("packages with {features}"), packages(arguments), 10.0);
        let arguments = [arguments, &["--depth", "1", "--package", "nn-runtime", "--package", "nn-macros"]].concat();
        expected.check(&format!("packages that are named, with {features}"), packages(&arguments), 0.0);
    }
    expected.finish();
}

/// The packages that the library and its macro are built from, themselves among them.
fn packages(arguments: &[&str]) -> u64 {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "monograd", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    // `name v1.2.3 (path)`: a second version of a package is a package more.
    let lines = tree.lines().filter(|line| !line.is_empty());
    let versions: BTreeSet<Vec<&str>> = lines.map(|line| line.split_whitespace().take(2).collect()).collect();
    versions.len() as u64
}
