//! LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998) learns handwritten digits, and shows what its first layer learned.
//!
//! ```text
//! cargo run --release --example lenet               # 10,000 embedded images
//! MNIST_DIR=path cargo run --release --example lenet  # the full set: the four files of MNIST in a folder
//! cargo run --release --example lenet -- --no-progress
//! cargo run --release --example lenet -- --short      # a glance
//! ```
//!
//! It writes two pictures into `target/pictures`: the training curve, and the filters of the first layer before and after.

mod data;
mod pictures;

use std::error::Error;

use monograd::Epoch;
use monograd::data::{Augment, LabelledImages, Standardiser};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::networks::LeNet5;
use monograd::optimizers::Adam;
use monograd::prelude::*;
use nn_progress::ProgressBar;
use pictures::Filter;

network! {
    /// LeNet-5 as a course counts it: the last two layers without bias.
    struct Course([1, 32, 32]) -> [10] {
        c1: conv2d(6, 5) -> tanh,
        s2: avg_pool2d(2),
        c3: conv2d(16, 5) -> tanh,
        s4: avg_pool2d(2),
        c5: flatten -> dense(120) -> tanh,
        f6: dense(84, bias = false) -> tanh,
        out: dense(10, bias = false),
    }
}

const SHAPE: [usize; 3] = [1, 32, 32];

type Images = Dataset<f32, 1024, u32>;

/// The parameters and the activations of each line, as a course has them on its slide.
fn show_course() {
    println!("LeNet-5 as a course counts it:\n");
    println!("layer  shape          parameters  activations");
    for line in ["c1", "s2", "c3", "s4", "c5", "f6", "out"] {
        let layers = || Course::summary().layers.iter().filter(move |layer| layer.line == line);
        let params: usize = layers().map(|layer| layer.params).sum();
        // A line's own layer comes before its activation function, which gives as many values again.
        let Some(last) = layers().next_back() else { continue };
        let activations: usize = last.output.iter().product();
        println!("{line:5}  {:13}  {params:10}  {activations:11}", format!("{:?}", last.output));
    }
    println!(
        "\nThe course gives F6 and the output no biases; LeNet5 below has them. It counts (5·5 + 1)·6·16 = 2496 parameters for C3, a bias for each pair of maps. All maps of S2 connected to all maps \
         of C3, as here, have (5·5·6 + 1)·16 = 2416; the paper's C3 sees 3, 4 or 6 maps at a time, and has 1516.\n"
    );
}

/// The digits in the middle of 32×32 pixels, so that the ends of their strokes come into the middle of a filter too.
fn padded(images: &LabelledImages) -> Result<Images, Box<dyn Error>> {
    Ok(Images::from_images(&images.padded(2))?)
}

/// Trains quickly first, then finely, on digits that are shifted a little each time.
fn train(
    net: &mut LeNet5,
    data: &Images,
    validation: &Images,
    black: f32,
    phases: &[(usize, f64)],
) -> Result<Vec<Epoch>, Box<dyn Error>> {
    let hidden = std::env::args().any(|argument| argument == "--no-progress");
    let progress = if hidden { ProgressBar::hidden() } else { ProgressBar::new() };
    let changes = Augment::images(SHAPE).shift_filled(1, black.into());
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3)).batch_size(64).augment(changes);
    trainer = trainer.observe(progress).on_epoch(|epoch| {
        let seen = epoch.validation.and_then(|score| score.accuracy).unwrap_or_default();
        let rate = epoch.samples_per_second();
        println!("  loss {:.4}   validation accuracy {seen:.4}   {rate:>8.0} samples/s", epoch.loss);
    });
    let mut epochs = Vec::new();
    for &(count, learning_rate) in phases {
        println!("\n{count} epochs at a learning rate of {learning_rate}");
        trainer.optimizer().set_learning_rate(learning_rate);
        trainer = trainer.epochs(count);
        epochs.extend(trainer.fit_and_validate(net, data, validation)?.epochs);
    }
    Ok(epochs)
}

/// The six filters of the first layer.
fn filters(net: &LeNet5) -> Vec<Filter<5>> {
    let weight = &net.c1.weight;
    (0..6).map(|map| weight.map(|row| row.map(|tap| tap[map]))).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    show_course();
    println!("{}\n", LeNet5::<f32>::summary());

    let images = data::digits()?;
    let (mut data, mut validation) = padded(&images.train)?.split(0.9);
    let mut test = padded(&images.test)?;
    let short = std::env::args().any(|argument| argument == "--short");
    if short {
        (data, validation, test) = (data.split_at(600).0, validation.split_at(100).0, test.split_at(400).0);
    }
    drop(images);
    let standardiser = Standardiser::fit_channels(&data, SHAPE)?;
    for images in [&mut data, &mut validation, &mut test] {
        standardiser.apply(images);
    }
    let black = -standardiser.mean()[0] / standardiser.deviation()[0];
    println!("{} images to learn from, {} to validate with, {} to test with", data.len(), validation.len(), test.len());

    let mut net = LeNet5::new();
    let before = filters(&net);
    let phases: &[_] = if short { &[(2, 2e-3)] } else { &[(7, 2e-3), (3, 5e-4), (2, 1e-4)] };
    let epochs = train(&mut net, &data, &validation, black, phases)?;

    let (curve, maps) = (pictures::path("lenet-curve")?, pictures::path("lenet-filters")?);
    pictures::filters(&maps, &[("before", before), ("after", filters(&net))])?;
    pictures::curve(&curve, &epochs)?;
    println!("\n{}\n{}", maps.display(), curve.display());

    let evaluation = evaluate(&*net, &test, &SoftmaxCrossEntropy)?;
    if let Some(confusion) = &evaluation.confusion {
        println!("\nthe test images, by what they are and what the network takes them for:\n\n{confusion}");
    }
    let accuracy = evaluation.accuracy().unwrap_or_default();
    println!("\ntest accuracy {accuracy:.4}");
    if accuracy < if short { 0.5 } else { 0.97 } {
        return Err("the digits are not learned as well as they should be".into());
    }
    Ok(())
}
