//! A small U-Net (after Ronneberger, Fischer and Brox, 2015) says for each pixel whether it is of a shape or of the ground.
//!
//! ```text
//! cargo run --release --example segment              # ellipses, rectangles and polygons on noisy, uneven ground
//! cargo run --release --example segment -- --short   # a glance
//! cargo run --release --example segment -- --no-progress
//!
//! python3 examples/data/make_brain.py brain && SEGMENT_DIR=brain cargo run --release --example segment
//! ```
//!
//! `SEGMENT_DIR` names a folder of images of its own: `train-images-idx3-ubyte`, `train-masks-idx3-ubyte`, and two files that begin
//! with `test`, of 64×64 bytes an image, masks of 0 and 1. The script makes such a folder of slices of a brain, to find
//! its grey matter in.
//!
//! It writes `segment.svg` into `target/pictures`: images, their masks, and what the network makes of them.

mod pictures;

use std::error::Error;
use std::path::Path;

use monograd::data::{Idx, Standardiser};
use monograd::losses::PixelCrossEntropy;
use monograd::metrics::{ConfusionMatrix, predicted_class};
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::optimizers::Adam;
use monograd::prelude::*;
use nn_progress::ProgressBar;
use pictures::segmentation::{self, Row};

network! {
    /// Down twice and up again, beside what was there on the way down.
    #[allow(stacked_linear)]
    struct UNet(image: [1, 64, 64]) -> (mask: [2, 64, 64]) {
        d1: double_conv(8),
        d2: max_pool2d(2) -> double_conv(16),
        d3: max_pool2d(2) -> double_conv(32),
        u2: conv_transpose2d(16, 2, stride = 2) -> concat(d2, _) -> double_conv(16),
        u1: conv_transpose2d(8, 2, stride = 2) -> concat(d1, _) -> double_conv(8),
        mask: conv2d(2, 1),
    }

    block double_conv(channels) {
        conv1: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
        conv2: conv2d(channels, 3, padding = 1, bias = false) -> batch_norm -> relu,
    }
}

const SIDE: usize = 64;
const PIXELS: usize = SIDE * SIDE;

/// The class of what is looked for; the ground is 0.
const SHAPE: usize = 1;

/// What the network has to reach on shapes that it has not seen, in the intersection over the union.
const GOAL: f64 = 0.9;

/// The same for a glance.
const SHORT_GOAL: f64 = 0.45;

type Images = Dataset<f32, PIXELS, [u32; PIXELS]>;

/// What a shape is, about its own middle and along its own axes.
enum Outline {
    Ellipse([f64; 2]),
    Rectangle([f64; 2]),
    Polygon(Vec<[f64; 2]>),
}

impl Outline {
    /// One of the three kinds, 7 to 15 pixels from its middle to its ends.
    fn draw(generator: &mut Generator) -> Self {
        let mut size = || 7.0 + 8.0 * generator.uniform();
        let sizes = [size(), size()];
        match (3.0 * generator.uniform()) as usize {
            0 => Self::Ellipse(sizes),
            1 => Self::Rectangle(sizes.map(|size| 0.8 * size)),
            _ => {
                let corners = 3 + (4.0 * generator.uniform()) as usize;
                let corner = |index| {
                    let radius = sizes[0] * (0.7 + 0.5 * generator.uniform());
                    let (sin, cos) = (std::f64::consts::TAU * index as f64 / corners as f64).sin_cos();
                    [radius * cos, radius * sin]
                };
                Self::Polygon((0..corners).map(corner).collect())
            }
        }
    }

    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        match self {
            Self::Ellipse([a, b]) => (x / a).powi(2) + (y / b).powi(2) <= 1.0,
            Self::Rectangle([a, b]) => x.abs() <= *a && y.abs() <= *b,
            // A ray to the right crosses the outline an odd number of times.
            Self::Polygon(corners) => {
                let next = corners.iter().cycle().skip(1);
                let crossings = corners.iter().zip(next).filter(|&(from, to)| {
                    let across = (from[1] > y) != (to[1] > y);
                    across && x < from[0] + (to[0] - from[0]) * (y - from[1]) / (to[1] - from[1])
                });
                crossings.count() % 2 == 1
            }
        }
    }
}

/// One to three shapes that are brighter than the ground around them, but not than the ground elsewhere: that rises to one side, in
/// waves, and all of it is noisy.
fn scene(generator: &mut Generator, image: &mut [f32], mask: &mut [u32]) {
    const NOISE: f64 = 0.12;
    let mut uniform = |low: f64, high: f64| low + (high - low) * generator.uniform();
    let (slope, phase, level) = ([uniform(-0.2, 0.2), uniform(-0.2, 0.2)], uniform(0.0, 6.0), uniform(0.3, 0.5));
    let waves = [uniform(-0.12, 0.12), uniform(-0.12, 0.12)];
    let shapes: Vec<_> = (0..=uniform(0.0, 3.0) as usize)
        .map(|_| (([uniform(10.0, 54.0), uniform(10.0, 54.0)]), uniform(0.0, 3.2), uniform(0.2, 0.35)))
        .collect();
    let shapes: Vec<_> = shapes.into_iter().map(|shape| (Outline::draw(generator), shape)).collect();
    for (at, (pixel, class)) in image.iter_mut().zip(mask).enumerate() {
        let [x, y] = [at % SIDE, at / SIDE].map(|place| place as f64);
        let here = shapes.iter().find(|(outline, ([left, top], turn, _))| {
            let ((sin, cos), x, y) = (turn.sin_cos(), x - left, y - top);
            outline.contains([cos * x + sin * y, cos * y - sin * x])
        });
        let ground = level + slope[0] * (x / 32.0 - 1.0) + slope[1] * (y / 32.0 - 1.0);
        let wave = 0.12 * (waves[0] * x + waves[1] * y + phase).sin();
        let contrast = here.map_or(0.0, |(_, (.., contrast))| *contrast);
        *pixel = (ground + wave + contrast + NOISE * generator.normal()).clamp(0.0, 1.0) as f32;
        *class = u32::from(here.is_some());
    }
}

fn scenes(count: usize, generator: &mut Generator) -> Result<Images, Box<dyn Error>> {
    let mut images = OMatrix::<f32, Const<PIXELS>, Dyn>::zeros(count);
    let mut masks = vec![0; PIXELS * count];
    for (image, mask) in images.as_mut_slice().chunks_mut(PIXELS).zip(masks.chunks_mut(PIXELS)) {
        scene(generator, image, mask);
    }
    Ok(Images::from_masks(images, &masks, 2)?)
}

/// The images and masks of two files whose names begin with `part`.
fn read(folder: &Path, part: &str) -> Result<Images, Box<dyn Error>> {
    let [images, masks] =
        ["images", "masks"].map(|content| Idx::read(folder.join(format!("{part}-{content}-idx3-ubyte"))));
    let (images, masks) = (images?, masks?);
    if images.shape().get(1..) != Some(&[SIDE, SIDE]) {
        return Err(
            format!("the images in {} are {:?}, not {SIDE}×{SIDE} each", folder.display(), images.shape()).into()
        );
    }
    let pixels = images.data().iter().map(|&pixel| f32::from(pixel) / 255.0);
    let images = OMatrix::from_iterator_generic(Const, Dyn(images.shape()[0]), pixels);
    let labels: Vec<_> = masks.data().iter().map(|&label| u32::from(label)).collect();
    Ok(Images::from_masks(images, &labels, 2)?)
}

/// The range of brightness that is best taken for shapes, by the data that is learned from, and the intersection over the union that
/// it has on the others.
fn threshold(train: &Images, test: &Images) -> ([f64; 2], f64) {
    const STEPS: usize = 50;
    let level = |pixel: f32| ((pixel * STEPS as f32) as usize).min(STEPS - 1);
    let mut counts = [[0; 2]; STEPS];
    for (&pixel, &label) in train.inputs().iter().zip(train.targets().as_flattened()) {
        counts[level(pixel)][label as usize] += 1;
    }
    let shapes: u64 = counts.iter().map(|[_, shape]| shape).sum();
    let overlap = |&(low, high): &(usize, usize)| {
        let (ground, shape) = counts[low..high].iter().fold((0, 0), |sum, level| (sum.0 + level[0], sum.1 + level[1]));
        shape as f64 / (shapes + ground) as f64
    };
    let ranges = (0..STEPS).flat_map(|low| (low + 1..=STEPS).map(move |high| (low, high)));
    let (low, high) = ranges.max_by(|a, b| overlap(a).total_cmp(&overlap(b))).unwrap_or((0, STEPS));
    let mut confusion = ConfusionMatrix::new(2);
    for (&pixel, &label) in test.inputs().iter().zip(test.targets().as_flattened()) {
        confusion.record(label as usize, Some(usize::from((low..high).contains(&level(pixel)))));
    }
    ([low, high].map(|limit| limit as f64 / STEPS as f64), confusion.intersection_over_union(SHAPE))
}

/// Trains epoch by epoch; gives the last intersection over the union on `test`.
fn train(net: &mut UNet, data: &Images, test: &Images, epochs: usize) -> Result<f64, Box<dyn Error>> {
    let hidden = std::env::args().any(|argument| argument == "--no-progress");
    let progress = if hidden { ProgressBar::hidden() } else { ProgressBar::new() };
    let loss = PixelCrossEntropy::new(2);
    let mut trainer = Trainer::new(loss, Adam::new(4e-3)).batch_size(16).epochs(1).observe(progress);
    let mut overlap = 0.0;
    for epoch in 1..=epochs {
        if 4 * epoch > 3 * epochs {
            trainer.optimizer().set_learning_rate(1e-3);
        }
        let history = trainer.fit(net, data)?;
        let evaluation = evaluate(net, test, &loss)?;
        overlap = evaluation.confusion.map_or(f64::NAN, |confusion| confusion.intersection_over_union(SHAPE));
        let learned = history.last().map_or(f64::NAN, |epoch| epoch.loss);
        println!("epoch {epoch:2}   loss {learned:.4}   held out: loss {:.4}, IoU {overlap:.4}", evaluation.loss);
    }
    Ok(overlap)
}

/// Some images, their masks, and what the network makes of them.
fn rows(net: &UNet, images: &Images, standardised: &Images, count: usize) -> Vec<Row> {
    let mut work = UNet::workspace(count);
    let scores = net.forward(&standardised.inputs().columns(0, count), &mut work);
    let row = |sample: usize| {
        let class = |place| predicted_class(&[scores[(place, sample)], scores[(PIXELS + place, sample)]]);
        Row {
            image: images.inputs().column(sample).iter().copied().collect(),
            truth: images.targets()[sample].map(|class| class as usize == SHAPE).to_vec(),
            prediction: (0..PIXELS).map(|place| class(place) == Some(SHAPE)).collect(),
        }
    };
    (0..count).map(row).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::args().any(|argument| argument == "--short");
    let folder = std::env::var_os("SEGMENT_DIR");
    let (images, test_images) = match &folder {
        Some(folder) => (read(folder.as_ref(), "train")?, read(folder.as_ref(), "test")?),
        None => {
            let mut generator = Generator::seed(1);
            let count = if short { 40 } else { 480 };
            (scenes(count, &mut generator)?, scenes(100, &mut generator)?)
        }
    };
    println!("{}\n", UNet::<f32>::summary());
    println!("{} images to learn from, {} held out\n", images.len(), test_images.len());

    let (mut data, mut test) = (images.clone(), test_images.clone());
    let standardiser = Standardiser::fit_channels(&data, [1, SIDE, SIDE])?;
    standardiser.apply(&mut data);
    standardiser.apply(&mut test);
    let mut net = UNet::new();
    let overlap = train(
        &mut net,
        &data,
        &test,
        match (short, &folder) {
            (true, _) => 7,
            (false, Some(_)) => 20,
            (false, None) => 8,
        },
    )?;

    let shown = rows(&net, &test_images, &test, test.len().min(6));
    let path = pictures::path("segment")?;
    segmentation::draw(&path, SIDE, &shown)?;
    println!("\n{}", path.display());

    let ([low, high], baseline) = threshold(&images, &test_images);
    println!("\nall pixels between {low:.2} and {high:.2}: IoU {baseline:.4}");
    println!("the network: IoU {overlap:.4}");
    let goal = if short { SHORT_GOAL } else { GOAL };
    assert!(folder.is_some() || overlap >= goal, "an IoU of {overlap:.4} is less than {goal}");
    assert!(folder.is_some() || baseline < overlap, "a range of brightness is as good as the network");
    Ok(())
}
