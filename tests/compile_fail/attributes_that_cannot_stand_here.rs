use monograd::prelude::*;

network! {
    #[derive(Clone)]
    struct Net([784]) -> [10] {
        #[cfg(test)]
        out: dense(10),
    }
}

fn main() {}
