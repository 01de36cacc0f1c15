use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128) -> relu
        other: dens(64),
        /// The scores.
        pub last: dense(32)
        /// The digit.
        pub out: dense(10),
    }
}

fn main() {}
