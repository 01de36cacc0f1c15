//! The activation functions and their derivatives, as the language has them.
//!
//! ```text
//! cargo run --release --example activations
//! ```
//!
//! Each function is a network of one line, `struct Logistic([1]) -> [1] { y: logistic }`, run over an interval; its derivative is
//! the gradient with respect to the network's input, by the backward pass that training uses. Both are set beside a difference
//! quotient. The step has no derivative that a network could learn by, so that the language refuses to train it; its row is there
//! to compare.
//!
//! It writes `activations.svg` into `target/pictures`: each function (blue) and its derivative (orange).

mod pictures;

use std::error::Error;

use monograd::Inference;
use monograd::losses::HalfSquaredError;
use monograd::nalgebra::{Const, Dyn, OMatrix, U1};
use monograd::prelude::*;
use pictures::plot::{self, Axes, Line};

network! {
    struct Linear([1]) -> [1] { y: linear }
    struct Logistic([1]) -> [1] { y: logistic }
    struct Tanh([1]) -> [1] { y: tanh }
    struct Relu([1]) -> [1] { y: relu }
    struct LeakyRelu([1]) -> [1] { y: leaky_relu(slope = 0.1) }
    struct Relu6([1]) -> [1] { y: relu6 }
    struct Elu([1]) -> [1] { y: elu }
    struct Softplus([1]) -> [1] { y: softplus }
    struct Silu([1]) -> [1] { y: silu }
    struct Gelu([1]) -> [1] { y: gelu }
    struct Step([1]) -> [1] { y: step }
}

/// A function over the interval, and its derivative.
struct Curve {
    word: &'static str,
    values: Vec<f64>,
    derivatives: Option<Vec<f64>>,
}

/// The places on the horizontal axis, from −8 to 8.
const PLACES: usize = 241;

fn place(k: usize) -> f64 {
    -8.0 + 16.0 * k as f64 / (PLACES - 1) as f64
}

type Places = OMatrix<f64, Const<1>, Dyn>;

fn values<N: Network<Scalar = f64, Input = Const<1>, Output = Const<1>>>(x: &Places) -> Vec<f64> {
    let mut work = Inference::<N>::new(PLACES);
    work.run(&*N::new(), x).iter().copied().collect()
}

/// With the cost ½(y − t)² and the target `t = y − B`, the gradient of the mean over B samples is f′(x)·(y − t)/B = f′(x).
fn derivatives<N>(x: &Places, values: &[f64]) -> Result<Vec<f64>, Box<dyn Error>>
where
    N: Trainable<Scalar = f64, Input = Const<1>, Output = Const<1>>,
{
    let targets: Vec<_> = values.iter().map(|y| y - PLACES as f64).collect();
    let mut training = Training::<N>::with_input_gradient(PLACES);
    training.backprop(&mut *N::new(), x, &HalfSquaredError, &targets)?;
    Ok(training.input_gradient().ok_or("no gradient was asked for")?.iter().copied().collect())
}

fn curve<N>(word: &'static str, x: &Places) -> Result<Curve, Box<dyn Error>>
where
    N: Trainable<Scalar = f64, Input = Const<1>, Output = Const<1>>,
{
    let values = values::<N>(x);
    let derivatives = Some(derivatives::<N>(x, &values)?);
    Ok(Curve { word, values, derivatives })
}

fn curves(x: &Places) -> Result<Vec<Curve>, Box<dyn Error>> {
    Ok(vec![
        Curve { word: "step", values: values::<Step<f64>>(x), derivatives: None },
        curve::<Linear<f64>>("linear", x)?,
        curve::<Logistic<f64>>("logistic", x)?,
        curve::<Tanh<f64>>("tanh", x)?,
        curve::<Relu<f64>>("relu", x)?,
        curve::<LeakyRelu<f64>>("leaky_relu", x)?,
        curve::<Relu6<f64>>("relu6", x)?,
        curve::<Elu<f64>>("elu", x)?,
        curve::<Softplus<f64>>("softplus", x)?,
        curve::<Silu<f64>>("silu", x)?,
        curve::<Gelu<f64>>("gelu", x)?,
    ])
}

/// The largest distance between the derivatives and difference quotients of the function over a short way, between the places:
/// none of them is a kink.
fn distance<N>() -> Result<f64, Box<dyn Error>>
where
    N: Trainable<Scalar = f64, Input = Const<1>, Output = Const<1>>,
{
    const WAY: f64 = 1e-5;
    let between = 0.5 * (place(1) - place(0));
    let at = |shift: f64| Places::from_fn_generic(U1, Dyn(PLACES), |_, k| place(k) + between + shift);
    let (before, after) = (values::<N>(&at(-WAY)), values::<N>(&at(WAY)));
    let derivatives = derivatives::<N>(&at(0.0), &values::<N>(&at(0.0)))?;
    let quotients = before.iter().zip(&after).map(|(before, after)| (after - before) / (2.0 * WAY));
    Ok(quotients.zip(derivatives).map(|(quotient, derivative)| (quotient - derivative).abs()).fold(0.0, f64::max))
}

fn main() -> Result<(), Box<dyn Error>> {
    let x = Places::from_fn_generic(U1, Dyn(PLACES), |_, k| place(k));
    let curves = curves(&x)?;
    println!("{:>12} {:>9} {:>9} {:>9}   {:>9} {:>9}", "", "f(−2)", "f(0)", "f(2)", "f′(0)", "largest f′");
    let nearest = |to: f64| (0..PLACES).min_by(|&a, &b| (place(a) - to).abs().total_cmp(&(place(b) - to).abs()));
    for Curve { word, values, derivatives } in &curves {
        let at = |to: f64, of: &[f64]| nearest(to).map_or(f64::NAN, |k| of[k]);
        print!("{word:>12} {:9.4} {:9.4} {:9.4}", at(-2.0, values), at(0.0, values), at(2.0, values));
        match derivatives {
            Some(d) => println!("   {:9.4} {:9.4}", at(0.0, d), d.iter().copied().fold(0.0, f64::max)),
            None => println!("   cannot be trained by gradients"),
        }
    }
    println!(
        "\nLogistic and tanh are flat at both ends: a unit that is far out there hardly learns. Relu has the slope 1 on"
    );
    println!("one half and none on the other.\n");

    let distances = [distance::<Logistic<f64>>()?, distance::<Tanh<f64>>()?, distance::<Relu<f64>>()?];
    let more =
        [distance::<Elu<f64>>()?, distance::<Softplus<f64>>()?, distance::<Silu<f64>>()?, distance::<Gelu<f64>>()?];
    let apart = distances.into_iter().chain(more).fold(0.0, f64::max);
    println!("derivatives and difference quotients differ by at most {apart:.1e}");
    if apart > 1e-8 {
        return Err("a derivative is not that of its function".into());
    }
    draw(&curves)
}

fn draw(curves: &[Curve]) -> Result<(), Box<dyn Error>> {
    let over = |values: &[f64]| values.iter().enumerate().map(|(k, y)| (place(k), *y)).collect::<Vec<_>>();
    let axes = curves.iter().map(|Curve { word, values, derivatives }| {
        let mut lines = vec![Line::new("", 0, over(values))];
        lines.extend(derivatives.iter().map(|derivatives| Line::new("", 1, over(derivatives))));
        let (x_range, y_range) = (-5.0..5.0, -1.5..3.0);
        let inside = |line: Line| {
            let points = line.points.into_iter().filter(|(x, y)| (-5.0..=5.0).contains(x) && (-1.5..=3.0).contains(y));
            Line { points: points.collect(), ..line }
        };
        let lines = lines.into_iter().map(inside).collect();
        Axes { title: word, x: "", y: "", x_range, y_range, logarithmic: [false; 2], lines }
    });
    let path = pictures::path("activations")?;
    plot::draw(&path, 4, &axes.collect::<Vec<_>>())?;
    println!("{}", path.display());
    Ok(())
}
