use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        out: dense(10),
    }

    block residual(channels) {
        out: dense(channels),
    }
}

fn main() {
    let mut work = Net::workspace(1);
    Net::new().forward(&nalgebra::SVector::<f32, 784>::zeros(), &mut work);
}
