#![deny(deprecated)]

use monograd::prelude::*;

network! {
    struct Net([1, 8, 8]) -> [10] {
        conv: conv2d(4, 3, padding = 1) -> batch_norm -> relu,
        flat: flatten -> dense(16) -> dense(8),
        deep: tanh -> dense(8) -> tanh -> dense(8) -> logistic -> dense(8) -> tanh -> dense(8) -> tanh,
        out: dense(10) -> softmax,
    }

    #[allow(stacked_linear, softmax_output)]
    struct Quiet([1, 8, 8]) -> [10] {
        #[allow(bias_before_norm)]
        conv: conv2d(4, 3, padding = 1) -> batch_norm -> relu,
        flat: flatten -> dense(16) -> dense(8),
        out: dense(10) -> softmax,
    }

    struct Ports(left: [8], right: [8]) -> (class: [4], aux: [4] in training) {
        stem: left -> dense(16) -> relu,
        aux: dense(4),
        class: relu -> dense(4),
    }

    block unused(n) {
        out: dense(n),
    }
}

fn main() {}
