//! McCulloch–Pitts units: gates of neurons that nobody trains, their truth tables, and what a single one separates.
//!
//! ```text
//! cargo run --release --example gates
//! ```
//!
//! A unit is 1 where enough of its inputs are active and no inhibitory one is. That is a line in the square of two inputs, and a
//! plane in the cube of three: the corners on its one side are answered by 1. No line has the corners of the exclusive or on
//! its right sides; two units and a third behind them have.
//!
//! It writes `gates.svg` into `target/pictures`, or with `--gallery` into `examples/gallery`. `--short` changes nothing: it is
//! done at once.

mod pictures;

use std::error::Error;

use monograd::nalgebra::{DimName, Dyn, OMatrix};
use monograd::prelude::*;
use pictures::gates::{self, Gate, SQUARE};
use pictures::plane::Side;

network! {
    struct And([2]) -> [1] { unit: threshold(2), }

    struct Or([2]) -> [1] { unit: threshold(1), }

    struct Nor([2]) -> [1] { unit: threshold(0, inhibitory = [0, 1]), }

    struct Not([1]) -> [1] { unit: threshold(0, inhibitory = [0]), }

    /// x₁ ∧ ¬x₂.
    struct AndNot([2]) -> [1] { unit: threshold(1, inhibitory = [1]), }

    /// One of both, but not the other: x₁ ∧ ¬x₂, ¬x₁ ∧ x₂, and whether one of these is.
    struct Xor([2]) -> [1] {
        one: concat(threshold(1, inhibitory = [1]), threshold(1, inhibitory = [0])),
        any: threshold(1),
    }

    struct Majority([3]) -> [1] { unit: threshold(2), }
}

/// The bits of a row of a truth table, the first input the highest.
fn bits(row: usize, inputs: usize) -> Vec<f32> {
    (0..inputs).rev().map(|bit| f32::from((row >> bit & 1) as u8)).collect()
}

/// What a network answers to each row, which it prints.
fn truth_table<N: Network<Scalar = f32>>(name: &str) -> Vec<bool> {
    let inputs = N::Input::DIM;
    let rows: Vec<_> = (0..1 << inputs).map(|row| bits(row, inputs)).collect();
    let x = OMatrix::<f32, N::Input, Dyn>::from_column_slice(&rows.concat());
    let (net, mut work) = (N::new(), N::workspace(rows.len()));
    let answers: Vec<_> = net.forward(&x, &mut work).iter().map(|y| *y == 1.0).collect();
    println!("{name}");
    for (row, answer) in rows.iter().zip(&answers) {
        let row: Vec<_> = row.iter().map(ToString::to_string).collect();
        println!("  {}  →  {}", row.join(" "), u8::from(*answer));
    }
    println!();
    answers
}

/// A gate of two inputs, and the lines of its units. Each corner that it answers by 1 is on the right side of one of them.
fn gate<'a, N: Network<Scalar = f32>>(title: &'a str, expected: [u8; 4], units: &[([f64; 2], f64)]) -> Gate<'a> {
    let answers = truth_table::<N>(title);
    let answers = [0, 1, 2, 3].map(|row| answers[row]);
    assert_eq!(answers.map(u8::from), expected, "{title}");
    let units: Vec<_> = units.iter().map(|&(normal, offset)| Side { normal, offset }).collect();
    let separated = SQUARE.map(|corner| units.iter().any(|unit| unit.excess(corner) > 0.0));
    assert_eq!(separated, answers, "the lines of {title}");
    Gate { title, answers, units }
}

fn main() -> Result<(), Box<dyn Error>> {
    assert_eq!(truth_table::<Not>("NOT"), [true, false]);
    let panels = [
        gate::<And>("AND", [0, 0, 0, 1], &[([1.0, 1.0], 1.5)]),
        gate::<Or>("OR", [0, 1, 1, 1], &[([1.0, 1.0], 0.5)]),
        gate::<Nor>("NOR", [1, 0, 0, 0], &[([-1.0, -1.0], -0.5)]),
        gate::<AndNot>("x₁ AND NOT x₂", [0, 0, 1, 0], &[([1.0, -1.0], 0.5)]),
        gate::<Xor>("XOR, by two layers", [0, 1, 1, 0], &[([1.0, -1.0], 0.5), ([-1.0, 1.0], 0.5)]),
    ];
    let majority = truth_table::<Majority>("MAJORITY of three");
    assert_eq!(majority.iter().filter(|answer| **answer).count(), 4);

    let single = (0..16).filter(|gate| is_single_unit(*gate)).count();
    println!("{single} of the 16 gates of two inputs are single units; XOR and its opposite are not");
    assert_eq!(single, 14);

    let path = pictures::path("gates")?;
    gates::draw(&path, &panels, "MAJORITY, and its plane", &majority, 1.5)?;
    println!("{}", path.display());
    Ok(())
}

/// Whether a line separates the corners that a gate answers by 1 from the others; small whole numbers are enough to find it.
fn is_single_unit(gate: usize) -> bool {
    let weights = || (-2..=2).map(f64::from);
    let sides = weights().flat_map(|w1| weights().map(move |w2| [w1, w2]));
    let mut sides = sides.flat_map(|normal| (-4..=4).map(move |half| Side { normal, offset: f64::from(half) - 0.5 }));
    sides.any(|side| {
        SQUARE.iter().enumerate().all(|(row, corner)| (side.excess(*corner) > 0.0) == (gate >> row & 1 == 1))
    })
}
