use monograd::prelude::*;

network! {
    struct Net([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

fn main() {
    let mut training = Training::new(4);
    let x = nalgebra::SMatrix::<f32, 784, 4>::zeros();
    let classes: [u32; 4] = [0, 1, 2, 3];
    let _ = training.backprop(&mut *Net::new(), &x, &monograd::losses::MeanSquaredError, &classes);
}
