use monograd::prelude::*;

network! {
    struct Net([8]) -> (class: [10], value: [1], aux: [10] in training) {
        class: dense(10),
        aux: input -> dense(12),
    }

    struct Training([8]) -> (class: [10] in training) {
        class: dense(10),
    }

    struct Other([8]) -> (class: [10] in evaluation) {
        class: dense(10),
    }
}

fn main() {}
