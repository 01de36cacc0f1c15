//! Programs for some of the instruction sets.

use crate::compiler::Compiler;
use crate::program::Program;

/// The features that a program asks for, and what the table calls them.
const FEATURES: [(Option<&[&str]>, &str); 3] = [
    (None, "AVX-512, AVX2 and scalar code (default)"),
    (Some(&["avx2"]), "AVX2 and scalar code"),
    (Some(&[]), "scalar code alone"),
];

const INFERENCE: &str = "use monograd::nalgebra::SMatrix;
use monograd::prelude::*;

network! {
    struct Net([2]) -> [1] {
        hidden1: dense(4) -> tanh,
        hidden2: dense(2) -> tanh,
        out: dense(1),
    }
}

fn main() {
    let x = SMatrix::<f32, 2, 1>::repeat(0.5);
    println!(\"{}\", Net::new().forward(&x, &mut Net::workspace(1))[0]);
}
";

const TRAINING: &str = "use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{Dyn, OMatrix};
use monograd::networks::LeNet5;
use monograd::optimizers::Sgd;
use monograd::prelude::*;

fn main() {
    let mut net = LeNet5::new();
    let x = OMatrix::<f32, <LeNet5 as Network>::Input, Dyn>::from_element(1, 0.5);
    let mut training = Training::<LeNet5>::new(1);
    let loss = training.backprop(&mut *net, &x, &SoftmaxCrossEntropy, &[0]).unwrap();
    Sgd::new(0.1).step(net.params_mut(), training.gradient().params());
    println!(\"{loss}\");
}
";

/// What a program has in any case.
const NOTHING: &str = "fn main() {
    println!(\"{}\", std::env::args().count() as f32 / 2.0);
}
";

/// The bytes of two programs with the instruction sets of one row.
pub struct Level {
    /// The instruction sets.
    pub title: &'static str,
    /// Of inference with the smallest network and of training LeNet-5: built for speed, and for size.
    pub bytes: [[u64; 2]; 2],
}

/// Builds them all, each of them with a library of its own; the first row is a program without a network.
pub fn measure(compiler: &Compiler) -> Result<Vec<Level>, String> {
    let nothing = bytes(compiler, "nothing", NOTHING, Some(&[]))?;
    let mut levels = vec![Level { title: "no network, a number printed", bytes: [nothing; 2] }];
    for (features, title) in FEATURES {
        eprintln!("{title}");
        let inference = bytes(compiler, "inference", INFERENCE, features)?;
        let training = bytes(compiler, "training", TRAINING, features)?;
        levels.push(Level { title, bytes: [inference, training] });
    }
    Ok(levels)
}

/// The bytes of a program that is built for speed, and for size.
fn bytes(
    compiler: &Compiler,
    name: &str,
    source: &str,
    features: Option<&'static [&'static str]>,
) -> Result<[u64; 2], String> {
    let program = Program { name: name.into(), title: name.into(), declared: 0, features, source: source.into() };
    let bytes = |profile| {
        compiler.build(&program, profile, 1)?;
        compiler.bytes(&program, profile)
    };
    Ok([bytes("release")?, bytes("small")?])
}
