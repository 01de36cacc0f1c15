//! Convolutional networks trained on real digits, to a stated accuracy.

use monograd::data::{Augment, LabelledImages, Standardiser, TrainAndTest, idx_folder};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::optimizers::Adam;
use monograd::prelude::*;

network! {
    struct LeNet5([1, 32, 32]) -> [10] {
        c1: conv2d(6, 5) -> tanh,
        s2: avg_pool2d(2),
        c3: conv2d(16, 5) -> tanh,
        s4: avg_pool2d(2) -> flatten,
        c5: dense(120) -> tanh,
        f6: dense(84) -> tanh,
        out: dense(10),
    }
}

network! {
    /// A normalisation, a maximum and dropout, of each kind: what behaves differently in training.
    struct Modern([1, 28, 28]) -> [10] {
        c1: conv2d(8, 3, stride = 2, bias = false) -> batch_norm -> relu,
        c2: conv2d(16, 3, bias = false) -> batch_norm -> relu -> max_pool2d(2) -> dropout2d(0.1),
        hidden: flatten -> dense(64) -> relu -> dropout(0.2),
        out: dense(10),
    }
}

fn digits() -> TrainAndTest {
    idx_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data"), "digits-", 10).unwrap()
}

#[test]
fn lenet_5_learns_digits() {
    let TrainAndTest { train, test } = digits();
    let images = |images: &LabelledImages| Dataset::<f32, 1024, u32>::from_images(&images.padded(2)).unwrap();
    let (mut train, mut test) = (images(&train), images(&test));
    let standardiser = Standardiser::fit_channels(&train, [1, 32, 32]).unwrap();
    standardiser.apply(&mut train);
    standardiser.apply(&mut test);
    let mut net = LeNet5::new();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(2e-3)).batch_size(50).epochs(3);
    trainer.fit(&mut *net, &train).unwrap();
    let accuracy = evaluate(&*net, &test, &SoftmaxCrossEntropy).unwrap().accuracy().unwrap();
    assert!(accuracy >= 0.96, "{accuracy}");
}

#[test]
fn a_modern_network_learns_digits_that_move() {
    let TrainAndTest { train, test } = digits();
    let images = |images| Dataset::<f32, 784, u32>::from_images(images).unwrap();
    let (train, test) = (images(&train), images(&test));
    let mut net = Modern::new();
    let changes = Augment::images([1, 28, 28]).shift(1).noise(0.05);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(3e-3)).batch_size(50).epochs(3).augment(changes);
    let history = trainer.fit_and_validate(&mut *net, &train, &test).unwrap();
    let accuracy = history.last().unwrap().validation.unwrap().accuracy.unwrap();
    assert!(accuracy >= 0.95, "{accuracy}");
}

/// Dropout and the order of the samples come from the seed, and statistics of batches from both.
#[test]
fn a_seed_gives_the_same_bits_with_dropout_normalisation_and_augmentation() {
    let (train, _) = Dataset::<f32, 784, u32>::from_images(&digits().train).unwrap().split_at(300);
    let trained = |seed| {
        let mut net = Modern::new();
        let changes = Augment::images([1, 28, 28]).shift(2).flip_horizontal(0.5).noise(0.1);
        let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3)).epochs(2).augment(changes).seed(seed);
        trainer.fit(&mut *net, &train).unwrap();
        (net.params().to_vec(), net.buffers.c1.batch_norm.running_mean)
    };
    assert_eq!(trained(1), trained(1));
    assert_ne!(trained(1), trained(2));
}
