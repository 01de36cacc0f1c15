//! The lines of the panel: what a setting is called there, how it is shown, and how it changes.

use clap::ValueEnum;

use crate::choice::{Direction, name, neighbour, neighbour_around};
use crate::data_set::DataSet;
use crate::network::{Activation, Architecture};
use crate::settings::{Regularization, Settings};

/// A setting that the arrow keys change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Row {
    /// [`Settings::data`]
    #[default]
    Data,
    /// [`Settings::noise`]
    Noise,
    /// [`Settings::train_share`]
    TrainShare,
    /// [`Settings::network`]
    Network,
    /// [`Settings::activation`]
    Activation,
    /// [`Settings::learning_rate`]
    LearningRate,
    /// [`Settings::batch_size`]
    BatchSize,
    /// [`Settings::regularization`]
    Regularization,
    /// [`Settings::regularization_rate`]
    RegularizationRate,
}

impl Row {
    /// All of them, from the top.
    pub const ALL: [Self; 9] = [
        Self::Data,
        Self::Noise,
        Self::TrainShare,
        Self::Network,
        Self::Activation,
        Self::LearningRate,
        Self::BatchSize,
        Self::Regularization,
        Self::RegularizationRate,
    ];

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Noise => "noise",
            Self::TrainShare => "train share",
            Self::Network => "hidden layers",
            Self::Activation => "activation",
            Self::LearningRate => "learning rate",
            Self::BatchSize => "batch size",
            Self::Regularization => "regularisation",
            Self::RegularizationRate => "  its rate",
        }
    }

    /// Its value among all settings.
    ///
    /// ```
    /// use playground::row::Row;
    /// use playground::settings::Settings;
    ///
    /// assert_eq!(Row::TrainShare.value(&Settings::default()), "50 %");
    /// ```
    #[must_use]
    pub fn value(self, settings: &Settings) -> String {
        match self {
            Self::Data => name(&settings.data),
            Self::Noise => format!("{} %", settings.noise),
            Self::TrainShare => format!("{} %", settings.train_share),
            Self::Network => settings.network.to_string(),
            Self::Activation => name(&settings.activation),
            Self::LearningRate => settings.learning_rate.to_string(),
            Self::BatchSize => settings.batch_size.to_string(),
            Self::Regularization => name(&settings.regularization),
            Self::RegularizationRate => settings.regularization_rate.to_string(),
        }
    }

    /// The settings with its next value. Numbers end at the last; what has no order goes around.
    ///
    /// ```
    /// use playground::choice::Direction;
    /// use playground::row::Row;
    /// use playground::settings::Settings;
    ///
    /// assert_eq!(Row::LearningRate.changed(Settings::default(), Direction::Forward).learning_rate, 0.1);
    /// ```
    #[must_use]
    pub fn changed(self, mut settings: Settings, direction: Direction) -> Settings {
        let Settings { data, noise, train_share, network, activation, .. } = &mut settings;
        match self {
            Self::Data => *data = neighbour_around(DataSet::value_variants(), *data, direction),
            Self::Noise => *noise = neighbour(&Settings::NOISES, *noise, direction),
            Self::TrainShare => *train_share = neighbour(&Settings::TRAIN_SHARES, *train_share, direction),
            Self::Network => *network = neighbour(&Architecture::ALL, *network, direction),
            Self::Activation => *activation = neighbour_around(Activation::value_variants(), *activation, direction),
            _ => return self.changed_training(settings, direction),
        }
        settings
    }

    /// The part of [`changed`](Self::changed) for what is not about data and network.
    fn changed_training(self, mut settings: Settings, direction: Direction) -> Settings {
        let Settings { learning_rate, batch_size, regularization, regularization_rate, .. } = &mut settings;
        match self {
            Self::LearningRate => *learning_rate = neighbour(&Settings::LEARNING_RATES, *learning_rate, direction),
            Self::BatchSize => *batch_size = neighbour(&Settings::BATCH_SIZES, *batch_size, direction),
            Self::Regularization => {
                *regularization = neighbour_around(Regularization::value_variants(), *regularization, direction);
            }
            _ => {
                let rates = &Settings::REGULARIZATION_RATES;
                *regularization_rate = neighbour(rates, *regularization_rate, direction);
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_changes_what_it_shows_and_nothing_else() {
        // A value of each setting that has neighbours on both sides.
        let settings = Settings { noise: 20, regularization_rate: 0.1, ..Settings::default() };
        for row in Row::ALL {
            let changed = row.changed(settings, Direction::Forward);
            for other in Row::ALL {
                assert_eq!(other.value(&changed) != other.value(&settings), other == row, "{row:?} {other:?}");
            }
            assert_eq!(row.changed(changed, Direction::Back), settings, "{row:?}");
        }
    }
}
