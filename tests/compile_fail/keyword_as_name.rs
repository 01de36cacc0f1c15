use monograd::prelude::*;

network! {
    struct match([784]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
