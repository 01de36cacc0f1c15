use monograd::prelude::*;

network! {
    fn net([784]) -> [10] {
        out: dense(10),
    }
}

fn main() {}
