//! An exercise: one step of backpropagation by hand, checked against the machine.
//!
//! One logistic neuron `h = 1 / (1 + e^(−(w·x + b)))` with `w = (0.1, −0.2)`, `b = 0.2`, the cost `½(h − y)²` and the learning
//! rate 0.1 sees (0,1)→0, (1,0)→1, (1,1)→1, (0,0)→0, one observation at a time. What are the parameters after the first
//! update? Does the neuron converge?
//!
//! ```text
//! cargo run --release --example backprop_by_hand
//! ```
//!
//! It writes `backprop_by_hand.svg` into `target/pictures`: the cost and the parameters against the epochs.

mod pictures;

use std::error::Error;

use monograd::losses::HalfSquaredError;
use monograd::nalgebra::Vector2;
use monograd::optimizers::Sgd;
use monograd::prelude::*;
use pictures::plot::{self, Axes, Line};

network! {
    /// One logistic neuron of two inputs.
    struct Neuron([2]) -> [1] {
        h: dense(1) -> logistic,
    }
}

const RATE: f64 = 0.1;

const OBSERVATIONS: [([f64; 2], f64); 4] = [([0.0, 1.0], 0.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 1.0), ([0.0, 0.0], 0.0)];

/// The parameters `(w₁, w₂, b)` after one update, by the chain rule on paper.
///
/// ```text
/// z = w·x + b          h = 1 / (1 + e⁻ᶻ)          C = ½(h − y)²
/// ∂C/∂z = (h − y)·h·(1 − h) = δ                    ∂C/∂w = δ·x      ∂C/∂b = δ
/// ```
fn update_by_hand([w1, w2, b]: [f64; 3], [x1, x2]: [f64; 2], y: f64) -> [f64; 3] {
    let z = w1 * x1 + w2 * x2 + b;
    let h = 1.0 / (1.0 + (-z).exp());
    let delta = (h - y) * h * (1.0 - h);
    println!("  by hand: z = {z:.4}, h = {h:.4}, δ = (h − y)·h·(1 − h) = {delta:.4}");
    [w1 - RATE * delta * x1, w2 - RATE * delta * x2, b - RATE * delta]
}

/// The neuron, with what updates it.
struct Learner {
    net: Box<Neuron<f64>>,
    training: Training<Neuron<f64>>,
    optimizer: Sgd<f64>,
}

impl Learner {
    fn new() -> Self {
        let mut net = Neuron::<f64>::zeroed();
        net.h.weight.copy_from_slice(&[0.1, -0.2]);
        net.h.bias[0] = 0.2;
        Self { net, training: Training::new(1), optimizer: Sgd::new(RATE) }
    }

    fn update(&mut self, x: [f64; 2], y: f64) -> Result<f64, Box<dyn Error>> {
        let cost = self.training.backprop(&mut self.net, &Vector2::from(x), &HalfSquaredError, &[y])?;
        self.optimizer.step(self.net.params_mut(), self.training.gradient().params());
        Ok(cost)
    }

    /// All observations, one after another; gives the sum of their costs.
    fn epoch(&mut self) -> Result<f64, Box<dyn Error>> {
        let mut cost = 0.0;
        for (x, y) in OBSERVATIONS {
            cost += self.update(x, y)?;
        }
        Ok(cost)
    }

    /// `(w₁, w₂, b)`.
    fn parameters(&self) -> [f64; 3] {
        [self.net.h.weight[0], self.net.h.weight[1], self.net.h.bias[0]]
    }
}

fn show([w1, w2, b]: [f64; 3]) -> String {
    format!("w = ({w1:.4}, {w2:.4}), b = {b:.4}")
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut learner = Learner::new();
    let start = learner.parameters();
    let (x, y) = OBSERVATIONS[0];
    println!("before the first update: {}", show(start));
    let by_hand = update_by_hand(start, x, y);
    learner.update(x, y)?;
    let by_machine = learner.parameters();
    println!("  by hand:    {}", show(by_hand));
    println!("  by machine: {}", show(by_machine));
    let apart = by_hand.iter().zip(by_machine).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("  they differ by at most {apart:.1e}\n");
    if apart > 1e-12 {
        return Err("the machine disagrees with the derivation".into());
    }

    println!("on, one observation at a time:\n");
    println!("   epochs    cost of an epoch   parameters");
    let mut learner = Learner::new();
    let mut done = 0;
    let mut seen = Vec::new();
    // Five times in each power of ten, which is told of at its end.
    for epochs in (0..=25).map(|k| 10_f64.powf(f64::from(k) / 5.0).round() as u32) {
        let mut cost = f64::INFINITY;
        while done < epochs {
            cost = learner.epoch()?;
            done += 1;
        }
        if [1, 10, 100, 1_000, 10_000, 100_000].contains(&epochs) {
            println!("{epochs:9}    {cost:.3e}          {}", show(learner.parameters()));
        }
        if cost.is_finite() {
            seen.push((f64::from(epochs), cost, learner.parameters()));
        }
    }

    println!("\noutputs after {done} epochs:");
    let mut work = Neuron::<f64>::workspace(1);
    for (x, y) in OBSERVATIONS {
        let h = learner.net.forward(&Vector2::from(x), &mut work)[0];
        println!("  ({}, {}) → {h:.4}, wanted {y}", x[0], x[1]);
    }
    println!(
        "\nDoes it converge? The outputs do: a line separates the two classes (the target is x₁), so the cost falls \
         towards 0. The parameters do not: no finite weights give exactly 0 and 1, so w₁ grows on, ever more slowly."
    );
    draw(&seen)
}

/// Epochs, the cost of the last of them, and the parameters behind it.
fn draw(seen: &[(f64, f64, [f64; 3])]) -> Result<(), Box<dyn Error>> {
    let cost = Line::new("", 0, seen.iter().map(|&(epochs, cost, _)| (epochs, cost)));
    let parameters = ["w₁", "w₂", "b"].into_iter().enumerate().map(|(place, name)| {
        Line::new(name, place, seen.iter().map(|&(epochs, _, parameters)| (epochs, parameters[place])))
    });
    let panel = |title, y_range, logarithmic, lines| Axes {
        title,
        x: "epochs",
        y: "",
        x_range: 1.0..1e5,
        y_range,
        logarithmic: [true, logarithmic],
        lines,
    };
    let panels = [
        panel("cost of an epoch", 1e-5..1.0, true, vec![cost]),
        panel("parameters", -12.0..24.0, false, parameters.collect()),
    ];
    let path = pictures::path("backprop_by_hand")?;
    plot::draw(&path, 2, &panels)?;
    println!("{}", path.display());
    Ok(())
}
