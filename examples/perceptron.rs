//! Rosenblatt's perceptron rule: a line between two kinds of points, the bound on its updates, the exclusive or that it cannot
//! answer, two layers that can, and the line that is as far from the points as possible.
//!
//! ```text
//! cargo run --release --example perceptron
//! cargo run --release --example perceptron -- --short    # a glance
//! ```
//!
//! It writes `perceptron.svg` into `target/pictures`, or with `--gallery` into `examples/gallery`.

mod pictures;

use std::error::Error;

use monograd::perceptron::{AdaTron, MinOver, PerceptronRule};
use monograd::prelude::*;
use monograd::units::ThresholdUnits;
use pictures::gates::SQUARE;
use pictures::perceptron::{self, Story};
use pictures::plane::Side;

network! {
    /// A threshold unit: 1 where w·x + b ≥ 0.
    struct Unit([2]) -> [1] {
        out: dense(1) -> step,
    }

    /// Two of them side by side.
    struct Pair([2]) -> [2] {
        units: dense(2) -> step,
    }

    /// A unit that sees the square through a pair.
    struct TwoLayers([2]) -> [1] {
        hidden: dense(2) -> step,
        out: dense(1) -> step,
    }
}

type Points = Dataset<f64, 2, u32>;

/// Points of the square [−1, 1]² of two kinds, with a strip without points between them.
fn separable(count: usize) -> Result<Points, Box<dyn Error>> {
    const GAP: f64 = 0.12;
    let mut generator = Generator::seed(5);
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    while rows.len() < count {
        let point = [0; 2].map(|_| 2.0 * generator.uniform() - 1.0);
        let side = 0.8 * point[0] - 0.6 * point[1] - 0.2;
        if side.abs() > GAP {
            rows.push(point);
            labels.push(u32::from(side > 0.0));
        }
    }
    Ok(Points::from_labelled_rows(&rows, &labels, 2)?)
}

/// The side of the plane that each unit of a layer answers by 1.
fn sides(net: &mut impl ThresholdUnits<Scalar = f64>) -> Vec<Side> {
    let (weight, bias) = net.weight_and_bias();
    let (first, second) = weight.split_at(bias.len());
    let units = first.iter().zip(second).zip(bias);
    units.map(|((w1, w2), b)| Side { normal: [*w1, *w2], offset: -*b }).collect()
}

/// The rule, an epoch at a time: the line after each, and the updates in all.
fn learn(net: &mut Unit<f64>, data: &Points) -> Result<(Vec<Side>, usize), Box<dyn Error>> {
    let (mut lines, mut updates) = (Vec::new(), 0);
    loop {
        let fit = PerceptronRule::new(1.0).epochs(1).fit(net, data)?;
        updates += fit.updates;
        lines.extend(sides(net));
        println!("  epoch {:2}   {:2} mistakes", lines.len(), fit.mistakes);
        if fit.converged {
            return Ok((lines, updates));
        }
    }
}

/// The exclusive or: by one unit, and by a layer that learns x₁ ∧ ¬x₂ and ¬x₁ ∧ x₂ with a unit behind it that learns OR. Gives the
/// hidden units.
fn exclusive_or(epochs: usize) -> Result<Vec<Side>, Box<dyn Error>> {
    let rule = PerceptronRule::new(1.0).epochs(epochs);
    let xor = Points::from_labelled_rows(&SQUARE, &[0, 1, 1, 0], 2)?;
    let alone = rule.fit(&mut *Unit::<f64>::zeroed(), &xor)?;
    println!("\nthe exclusive or by one unit:      {alone}");
    assert!(!alone.converged, "no line separates the exclusive or");

    let one_of_both = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]];
    let hidden_data = Dataset::<f64, 2, [f64; 2]>::from_rows(&SQUARE, &one_of_both)?;
    let or = Points::from_labelled_rows(&SQUARE, &[0, 1, 1, 1], 2)?;
    let (mut hidden, mut out) = (Pair::<f64>::zeroed(), Unit::<f64>::zeroed());
    let learned = AdaTron::new().fit(&mut *hidden, &hidden_data)?;
    println!("  a hidden layer, by AdaTron:      unit 0: {}", learned.units[0]);
    println!("                                   unit 1: {}", learned.units[1]);
    println!("  the unit behind it, by the rule: {}", rule.fit(&mut *out, &or)?);

    let mut net = TwoLayers::<f64>::zeroed();
    (net.hidden.weight, net.hidden.bias) = (hidden.units.weight, hidden.units.bias);
    (net.out.weight, net.out.bias) = (out.out.weight, out.out.bias);
    let mut work = TwoLayers::<f64>::workspace(4);
    let answers = net.forward(xor.inputs(), &mut work);
    println!("  both layers answer {:?} to (0,0), (0,1), (1,0), (1,1)", answers.as_slice());
    assert_eq!(answers.as_slice(), [0.0, 1.0, 1.0, 0.0]);
    Ok(sides(&mut *hidden))
}

/// The points and whether they are of the second kind.
fn labelled(data: &Points) -> Vec<([f64; 2], bool)> {
    data.inputs().column_iter().zip(data.targets()).map(|(x, label)| ([x[0], x[1]], *label == 1)).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = std::env::args().any(|argument| argument == "--short");
    let data = separable(if short { 30 } else { 80 })?;
    println!("{} points that a line separates", data.len());
    let mut net = Unit::<f64>::zeroed();
    let (lines, updates) = learn(&mut net, &data)?;

    let (mut by_min_over, mut by_ada_tron) = (Unit::<f64>::zeroed(), Unit::<f64>::zeroed());
    let min_over = MinOver::new().fit(&mut *by_min_over, &data)?.units[0];
    let ada_tron = AdaTron::new().fit(&mut *by_ada_tron, &data)?.units[0];
    let longest = data.inputs().column_iter().map(|x| (x.norm_squared() + 1.0).sqrt()).fold(0.0, f64::max);
    let bound = (longest / ada_tron.stability).powi(2);
    println!("{updates} updates; by Novikoff at most (R/γ)² = ({longest:.3}/{:.4})² = {bound:.0}", ada_tron.stability);
    assert!(updates as f64 <= bound);

    let plain = lines[lines.len() - 1];
    let nearest = labelled(&data).iter().map(|(x, _)| plain.excess(*x).abs()).fold(f64::INFINITY, f64::min);
    let margin = nearest / plain.normal[0].hypot(plain.normal[1]);
    println!("\nhow far the nearest point is from the line");
    println!("  perceptron rule  {margin:.4}");
    println!("  MinOver          {:.4}   {min_over}", min_over.margin);
    println!("  AdaTron          {:.4}   {ada_tron}", ada_tron.margin);
    assert!(margin < ada_tron.margin && (min_over.stability / ada_tron.stability - 1.0).abs() < 1e-3);

    let hidden = exclusive_or(if short { 20 } else { 1000 })?;
    let corners: Vec<_> = SQUARE.into_iter().zip([false, true, true, false]).collect();
    let story = Story {
        points: &labelled(&data),
        epochs: &lines,
        stable: sides(&mut *by_ada_tron)[0],
        margin: ada_tron.margin,
        corners: &corners,
        hidden: [hidden[0], hidden[1]],
    };
    let path = pictures::path("perceptron")?;
    perceptron::draw(&path, &story)?;
    println!("\n{}", path.display());
    Ok(())
}
