use monograd::prelude::*;

const CLASSES: usize = 10;
const LETTERS: usize = 26;

network! {
    struct Net([784]) -> [CLASSES] {
        hidden: dense(128) -> relu,
        out: dense(LETTERS),
    }
}

fn main() {}
