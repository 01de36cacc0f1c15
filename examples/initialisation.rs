//! How a network begins decides whether it learns: the spread of the activations from layer to layer under five initialisations
//! and three activation functions, and what training makes of each.
//!
//! ```text
//! cargo run --release --example initialisation
//! cargo run --release --example initialisation -- --short   # fewer digits
//! ```
//!
//! - **Zeros**: all units of a layer are the same, get the same gradient, and stay the same: a layer of one unit.
//! - **Small normal numbers** (σ = 0.01): each layer's values are smaller than those before, and so are the gradients on their way
//!   back. Nothing arrives.
//! - **Large normal numbers** (σ = 1): logistic and tanh units are driven to their flat ends, where they do not learn; with
//!   rectifiers the values grow from layer to layer without end.
//! - **Glorot's** (σ² = 2/(inputs + outputs)) keeps the spread of tanh, **He's** (σ² = 2/inputs) that of rectifiers, which
//!   set half of all values to zero.
//!
//! It writes `initialisation.svg` into `target/pictures`: the standard deviation of the activations of each of eight layers.

mod data;
mod pictures;

use std::error::Error;

use monograd::data::Standardiser;
use monograd::initializers::{Fans, HeNormal, Initialization, Initializer, Normal, XavierNormal, Zeros};
use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::Const;
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use pictures::plot::{self, Axes, Line};
use plotters::prelude::SeriesLabelPosition;

/// Eight layers of a hundred units, all of which are seen, with one activation function.
macro_rules! deep {
    ($name:ident, $classifier:ident, $activation:ident) => {
        network! {
            #[allow(saturating_stack)]
            struct $name([784]) -> (
                h1: [100], h2: [100], h3: [100], h4: [100], h5: [100], h6: [100], h7: [100], h8: [100]
            ) {
                h1: dense(100) -> $activation,
                h2: dense(100) -> $activation,
                h3: dense(100) -> $activation,
                h4: dense(100) -> $activation,
                h5: dense(100) -> $activation,
                h6: dense(100) -> $activation,
                h7: dense(100) -> $activation,
                h8: dense(100) -> $activation,
            }

            #[allow(saturating_stack)]
            struct $classifier([784]) -> [10] {
                first: dense(100) -> $activation,
                rest: repeat(7, dense(100) -> $activation),
                out: dense(10),
            }
        }
    };
}

deep!(DeepLogistic, LogisticClassifier, logistic);
deep!(DeepTanh, TanhClassifier, tanh);
deep!(DeepRelu, ReluClassifier, relu);

type Digits = Dataset<f32, 784, u32>;

const LAYERS: usize = 8;

/// The weights of a network drawn anew; biases are zero.
fn initialise<N: Network<Scalar = f32>>(net: &mut N, initialization: Initialization) {
    let mut generator = Generator::seed(7);
    for tensor in N::tensors() {
        let values = &mut net.params_mut()[tensor.offset..][..tensor.len()];
        match *tensor.shape {
            [outputs, inputs] => initialization.fill(values, Fans { inputs, outputs }, &mut generator),
            _ => values.fill(0.0),
        }
    }
}

fn initializations() -> [(&'static str, Initialization); 5] {
    [
        ("zeros", Initialization::Zeros(Zeros)),
        ("small normal", Initialization::Normal(Normal { mean: 0.0, std: 0.01 })),
        ("large normal", Initialization::Normal(Normal { mean: 0.0, std: 1.0 })),
        ("Glorot", Initialization::XavierNormal(XavierNormal::new())),
        ("He", Initialization::HeNormal(HeNormal::new())),
    ]
}

/// The standard deviation of each layer's activations over units and samples.
fn spread<N>(initialization: Initialization, digits: &Digits) -> Vec<f64>
where
    N: Network<Scalar = f32, Input = Const<784>>,
{
    let mut net = N::zeroed();
    initialise(&mut *net, initialization);
    let mut work = N::workspace(digits.len());
    work.run(&*net, digits.inputs());
    (0..LAYERS).map(|layer| deviation(work.port(layer))).collect()
}

fn deviation(values: &[f32]) -> f64 {
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
    (values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// The accuracy on the test set after some epochs.
fn learned<N>(initialization: Initialization, train: &Digits, test: &Digits) -> Result<f64, Box<dyn Error>>
where
    N: Trainable<Scalar = f32, Input = Const<784>>,
{
    let mut net = N::zeroed();
    initialise(&mut *net, initialization);
    let trainer =
        Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.02).momentum(0.9)).batch_size(train.len() / 20).epochs(5);
    match trainer.clip_norm(5.0).fit(&mut *net, train) {
        Ok(_) => Ok(evaluate(&*net, test, &SoftmaxCrossEntropy)?.accuracy().unwrap_or_default()),
        Err(monograd::TrainError::Diverged { .. }) => Ok(0.0),
        Err(error) => Err(error.into()),
    }
}

/// What an activation function makes of each initialisation.
struct Rows {
    activation: &'static str,
    spreads: Vec<Vec<f64>>,
    accuracies: Vec<f64>,
}

fn rows<Deep, Classifier>(activation: &'static str, train: &Digits, test: &Digits) -> Result<Rows, Box<dyn Error>>
where
    Deep: Network<Scalar = f32, Input = Const<784>>,
    Classifier: Trainable<Scalar = f32, Input = Const<784>>,
{
    println!("{activation}\n{:>14}  {:>9} {:>9} {:>9}   accuracy", "", "layer 1", "layer 4", "layer 8");
    let (mut spreads, mut accuracies) = (Vec::new(), Vec::new());
    for (name, initialization) in initializations() {
        let spread = spread::<Deep>(initialization, train);
        let accuracy = learned::<Classifier>(initialization, train, test)?;
        println!("{name:>14}  {:9.1e} {:9.1e} {:9.1e}   {accuracy:.3}", spread[0], spread[3], spread[7]);
        spreads.push(spread);
        accuracies.push(accuracy);
    }
    println!();
    Ok(Rows { activation, spreads, accuracies })
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::args().any(|argument| argument == "--short");
    let images = data::digits()?;
    let (mut train, _) = Digits::from_images(&images.train)?.split_at(if short { 400 } else { 5000 });
    let (mut test, _) = Digits::from_images(&images.test)?.split_at(if short { 400 } else { 2000 });
    let standardiser = Standardiser::fit_channels(&train, [1, 28, 28])?;
    standardiser.apply(&mut train);
    standardiser.apply(&mut test);

    println!("standard deviation of the activations at the beginning, and what 5 epochs of momentum learn\n");
    let all = [
        rows::<DeepLogistic, LogisticClassifier>("logistic", &train, &test)?,
        rows::<DeepTanh, TanhClassifier>("tanh", &train, &test)?,
        rows::<DeepRelu, ReluClassifier>("relu", &train, &test)?,
    ];
    let [zeros, small, _, _, he] = &all[2].accuracies[..] else { return Err("five initialisations".into()) };
    let spread = all[2].spreads[4][LAYERS - 1] / all[2].spreads[4][0];
    println!("relu by He: the spread of the last layer is {spread:.2} times that of the first, the accuracy {he:.3};");
    println!("from zeros it is {zeros:.3}, from small numbers {small:.3}");
    if !(0.25..4.0).contains(&spread) || *he < zeros + 0.4 || *he < small + 0.4 {
        return Err("He's initialisation is not what it was".into());
    }
    draw(&all)
}

fn draw(all: &[Rows]) -> Result<(), Box<dyn Error>> {
    let panels = all.iter().map(|Rows { activation, spreads, .. }| {
        let lines = spreads.iter().zip(initializations()).zip(0..).map(|((spread, (name, _)), color)| {
            Line::new(name, color, (1..).map(f64::from).zip(spread.iter().map(|s| s.max(1e-9))))
        });
        Axes {
            title: activation,
            x: "layer",
            y: "standard deviation",
            x_range: 1.0..8.0,
            y_range: 1e-9..1e9,
            logarithmic: [false, true],
            lines: lines.collect(),
        }
    });
    let path = pictures::path("initialisation")?;
    plot::draw_with_legends(&path, 3, &panels.collect::<Vec<_>>(), |_| SeriesLabelPosition::LowerLeft)?;
    println!("{}", path.display());
    Ok(())
}
