//! One training: data, network, and how far it has come.

use monograd::losses::{HalfSquaredError, mean_loss};
use monograd::{Generator, TrainError};

use crate::curve::Curve;
use crate::data_set::{EXTENT, Point, Problem};
use crate::feature::{Features, Inputs};
use crate::model::{LayerWeights, Model, Samples};
use crate::network;
use crate::settings::Settings;

/// How good the network is on some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The mean of `½·(y − label)²`.
    pub loss: f64,
    /// The share of the points whose output has the sign of their label; for classification.
    pub accuracy: Option<f64>,
}

/// How good the network is on what it has learned from and on what it has not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// On the points that it is trained on.
    pub train: Score,
    /// On the others.
    pub test: Score,
}

/// The losses of the epochs.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// On the points that the network is trained on.
    pub train: Curve,
    /// On the others.
    pub test: Curve,
}

/// Some of the points, as they lie in the plane and as a network sees them.
struct Part {
    points: Vec<Point>,
    samples: Samples,
}

impl Part {
    fn new(points: Vec<Point>, features: Features) -> Self {
        let rows: Vec<_> = points.iter().map(|point| features.at(point.x1, point.x2)).collect();
        let labels: Vec<_> = points.iter().map(|point| [point.label as f32]).collect();
        let samples = Samples::from_rows(&rows, &labels).expect("every point has finite features and a label");
        Self { points, samples }
    }

    fn score(&self, model: &mut dyn Model, problem: Problem) -> Score {
        let (outputs, labels) = (model.outputs(self.samples.inputs()), self.samples.targets().as_flattened());
        let loss = mean_loss(&HalfSquaredError, outputs, labels, 1).expect("there is a label for each output");
        let right = outputs.iter().zip(labels).filter(|&(&y, &label)| (y >= 0.0) == (label >= 0.0)).count();
        let accuracy = (problem == Problem::Classification).then(|| right as f64 / labels.len() as f64);
        Score { loss: f64::from(loss), accuracy }
    }
}

/// Places in the middle of the fields of a grid over the plane, row by row from the top.
struct Grid {
    columns: usize,
    rows: usize,
    inputs: Inputs,
}

impl Grid {
    fn new(columns: usize, rows: usize, features: Features) -> Self {
        let middle = |index: usize, of: usize| EXTENT * (2.0 * (index as f64 + 0.5) / of as f64 - 1.0);
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let inputs = features.inputs(places.map(|(row, column)| (middle(column, columns), -middle(row, rows))));
        Self { columns, rows, inputs }
    }
}

/// A training with some settings, from its first epoch on.
///
/// ```
/// use playground::session::Session;
/// use playground::settings::Settings;
///
/// let mut session = Session::new(Settings::default());
/// assert_eq!((session.train().len(), session.test().len()), (250, 250));
/// let before = session.scores().train.loss;
/// session.step()?;
/// assert!(session.epochs() == 1 && session.scores().train.loss < before);
/// # Ok::<(), monograd::TrainError>(())
/// ```
pub struct Session {
    settings: Settings,
    train: Part,
    test: Part,
    model: Box<dyn Model>,
    epochs: usize,
    scores: Scores,
    curves: Curves,
    grid: Grid,
}

impl Session {
    /// Draws the points and the first weights.
    ///
    /// # Panics
    /// If the learning rate or that of the regularisation is negative or not finite, or a batch is of no point.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let problem = settings.data.problem();
        let [mut train, mut test] = Self::divide(&settings).map(|points| Part::new(points, settings.features));
        let mut model = network::model(settings.network, settings.activation, problem, settings.start());
        let scores = Self::score(&mut train, &mut test, &mut *model, problem);
        let mut curves = Curves::default();
        curves.train.push(0, scores.train.loss);
        curves.test.push(0, scores.test.loss);
        let grid = Grid::new(0, 0, settings.features);
        Self { settings, train, test, model, epochs: 0, scores, curves, grid }
    }

    /// The points in a random order: those to train on, and the others.
    fn divide(settings: &Settings) -> [Vec<Point>; 2] {
        let mut generator = Generator::seed(settings.data_seed);
        let mut points = settings.data.draw(settings.noise_share(), &mut generator);
        for last in (1..points.len()).rev() {
            points.swap(last, (generator.uniform() * (last + 1) as f64) as usize);
        }
        let others = points.split_off(points.len() * usize::from(settings.train_share) / 100);
        [points, others]
    }

    fn score(train: &mut Part, test: &mut Part, model: &mut dyn Model, problem: Problem) -> Scores {
        Scores { train: train.score(model, problem), test: test.score(model, problem) }
    }

    /// Trains on all training points once, and evaluates the network on all points.
    ///
    /// # Errors
    /// If the loss is no number any more: a learning rate that is too high does that. The epoch does not count then.
    pub fn step(&mut self) -> Result<(), TrainError> {
        self.model.epoch(&self.train.samples)?;
        self.epochs += 1;
        let problem = self.settings.data.problem();
        self.scores = Self::score(&mut self.train, &mut self.test, &mut *self.model, problem);
        self.curves.train.push(self.epochs, self.scores.train.loss);
        self.curves.test.push(self.epochs, self.scores.test.loss);
        Ok(())
    }

    /// Goes on with other settings. What a network can learn on with, the learning rate and the regularisation, changes on the way;
    /// all else begins anew.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub fn change(&mut self, settings: Settings) {
        if !self.settings.same_training(&settings) {
            *self = Self::new(settings);
            return;
        }
        self.model.set_learning_rate(settings.learning_rate);
        self.model.set_penalty(settings.penalty());
        self.settings = settings;
    }

    /// Begins anew with the same settings: with the same points and the same first weights.
    pub fn restart(&mut self) {
        *self = Self::new(self.settings);
    }

    /// The network's outputs in the middles of the fields of a grid over the plane, from −6 to 6 along both axes: row by row, from
    /// the largest x₂ to the smallest.
    #[must_use]
    pub fn map(&mut self, columns: usize, rows: usize) -> &[f32] {
        if (self.grid.columns, self.grid.rows) != (columns, rows) {
            self.grid = Grid::new(columns, rows, self.settings.features);
        }
        self.model.outputs(&self.grid.inputs)
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The points that the network is trained on.
    #[must_use]
    pub fn train(&self) -> &[Point] {
        &self.train.points
    }

    /// The points that it does not see.
    #[must_use]
    pub fn test(&self) -> &[Point] {
        &self.test.points
    }

    /// How many epochs it has been trained for.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// How good it is now.
    #[must_use]
    pub fn scores(&self) -> Scores {
        self.scores
    }

    /// Its losses so far.
    #[must_use]
    pub fn curves(&self) -> &Curves {
        &self.curves
    }

    /// The weights of the network.
    #[must_use]
    pub fn layers(&self) -> Vec<LayerWeights<'_>> {
        self.model.layers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_set::DataSet;
    use crate::network::{Activation, Architecture};
    use crate::settings::Regularization;

    fn after(epochs: usize, settings: Settings) -> Session {
        let mut session = Session::new(settings);
        (0..epochs).for_each(|_| session.step().unwrap());
        session
    }

    #[test]
    fn the_same_settings_are_the_same_training() {
        let settings = Settings { data: DataSet::Xor, noise: 10, ..Settings::default() };
        let mut session = after(3, settings);
        assert_eq!(session.scores(), after(3, settings).scores());
        assert_ne!(session.scores(), after(3, Settings { seed: 1, ..settings }).scores());
        assert_ne!(session.scores(), after(3, Settings { data_seed: 1, ..settings }).scores());
        let scores = session.scores();
        session.restart();
        assert_eq!(session.epochs(), 0);
        (0..3).for_each(|_| session.step().unwrap());
        assert_eq!(session.scores(), scores);
    }

    #[test]
    fn rates_change_on_the_way_and_all_else_begins_anew() {
        let settings = Settings::default();
        let mut session = after(2, settings);
        session.change(Settings { learning_rate: 0.3, ..settings });
        session.change(Settings { regularization: Regularization::L1, regularization_rate: 0.01, ..settings });
        assert_eq!((session.epochs(), session.settings().regularization_rate), (2, 0.01));
        session.change(Settings { batch_size: 11, ..settings });
        assert_eq!((session.epochs(), session.curves().train.points().len()), (0, 1));
    }

    #[test]
    fn the_share_to_train_on_is_that_of_the_settings() {
        for (data, share, sizes) in [(DataSet::Circle, 10, (50, 450)), (DataSet::RegPlane, 90, (1080, 120))] {
            let session = Session::new(Settings { data, train_share: share, ..Settings::default() });
            assert_eq!((session.train().len(), session.test().len()), sizes);
        }
    }

    #[test]
    fn the_map_is_the_network_at_the_middles_of_fields() {
        let mut session = after(30, Settings { data: DataSet::Gauss, ..Settings::default() });
        let map = session.map(4, 2).to_vec();
        assert_eq!(map.len(), 8);
        // The positive class is top right, in the last field of the first row.
        assert!(map[3] > 0.9 && map[4] < -0.9, "{map:?}");
    }

    #[test]
    fn a_plane_is_learned_by_a_sum() {
        let settings = Settings { data: DataSet::RegPlane, network: "none".parse().unwrap(), ..Settings::default() };
        let session = after(20, settings);
        assert!(session.scores().test.loss < 1e-9, "{:?}", session.scores());
        assert_eq!(session.scores().test.accuracy, None);
        let weights = session.layers()[0];
        assert!((weights.weight(0, 0) - 0.1).abs() < 1e-4 && (weights.weight(1, 0) - 0.1).abs() < 1e-4);
    }

    #[test]
    fn a_training_that_diverges_says_so() {
        let settings = Settings {
            data: DataSet::RegGauss,
            activation: Activation::Linear,
            network: Architecture::default(),
            learning_rate: 10.0,
            ..Settings::default()
        };
        let mut session = Session::new(settings);
        let error = (0..10).find_map(|_| session.step().err()).unwrap();
        assert!(error.to_string().contains("the training has diverged"), "{error}");
    }
}
