//! Generic declarations: sizes as `const` parameters.

use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{SMatrix, SVector};
use monograd::optimizers::Sgd;
use monograd::prelude::*;

mod differences;

network! {
    /// Two layers of any width.
    pub struct Mlp<const HIDDEN: usize>([5]) -> [3] {
        hidden: dense(HIDDEN) -> tanh,
        out: dense(3),
    }
}

network! {
    /// A residual network of any width and depth.
    struct Residual<const WIDTH: usize, const DEPTH: usize>([WIDTH]) -> [WIDTH] {
        body: repeat(DEPTH, step(WIDTH)),
        out: layer_norm,
    }

    block step(width) {
        inner: dense(width) -> tanh -> dense(width),
        out: add(input, inner),
    }
}

/// Sizes with the letters of mathematics, which are names of types within generated code otherwise.
#[allow(non_upper_case_globals, reason = "`In` is such a type")]
mod letters {
    use monograd::prelude::*;

    network! {
        pub struct Letters<const A: usize, const B: usize, const S: usize, const L: usize>([A]) -> [B] {
            body: repeat(L, widen(A, S)),
            out: dense(B),
        }

        block widen(inner, outer) {
            body: dense(outer) -> tanh -> dense(inner),
            out: add(input, body),
        }
    }

    network! {
        pub struct More<const U: usize, const In: usize, const Target: usize, const B: usize, const B_: usize>([U]) -> [B_] {
            out: dense(In) -> tanh -> dense(Target) -> tanh -> dense(B) -> batch_norm -> dense(B_),
        }
    }

    network! {
        pub struct Ports<const B: usize, const L: usize>(left: [3], right: [2]) -> (narrow: [2], wide: [4]) {
            hidden: add(left -> dense(B), right -> dense(B)) -> tanh -> dense(L),
            narrow: hidden -> dense(2),
            wide: hidden -> dense(4),
        }
    }
}

#[test]
fn a_size_may_have_any_letter_but_that_of_the_scalar() {
    use letters::{Letters, More, Ports, PortsInputs, PortsOutputs};

    differences::check_network::<Letters<3, 2, 5, 2, f64>>();
    differences::check_network::<Ports<4, 5, f64>>();
    let mut work = Letters::<3, 2, 5, 2>::workspace(1);
    assert_eq!(Letters::<3, 2, 5, 2>::new().forward(&SVector::<f32, 3>::zeros(), &mut work).nrows(), 2);
    let mut work = More::<3, 2, 5, 2, 4>::workspace(1);
    assert_eq!(More::<3, 2, 5, 2, 4>::new().forward(&SVector::<f32, 3>::zeros(), &mut work).nrows(), 4);

    let (mut net, x) = (Ports::<4, 5>::new(), [SVector::<f32, 3>::repeat(1.0), SVector::repeat(0.5)]);
    let right = SVector::<f32, 2>::repeat(0.25);
    let inputs = || PortsInputs { left: &x[0], right: &right };
    let PortsOutputs { narrow, wide } = net.forward(inputs(), &mut Ports::<4, 5>::workspace(1));
    assert_eq!((narrow.nrows(), wide.nrows()), (2, 4));
    let losses = PortsOutputs { narrow: SoftmaxCrossEntropy, wide: SoftmaxCrossEntropy };
    let targets = PortsOutputs { narrow: &[1_u32][..], wide: &[3_u32][..] };
    let loss = Training::<Ports<4, 5>>::new(1).backprop(&mut *net, &inputs(), &losses, targets).unwrap();
    assert!(loss > 0.0 && loss.is_finite());
}

#[test]
fn counts_depend_on_the_parameters() {
    assert_eq!((Mlp::<4>::PARAMS, Mlp::<7>::PARAMS), (4 * 6 + 3 * 5, 7 * 6 + 3 * 8));
    assert_eq!(Residual::<4, 3>::PARAMS, 3 * 2 * 20 + 8);
    let names: Vec<_> = Residual::<4, 2>::tensors().into_iter().map(|tensor| tensor.name).collect();
    assert_eq!(names[4], "body.1.inner.dense.weight");
    assert!(Mlp::<4>::summary().to_string().contains("[4]"));
}

#[test]
fn gradients() {
    differences::check_network::<Mlp<4, f64>>();
    differences::check_network::<Mlp<9, f64>>();
    differences::check_network::<Residual<3, 2, f64>>();
}

#[test]
fn they_infer_train_and_are_saved() {
    let mut net = Mlp::<16>::seeded(1);
    let mut training = Training::<Mlp<16>>::new(4);
    let x = SMatrix::<f32, 5, 4>::from_fn(|i, j| (i as f32 - 2.0) * (j as f32 + 1.0) / 4.0);
    let mut sgd = Sgd::new(0.1);
    let losses: Vec<_> = (0..50)
        .map(|_| {
            let loss = training.backprop(&mut *net, &x, &SoftmaxCrossEntropy, &[0, 1, 2, 0]).unwrap();
            sgd.step(net.params_mut(), training.gradient().params());
            loss
        })
        .collect();
    assert!(losses[49] < losses[0]);
    let path = std::env::temp_dir().join(format!("monograd-generic-{}.safetensors", std::process::id()));
    net.save(&path).unwrap();
    let mut other = Mlp::<16>::zeroed();
    other.load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut work = Mlp::<16>::workspace(1);
    let sample = SVector::<f32, 5>::repeat(0.5);
    let expected = net.forward(&sample, &mut work).into_owned();
    assert_eq!(other.forward(&sample, &mut work).into_owned(), expected);
}
