//! A small modern convolutional network, with batch normalisation and dropout, learns to tell garments from each other.
//!
//! ```text
//! apt-get install dataset-fashion-mnist
//! FASHION_DIR=/usr/share/datasets/fashion-mnist cargo run --release --example fashion
//! cargo run --release --example fashion               # without garments: the embedded digits
//! cargo run --release --example fashion -- --no-progress
//! cargo run --release --example fashion -- --short    # a glance
//! ```
//!
//! Data: H. Xiao, K. Rasul and R. Vollgraf, “Fashion-MNIST: a novel image dataset for benchmarking machine learning
//! algorithms” (2017).

mod data;

use std::error::Error;

use monograd::data::{Augment, TrainAndTest, mnist_folder};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::metrics::ConfusionMatrix;
use monograd::optimizers::Adam;
use monograd::prelude::*;
use monograd::schedules::StepDecay;
use nn_progress::ProgressBar;

network! {
    /// Two convolutions, a hidden layer, and a logit for each kind of garment.
    pub struct Fashion([1, 28, 28]) -> [10] {
        c1: conv2d(32, 3, bias = false) -> batch_norm -> relu,
        c2: conv2d(64, 3, bias = false) -> batch_norm -> relu -> max_pool2d(2) -> dropout(0.25),
        hidden: flatten -> dense(128, bias = false) -> batch_norm -> relu -> dropout(0.25),
        out: dense(10),
    }
}

const GARMENTS: [&str; 10] =
    ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];

const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

const HOW_TO_GET_THEM: &str =
    "apt-get install dataset-fashion-mnist, and FASHION_DIR=/usr/share/datasets/fashion-mnist";

type Images = Dataset<f32, 784, u32>;

/// Garments if `FASHION_DIR` names their folder, else digits; and whether they are garments.
fn images() -> Result<(TrainAndTest, bool), Box<dyn Error>> {
    if let Some(folder) = std::env::var_os("FASHION_DIR") {
        return Ok((mnist_folder(folder)?, true));
    }
    println!("These are digits. For garments: {HOW_TO_GET_THEM}\n");
    Ok((data::digits()?, false))
}

/// Trains quickly first, then finely, on images that are changed a little each time.
fn train(net: &mut Fashion, data: &Images, changes: Augment, epochs: usize) -> Result<(), Box<dyn Error>> {
    let hidden = std::env::args().any(|argument| argument == "--no-progress");
    let progress = if hidden { ProgressBar::hidden() } else { ProgressBar::new() };
    Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3))
        .batch_size(64)
        .epochs(epochs)
        .schedule(StepDecay::new(4, 0.2))
        .augment(changes)
        .observe(progress)
        .on_epoch(|epoch| {
            let accuracy = epoch.accuracy.unwrap_or_default();
            let rate = epoch.samples_per_second();
            println!(
                "  learning rate {:.0e}   loss {:.4}   accuracy {accuracy:.4}   {rate:>8.0} samples/s",
                epoch.learning_rate, epoch.loss
            );
        })
        .fit(net, data)?;
    Ok(())
}

/// What the network takes for what, by these names.
fn confusion(net: &Fashion, data: &Images, names: [&str; 10]) -> ConfusionMatrix {
    const BATCH: usize = 100;
    let mut confusion = ConfusionMatrix::with_names(names);
    let mut work = Fashion::workspace(BATCH);
    for batch in data.batches(BATCH) {
        confusion.record_outputs(&net.forward(&batch.inputs, &mut work), batch.targets);
    }
    confusion
}

fn main() -> Result<(), Box<dyn Error>> {
    let (images, garments) = images()?;
    let (mut data, mut test) = (Images::from_images(&images.train)?, Images::from_images(&images.test)?);
    let short = std::env::args().any(|argument| argument == "--short");
    if short {
        (data, test) = (data.split_at(200).0, test.split_at(200).0);
    }
    drop(images);
    println!("{}\n", Fashion::<f32>::summary());
    println!("{} images to learn from, {} to be tested with", data.len(), test.len());

    // A garment seen in a mirror is the same garment; most digits are none any more.
    let mut changes = Augment::images([1, 28, 28]).shift(1);
    if garments {
        changes = changes.flip_horizontal(0.5);
    }
    let mut net = Fashion::new();
    train(&mut net, &data, changes, if short { 2 } else { 7 })?;

    let confusion = confusion(&net, &test, if garments { GARMENTS } else { DIGITS });
    println!("\nthe test images, by what they are and what the network takes them for:\n\n{confusion}");
    println!("\ntest accuracy {:.4}", confusion.accuracy());
    if confusion.accuracy() < if short { 0.3 } else { 0.9 } {
        return Err("the images are not learned as well as they should be".into());
    }
    Ok(())
}
