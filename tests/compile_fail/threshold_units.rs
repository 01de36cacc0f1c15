use monograd::prelude::*;

network! {
    struct Net([2]) -> [1] {
        image: threshold(1, inhibitory = [0, 2]),
        twice: input -> threshold(1, inhibitory = [1, 1]),
        both: input -> threshold(1, excitatory = [0, 1], inhibitory = [1]),
        list: input -> threshold(1, inhibitory = 1),
        theta: input -> threshold(1.5),
    }

    struct Image([1, 2, 2]) -> [1] {
        out: threshold(3),
    }
}

fn main() {}
