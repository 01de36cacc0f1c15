//! The classic networks: their tables, and one image through each, on the main thread.
//!
//! ```text
//! cargo run --release --example classics            # all of them
//! cargo run --release --example classics vgg        # those whose name contains a word
//! cargo run --release --example classics -- --tables  # with every layer
//! cargo run --release --example classics -- --short   # the small ones
//! ```
//!
//! The weights are drawn, not trained: what it shows is what a network costs. Trained weights are loaded by
//! `net.load("alexnet.safetensors")`, from a file with this crate's names and `PyTorch`'s shapes.

use std::time::Instant;

use monograd::nalgebra::{DimName, MatrixView, U1};
use monograd::networks::{AlexNet, C3d, LeNet5, MnistCnn, Vgg11, Vgg13, Vgg16, Vgg16Bn, Vgg19};
use monograd::prelude::*;

/// How often an image goes through; the shortest time counts.
const REPEATS: usize = 3;

struct Options {
    words: Vec<String>,
    tables: bool,
}

impl Options {
    fn read() -> Self {
        let (flags, words): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
        let given = |wanted: &str| flags.iter().any(|flag| flag == wanted);
        let mut words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
        if given("--short") {
            words.extend(["lenet", "mnist"].map(String::from));
        }
        Self { words, tables: given("--tables") }
    }

    fn wants(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }
}

/// Takes an image through a network.
fn run<N: Network<Scalar = f32>>(options: &Options) {
    if !options.wants(N::NAME) {
        return;
    }
    if options.tables {
        println!("{}\n", N::summary());
    }
    let net = N::new();
    let mut work = N::workspace(1);
    let pixels: Vec<_> = (0..N::Input::DIM).map(|pixel| (pixel as f32).sin()).collect();
    let image = MatrixView::from_slice_generic(&pixels, N::Input::name(), U1);
    let mut seconds = f64::INFINITY;
    let mut largest = 0.0_f32;
    for _ in 0..REPEATS {
        let begin = Instant::now();
        let y = net.forward(&image, &mut work);
        largest = y.iter().fold(0.0, |largest, value| largest.max(value.abs()));
        seconds = seconds.min(begin.elapsed().as_secs_f64());
    }
    let (ms, gflops) = (seconds * 1e3, 2.0 * N::MACS as f64 / seconds / 1e9);
    let (params, macs, megabytes) = (N::PARAMS as f64 / 1e6, N::MACS as f64 / 1e6, N::INFERENCE_BYTES as f64 / 1e6);
    assert!(largest.is_finite() && largest > 0.0, "a new network gives {largest}");
    println!("{:<10} {params:>9.3} {macs:>10.2} {megabytes:>10.2} {ms:>10.3} {gflops:>9.1} {largest:>10.3}", N::NAME);
}

fn main() {
    let options = Options::read();
    println!(
        "{:<10} {:>9} {:>10} {:>10} {:>10} {:>9} {:>10}",
        "network", "params, M", "MACs, M", "memory, MB", "ms", "GFLOP/s", "largest |y|"
    );
    run::<LeNet5>(&options);
    run::<MnistCnn>(&options);
    run::<AlexNet>(&options);
    run::<Vgg11>(&options);
    run::<Vgg13>(&options);
    run::<Vgg16>(&options);
    run::<Vgg16Bn>(&options);
    run::<Vgg19>(&options);
    run::<C3d>(&options);
}
