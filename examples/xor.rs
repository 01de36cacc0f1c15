//! The 2-4-2-1 network of the `TensorFlow` playground learns its exclusive-or data: points of a square, of one class where
//! both coordinates have the same sign, and of the other elsewhere.
//!
//! ```text
//! cargo run --release --example xor
//! ```

use std::error::Error;

use monograd::losses::HalfSquaredError;
use monograd::nalgebra::{Const, Dyn, OMatrix, Vector2};
use monograd::optimizers::Sgd;
use monograd::prelude::*;

network! {
    /// The playground's default network: two hidden layers of tanh, and a tanh output of −1 or 1.
    struct Playground([2]) -> [1] {
        hidden1: dense(4) -> tanh,
        hidden2: dense(2) -> tanh,
        out: dense(1) -> tanh,
    }
}

type Points = Dataset<f32, 2, [f32; 1]>;

/// Half the side of the square that the points fill.
const EXTENT: f64 = 5.0;

/// Points of the square, away from the axes, with the sign of the product of their coordinates.
fn points(count: usize, generator: &mut Generator) -> Result<Points, Box<dyn Error>> {
    const MARGIN: f64 = 0.3;
    let mut coordinate = || {
        let x = EXTENT * (2.0 * generator.uniform() - 1.0);
        (x + MARGIN.copysign(x)) as f32
    };
    let inputs: Vec<_> = (0..count).map(|_| [coordinate(), coordinate()]).collect();
    let targets: Vec<_> = inputs.iter().map(|[x1, x2]| [(x1 * x2).signum()]).collect();
    Ok(Dataset::from_rows(&inputs, &targets)?)
}

/// The share of points on the right side.
fn accuracy(net: &Playground, data: &Points) -> f64 {
    let mut work = Playground::workspace(data.len());
    let outputs = net.forward(data.inputs(), &mut work);
    let right = outputs.iter().zip(data.targets()).filter(|(y, target)| y.signum() == target[0].signum()).count();
    right as f64 / data.len() as f64
}

/// What the network says over the square: from `@` for 1 over a blank for 0 to `o` for −1.
fn print_decision_map(net: &Playground) {
    const COLUMNS: usize = 61;
    const ROWS: usize = 25;
    const EDGE: f32 = 6.0;
    let at = |place: usize, of: usize| EDGE * (2.0 * place as f32 / (of - 1) as f32 - 1.0);
    let mut work = Playground::workspace(COLUMNS);
    for row in (0..ROWS).rev() {
        let line = OMatrix::<f32, Const<2>, Dyn>::from_fn(COLUMNS, |axis, column| match axis {
            0 => at(column, COLUMNS),
            _ => at(row, ROWS),
        });
        let outputs = net.forward(&line, &mut work);
        let text: String = outputs.iter().map(|y| shade(*y)).collect();
        println!("  {text}");
    }
}

fn shade(y: f32) -> char {
    match y {
        y if y > 0.75 => '@',
        y if y > 0.25 => '+',
        y if y > -0.25 => ' ',
        y if y > -0.75 => '.',
        _ => 'o',
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut generator = Generator::seed(1);
    let (train, test) = (points(200, &mut generator)?, points(200, &mut generator)?);
    println!("{}\n", Playground::summary());

    let mut net = Playground::seeded(3);
    Trainer::new(HalfSquaredError, Sgd::new(0.03))
        .batch_size(10)
        .epochs(200)
        .on_epoch(|epoch| {
            if epoch.number == 1 || epoch.number.is_multiple_of(40) {
                println!("epoch {:3}   loss {:.4}", epoch.number, epoch.loss);
            }
        })
        .fit(&mut *net, &train)?;

    println!("\nthe decision over the square [-6, 6] × [-6, 6]: `@` is 1, `o` is -1\n");
    print_decision_map(&net);

    println!("\n x1  x2   output");
    let mut work = Playground::workspace(1);
    for corner in [[-3.0, -3.0], [-3.0, 3.0], [3.0, -3.0], [3.0, 3.0]] {
        let y = net.forward(&Vector2::from(corner), &mut work)[0];
        println!("{:3} {:3}   {y:+.3}", corner[0], corner[1]);
    }
    println!("\ntrain accuracy {:.4}", accuracy(&net, &train));
    let accuracy = accuracy(&net, &test);
    println!("test accuracy {accuracy:.4}");
    if accuracy < 0.95 {
        return Err("the exclusive or is not learned as well as it should be".into());
    }
    Ok(())
}
