use monograd::perceptron::PerceptronRule;
use monograd::prelude::*;

network! {
    struct Deep([2]) -> [1] {
        hidden: dense(2) -> step,
        out: dense(1) -> step,
    }
}

fn main() {
    let data = Dataset::<f32, 2, u32>::from_labelled_rows(&[[0.0, 1.0]], &[1], 2).unwrap();
    let _ = PerceptronRule::new(1.0).fit(&mut *Deep::new(), &data);
}
