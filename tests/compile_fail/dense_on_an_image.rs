use monograd::prelude::*;

network! {
    struct Net([1, 28, 28]) -> [10] {
        bright: leaky_relu -> relu,
        hidden: tanh -> dense(128) -> relu,
        out: dense(10),
    }
}

fn main() {}
