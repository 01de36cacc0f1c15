//! Results do not depend on what they should not: the rest of the batch, chunks, what was in the workspace before; and
//! little on the instruction set.

use std::sync::{Mutex, PoisonError};

use monograd::initializers::Generator;
use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::prelude::*;
use monograd::simd::{Level, force_level};
use monograd::{Flat, Real};

network! {
    /// Sizes on and off every vector's length, and each kind of step.
    struct Odd([17]) -> [5] {
        a: dense(33) -> gelu -> dense(64) -> relu -> dense(19, bias = false) -> tanh,
        b: dense(40) -> silu -> softmax,
        out: dense(5),
    }
}

network! {
    /// Wide enough for the products' blocks.
    #[allow(softmax_output)]
    struct Wide([300]) -> [10] {
        hidden: dense(200) -> relu,
        out: dense(10) -> softmax,
    }
}

network! {
    /// No step needs a workspace: the chunk is the largest.
    struct Direct([6]) -> [6] {
        value: tanh,
    }
}

network! {
    /// The convolutional family, as far as training does what inference does.
    struct Pictures([3, 9, 9]) -> [5] {
        stem: conv2d(18, 3, padding = 1) -> relu -> conv2d(18, 3, padding = 1) -> relu -> max_pool2d(3, stride = 2),
        body: conv2d(18, 3, padding = 1, groups = 18) -> group_norm(3) -> silu -> local_response_norm(5),
        up: conv_transpose2d(7, 2, stride = 2) -> tanh -> avg_pool2d(2),
        out: conv2d(9, 2) -> layer_norm -> flatten -> dense(5),
    }
}

type Input<N> = OMatrix<<N as Network>::Scalar, <N as Network>::Input, Dyn>;

/// Runs `check` on every instruction set of this processor, and no other check meanwhile: the level is the process's.
fn on_every_level(mut check: impl FnMut(Level)) {
    static LEVEL: Mutex<()> = Mutex::new(());
    let _guard = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        force_level(Some(level)).unwrap();
        check(level);
    }
    force_level(None).unwrap();
}

fn samples<N: Network>(count: usize) -> Input<N> {
    let mut generator = Generator::seed(count as u64);
    let value = |_, _| N::Scalar::nearest(2.0 * generator.uniform() - 1.0);
    Input::<N>::from_fn_generic(N::Input::name(), Dyn(count), value)
}

/// A test of each function for each network in both precisions.
macro_rules! for_each_network {
    ($($check:ident),*) => {$(
        #[test]
        fn $check() {
            checks::$check::<Odd<f32>>();
            checks::$check::<Odd<f64>>();
            checks::$check::<Wide<f32>>();
            checks::$check::<Wide<f64>>();
            checks::$check::<Direct<f32>>();
            checks::$check::<Direct<f64>>();
            checks::$check::<Pictures<f32>>();
            checks::$check::<Pictures<f64>>();
        }
    )*};
}

for_each_network!(
    levels_agree,
    a_level_repeats_itself_bit_by_bit,
    a_sample_does_not_know_its_batch,
    training_knows_only_its_batch,
    training_computes_what_inference_does
);

mod checks {
    use super::*;

    /// Outputs and gradients of one batch.
    fn results<N: Trainable>(batch: usize) -> [Vec<N::Scalar>; 3] {
        let (mut net, x) = (N::seeded(1), samples::<N>(batch));
        let classes: Vec<_> = (0..batch as u32).map(|k| k % N::Output::DIM as u32).collect();
        let mut training = Training::<N>::with_input_gradient(batch);
        training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &classes).unwrap();
        let d_input = training.input_gradient().unwrap().as_slice().to_vec();
        [N::workspace(batch).run(&net, &x).as_slice().to_vec(), training.gradient().params().to_vec(), d_input]
    }

    pub fn levels_agree<N: Trainable>() {
        for batch in [1, 2, 7, 64] {
            let mut first: Option<[Vec<N::Scalar>; 3]> = None;
            on_every_level(|level| {
                let found = results::<N>(batch);
                let expected = first.get_or_insert_with(|| found.clone());
                for (found, expected) in found.iter().zip(&*expected) {
                    assert_near(&format!("{} on {level:?}, {batch} samples", N::NAME), found, expected);
                }
            });
        }
    }

    /// Within a hundred roundings of the largest value.
    fn assert_near<T: Real>(what: &str, found: &[T], expected: &[T]) {
        let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.to_f64().abs()));
        let epsilon = T::default_epsilon().to_f64();
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            let error = (found.to_f64() - expected.to_f64()).abs();
            assert!(error <= 100.0 * epsilon * largest, "{what}: value {i} is {found}, on the first level {expected}");
        }
    }

    pub fn a_level_repeats_itself_bit_by_bit<N: Trainable>() {
        on_every_level(|level| assert_eq!(results::<N>(29), results::<N>(29), "{} on {level:?}", N::NAME));
    }

    /// The batch sizes around which chunks and tiles end.
    fn batches<N: Network>() -> Vec<usize> {
        let chunk = N::CHUNK;
        let mut sizes = vec![1, 2, 3, 5, 6, 7, 11, 12, 13, 64, chunk - 1, chunk, chunk + 1, 2 * chunk + 3];
        sizes.retain(|size| *size > 0);
        sizes
    }

    pub fn a_sample_does_not_know_its_batch<N: Trainable>() {
        let net = N::seeded(2);
        let most = 2 * N::CHUNK + 3;
        let x = samples::<N>(most.max(64));
        let nan = Input::<N>::from_element_generic(N::Input::name(), Dyn(most), N::Scalar::nearest(f64::NAN));
        on_every_level(|level| {
            let mut single = N::workspace(1);
            let expected: Vec<_> = x.column_iter().flat_map(|x| single.run(&net, &x).as_slice().to_vec()).collect();
            let mut roomy = N::workspace(x.ncols() + 20);
            for batch in batches::<N>() {
                let what = format!("{} on {level:?}, {batch} samples", N::NAME);
                let expected = &expected[..batch * N::Output::DIM];
                let mut exact = N::workspace(batch);
                for work in [&mut exact, &mut roomy] {
                    let poison = nan.columns(0, most.min(work.capacity()));
                    assert!(work.run(&net, &poison).iter().all(|y| y.to_f64().is_nan()), "{what}: NaN in is NaN out");
                    let found = work.run(&net, &x.columns(0, batch));
                    assert_eq!(found.as_slice(), expected, "{what}");
                }
            }
        });
    }

    pub fn training_knows_only_its_batch<N: Trainable>() {
        let mut net = N::seeded(3);
        let nan = Input::<N>::from_element_generic(N::Input::name(), Dyn(70), N::Scalar::nearest(f64::NAN));
        on_every_level(|level| {
            let mut dirty = Training::<N>::with_input_gradient(70);
            for batch in [1, 2, 5, 6, 7, 13, 33, 64] {
                let what = format!("{} on {level:?}, {batch} samples", N::NAME);
                let x = samples::<N>(batch);
                let classes: Vec<_> = (0..batch as u32).map(|k| k % N::Output::DIM as u32).collect();
                let mut clean = Training::<N>::with_input_gradient(batch);
                let expected = clean.backprop(&mut net, &x, &SoftmaxCrossEntropy, &classes).unwrap();
                let poisoned = dirty.backprop(&mut net, &nan, &SoftmaxCrossEntropy, &[0_u32; 70]).unwrap();
                assert!(poisoned.to_f64().is_nan(), "{what}: NaN in is NaN out");
                let found = dirty.backprop(&mut net, &x, &SoftmaxCrossEntropy, &classes).unwrap();
                assert_eq!(found, expected, "{what}");
                assert_eq!(dirty.gradient().params(), clean.gradient().params(), "{what}");
                assert_eq!(dirty.input_gradient(), clean.input_gradient(), "{what}");
            }
        });
    }

    pub fn training_computes_what_inference_does<N: Trainable>() {
        let mut net = N::seeded(4);
        on_every_level(|level| {
            for batch in [1, 3, 12, 50] {
                let x = samples::<N>(batch);
                let mut training = Training::<N>::new(60);
                let mut work = N::workspace(60);
                training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &vec![0_u32; batch]).unwrap();
                let expected = work.run(&net, &x);
                assert_eq!(training.output(), expected, "{} on {level:?}, {batch} samples", N::NAME);
                assert!(training.input_gradient().is_none());
                assert_eq!(training.gradient().params().len(), <N as Flat<N::Scalar>>::LEN);
            }
        });
    }
}
