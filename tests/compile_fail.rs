//! What does not compile, and what the compiler says of it: each rule of the language has a case.
//!
//! `TRYBUILD=overwrite cargo test --test compile_fail` writes the messages anew. Standard-library and trait errors are
//! worded by the compiler, so the cases hold for the toolchain that the continuous integration pins.

#[test]
fn every_rule_of_the_language() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
