//! A network of 56 layers with and without skip connections (He, Zhang, Ren and Sun, 2015): the same weights to begin with, the same
//! batches, the same optimiser, and what becomes of the training loss and of the gradient on its way to the first layer.
//!
//! ```text
//! cargo run --release --example residual              # 2,000 of the embedded digits
//! cargo run --release --example residual -- --short    # a glance
//! ```
//!
//! What the course says, that a gradient vanishes on a long way, is half of it. With batch normalisation and no skip connections it
//! first grows from layer to layer on its way back, to hundreds of times what it was; after the first steps, which are as large,
//! hardly any arrives. With skip connections it stays within a factor of ten in all convolutions.
//!
//! It writes `residual.svg` into `target/pictures`: the losses, the gradient of the first layer, and that of every layer at the
//! beginning.

mod data;
mod pictures;

use std::error::Error;

use monograd::data::{ShuffledBatches, Standardiser};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::Const;
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use pictures::comparison::{self, Lines};

network! {
    /// As the paper has it for CIFAR-10, on smaller images and with half the channels.
    struct Residual([1, 28, 28]) -> [10] {
        stem: conv2d(8, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu,
        stage1: repeat(9, residual(8)),
        stage2: residual_down(16) -> repeat(8, residual(16)),
        stage3: residual_down(32) -> repeat(8, residual(32)),
        head: global_avg_pool -> dense(10),
    }

    /// The same without what goes past the convolutions.
    struct Plain([1, 28, 28]) -> [10] {
        stem: conv2d(8, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu,
        stage1: repeat(9, plain(8)),
        stage2: plain_down(16) -> repeat(8, plain(16)),
        stage3: plain_down(32) -> repeat(8, plain(32)),
        head: global_avg_pool -> dense(10),
    }

    block residual(channels) {
        body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input, body) -> relu,
    }

    block residual_down(channels) {
        body: conv2d(channels, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: add(input -> subsample(channels), body) -> relu,
    }

    block plain(channels) {
        body: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: relu,
    }

    block plain_down(channels) {
        body: conv2d(channels, 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(channels, 3, padding = 1, bias = false) -> batch_norm,
        out: relu,
    }
}

const _: () = assert!(Residual::PARAMS == Plain::PARAMS);

const SHAPE: [usize; 3] = [1, 28, 28];
const BATCH: usize = 50;
const LEARNING_RATE: f64 = 0.01;

/// How many times smaller the residual network's loss has to be in the end.
const FACTOR: f64 = 5.0;

/// How many times larger the plain network's gradient has to be in the first layer at the first step.
const EXPLOSION: f64 = 20.0;

type Images = Dataset<f32, 784, u32>;

/// What is seen of a training.
struct Run {
    /// The loss of each batch, smoothed.
    losses: Vec<f64>,
    /// The size of the gradient of the first layer's weights at each step.
    first: Vec<f64>,
    /// That of each layer's weights at the first step.
    layers: Vec<f64>,
    /// The mean loss over the last epoch.
    last_loss: f64,
    accuracy: f64,
}

/// The size of the gradient of the weights of each layer, √Σ g².
fn gradients<N: Network<Scalar = f32>>(gradient: &N) -> Vec<f64> {
    let weights = N::tensors().into_iter().filter(|tensor| tensor.name.ends_with("weight"));
    let squares = |values: &[f32]| values.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>();
    weights.map(|tensor| squares(&gradient.params()[tensor.offset..][..tensor.len()]).sqrt()).collect()
}

/// Trains by momentum, batch by batch, so that the gradient can be looked at.
fn train<N>(net: &mut N, data: &Images, test: &Images, epochs: usize) -> Result<Run, Box<dyn Error>>
where
    N: Trainable<Scalar = f32, Input = Const<784>>,
{
    let mut training = Training::<N>::new(BATCH);
    let mut optimizer = Sgd::new(LEARNING_RATE).momentum(0.9).weight_decay(1e-4);
    optimizer.prepare(net.params().len());
    let (mut batches, mut order) = (ShuffledBatches::new(data, BATCH), Generator::seed(0));
    let (mut all, mut first, mut layers) = (Vec::new(), Vec::new(), Vec::new());
    let mut last_loss = f64::NAN;
    for epoch in 1..=epochs {
        batches.shuffle(&mut order);
        let start = all.len();
        while let Some(batch) = batches.next_batch() {
            let loss = training.backprop(net, &batch.inputs, &SoftmaxCrossEntropy, batch.targets)?;
            let sizes = gradients(training.gradient());
            optimizer.step(net.params_mut(), training.gradient().params());
            all.push(f64::from(loss));
            first.push(sizes[0]);
            if layers.is_empty() {
                layers = sizes;
            }
        }
        last_loss = mean(&all[start..]);
        println!("  epoch {epoch}   loss {last_loss:.4}   gradient of the first layer {:.4}", mean(&first[start..]));
    }
    let accuracy = evaluate(net, test, &SoftmaxCrossEntropy)?.accuracy().unwrap_or_default();
    Ok(Run { losses: smoothed(&all), first: smoothed(&first), layers, last_loss, accuracy })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Means of up to ten neighbours.
fn smoothed(values: &[f64]) -> Vec<f64> {
    (1..=values.len()).map(|end| mean(&values[end.saturating_sub(10)..end])).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::args().any(|argument| argument == "--short");
    let images = data::digits()?;
    let (mut data, _) = Images::from_images(&images.train)?.split_at(if short { 250 } else { 2000 });
    let (mut test, _) = Images::from_images(&images.test)?.split_at(if short { 100 } else { 2000 });
    drop(images);
    let standardiser = Standardiser::fit_channels(&data, SHAPE)?;
    standardiser.apply(&mut data);
    standardiser.apply(&mut test);

    let (mut residual, mut plain) = (Residual::new(), Plain::new());
    let depth = Residual::<f32>::tensors().iter().filter(|tensor| tensor.name.ends_with("weight")).count();
    assert!(residual.params() == plain.params(), "both begin with the same weights");
    println!("{depth} layers, {} parameters, {} images to learn from\n", Residual::PARAMS, data.len());

    let epochs = if short { 1 } else { 4 };
    println!("with skip connections");
    let with = train(&mut *residual, &data, &test, epochs)?;
    println!("without");
    let without = train(&mut *plain, &data, &test, epochs)?;

    println!("\n                                    with skips   without");
    let row = |name: &str, of: fn(&Run) -> f64| println!("{name:36}{:10.4}{:10.4}", of(&with), of(&without));
    row("training loss, last epoch", |run| run.last_loss);
    row("test accuracy", |run| run.accuracy);
    row("gradient, first layer, first step", |run| run.layers[0]);
    row("gradient, last convolution, the same", |run| run.layers[run.layers.len() - 2]);
    row("gradient, first layer, last steps", |run| run.first[run.first.len() - 1]);

    let explosion = without.layers[0] / with.layers[0];
    let panels = [
        Lines { title: "training loss", along: "step", values: [with.losses, without.losses] },
        Lines { title: "gradient of the first layer", along: "step", values: [with.first, without.first] },
        Lines { title: "gradient at the first step", along: "layer", values: [with.layers, without.layers] },
    ];
    let path = pictures::path("residual")?;
    comparison::draw(&path, ["with skips", "without"], &panels)?;
    println!("\n{}", path.display());

    let factor = without.last_loss / with.last_loss;
    println!("the loss with skip connections is {factor:.1} times smaller");
    println!("without them the first gradient of the first layer is {explosion:.0} times larger");
    assert!(explosion >= EXPLOSION, "without skip connections the gradient is only {explosion:.1} times larger");
    assert!(short || factor >= FACTOR, "the loss with skip connections is only {factor:.2} times smaller");
    Ok(())
}
