//! What a declared network says of itself, how it begins, and how it answers what does not fit.

use std::fmt::Debug;

use monograd::losses::{BinaryCrossEntropyWithLogits, Hinge, MeanSquaredError, SoftmaxCrossEntropy, TargetError};
use monograd::nalgebra::{Const, Dyn, OMatrix, SMatrix, Vector2, Vector3, vector};
use monograd::optimizers::{Adam, AdamW, Sgd};
use monograd::prelude::*;
use monograd::{ALIGN, Buffer, LayerInfo, Real, Summary, TensorInfo};

network! {
    /// A line of two layers, one without parameters, one without bias.
    struct Mixed([2, 3, 3]) -> (y: [2]) {
        body: flatten -> dense(7) -> relu -> dense(5, bias = false) -> tanh,
        nothing: silu,
        y: dense(2),
    }
}

#[test]
fn constants_are_the_sums_of_the_table() {
    assert_eq!(Mixed::PARAMS, 18 * 7 + 7 + 7 * 5 + 5 * 2 + 2);
    assert_eq!(Mixed::MACS, 18 * 7 + 7 * 5 + 5 * 2);
    assert_eq!(Mixed::ACTIVATIONS, 18 + 7 + 7 + 5 + 5 + 5 + 2);
    assert_eq!(Mixed::RECEPTIVE_FIELD, [3, 3]);
    assert_eq!(Mixed::<f32>::INPUT_SHAPE, [2, 3, 3]);
    assert_eq!(Mixed::<f32>::OUTPUT_SHAPE, [2]);
    assert_eq!(Mixed::<f32>::NAME, "Mixed");
}

#[test]
fn constants_are_known_to_the_compiler() {
    const VALUES: [f32; Mixed::PARAMS] = [0.0; Mixed::PARAMS];
    const BYTES: usize = size_of::<Mixed>();
    assert_eq!(VALUES.len(), Mixed::PARAMS);
    assert_eq!(BYTES, 4 * <Mixed as monograd::Flat<f32>>::LEN);
}

#[test]
fn the_table_has_a_row_for_each_layer() {
    let layers = Mixed::<f32>::LAYERS;
    let kinds: Vec<_> = layers.iter().map(|layer| (layer.line, layer.kind)).collect();
    let body = ["flatten", "dense", "relu", "dense", "tanh"].map(|kind| ("body", kind));
    assert_eq!(kinds, [&body[..], &[("nothing", "silu"), ("y", "dense")]].concat());
    let without_bias = LayerInfo {
        line: "body",
        layer: "dense(5, bias = false)",
        kind: "dense",
        output: &[5],
        params: 35,
        activations: 5,
        macs: 35,
        receptive_field: &[3, 3],
        inner: &[],
    };
    assert_eq!(layers[3], without_bias);
}

#[test]
fn tensors_have_the_names_of_the_fields_and_the_shapes_of_files() {
    const ORDER: &[usize] = &[1, 0];
    let expected = [
        TensorInfo { name: "body.dense.weight".into(), shape: &[7, 18], order: ORDER, offset: 0 },
        TensorInfo { name: "body.dense.bias".into(), shape: &[7], order: &[0], offset: 126 },
        // 133 values and 11 of padding before it.
        TensorInfo { name: "body.dense_2.weight".into(), shape: &[5, 7], order: ORDER, offset: 144 },
        // 35 and 13.
        TensorInfo { name: "y.weight".into(), shape: &[2, 5], order: ORDER, offset: 192 },
        TensorInfo { name: "y.bias".into(), shape: &[2], order: &[0], offset: 202 },
    ];
    assert_eq!(Mixed::<f32>::tensors(), expected);
    assert_eq!(Mixed::<f64>::tensors(), expected);
    assert_eq!(<Mixed as monograd::Flat<f32>>::LEN, 208);
}

#[test]
fn tensors_lie_where_the_fields_do() {
    let net = Mixed::seeded(3);
    let fields: [&[f32]; 5] = [
        net.body.dense.weight.as_slice(),
        net.body.dense.bias.as_slice(),
        net.body.dense_2.weight.as_slice(),
        net.y.weight.as_slice(),
        net.y.bias.as_slice(),
    ];
    for (tensor, field) in Mixed::<f32>::tensors().iter().zip(fields) {
        let values = &net.params()[tensor.offset..][..tensor.len()];
        assert_eq!(values.as_ptr_range(), field.as_ptr_range(), "{}", tensor.name);
    }
    assert_eq!(net.nothing, monograd::layers::Empty);
}

#[test]
fn layers_start_on_cache_lines_and_padding_is_zero() {
    fn check<N: Network>() {
        let net = N::seeded(11);
        let mut padding = vec![true; net.params().len()];
        for tensor in N::tensors() {
            padding[tensor.offset..][..tensor.len()].fill(false);
            if tensor.name.ends_with("weight") {
                assert_eq!(tensor.offset % ALIGN, 0);
                assert_eq!(net.params()[tensor.offset..].as_ptr() as usize % 64, 0, "{}", tensor.name);
            }
        }
        assert_eq!(padding.iter().filter(|is| !**is).count(), N::PARAMS);
        let zero = N::Scalar::nearest(0.0);
        assert!(net.params().iter().zip(padding).all(|(value, is)| !is || *value == zero));
    }
    check::<Mixed<f32>>();
    check::<Mixed<f64>>();
}

network! {
    /// What the output depends on is not what the last line does.
    #[allow(unused_value)]
    struct Behind(sequence [5, 3]) -> (y: sequence [5, 2]) {
        y: dense(2),
        whole: flatten -> dense(4),
    }
}

network! {
    /// Each value of the output is made of one value of the input.
    struct Activated([2, 3, 3]) -> [18] {
        values: tanh -> flatten,
    }
}

#[test]
fn the_receptive_field_is_that_of_the_output() {
    assert_eq!(Behind::RECEPTIVE_FIELD, [1]);
    assert_eq!(Activated::RECEPTIVE_FIELD, [1, 1]);
}

#[test]
fn a_network_without_a_scalar_is_of_f32() {
    let single: Box<Mixed> = Mixed::new();
    let double: Box<Mixed<f64>> = Mixed::<f64>::new();
    let _: (f32, f64) = (single.y.weight[0], double.y.weight[0]);
    assert_eq!(size_of_val(&*double), 2 * size_of_val(&*single));
}

#[test]
fn a_seed_gives_the_same_parameters_in_both_precisions() {
    let [a, again, other] = [5, 5, 6].map(Mixed::seeded);
    assert_eq!(a.params(), again.params());
    assert_ne!(a.params(), other.params());
    assert_eq!(Mixed::new().params(), Mixed::seeded(0).params());
    let rounded: Vec<_> = Mixed::<f64>::seeded(5).params().iter().map(|x| *x as f32).collect();
    assert_eq!(a.params(), rounded);
    let mut copy = Mixed::zeroed();
    assert!(copy.params().iter().all(|x| *x == 0.0));
    copy.copy_from(&a);
    assert_eq!(copy.params(), a.params());
}

network! {
    /// Layers of one size and all that decides how they begin.
    #[allow(stacked_linear)]
    struct Beginnings([30]) -> [30] {
        to_relu: dense(30) -> relu,
        to_gelu: dense(30) -> gelu,
        to_tanh: dense(30) -> tanh,
        through_flatten: dense(30) -> flatten -> relu,
        before_softmax: dense(30) -> softmax,
        bare: dense(30),
        zeros: dense(30, init = zeros) -> relu,
        normal: dense(30, init = normal, std = 0.5),
        he_normal: dense(30, init = he_normal),
        xavier_normal: dense(30, init = xavier_normal) -> relu,
        he_uniform: dense(30, init = he_uniform),
        xavier_uniform: dense(30, init = xavier_uniform) -> relu,
    }
}

/// Uniform values fill `[−bound, bound]` and no more.
#[track_caller]
fn assert_uniform(weight: &SMatrix<f32, 30, 30>, bound: f32) {
    let largest = weight.amax();
    assert!(largest <= bound && largest > 0.98 * bound, "{largest} for a bound of {bound}");
}

/// 900 values have a standard deviation within a tenth of the truth, four times its own deviation.
#[track_caller]
fn assert_normal(weight: &SMatrix<f32, 30, 30>, deviation: f32) {
    let found = (weight.norm_squared() / 900.0).sqrt();
    assert!((found / deviation - 1.0).abs() < 0.1, "{found} for {deviation}");
    assert!(weight.amax() > 2.5 * deviation, "normal values have no bound");
}

#[test]
fn weights_begin_as_their_activation_wants_and_biases_at_zero() {
    let net = Beginnings::new();
    let (he, xavier) = ((2.0_f32 * 3.0 / 30.0).sqrt(), (6.0_f32 / 60.0).sqrt());
    assert_uniform(&net.to_relu.weight, he);
    assert_uniform(&net.to_gelu.weight, he);
    assert_uniform(&net.to_tanh.weight, xavier);
    assert_uniform(&net.through_flatten.weight, he);
    assert_uniform(&net.before_softmax.weight, xavier);
    assert_uniform(&net.bare.weight, xavier);
    for tensor in Beginnings::<f32>::tensors().iter().filter(|tensor| tensor.name.ends_with("bias")) {
        assert!(net.params()[tensor.offset..][..tensor.len()].iter().all(|bias| *bias == 0.0));
    }
}

#[test]
fn weights_begin_as_they_are_told() {
    let net = Beginnings::new();
    assert!(net.zeros.weight.iter().all(|w| *w == 0.0));
    assert_normal(&net.normal.weight, 0.5);
    assert_normal(&net.he_normal.weight, (2.0_f32 / 30.0).sqrt());
    assert_normal(&net.xavier_normal.weight, (2.0_f32 / 60.0).sqrt());
    assert_uniform(&net.he_uniform.weight, (2.0_f32 * 3.0 / 30.0).sqrt());
    assert_uniform(&net.xavier_uniform.weight, (6.0_f32 / 60.0).sqrt());
}

network! {
    struct Small([3]) -> [2] {
        hidden: dense(4) -> tanh,
        out: dense(2),
    }
}

type Samples = OMatrix<f32, Const<3>, Dyn>;

#[test]
#[should_panic(expected = "this workspace was made for 4 samples, but the batch has 5")]
fn inference_refuses_a_batch_larger_than_its_workspace() {
    let _ = Small::new().forward(&Samples::zeros(5), &mut Small::workspace(4));
}

#[test]
#[should_panic(expected = "this workspace was made for 0 samples, but the batch has 1")]
fn inference_refuses_a_sample_without_room() {
    let _ = Small::new().forward(&Vector3::zeros(), &mut Small::workspace(0));
}

#[test]
#[should_panic(expected = "this workspace was made for 4 samples, but the batch has 5")]
fn training_refuses_a_batch_larger_than_its_workspace() {
    let targets = [0.0; 10];
    let _ = Training::<Small>::new(4).backprop(&mut Small::new(), &Samples::zeros(5), &MeanSquaredError, &targets);
}

#[test]
fn an_empty_batch_has_no_output() {
    let net = Small::new();
    for capacity in [0, 1, 5] {
        let mut work = Small::workspace(capacity);
        assert_eq!(work.capacity(), capacity);
        assert_eq!(net.forward(&Samples::zeros(0), &mut work).shape(), (2, 0));
    }
}

#[test]
fn an_empty_batch_cannot_train() {
    let mut net = Small::new();
    for capacity in [0, 5] {
        let mut training = Training::<Small>::with_input_gradient(capacity);
        let found = training.backprop(&mut net, &Samples::zeros(0), &MeanSquaredError, &[]);
        assert_eq!(found, Err(TargetError::EmptyBatch));
        assert_eq!(training.output().shape(), (2, 0));
        assert_eq!(training.input_gradient().map(|d| d.shape()), Some((3, 0)));
    }
}

#[test]
fn static_dynamic_and_borrowed_batches_are_the_same() {
    let net = Small::new();
    let mut work = Small::workspace(6);
    let dynamic = Samples::from_fn(6, |r, c| (r as f32 - 1.3 * c as f32).sin());
    let fixed: SMatrix<f32, 3, 6> = dynamic.fixed_columns::<6>(0).into_owned();
    let expected = net.forward(&dynamic, &mut work).into_owned();
    let found: SMatrix<f32, 2, 6> = net.forward(&fixed, &mut work).into_owned();
    assert_eq!(found, expected);
    assert_eq!(net.forward(&dynamic.columns(2, 3), &mut work), expected.columns(2, 3));
    assert_eq!(net.forward(&fixed.fixed_columns::<2>(4), &mut work), expected.columns(4, 2));
    let one: Vector2<f32> = net.forward(&vector![0.0_f32.sin(), 1.0_f32.sin(), 2.0_f32.sin()], &mut work).into_owned();
    assert_eq!(one, expected.column(0));
}

#[test]
fn targets_that_do_not_fit_are_errors() {
    let mut net = Small::new();
    let x = Samples::zeros(3);
    let mut training = Training::<Small>::new(3);
    let says = |found: Result<f32, TargetError>, message: &str| assert_eq!(found.unwrap_err().to_string(), message);
    says(
        training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[0_u32, 1]),
        "3 samples with 1 targets each need 3 targets, found 2",
    );
    says(
        training.backprop(&mut net, &x, &MeanSquaredError, &[0.0; 3]),
        "3 samples with 2 targets each need 6 targets, found 3",
    );
    says(
        training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[0_u32, 1, 2]),
        "sample 2 has the target class 2, but the network has 2 outputs, for classes from 0 on",
    );
    says(
        training.backprop(&mut net, &x, &BinaryCrossEntropyWithLogits, &[0.0, 1.0, 0.5, 0.0, 1.5, 0.0]),
        "target 4 of the batch is 1.5; this loss takes probabilities, from 0 to 1",
    );
    says(
        training.backprop(&mut net, &x, &Hinge, &[1.0, -1.0, 0.0, 1.0, 1.0, 1.0]),
        "target 2 of the batch is 0; this loss takes −1 and 1",
    );
}

#[test]
fn an_error_leaves_the_gradient_as_it_was() {
    let (mut net, x) = (Small::new(), Samples::repeat(3, 0.5));
    let mut training = Training::<Small>::new(3);
    training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[0_u32, 1, 0]).unwrap();
    let before = training.gradient().params().to_vec();
    training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &[0_u32, 1, 9]).unwrap_err();
    assert_eq!(training.gradient().params(), before);
}

#[test]
fn everything_can_be_shown() {
    let net = Mixed::new();
    assert_eq!(format!("{net:?}"), "Mixed { .. }");
    assert_eq!(format!("{:?}", net.body), "MixedBody { .. }");
    assert_eq!(format!("{:?}", Small::workspace(4)), "Inference::<Small> of up to 4 samples");
    assert_eq!(format!("{:?}", Training::<Small<f64>>::new(4)), "Training::<Small> of up to 4 samples");
    assert_eq!(format!("{:?}", net.nothing), "Empty");
}

#[test]
fn everything_goes_between_threads() {
    fn check<T: Debug + Send + Sync + 'static>() {}
    check::<Mixed<f32>>();
    check::<Mixed<f64>>();
    check::<Inference<Mixed<f32>>>();
    check::<Training<Mixed<f64>>>();
    check::<Buffer<f32>>();
    check::<Summary>();
    check::<TensorInfo>();
    check::<TargetError>();
    check::<Sgd>();
    check::<Adam<f64>>();
    check::<AdamW>();
}

network! {
    /// The line that nothing uses would want another initialiser.
    #[allow(unused_value)]
    struct Forked([30]) -> [30] {
        shared: dense(30),
        unused: shared -> relu,
        out: shared -> tanh,
    }
}

#[test]
fn a_line_that_nothing_uses_has_no_say_in_the_initialiser() {
    assert_uniform(&Forked::new().shared.weight, (6.0_f32 / 60.0).sqrt());
}
