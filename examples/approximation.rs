//! Universal approximation, as one draws it: a function as a sum of shifted rectifiers, `f(x) ≈ Σᵢ cᵢ·relu(x − xᵢ) + b`, with
//! more and more of them.
//!
//! ```text
//! cargo run --release --example approximation
//! ```
//!
//! A network of one hidden layer of N units is given its weights, not trained: each unit begins at one of N evenly spaced knots,
//! and its weight is the change of slope there, so that the sum joins the function's values by straight lines. Its largest error
//! is at most `h²/8·max|f″|` for a distance h of the knots: twice as many units, a quarter of the error. A trained network of the
//! same size may move its knots where the function bends, and needs fewer.
//!
//! It writes `approximation.svg` into `target/pictures`: the function and its sums, the units that one of them consists of, and the
//! error against the number of units.

mod pictures;

use std::error::Error;

use monograd::nalgebra::{Const, Dyn, OMatrix, U1};
use monograd::prelude::*;
use pictures::plot::{self, Axes, Line};

network! {
    /// A sum of `UNITS` rectifiers of one number.
    struct Sum<const UNITS: usize>([1]) -> [1] {
        hidden: dense(UNITS) -> relu,
        out: dense(1),
    }
}

/// What is approximated, on [0, 1].
fn f(x: f64) -> f64 {
    (2.0 * std::f64::consts::PI * x).sin() + 0.5 * (5.0 * std::f64::consts::PI * x).cos()
}

/// An upper bound of its second derivative.
const LARGEST_CURVATURE: f64 = 4.0 * PI_SQUARE + 12.5 * PI_SQUARE;
const PI_SQUARE: f64 = std::f64::consts::PI * std::f64::consts::PI;

/// Gives the network the weights with which its output joins the values of the function at 0, 1/N, …, 1 by straight lines.
fn join<const UNITS: usize>(net: &mut Sum<UNITS, f64>) {
    let knot = |i: usize| i as f64 / UNITS as f64;
    let slope = |i: usize| (f(knot(i + 1)) - f(knot(i))) * UNITS as f64;
    for i in 0..UNITS {
        net.hidden.weight[i] = 1.0;
        net.hidden.bias[i] = -knot(i);
        net.out.weight[i] = if i == 0 { slope(0) } else { slope(i) - slope(i - 1) };
    }
    net.out.bias[0] = f(0.0);
}

/// How many places it is compared at: no multiple of the knots.
const PLACES: usize = 1009;

fn places() -> OMatrix<f64, Const<1>, Dyn> {
    OMatrix::from_fn_generic(U1, Dyn(PLACES), |_, k| k as f64 / (PLACES - 1) as f64)
}

/// A sum, and what it is compared by.
struct Approximation {
    units: usize,
    values: Vec<f64>,
    error: f64,
    bound: f64,
}

fn approximate<const UNITS: usize>() -> Approximation {
    let (mut net, mut work) = (Sum::<UNITS, f64>::zeroed(), Sum::<UNITS, f64>::workspace(PLACES));
    join(&mut net);
    let x = places();
    let values: Vec<f64> = net.forward(&x, &mut work).iter().copied().collect();
    let error = x.iter().zip(&values).map(|(x, y)| (f(*x) - y).abs()).fold(0.0, f64::max);
    let bound = LARGEST_CURVATURE / (8.0 * (UNITS * UNITS) as f64);
    Approximation { units: UNITS, values, error, bound }
}

fn main() -> Result<(), Box<dyn Error>> {
    let sums = [
        approximate::<4>(),
        approximate::<8>(),
        approximate::<16>(),
        approximate::<32>(),
        approximate::<64>(),
        approximate::<128>(),
    ];
    println!("units   largest error   bound");
    for Approximation { units, error, bound, .. } in &sums {
        println!("{units:5}   {error:13.5}   {bound:.5}");
    }
    let quarter = sums[4].error / sums[5].error;
    println!("\nfrom 64 to 128 units the error falls by a factor of {quarter:.2}");
    if sums.iter().any(|sum| sum.error > sum.bound + 1e-12) || !(3.5..4.5).contains(&quarter) {
        return Err("the error is not the one that straight lines have".into());
    }
    draw(&sums)
}

fn draw(sums: &[Approximation; 6]) -> Result<(), Box<dyn Error>> {
    let x = places();
    let over = |values: &mut dyn Iterator<Item = f64>| x.iter().copied().zip(values).step_by(8).collect::<Vec<_>>();
    let mut lines = vec![Line::new("f", 5, over(&mut x.iter().map(|x| f(*x))))];
    for (sum, color) in sums[..3].iter().zip(0..) {
        lines.push(Line::new(format!("{} units", sum.units), color, over(&mut sum.values.iter().copied())));
    }
    let mut net = Sum::<8, f64>::zeroed();
    join(&mut net);
    let units = (0..8).map(|i| {
        let unit = |x: &f64| net.out.weight[i] * (net.hidden.weight[i] * x + net.hidden.bias[i]).max(0.0);
        Line::new("", i, over(&mut x.iter().map(unit)))
    });
    let all = |part: fn(&Approximation) -> f64| sums.iter().map(move |sum| (sum.units as f64, part(sum)));
    let errors =
        vec![Line::new("largest error", 0, all(|sum| sum.error)), Line::new("h²/8·max|f″|", 5, all(|sum| sum.bound))];
    let panels = [
        Axes {
            title: "sums of shifted rectifiers",
            x: "x",
            y: "",
            x_range: 0.0..1.0,
            y_range: -2.0..2.0,
            logarithmic: [false; 2],
            lines,
        },
        Axes {
            title: "the units of the sum of 8",
            x: "x",
            y: "",
            x_range: 0.0..1.0,
            y_range: -12.0..12.0,
            logarithmic: [false; 2],
            lines: units.collect(),
        },
        Axes {
            title: "error against units",
            x: "units",
            y: "",
            x_range: 4.0..128.0,
            y_range: 1e-4..10.0,
            logarithmic: [true; 2],
            lines: errors,
        },
    ];
    let path = pictures::path("approximation")?;
    plot::draw(&path, 3, &panels)?;
    println!("{}", path.display());
    Ok(())
}
