use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        a: dense(128, bias = 3),
        b: dense(128, init = he),
        c: leaky_relu(slope = -0.5) -> logistic(k = "two"),
        d: gelu(approximate = sigmoid),
        e: dense(128, init = normal, std = 0),
        f: elu(alpha = 1f32),
        out: dense(10),
    }
}

fn main() {}
