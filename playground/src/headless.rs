//! A training without a terminal.

use core::fmt;

use monograd::TrainError;
use thiserror::Error;

use crate::choice::name;
use crate::data_set::DataSet;
use crate::options::Headless;
use crate::picture::{self, PictureError};
use crate::session::{Scores, Session};
use crate::settings::Settings;

/// Why there are no figures.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HeadlessError {
    /// The training stopped.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The picture could not be written.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// What a training came to. As text it is one line of pairs, the losses and the accuracy with four digits; the accuracy is that
/// on the test points, `none` for regression.
///
/// ```
/// use playground::data_set::DataSet;
/// use playground::headless::Figures;
/// use playground::session::{Score, Scores};
///
/// let (train, test) = (Score { loss: 0.01, accuracy: Some(1.0) }, Score { loss: 0.02, accuracy: Some(0.992) });
/// let figures = Figures { data: DataSet::Xor, scores: Scores { train, test }, epochs: 100 };
/// assert_eq!(figures.to_string(), "data=xor train_loss=0.0100 test_loss=0.0200 accuracy=0.9920 epochs=100");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// What was learned from.
    pub data: DataSet,
    /// How good the network is.
    pub scores: Scores,
    /// How many epochs it was trained for.
    pub epochs: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scores { train, test } = self.scores;
        let accuracy = test.accuracy.map_or_else(|| "none".to_string(), |accuracy| format!("{accuracy:.4}"));
        let (data, epochs) = (name(&self.data), self.epochs);
        write!(
            f,
            "data={data} train_loss={:.4} test_loss={:.4} accuracy={accuracy} epochs={epochs}",
            train.loss, test.loss
        )
    }
}

/// Trains for so many epochs, and draws the picture if there is to be one.
///
/// # Errors
/// If the training diverges, or the picture cannot be written.
///
/// # Panics
/// As [`Session::new`].
pub fn run(settings: Settings, headless: &Headless) -> Result<Figures, HeadlessError> {
    let mut session = Session::new(settings);
    for _ in 0..headless.epochs {
        session.step()?;
    }
    if let Some(path) = &headless.picture {
        picture::write(path, &mut session)?;
    }
    Ok(Figures { data: settings.data, scores: session.scores(), epochs: headless.epochs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::{Feature, Features};
    use crate::network::Activation;

    fn figures(settings: Settings, epochs: usize) -> Figures {
        run(settings, &Headless { epochs, picture: None }).unwrap()
    }

    #[test]
    fn a_circle_is_learned_by_four_and_two_units() {
        let figures = figures(Settings::default(), 150);
        assert!(figures.scores.test.loss < 0.05, "{figures}");
    }

    #[test]
    fn the_exclusive_or_is_learned_by_the_product_alone() {
        let features = Features::of(&[Feature::X1x2]);
        let settings =
            Settings { data: DataSet::Xor, features, network: "none".parse().unwrap(), ..Settings::default() };
        let accuracy = |settings| figures(settings, 50).scores.test.accuracy.unwrap();
        assert!(accuracy(settings) > 0.98);
        // A line cannot do it.
        assert!(accuracy(Settings { features: Features::default(), ..settings }) < 0.7);
    }

    #[test]
    fn a_spiral_is_learned_with_sines() {
        let settings = Settings {
            data: DataSet::Spiral,
            features: Features::of(&[Feature::X1, Feature::X2, Feature::Sinx1, Feature::Sinx2]),
            network: "8-8".parse().unwrap(),
            ..Settings::default()
        };
        let figures = figures(settings, 600);
        assert!(figures.scores.test.accuracy.unwrap() > 0.9, "{figures}");
    }

    #[test]
    fn a_regression_has_no_accuracy() {
        let settings = Settings { data: DataSet::RegPlane, ..Settings::default() };
        let figures = figures(settings, 20);
        assert!(figures.to_string().contains("accuracy=none") && figures.scores.test.loss < 0.005, "{figures}");
    }

    #[test]
    fn a_training_that_diverges_is_an_error() {
        let settings = Settings {
            data: DataSet::RegGauss,
            activation: Activation::Linear,
            learning_rate: 10.0,
            ..Settings::default()
        };
        let error = run(settings, &Headless { epochs: 10, picture: None }).unwrap_err();
        assert!(matches!(error, HeadlessError::Train(TrainError::Diverged { .. })), "{error}");
    }
}
