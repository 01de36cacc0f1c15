//! A user's names do not clash with those of the generated code.
#![allow(non_upper_case_globals, non_camel_case_types)]

use monograd::prelude::*;
use nalgebra::{SVector, vector};

mod constants_named_like_generic_parameters_and_locals {
    pub const T: usize = 3;
    pub const L: usize = 4;
    pub const B: usize = 5;
    pub const S: usize = 6;
    pub const x: usize = 3;
    pub const y: usize = 2;
    pub const d: usize = 7;
    pub const f: usize = 8;
    pub const INFERENCE_PLAN: usize = 4;
    pub const TRAINING_PLAN: usize = 5;
    pub const SCALE: f64 = 0.5;

    monograd::network! {
        #[allow(softmax_output, stacked_linear)]
        pub struct Net([T]) -> [y] {
            a: dense(L) -> elu(alpha = SCALE),
            b: dense({ B + S }) -> dense(x) -> softmax,
            c: dense(INFERENCE_PLAN) -> silu -> dense(TRAINING_PLAN * d - f),
            out: dense(y) -> softmax,
        }
    }

    /// A function with the name of a local, called where that local lives.
    pub const fn plan() -> usize {
        2
    }

    monograd::network! {
        #[allow(softmax_output)]
        pub struct Called([level()]) -> [plan()] {
            out: dense(plan()) -> softmax,
        }
    }

    const fn level() -> usize {
        3
    }
}

mod types_named_like_ours {
    pub struct Dense;
    pub struct Option;
    pub struct Box;
    pub struct Some;
    pub struct Network;
    pub struct Real;
    pub struct Empty;
    pub struct String;
    pub mod monograd {}
    pub mod core {}
    pub mod std {}

    ::monograd::network! {
        pub struct Net([3]) -> [2] {
            a: dense(4) -> relu,
            out: dense(2),
        }
    }

    #[test]
    fn are_the_user_s() {
        let _ = (Dense, Option, Box, Some, Network, Real, Empty, String);
    }
}

network! {
    #[allow(unused_value, stacked_linear, non_snake_case)]
    struct Names([3]) -> (output: [2]) {
        x: dense(4) -> relu,
        y: dense(4) -> gelu -> dense(3),
        level: dense(4),
        arena: dense(4) -> silu -> tanh,
        scratch: dense(4),
        d: dense(4),
        from: dense(4),
        to: dense(4),
        cached: dense(4),
        plan: dense(4),
        samples: dense(4),
        work: dense(4),
        kept: dense(4),
        tape: dense(4),
        apart: dense(4),
        accumulate: dense(4),
        noise: dense(4),
        gradient: dense(4),
        buffers: dense(4),
        columns: dense(4),
        generator: dense(4),
        forward: dense(4),
        backward: dense(4),
        new: dense(4),
        params: dense(4),
        dense: dense(4),
        r#type: dense(4),
        _scalar: dense(4),
        _x_padding: dense(4),
        __: dense(4) -> dense(4),
        a_b: dense(4) -> dense(4),
        aB: dense(4) -> dense(4),
        output: dense(2),
        relu: relu,
    }
}

network! {
    #[allow(unused_value, non_snake_case)]
    struct Silenced([3]) -> (out: [2]) {
        out: dense(2),
        Aside: dense(4),
    }

    struct SilencedLine([3]) -> (out: [2]) {
        out: dense(2),
        #[allow(unused_value)]
        aside: dense(4),
    }
}

macro_rules! declare {
    ($(#[$attribute:meta])* $vis:vis $name:ident, $inputs:expr, $hidden:literal, $activation:ident) => {
        network! {
            $(#[$attribute])*
            $vis struct $name([$inputs]) -> [2] {
                hidden: dense($hidden) -> $activation,
                out: dense({ $inputs * 2 - 4 }),
            }
        }
    };
}

declare!(
    /// From a macro.
    pub Declared, 1 + 2, 8, tanh
);
declare!(DeclaredPrivately, 3, 8, relu);

#[test]
fn constants() {
    use constants_named_like_generic_parameters_and_locals::{Called, Net};
    let input = vector![1.0, 2.0, 3.0];
    let output = Net::new().forward(&input, &mut Net::workspace(1)).into_owned();
    assert!((output.sum() - 1.0).abs() < 1e-6);
    let output = Called::new().forward(&input, &mut Called::workspace(1)).into_owned();
    assert!((output.sum() - 1.0).abs() < 1e-6);
    assert_eq!(Net::PARAMS, 16 + 55 + 36 + 16 + (4 * 27 + 27) + (27 * 2 + 2));
}

#[test]
fn lines() {
    let mut net = Names::new();
    net.x.bias[0] = 1.0;
    net.r#type.bias[0] = 1.0;
    net._scalar.bias[0] = 1.0;
    net.__.dense_2.bias[0] = 1.0;
    let output: SVector<f32, 2> = net.forward(&vector![1.0, 2.0, 3.0], &mut Names::workspace(1)).into_owned();
    assert!(output.iter().all(|value| value.is_finite()));
    assert!(<Names as Network>::tensors().iter().any(|tensor| tensor.name == "type.weight"));
}

#[test]
fn fragments_of_a_surrounding_macro() {
    assert_eq!(Declared::PARAMS, 3 * 8 + 8 + 8 * 2 + 2);
    assert_eq!(DeclaredPrivately::PARAMS, Declared::PARAMS);
    assert_eq!((Silenced::PARAMS, SilencedLine::PARAMS), (20, 20));
    assert_eq!(types_named_like_ours::Net::PARAMS, 26);
}
