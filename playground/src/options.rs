//! The command line.

use core::fmt::Display;
use core::str::FromStr;
use std::path::PathBuf;

use clap::Parser;
use clap::builder::RangedU64ValueParser;

use crate::data_set::DataSet;
use crate::feature::{Feature, Features};
use crate::network::{Activation, Architecture};
use crate::settings::{Regularization, Settings};

/// How many epochs a run without a terminal has unless it is told.
const EPOCHS: usize = 500;

/// The networks of the TensorFlow playground in a terminal, trained by Monograd.
#[derive(Clone, Debug, Parser)]
#[command(name = "playground", version)]
pub struct Options {
    /// Where the points are from; the last two are for regression
    #[arg(long, value_enum, default_value_t)]
    data: DataSet,

    /// Noise of the data, in percent: 0, 5, 10 … 50
    #[arg(long, default_value_t = 0, value_parser = |text: &str| one_of(&Settings::NOISES, text))]
    noise: u8,

    /// Share of the points to train on, in percent: 10, 20 … 90
    #[arg(long, default_value_t = 50, value_parser = |text: &str| one_of(&Settings::TRAIN_SHARES, text))]
    train_share: u8,

    /// What the network sees of a point, with commas between
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["x1", "x2"])]
    features: Vec<Feature>,

    /// Units of the hidden layers: none, 1, 2, 3, 4, 6, 8, 4-2, 6-4, 8-8, 4-4-2 or 8-8-8
    #[arg(long, default_value_t)]
    network: Architecture,

    /// What the units of hidden layers compute
    #[arg(long, value_enum, default_value_t)]
    activation: Activation,

    /// How far a step goes: 0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03 … 10
    #[arg(long, default_value_t = 0.03, value_parser = |text: &str| one_of(&Settings::LEARNING_RATES, text))]
    learning_rate: f64,

    /// Points of a step: 1 to 30
    #[arg(long, default_value_t = 10, value_parser = RangedU64ValueParser::<usize>::new().range(1..=30))]
    batch_size: usize,

    /// Price on the size of the weights
    #[arg(long, value_enum, default_value_t)]
    regularization: Regularization,

    /// How high it is: 0, 0.001, 0.003, 0.01 … 10
    #[arg(long, default_value_t = 0.0, value_parser = |text: &str| one_of(&Settings::REGULARIZATION_RATES, text))]
    regularization_rate: f64,

    /// Seed of the points
    #[arg(long, default_value_t = 0)]
    data_seed: u64,

    /// Seed of the first weights and of the order of the points
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Train without a terminal, and print a line of figures
    #[arg(long)]
    headless: bool,

    /// Without a terminal: how often all points are gone through [default: 500]
    #[arg(long, requires = "headless")]
    epochs: Option<usize>,

    /// Without a terminal: the SVG file to draw map and losses in
    #[arg(long, value_name = "PATH", requires = "headless")]
    picture: Option<PathBuf>,
}

/// A training without a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headless {
    /// How often all points are gone through.
    pub epochs: usize,
    /// The picture, if one is wanted.
    pub picture: Option<PathBuf>,
}

impl Options {
    /// The settings.
    ///
    /// ```
    /// use clap::Parser;
    /// use playground::options::Options;
    ///
    /// let options = Options::try_parse_from(["playground", "--noise", "20", "--network", "8-8"])?;
    /// assert_eq!(options.settings().noise, 20);
    /// assert_eq!(options.settings().network.hidden(), [8, 8]);
    /// # Ok::<(), clap::Error>(())
    /// ```
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            data: self.data,
            noise: self.noise,
            train_share: self.train_share,
            features: Features::of(&self.features),
            network: self.network,
            activation: self.activation,
            learning_rate: self.learning_rate,
            batch_size: self.batch_size,
            regularization: self.regularization,
            regularization_rate: self.regularization_rate,
            data_seed: self.data_seed,
            seed: self.seed,
        }
    }

    /// What is to be done without a terminal, if that is what is asked for.
    #[must_use]
    pub fn headless(&self) -> Option<Headless> {
        let epochs = self.epochs.unwrap_or(EPOCHS);
        self.headless.then(|| Headless { epochs, picture: self.picture.clone() })
    }
}

/// A value of a list.
fn one_of<V: Copy + Display + FromStr + PartialEq>(list: &[V], text: &str) -> Result<V, String> {
    let value = text.parse().ok().filter(|value| list.contains(value));
    value.ok_or_else(|| {
        let list: Vec<_> = list.iter().map(V::to_string).collect();
        format!("expected one of {}, found {text}", list.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let words = std::iter::once("playground").chain(line.split_whitespace());
        Options::try_parse_from(words).map_err(|error| error.to_string())
    }

    #[test]
    fn without_options_it_is_the_default() {
        Options::command().debug_assert();
        let options = parse("").unwrap();
        assert_eq!((options.settings(), options.headless()), (Settings::default(), None));
    }

    #[test]
    fn every_option_is_taken() {
        let line = "--data spiral --noise 5 --train-share 80 --features x1,sinx2 --network 8-8-8 --activation relu \
                    --learning-rate 0.003 --batch-size 30 --regularization l2 --regularization-rate 0.001 --data-seed 4 --seed 5";
        let expected = Settings {
            data: DataSet::Spiral,
            noise: 5,
            train_share: 80,
            features: Features::of(&[Feature::X1, Feature::Sinx2]),
            network: "8-8-8".parse().unwrap(),
            activation: Activation::Relu,
            learning_rate: 0.003,
            batch_size: 30,
            regularization: Regularization::L2,
            regularization_rate: 0.001,
            data_seed: 4,
            seed: 5,
        };
        assert_eq!(parse(line).unwrap().settings(), expected);
        let options = parse("--headless --epochs 7 --picture a.svg").unwrap();
        assert_eq!(options.headless(), Some(Headless { epochs: 7, picture: Some("a.svg".into()) }));
        assert_eq!(parse("--headless").unwrap().headless(), Some(Headless { epochs: 500, picture: None }));
    }

    #[test]
    fn mistakes_say_what_was_expected_and_found() {
        for (line, parts) in [
            ("--data moons", ["moons", "circle, xor, gauss, spiral, reg-plane, reg-gauss"]),
            ("--noise 7", ["expected one of 0, 5, 10", "found 7"]),
            ("--learning-rate fast", ["0.003, 0.01, 0.03", "found fast"]),
            ("--network 5-5", ["none, 1, 2, 3, 4, 6, 8, 4-2", "found 5-5"]),
            ("--batch-size 31", ["'31'", "31 is not in 1..=30"]),
            ("--features x1,x3", ["'x3'", "x1, x2, x1sq, x2sq, x1x2, sinx1, sinx2"]),
            ("--epochs 5", ["required arguments", "--headless"]),
            ("--headless --epochs few", ["'few'", "--epochs"]),
            ("--speed 3", ["unexpected argument", "--speed"]),
        ] {
            let message = parse(line).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{line}: {message}");
        }
    }
}
