//! The networks, which are compiled in.
//!
//! Monograd knows a network when the program is compiled, so that there is a type for each choice of hidden layers, activation and
//! problem: those of [`Architecture::ALL`], each with every [`Activation`]. All take the seven [features](crate::feature) and give one
//! number. Hidden layers start from Xavier's or He's initialisers, as their activation wants, and biases from 0; the original draws
//! weights from −½ to ½ and starts biases from 0.1.

use core::fmt;
use core::str::FromStr;

use clap::ValueEnum;
use monograd::network;
use thiserror::Error;

use crate::data_set::Problem;
use crate::model::{Compiled, Model, PointNetwork, Start};

/// What the units of the hidden layers compute from their sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Activation {
    /// `tanh x`
    #[default]
    Tanh,
    /// `max(0, x)`
    Relu,
    /// `1 / (1 + e⁻ˣ)`; “sigmoid” in the original.
    Logistic,
    /// `x`
    Linear,
}

/// The widths of the hidden layers.
///
/// ```
/// use playground::network::Architecture;
///
/// let network: Architecture = "4-2".parse()?;
/// assert_eq!(network.hidden(), [4, 2]);
/// assert_eq!("none".parse::<Architecture>()?.hidden(), [0; 0]);
/// # Ok::<(), playground::network::ArchitectureError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture(&'static [usize]);

impl Architecture {
    /// Those that are compiled in.
    pub const ALL: [Self; 12] = [
        Self(&[]),
        Self(&[1]),
        Self(&[2]),
        Self(&[3]),
        Self(&[4]),
        Self(&[6]),
        Self(&[8]),
        Self(&[4, 2]),
        Self(&[6, 4]),
        Self(&[8, 8]),
        Self(&[4, 4, 2]),
        Self(&[8, 8, 8]),
    ];

    /// The widths, from the first hidden layer to the last.
    #[must_use]
    pub fn hidden(self) -> &'static [usize] {
        self.0
    }
}

impl Default for Architecture {
    /// 4-2, as in the original.
    fn default() -> Self {
        Self(&[4, 2])
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<_> = self.0.iter().map(usize::to_string).collect();
        f.pad(if widths.is_empty() { "none".to_string() } else { widths.join("-") }.as_str())
    }
}

/// Hidden layers that are not compiled in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("expected hidden layers that are compiled in, {}; found {found}", names())]
pub struct ArchitectureError {
    /// What was asked for.
    pub found: String,
}

fn names() -> String {
    Architecture::ALL.map(|network| network.to_string()).join(", ")
}

impl FromStr for Architecture {
    type Err = ArchitectureError;

    fn from_str(text: &str) -> Result<Self, ArchitectureError> {
        let network = Self::ALL.into_iter().find(|network| network.to_string() == text);
        network.ok_or_else(|| ArchitectureError { found: text.to_string() })
    }
}

/// The networks of one activation and one last step.
macro_rules! networks {
    ($problem:ident, $activation:ident, $last:ident) => {
        pub(super) mod $problem {
            use super::network;

            network! {
                #[allow(stacked_linear)]
                pub struct Hidden0([7]) -> [1] {
                    out: dense(1) -> $last,
                }

                #[allow(stacked_linear)]
                pub struct Hidden1<const FIRST: usize>([7]) -> [1] {
                    first: dense(FIRST) -> $activation,
                    out: dense(1) -> $last,
                }

                #[allow(stacked_linear)]
                pub struct Hidden2<const FIRST: usize, const SECOND: usize>([7]) -> [1] {
                    first: dense(FIRST) -> $activation,
                    second: dense(SECOND) -> $activation,
                    out: dense(1) -> $last,
                }

                #[allow(stacked_linear)]
                pub struct Hidden3<const FIRST: usize, const SECOND: usize, const THIRD: usize>([7]) -> [1] {
                    first: dense(FIRST) -> $activation,
                    second: dense(SECOND) -> $activation,
                    third: dense(THIRD) -> $activation,
                    out: dense(1) -> $last,
                }
            }
        }
    };
}

/// A module of all networks with one activation, and a function that starts one of them.
macro_rules! activation {
    ($activation:ident) => {
        mod $activation {
            use super::{Architecture, Model, Problem, Start, network, start};

            networks!(classification, $activation, tanh);
            networks!(regression, $activation, linear);

            use classification as c;
            use regression as r;

            pub fn model(network: Architecture, problem: Problem, from: Start) -> Box<dyn Model> {
                match network.hidden() {
                    [] => start::<c::Hidden0, r::Hidden0>(problem, from),
                    [1] => start::<c::Hidden1<1>, r::Hidden1<1>>(problem, from),
                    [2] => start::<c::Hidden1<2>, r::Hidden1<2>>(problem, from),
                    [3] => start::<c::Hidden1<3>, r::Hidden1<3>>(problem, from),
                    [4] => start::<c::Hidden1<4>, r::Hidden1<4>>(problem, from),
                    [6] => start::<c::Hidden1<6>, r::Hidden1<6>>(problem, from),
                    [8] => start::<c::Hidden1<8>, r::Hidden1<8>>(problem, from),
                    [4, 2] => start::<c::Hidden2<4, 2>, r::Hidden2<4, 2>>(problem, from),
                    [6, 4] => start::<c::Hidden2<6, 4>, r::Hidden2<6, 4>>(problem, from),
                    [8, 8] => start::<c::Hidden2<8, 8>, r::Hidden2<8, 8>>(problem, from),
                    [4, 4, 2] => start::<c::Hidden3<4, 4, 2>, r::Hidden3<4, 4, 2>>(problem, from),
                    [8, 8, 8] => start::<c::Hidden3<8, 8, 8>, r::Hidden3<8, 8, 8>>(problem, from),
                    other => unreachable!("{other:?} is not in the list of architectures"),
                }
            }
        }
    };
}

activation!(tanh);
activation!(relu);
activation!(logistic);
activation!(linear);

fn start<C: PointNetwork, R: PointNetwork>(problem: Problem, from: Start) -> Box<dyn Model> {
    match problem {
        Problem::Classification => Box::new(Compiled::<C>::new(from)),
        Problem::Regression => Box::new(Compiled::<R>::new(from)),
    }
}

/// A network with new weights, ready to be trained.
///
/// ```
/// use playground::data_set::Problem;
/// use playground::model::Start;
/// use playground::network::{Activation, Architecture, model};
///
/// let model = model(Architecture::default(), Activation::Tanh, Problem::Classification, Start::default());
/// let shapes: Vec<_> = model.layers().iter().map(|layer| (layer.inputs, layer.outputs)).collect();
/// assert_eq!(shapes, [(7, 4), (4, 2), (2, 1)]);
/// ```
#[must_use]
pub fn model(network: Architecture, activation: Activation, problem: Problem, from: Start) -> Box<dyn Model> {
    match activation {
        Activation::Tanh => tanh::model(network, problem, from),
        Activation::Relu => relu::model(network, problem, from),
        Activation::Logistic => logistic::model(network, problem, from),
        Activation::Linear => linear::model(network, problem, from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_compiled_in_and_has_its_layers() {
        for network in Architecture::ALL {
            let widths = [&[7], network.hidden(), &[1]].concat();
            let expected: Vec<_> = widths.windows(2).map(|pair| (pair[0], pair[1])).collect();
            for &activation in Activation::value_variants() {
                for problem in [Problem::Classification, Problem::Regression] {
                    let model = model(network, activation, problem, Start::default());
                    let found: Vec<_> = model.layers().iter().map(|layer| (layer.inputs, layer.outputs)).collect();
                    assert_eq!(found, expected, "{network} {activation:?} {problem:?}");
                }
            }
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for network in Architecture::ALL {
            assert_eq!(network.to_string().parse(), Ok(network));
        }
        assert_eq!(
            "5-5".parse::<Architecture>().unwrap_err().to_string(),
            "expected hidden layers that are compiled in, none, 1, 2, 3, 4, 6, 8, 4-2, 6-4, 8-8, 4-4-2, 8-8-8; found 5-5"
        );
    }
}
