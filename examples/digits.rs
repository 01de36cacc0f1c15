//! Handwritten digits: a 784-128-10 network learns MNIST, shows what it confuses, saves its weights and loads them again.
//!
//! ```text
//! cargo run --release --example digits               # 10,000 embedded images
//! MNIST_DIR=path cargo run --release --example digits  # the full set: the four files of MNIST in a folder
//! cargo run --release --example digits -- --no-progress
//! ```

mod data;

use std::error::Error;

use monograd::data::TrainAndTest;
use monograd::losses::SoftmaxCrossEntropy;
use monograd::metrics::predicted_class;
use monograd::optimizers::Adam;
use monograd::prelude::*;
use monograd::schedules::StepDecay;
use nn_progress::ProgressBar;

network! {
    /// One hidden layer, and a logit for each digit.
    pub struct Digits([784]) -> [10] {
        hidden: dense(128) -> relu,
        out: dense(10),
    }
}

type Images = Dataset<f32, 784, u32>;

/// Trains quickly first, then finely.
fn train(net: &mut Digits, data: &Images, epochs: usize) -> Result<(), Box<dyn Error>> {
    let hidden = std::env::args().any(|argument| argument == "--no-progress");
    let progress = if hidden { ProgressBar::hidden() } else { ProgressBar::new() };
    Trainer::new(SoftmaxCrossEntropy, Adam::new(1e-3))
        .batch_size(64)
        .epochs(epochs)
        .schedule(StepDecay::new(10, 0.2))
        .observe(progress)
        .on_epoch(|epoch| {
            let accuracy = epoch.accuracy.unwrap_or_default();
            let rate = epoch.samples_per_second();
            println!(
                "  learning rate {:.0e}   loss {:.4}   accuracy {accuracy:.4}   {rate:>9.0} samples/s",
                epoch.learning_rate, epoch.loss
            );
        })
        .fit(net, data)?;
    Ok(())
}

/// Five test images side by side, every other row, and what the network takes them for.
fn show(net: &Digits, data: &Images) {
    const SHADES: [char; 5] = [' ', '.', 'o', 'O', '@'];
    const SHOWN: usize = 5;
    let batch = data.inputs().columns(0, SHOWN);
    for row in (0..28).step_by(2) {
        let lines = batch.column_iter().map(|image| {
            let pixels = (0..28).map(|column| SHADES[(image[28 * row + column] * 4.0).round() as usize]);
            pixels.collect::<String>()
        });
        println!("{}", lines.collect::<Vec<_>>().join("  ").trim_end());
    }
    let mut work = Digits::workspace(SHOWN);
    let outputs = net.forward(&batch, &mut work);
    let captions = outputs.column_iter().zip(data.targets()).map(|(logits, label)| {
        let predicted = predicted_class(logits.as_slice()).unwrap_or_default();
        let verdict = if predicted == *label as usize { "right" } else { "wrong" };
        format!("{:<28}", format!("a {predicted}: {verdict}, it is a {label}"))
    });
    println!("{}", captions.collect::<Vec<_>>().join("  ").trim_end());
}

fn main() -> Result<(), Box<dyn Error>> {
    let TrainAndTest { train: training_images, test } = data::digits()?;
    let data = Images::from_images(&training_images)?;
    let test = Images::from_images(&test)?;
    println!("{}\n", Digits::summary());
    println!("{} images to learn from, {} to be tested with", data.len(), test.len());

    let mut net = Digits::new();
    let short = std::env::args().any(|argument| argument == "--short");
    train(&mut net, &data, if short { 1 } else { 14 })?;

    let path = std::env::temp_dir().join(format!("monograd-digits-{}.safetensors", std::process::id()));
    net.save(&path)?;
    let mut loaded = Digits::zeroed();
    loaded.load(&path)?;
    let bytes = std::fs::metadata(&path)?.len();
    println!("\nsaved to and loaded from a safetensors file of {bytes} bytes, {}", path.display());
    std::fs::remove_file(&path)?;

    let evaluation = evaluate(&*loaded, &test, &SoftmaxCrossEntropy)?;
    if evaluation != evaluate(&*net, &test, &SoftmaxCrossEntropy)? {
        return Err("the loaded network is not the one that was saved".into());
    }
    println!("\nthe test images, by what they are and what the network takes them for:\n");
    if let Some(confusion) = &evaluation.confusion {
        println!("{confusion}");
    }
    show(&loaded, &test);
    let accuracy = evaluation.accuracy().unwrap_or_default();
    println!("\ntest accuracy {accuracy:.4}");
    if accuracy < if short { 0.85 } else { 0.95 } {
        return Err("the digits are not learned as well as they should be".into());
    }
    Ok(())
}
