//! What declarations become, kept as the files in `snapshots/`: read them, they should look written by hand.
//!
//! After a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test -p nn-macros` writes them anew.

use std::path::Path;

use super::tokens;
use crate::expand_network;

fn check(name: &str, declaration: &str) {
    let file = syn::parse2(expand_network(tokens(declaration))).expect("the expansion is Rust");
    let found = prettyplease::unparse(&file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/snapshots").join(format!("{name}.rs"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &found).expect("the snapshot can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}.rs:{}", line + 1);
    }
    assert_eq!(found, expected, "{name}.rs");
}

#[test]
fn two_layers() {
    check(
        "two_layers",
        "/// Handwritten digits.
        pub struct Digits([784]) -> [10] {
            hidden: dense(128) -> relu,
            /// One score a digit.
            out: dense(10),
        }",
    );
}

#[test]
fn several_layers_in_a_line() {
    check(
        "several_layers_in_a_line",
        "pub(crate) struct Small([3]) -> (y: [CLASSES]) {
            body: dense(HIDDEN) -> gelu(approximate = tanh) -> dense({ HIDDEN / 2 }, bias = false) -> tanh,
            y: dense(CLASSES, init = normal, std = 0.5) -> softmax,
        }",
    );
}

#[test]
fn threshold_unit() {
    check("threshold_unit", "struct And([2]) -> [1] { out: dense(1, init = zeros) -> step, }");
}

#[test]
fn no_parameters() {
    check("no_parameters", "struct Flat([1, 28, 28]) -> [784] { out: flatten -> leaky_relu(slope = SLOPE), }");
}

#[test]
fn a_stub_after_errors() {
    check(
        "a_stub_after_errors",
        "pub struct Net([784]) -> [10] { hidden: dense(128) -> rleu, other: dense(5) -> dense(6), out: dense(10), }",
    );
}

#[test]
fn blocks_and_merges() {
    check(
        "blocks_and_merges",
        "struct Net(left: [4], right: [4]) -> (y: [4], aux: [2] in training) {
            sum: add(left, right -> dense(4) -> tanh) -> relu,
            aux: dense(2),
            y: sum -> repeat(3, residual(4)),
        }

        block residual(n) {
            inner: dense(n) -> tanh,
            out: add(input, inner),
        }",
    );
}
