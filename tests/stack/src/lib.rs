//! Networks run in small threads, without optimisation.
//!
//! A network's values are on the heap, from its making to its last training step: a thread of 256 KiB is enough for one of
//! any size, also in a build without any optimisation, where each call has its frame and each temporary its place in it.
//! Overflowing a stack ends the process, and so the tests:
//!
//! ```text
//! cargo test -p stack --profile unoptimised
//! ```

use monograd::Real;
use monograd::losses::{MeanSquaredError, SoftmaxCrossEntropy};
use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::optimizers::{Adam, Sgd};
use monograd::prelude::*;

network! {
    /// Twenty million parameters: 80 MB.
    pub struct Large([784]) -> [10] {
        hidden1: dense(4096) -> relu,
        hidden2: dense(4096) -> tanh,
        out: dense(10),
    }
}

network! {
    /// Forty layers in few lines: every step has its values in the frame of the pass.
    #[allow(softmax_output, saturating_stack)]
    pub struct Deep([12]) -> [3] {
        a: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        b: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        c: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        d: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        e: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        f: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        g: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        h: dense(12) -> relu -> dense(12) -> gelu -> dense(12) -> silu -> dense(12) -> tanh -> dense(12) -> elu,
        out: dense(3) -> softmax,
    }
}

network! {
    /// Every kind of kernel of the convolutional family.
    pub struct Images([2, 13, 13]) -> [3] {
        stem: conv2d(20, 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(3, stride = 2),
        body: conv2d(20, 3, padding = 1, groups = 20) -> group_norm(4) -> silu -> local_response_norm(5),
        up: conv_transpose2d(9, 2, stride = 2) -> upsample(2, mode = bilinear) -> layer_norm -> dropout2d(0.2),
        down: avg_pool2d(4) -> conv2d(33, 3, stride = 2, padding = 1) -> tanh -> dropout(0.2),
        out: global_max_pool -> dense(3),
    }
}

/// A large network whose weights are all alike: drawing them takes most of the time that a test has.
#[must_use]
pub fn large_and_even() -> Box<Large> {
    let mut net = Large::zeroed();
    net.hidden1.weight.as_mut_slice().fill(0.001);
    net.hidden2.weight.as_mut_slice().fill(0.001);
    net.out.weight.as_mut_slice().fill(0.001);
    net
}

/// Runs a network, trains it for two steps, and runs it again.
///
/// # Panics
/// If the training changes nothing.
pub fn run_and_train<N: Trainable>(mut net: Box<N>, batch: usize) {
    let half = N::Scalar::nearest(0.5);
    let x = OMatrix::<N::Scalar, N::Input, Dyn>::from_element_generic(N::Input::name(), Dyn(batch), half);
    let mut work = N::workspace(batch);
    let before = work.run(&net, &x)[0];
    let mut training = Training::<N>::with_input_gradient(batch);
    let classes = vec![1_u32; batch];
    training.backprop(&mut net, &x, &SoftmaxCrossEntropy, &classes).expect("there is a class for each sample");
    Sgd::new(0.01).momentum(0.9).step(net.params_mut(), training.gradient().params());
    let values = vec![half; batch * N::Output::DIM];
    training.backprop(&mut net, &x, &MeanSquaredError, &values).expect("there is a target for each output");
    Adam::new(0.01).step(net.params_mut(), training.gradient().params());
    assert!(work.run(&net, &x)[0] != before, "training changes the output");
}

#[cfg(test)]
mod tests {
    use std::thread;

    use monograd::networks::AlexNet;
    use monograd::simd::{Level, force_level};

    use super::*;

    /// Runs `work` in a thread of 256 KiB.
    fn in_a_small_thread(work: fn()) {
        let thread = thread::Builder::new().stack_size(256 * 1024).spawn(work).expect("a thread can be made");
        assert!(thread.join().is_ok(), "the work panicked");
    }

    /// One test for all, since the instruction set is the process's.
    #[test]
    fn networks_fit_small_threads_on_every_level() {
        for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
            force_level(Some(level)).expect("the level is supported");
            in_a_small_thread(|| run_and_train(Deep::new(), 33));
            in_a_small_thread(|| run_and_train(Deep::<f64>::new(), 2));
            in_a_small_thread(|| run_and_train(large_and_even(), 1));
            in_a_small_thread(|| run_and_train(Images::new(), 5));
            in_a_small_thread(|| run_and_train(Images::<f64>::new(), 2));
        }
        // The weights stay zero: without optimisation drawing 61 million takes longer than the image.
        in_a_small_thread(|| {
            let (net, mut work) = (AlexNet::zeroed(), AlexNet::workspace(1));
            let image = OMatrix::<f32, <AlexNet as Network>::Input, Dyn>::from_element(1, 0.5);
            assert!(net.forward(&image, &mut work).iter().all(|y| *y == 0.0));
        });
        in_a_small_thread(|| assert!(Large::new().params()[0] != 0.0));
        in_a_small_thread(|| assert!(!Large::summary().to_string().is_empty()));
    }
}
