use monograd::prelude::*;

network! {
    struct Net([8]) -> [10] {
        one: add(_),
        none: concat,
        three: input -> multiply(_, _, input),
        option: add(_, input, axis = 1),
        axis: input -> concat(_, input, axis = 1),
        expression: concat(_, input, axis = N),
        branch: add(_ -> input, dense(8)),
        unfinished: add(dense(8) ->, input),
        out: input -> dense(10),
    }
}

fn main() {}
