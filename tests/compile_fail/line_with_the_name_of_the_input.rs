use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        input: dense(128),
        out: dense(10),
    }

    struct Other(image: [784]) -> [10] {
        image: dense(128),
        out: dense(10),
    }
}

fn main() {}
