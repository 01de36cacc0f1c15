//! What an error is made of: bias, variance and noise.

use core::fmt;

use nalgebra::{Const, Dyn, OMatrix};

use super::ValidationError;
use crate::data::{Dataset, DatasetError};
use crate::initializers::Generator;
use crate::{Real, TrainError, table};

/// Fits the same kind of model to many noisy samples of one known function, and takes its error apart.
///
/// Where targets are `y = f(x) + ε` with `E ε = 0`, `E ε² = σ²`, and `ŷ(x; D)` is what a model that was fitted to the sample D
/// predicts:
///
/// ```text
/// E (y − ŷ(x;D))²  =  σ²  +  (E_D ŷ(x;D) − f(x))²  +  E_D (ŷ(x;D) − E_D ŷ(x;D))²
/// expected error      noise   bias²                    variance
/// ```
///
/// Bias is what the model misses on average over samples, as one that is too stiff does; variance is how much the prediction depends on
/// which sample it was. With the mean `ȳ` of R fits, the estimates at a point are
///
/// ```text
/// variance  s² = 1/(R − 1) Σ (ŷ_r − ȳ)²
/// bias²        = (ȳ − f)² − s²/R            as E (ȳ − f)² is too large by the variance of ȳ
/// noise        = 1/R Σ (y_r − f)²           of R fresh targets
/// error        = 1/R Σ (y_r − ŷ_r)²         of the same
/// ```
///
/// All four are unbiased, the first two together exactly the mean of `(ŷ_r − f)²`. So bias² may be a little below 0 where it is
/// small; and the sum of the three differs from the error by the mean of `2 (y_r − f)(f − ŷ_r)`, which vanishes as R grows, since
/// the fresh noise knows nothing of the fit.
///
/// Source: Geman, Bienenstock and Doursat, “Neural networks and the bias/variance dilemma” (1992).
///
/// ```
/// use nn_runtime::validation::BiasVariance;
///
/// // A model that answers the mean of its sample, whatever the point.
/// let report = BiasVariance::new(|x: &[f64; 1]| x[0], 0.5).samples(25).repeats(400).run(
///     |generator| [2.0 * generator.uniform() - 1.0],
///     &[[0.0], [1.0]],
///     |sample, points, _seed| {
///         let mean = sample.targets().iter().map(|y: &[f64; 1]| y[0]).sum::<f64>() / sample.len() as f64;
///         Ok(vec![mean; points.ncols()])
///     },
/// )?;
/// let [middle, edge] = report.points[..] else { panic!() };
/// assert!(middle.bias_squared.abs() < 0.01 && (edge.bias_squared - 1.0).abs() < 0.05);
/// // (Var x + σ²) / n = (1/3 + 1/4) / 25.
/// assert!((report.mean().variance - 0.0233).abs() < 0.003);
/// assert!((report.mean().noise - 0.25).abs() < 0.02);
/// # Ok::<(), nn_runtime::validation::ValidationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BiasVariance<F> {
    function: F,
    noise: f64,
    samples: usize,
    repeats: usize,
    seed: u64,
}

impl<F> BiasVariance<F> {
    /// Samples of `function` with normal noise of this standard deviation: 30 points, 50 times, from seed 0.
    #[must_use]
    pub fn new(function: F, noise: f64) -> Self {
        Self { function, noise, samples: 30, repeats: 50, seed: 0 }
    }

    /// How many points a sample has.
    #[must_use]
    pub fn samples(self, samples: usize) -> Self {
        Self { samples, ..self }
    }

    /// How many samples are drawn, and models fitted.
    #[must_use]
    pub fn repeats(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// The seed of points, noise and models. The same seed gives the same samples to every model, so that the differences between
    /// models are not those between samples.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Draws the points of each sample by `inputs`, fits by `fit`, which is given the sample, the test points as columns and a seed,
    /// and gives a prediction for each test point.
    ///
    /// # Errors
    /// If there are fewer than 2 repetitions, no sample, no standard deviation of noise, or not one prediction for each point; if the
    /// function is not finite at a point of a sample or at a test point, or a fit stops.
    ///
    /// # Panics
    /// If a sample has more points than there is room for.
    pub fn run<T: Real, const I: usize>(
        &self,
        mut inputs: impl FnMut(&mut Generator) -> [f64; I],
        points: &[[f64; I]],
        mut fit: impl FnMut(&Dataset<T, I, [T; 1]>, &OMatrix<T, Const<I>, Dyn>, u64) -> Result<Vec<T>, TrainError>,
    ) -> Result<BiasVarianceReport, ValidationError>
    where
        F: Fn(&[f64; I]) -> f64,
    {
        self.check()?;
        let columns = points.iter().flatten().map(|&x| T::nearest(x));
        let columns = OMatrix::from_iterator_generic(Const, Dyn(points.len()), columns);
        let truth = self.truth(points)?;
        let mut generator = Generator::seed(self.seed);
        let mut fits: Vec<_> = points.iter().map(|_| Vec::new()).collect();
        for _ in 0..self.repeats {
            let sample = self.sample(&mut inputs, &mut generator)?;
            let predictions = fit(&sample, &columns, generator.bits())?;
            if predictions.len() != points.len() {
                return Err(ValidationError::Predictions { expected: points.len(), found: predictions.len() });
            }
            for ((fits, prediction), truth) in fits.iter_mut().zip(predictions).zip(&truth) {
                fits.push(Fit { prediction: prediction.to_f64(), target: truth + self.noise * generator.normal() });
            }
        }
        let points = fits.iter().zip(&truth).map(|(fits, &truth)| Decomposition::of(fits, truth)).collect();
        Ok(BiasVarianceReport { points })
    }

    fn check(&self) -> Result<(), ValidationError> {
        if self.repeats < 2 {
            return Err(ValidationError::Repeats { expected: 2, found: self.repeats });
        }
        if !(self.noise >= 0.0 && self.noise.is_finite()) {
            return Err(ValidationError::Noise { noise: self.noise });
        }
        if self.samples == 0 { Err(DatasetError::Empty.into()) } else { Ok(()) }
    }

    /// The function at the test points.
    fn truth<const I: usize>(&self, points: &[[f64; I]]) -> Result<Vec<f64>, ValidationError>
    where
        F: Fn(&[f64; I]) -> f64,
    {
        let truth: Vec<f64> = points.iter().map(&self.function).collect();
        match truth.iter().position(|value| !value.is_finite()) {
            Some(point) => Err(ValidationError::Function { point, value: truth[point] }),
            None => Ok(truth),
        }
    }

    /// Points, and the function there with noise.
    fn sample<T: Real, const I: usize>(
        &self,
        inputs: &mut impl FnMut(&mut Generator) -> [f64; I],
        generator: &mut Generator,
    ) -> Result<Dataset<T, I, [T; 1]>, DatasetError>
    where
        F: Fn(&[f64; I]) -> f64,
    {
        let (mut rows, mut targets) = (Vec::with_capacity(self.samples), Vec::with_capacity(self.samples));
        for _ in 0..self.samples {
            let x = inputs(generator);
            targets.push([T::nearest((self.function)(&x) + self.noise * generator.normal())]);
            rows.push(x.map(T::nearest));
        }
        Dataset::from_rows(&rows, &targets)
    }
}

/// A prediction at a point, and a target there that the fit has not seen.
struct Fit {
    prediction: f64,
    target: f64,
}

/// The parts of an expected squared error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decomposition {
    /// What is to be predicted.
    pub truth: f64,
    /// What is predicted on average over samples.
    pub prediction: f64,
    /// The square of their difference, less what the variance adds to it: a little below 0 at times.
    pub bias_squared: f64,
    /// How far a prediction is from the average one, squared, on average.
    pub variance: f64,
    /// How far a target is from the truth, squared, on average.
    pub noise: f64,
    /// How far a prediction is from a target, squared, on average: the measured error.
    pub error: f64,
}

impl Decomposition {
    fn of(fits: &[Fit], truth: f64) -> Self {
        let repeats = fits.len() as f64;
        let mean = |of: &dyn Fn(&Fit) -> f64| fits.iter().map(of).sum::<f64>() / repeats;
        let prediction = mean(&|fit| fit.prediction);
        let variance = mean(&|fit| (fit.prediction - prediction).powi(2)) * repeats / (repeats - 1.0);
        Self {
            truth,
            prediction,
            bias_squared: (prediction - truth).powi(2) - variance / repeats,
            variance,
            noise: mean(&|fit| (fit.target - truth).powi(2)),
            error: mean(&|fit| (fit.target - fit.prediction).powi(2)),
        }
    }

    /// Bias², variance and noise together: what the error is expected to be.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.bias_squared + self.variance + self.noise
    }
}

/// What an error is made of, point by point. `Display` writes the means over the points.
#[derive(Clone, Debug, PartialEq)]
pub struct BiasVarianceReport {
    /// The test points, in order.
    pub points: Vec<Decomposition>,
}

impl BiasVarianceReport {
    /// The mean over the points; NaN of none.
    #[must_use]
    pub fn mean(&self) -> Decomposition {
        let mean = |of: fn(&Decomposition) -> f64| self.points.iter().map(of).sum::<f64>() / self.points.len() as f64;
        Decomposition {
            truth: mean(|point| point.truth),
            prediction: mean(|point| point.prediction),
            bias_squared: mean(|point| point.bias_squared),
            variance: mean(|point| point.variance),
            noise: mean(|point| point.noise),
            error: mean(|point| point.error),
        }
    }
}

impl fmt::Display for BiasVarianceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = self.mean();
        let names = ["bias²", "variance", "noise", "sum", "measured error"].map(String::from);
        let values = [mean.bias_squared, mean.variance, mean.noise, mean.sum(), mean.error];
        table::write(f, &[names.to_vec(), values.map(|value| format!("{value:.4}")).to_vec()])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CUBE: fn(&[f64; 1]) -> f64 = |x| x[0].powi(3);

    /// A model that answers the mean of its sample.
    fn mean_of(sample: &Dataset<f64, 1, [f64; 1]>, points: usize) -> Vec<f64> {
        vec![sample.targets().iter().map(|y| y[0]).sum::<f64>() / sample.len() as f64; points]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn bias_variance_and_noise_are_the_error(seed: u64, noise in 0.05_f64..1.0, samples in 2_usize..20) {
            let points: Vec<_> = (0..10).map(|k| [f64::from(k) / 5.0 - 0.9]).collect();
            let report = BiasVariance::new(CUBE, noise).samples(samples).repeats(1000).seed(seed).run(
                |generator| [2.0 * generator.uniform() - 1.0],
                &points,
                |sample, points, _| Ok(mean_of(sample, points.ncols())),
            );
            let mean = report.unwrap().mean();
            prop_assert!((mean.sum() - mean.error).abs() < 0.1 * mean.error, "{mean:?}");
            prop_assert!((mean.noise - noise * noise).abs() < 0.1 * noise * noise, "{mean:?}");
            // The variance of a mean: that of x³, 1/7, and that of the noise.
            let variance = (1.0 / 7.0 + noise * noise) / samples as f64;
            prop_assert!((mean.variance - variance).abs() < 0.25 * variance, "{mean:?}");
            let cubes = points.iter().map(|x| CUBE(x).powi(2)).sum::<f64>() / 10.0;
            prop_assert!((mean.bias_squared - cubes).abs() < 0.1, "{mean:?}");
        }
    }

    #[test]
    fn what_knows_the_function_has_neither_bias_nor_variance() {
        let report = BiasVariance::new(CUBE, 0.0).run(
            |generator| [generator.uniform()],
            &[[0.5], [2.0]],
            |_, points: &OMatrix<f64, Const<1>, Dyn>, _| Ok(points.iter().map(|x| CUBE(&[*x])).collect()),
        );
        let report = report.unwrap();
        for point in &report.points {
            assert_eq!((point.sum(), point.error, point.prediction - point.truth), (0.0, 0.0, 0.0));
        }
        let expected =
            " bias²  variance   noise     sum  measured error\n0.0000    0.0000  0.0000  0.0000          0.0000\n";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn every_model_is_given_the_same_samples() {
        let mut seen = Vec::new();
        let mut run = |draws: usize| {
            let report = BiasVariance::new(CUBE, 0.1).repeats(3).seed(4).run(
                |generator| [generator.uniform()],
                &[[0.5]],
                |sample: &Dataset<f64, 1, [f64; 1]>, _, seed| {
                    (0..draws).for_each(|_| _ = Generator::seed(seed).bits());
                    seen.push(sample.clone());
                    Ok(vec![0.0])
                },
            );
            report.unwrap()
        };
        assert_eq!(run(1), run(5));
        assert_eq!(seen[..3], seen[3..]);
        assert_ne!(seen[0], seen[1]);
    }

    #[test]
    fn errors() {
        let run = |experiment: BiasVariance<fn(&[f64; 1]) -> f64>, predictions: usize| {
            experiment.run(|_| [1.0], &[[0.0]], |_, _, _| Ok(vec![0.0_f32; predictions])).unwrap_err().to_string()
        };
        let experiment = |noise| BiasVariance::new(CUBE, noise);
        assert_eq!(run(experiment(0.1).repeats(1), 1), "1 repetitions, expected at least 2");
        assert_eq!(run(experiment(0.1).samples(0), 1), "the data set is empty");
        assert_eq!(run(experiment(0.1), 2), "2 predictions for 1 test points, expected one for each");
        let expected = "noise with the standard deviation -1, expected a finite number of at least 0";
        assert_eq!(run(experiment(-1.0), 1), expected);
        let infinite = BiasVariance::new((|[x]| 1.0 / (x - 1.0)) as fn(&[f64; 1]) -> f64, 0.1);
        assert!(run(infinite, 1).contains("every value must be finite"));
        let infinite = BiasVariance::new((|[x]| 1.0 / x) as fn(&[f64; 1]) -> f64, 0.1);
        assert_eq!(run(infinite, 1), "the function is inf at test point 0, expected a finite number");
    }

    #[test]
    fn room_is_made_for_fits_as_they_come() {
        let experiment = BiasVariance::new(CUBE, 0.1).repeats(usize::MAX);
        let stopped = experiment.run::<f64, 1>(|_| [1.0], &[[0.0]], |_, _, _| Err(TrainError::Empty));
        assert_eq!(stopped, Err(TrainError::Empty.into()));
    }
}
