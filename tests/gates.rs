//! McCulloch–Pitts units: gates as networks, over their truth tables.

use monograd::nalgebra::{Const, DimName, Dyn, OMatrix};
use monograd::prelude::*;

const NEVER: i64 = 3;
const SECOND: usize = 1;

network! {
    struct And([2]) -> [1] { unit: threshold(2), }

    struct Or([2]) -> [1] { unit: threshold(1), }

    struct Nor([2]) -> [1] { unit: threshold(0, inhibitory = [0, 1]), }

    struct Not([1]) -> [1] { unit: threshold(0, inhibitory = [0]), }

    /// x₁ ∧ ¬x₂.
    struct AndNot([2]) -> [1] { unit: threshold(1, inhibitory = [SECOND]), }

    struct Xor([2]) -> [1] {
        either: concat(threshold(1, inhibitory = [1]), threshold(1, inhibitory = [0])),
        any: threshold(1),
    }

    struct Majority([3]) -> [1] { unit: threshold(2), }

    /// The third input decides which of the others is given.
    struct Choice([3]) -> [1] {
        either: concat(threshold(1, excitatory = [0], inhibitory = [2]), threshold(2, excitatory = [1, 2])),
        any: threshold({ NEVER - 2 }),
    }

    struct Constants([2]) -> [2] { units: concat(threshold(-1), threshold(NEVER)), }

    struct All<const N: usize>([N]) -> [1] { unit: threshold({ N as i64 }), }

    struct Image([1, 2, 2]) -> [1] { unit: flatten -> threshold(4), }

    /// A sum and a carry.
    struct HalfAdder([2]) -> (sum: [1], carry: [1]) {
        carry: threshold(2),
        sum: concat(input, carry) -> threshold(1, inhibitory = [2]),
    }
}

/// What a network gives for all inputs of 0 and 1, the first input the highest bit of the row.
fn table<N: Network>() -> Vec<u8> {
    let inputs = N::Input::DIM;
    let rows = 1 << inputs;
    let bits = OMatrix::<N::Scalar, N::Input, Dyn>::from_fn(rows, |input, row| {
        monograd::Real::nearest(f64::from((row >> (inputs - 1 - input) & 1) as u8))
    });
    let (net, mut work) = (N::new(), N::workspace(rows));
    let outputs = net.forward(&bits, &mut work);
    outputs.iter().map(|y| monograd::Real::to_f64(*y) as u8).collect()
}

#[test]
fn truth_tables() {
    assert_eq!(table::<And>(), [0, 0, 0, 1]);
    assert_eq!(table::<Or>(), [0, 1, 1, 1]);
    assert_eq!(table::<Nor>(), [1, 0, 0, 0]);
    assert_eq!(table::<Not>(), [1, 0]);
    assert_eq!(table::<AndNot>(), [0, 0, 1, 0]);
    assert_eq!(table::<Xor>(), [0, 1, 1, 0]);
    assert_eq!(table::<Xor<f64>>(), [0, 1, 1, 0]);
    assert_eq!(table::<Majority>(), [0, 0, 0, 1, 0, 1, 1, 1]);
    assert_eq!(table::<Choice>(), [0, 0, 0, 1, 1, 0, 1, 1]);
    assert_eq!(table::<Constants>(), [1, 0].repeat(4));
    assert_eq!(table::<All<3>>(), [0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(table::<Image>()[14..], [0, 1]);
}

#[test]
fn several_outputs() {
    let bits = OMatrix::<f32, Const<2>, Dyn>::from_column_slice(&[0., 0., 0., 1., 1., 0., 1., 1.]);
    let mut work = HalfAdder::workspace(4);
    let net = HalfAdder::new();
    let y = net.forward(&bits, &mut work);
    assert_eq!((y.sum.as_slice(), y.carry.as_slice()), (&[0., 1., 1., 0.][..], &[0., 0., 0., 1.][..]));
}

#[test]
fn a_unit_has_no_parameters() {
    assert_eq!((Xor::PARAMS, Xor::MACS, Xor::ACTIVATIONS), (0, 0, 5));
    assert_eq!(Xor::RECEPTIVE_FIELD, [2]);
    assert_eq!(<Xor as Network>::TRAINING_SIZE, None);
}
