use monograd::losses::{HalfSquaredError, SoftmaxCrossEntropy};
use monograd::optimizers::ImplicitSgd;
use monograd::prelude::*;

network! {
    struct Linear([2]) -> [1] {
        out: dense(1),
    }

    struct Deep([2]) -> [1] {
        hidden: dense(2) -> tanh,
        out: dense(1),
    }
}

fn main() {
    let data = Dataset::<f32, 2, [f32; 1]>::from_rows(&[[0.0, 1.0]], &[[1.0]]).unwrap();
    let _ = ImplicitSgd::new(1.0).fit(&mut *Deep::new(), &data, HalfSquaredError);
    let _ = ImplicitSgd::new(1.0).fit(&mut *Linear::new(), &data, SoftmaxCrossEntropy);
}
