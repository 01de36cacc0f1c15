use monograd::prelude::*;

network! {
    struct Net([8]) -> [8] {
        out: good(8) -> dense(8),
    }

    block good(n) {
        out: dense(n),
    }

    block good(m, m) {
        out: dense(m),
    }

    block odd(3, size = , other other) {
        out: dense(size),
    }

    block empty() {}

    block add(n) {
        out: dense(n),
    }
}

fn main() {}
