use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

fn main() {
    let x = nalgebra::SVector::<f64, 784>::zeros();
    Net::new().forward(&x, &mut Net::workspace(1));
}
