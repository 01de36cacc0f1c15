use monograd::prelude::*;

network! {
    struct Perceptron([2]) -> [1] {
        out: dense(1) -> step,
    }
}

fn main() {
    let mut training = Training::<Perceptron>::new(4);
    let x = nalgebra::SMatrix::<f32, 2, 4>::zeros();
    let _ = training.backprop(&mut Perceptron::new(), &x, &monograd::losses::MeanSquaredError, &[0.0; 4]);
}
