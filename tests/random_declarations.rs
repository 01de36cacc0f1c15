//! The networks of `tests/random_graphs.rs` are drawn here, and kept as `random_graphs/declarations.rs`.
//!
//! After a change of the generator `UPDATE_SNAPSHOTS=1 cargo test --test random_declarations` writes them anew. With
//! `RANDOM_GRAPHS_SEED=7` besides it writes others: to look for what is rare.

#[path = "random_graphs/generator/mod.rs"]
mod generator;

use std::path::Path;

/// How many networks are kept.
const COUNT: usize = 40;
const SEED: u64 = 1;

#[test]
fn the_declarations_are_those_of_the_generator() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/random_graphs/declarations.rs");
    let seed = std::env::var("RANDOM_GRAPHS_SEED").map_or(SEED, |seed| seed.parse().expect("a seed is a number"));
    let drawn = generator::declarations(seed, COUNT);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &drawn).expect("the declarations can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (drawn, kept)) in drawn.lines().zip(kept.lines()).enumerate() {
        assert_eq!(drawn, kept, "declarations.rs:{}", line + 1);
    }
    assert_eq!(drawn, kept, "declarations.rs");
}
