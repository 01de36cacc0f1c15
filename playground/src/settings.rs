//! What can be chosen, and the values that it can have: those of the original.

use clap::ValueEnum;
use monograd::regularizers::Penalty;

use crate::data_set::DataSet;
use crate::feature::Features;
use crate::model::Start;
use crate::network::{Activation, Architecture};

/// The price on the size of the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Regularization {
    /// There is none.
    #[default]
    None,
    /// `rate·Σ|w|`
    L1,
    /// `rate/2·Σw²`
    L2,
}

/// All that decides a training: two with the same settings are the same, number by number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Where the points are from.
    pub data: DataSet,
    /// One of [`NOISES`](Self::NOISES), in percent.
    pub noise: u8,
    /// The share of the points that is trained on, one of [`TRAIN_SHARES`](Self::TRAIN_SHARES), in percent.
    pub train_share: u8,
    /// What the network sees of a point.
    pub features: Features,
    /// The hidden layers.
    pub network: Architecture,
    /// Their activation.
    pub activation: Activation,
    /// One of [`LEARNING_RATES`](Self::LEARNING_RATES).
    pub learning_rate: f64,
    /// How many points a step is made from: one of [`BATCH_SIZES`](Self::BATCH_SIZES).
    pub batch_size: usize,
    /// The price on the size of the weights.
    pub regularization: Regularization,
    /// How high it is: one of [`REGULARIZATION_RATES`](Self::REGULARIZATION_RATES).
    pub regularization_rate: f64,
    /// The seed of the points, and of their division.
    pub data_seed: u64,
    /// The seed of the first weights, and of the order of the points.
    pub seed: u64,
}

impl Default for Settings {
    /// The circle without noise, half of it to train on; x₁ and x₂; 4-2 units of tanh; learning rate 0.03, batches of 10, no
    /// regularisation; seeds 0.
    fn default() -> Self {
        let Start { learning_rate, batch_size, seed, .. } = Start::default();
        Self {
            data: DataSet::default(),
            noise: 0,
            train_share: 50,
            features: Features::default(),
            network: Architecture::default(),
            activation: Activation::default(),
            learning_rate,
            batch_size,
            regularization: Regularization::default(),
            regularization_rate: 0.0,
            data_seed: 0,
            seed,
        }
    }
}

impl Settings {
    /// In percent.
    pub const NOISES: [u8; 11] = [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50];
    /// In percent.
    pub const TRAIN_SHARES: [u8; 9] = [10, 20, 30, 40, 50, 60, 70, 80, 90];
    /// How far a step goes.
    pub const LEARNING_RATES: [f64; 11] = [0.000_01, 0.000_1, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
    /// From 1 to 30.
    pub const BATCH_SIZES: [usize; 30] = {
        let mut sizes = [0; 30];
        let mut at = 0;
        while at < 30 {
            sizes[at] = at + 1;
            at += 1;
        }
        sizes
    };
    /// The price of a weight.
    pub const REGULARIZATION_RATES: [f64; 10] = [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

    /// The price on the size of the weights, for a trainer.
    ///
    /// ```
    /// use monograd::regularizers::Penalty;
    /// use playground::settings::{Regularization, Settings};
    ///
    /// let settings = Settings { regularization: Regularization::L2, regularization_rate: 0.3, ..Settings::default() };
    /// assert_eq!(settings.penalty(), Penalty::l2(0.3));
    /// ```
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[must_use]
    pub fn penalty(&self) -> Penalty {
        match self.regularization {
            Regularization::None => Penalty::default(),
            Regularization::L1 => Penalty::l1(self.regularization_rate),
            Regularization::L2 => Penalty::l2(self.regularization_rate),
        }
    }

    /// What the training of the network starts from.
    #[must_use]
    pub fn start(&self) -> Start {
        Start {
            seed: self.seed,
            learning_rate: self.learning_rate,
            batch_size: self.batch_size,
            penalty: self.penalty(),
        }
    }

    /// The share of noise, from 0 to 0.5.
    #[must_use]
    pub fn noise_share(&self) -> f64 {
        f64::from(self.noise) / 100.0
    }

    /// Whether both are the same but for what can change while a network learns: the learning rate and the regularisation.
    #[must_use]
    pub fn same_training(&self, other: &Self) -> bool {
        let Self { learning_rate, regularization, regularization_rate, .. } = *other;
        Self { learning_rate, regularization, regularization_rate, ..*self } == *other
    }
}
