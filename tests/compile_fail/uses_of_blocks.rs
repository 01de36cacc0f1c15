use monograd::prelude::*;

network! {
    struct Net([8]) -> [10] {
        missing: wide(),
        many: wide(8, 2, 3),
        unknown: wide(8, factr = 2),
        twice: wide(8, size = 8),
        bare: wide,
        negative: wide(-1),
        other: wider(8),
        out: wide(8) -> dense(10),
    }

    block wide(size, factor = 2) {
        inner: dense(size * factor) -> relu,
        out: dense(size),
    }
}

fn main() {}
