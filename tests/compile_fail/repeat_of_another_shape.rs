use monograd::prelude::*;

network! {
    struct Net([16, 8, 8]) -> [10] {
        stage: repeat(3, conv2d(32, 3, padding = 1) -> relu),
        number: repeat(flatten),
        zero: input -> repeat(0, relu),
        line: input -> relu,
        named: repeat(2, add(input, conv2d(16, 1))),
        outside: input -> repeat(2, add(_, line)),
        out: flatten -> dense(10),
    }
}

fn main() {}
