//! Features, or channels of images, of mean 0 and standard deviation 1.

use super::{Dataset, DatasetError, Target};
use crate::Real;

/// `x' = (x − μ) / σ`, feature by feature or channel by channel, with the mean μ and the standard deviation σ of a training
/// set.
///
/// `σ² = 1/n Σ (x − μ)²`, over the n samples, or over the n values that the images have in a channel. What is constant has
/// σ = 1 here, so that it becomes 0. Fitted to the training set alone, and then applied to whatever the network meets: what
/// is known of a test set must not flow into training.
///
/// ```
/// use nn_runtime::data::{Dataset, Standardiser};
///
/// let mut train = Dataset::<f64, 2, u32>::from_labelled_rows(&[[1.0, 5.0], [3.0, 5.0]], &[0, 1], 2)?;
/// let standardiser = Standardiser::fit(&train)?;
/// standardiser.apply(&mut train);
/// assert_eq!(train.inputs().as_slice(), [-1.0, 0.0, 1.0, 0.0]);
///
/// let mut sample = [7.0, 6.0];
/// standardiser.apply_to_columns(&mut sample);
/// assert_eq!(sample, [5.0, 1.0]);
/// # Ok::<(), nn_runtime::data::DatasetError>(())
/// ```
///
/// All pixels of an image are one quantity, so images are standardised [by channel](Self::fit_channels): a pixel that was
/// black in all of the training images but one would have a tiny σ of its own, and be huge in the next image that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardiser<T, const I: usize> {
    mean: Vec<T>,
    deviation: Vec<T>,
    /// How many consecutive values of a sample have one mean: H·W of a channel, 1 of a feature.
    places: usize,
}

impl<T: Real, const I: usize> Standardiser<T, I> {
    /// Measures the mean and the standard deviation of each feature, in double precision.
    ///
    /// # Errors
    /// [`DatasetError::Empty`] if there is no sample.
    pub fn fit<Y: Target>(data: &Dataset<T, I, Y>) -> Result<Self, DatasetError> {
        Self::fit_places(data, 1)
    }

    /// One with known moments, as [`mean`](Self::mean) and [`deviation`](Self::deviation) of another gave them: for a program that
    /// uses a network which another one has trained.
    ///
    /// ```
    /// use nn_runtime::data::Standardiser;
    ///
    /// let standardiser = Standardiser::<f32, 4>::from_moments(&[2.0, 7.0], &[2.0, 1.0]); // two channels of two pixels
    /// let mut sample = [4.0, 0.0, 7.0, 8.0];
    /// standardiser.apply_to_columns(&mut sample);
    /// assert_eq!(sample, [1.0, -1.0, 0.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// Unless there are as many means as deviations, a whole number of features for each, and every deviation is above 0.
    #[must_use]
    #[track_caller]
    pub fn from_moments(mean: &[T], deviation: &[T]) -> Self {
        let (means, deviations) = (mean.len(), deviation.len());
        assert!(means == deviations, "there are {means} means, but {deviations} deviations");
        assert!(means > 0 && I.is_multiple_of(means), "{I} features are no whole number for each of {means} means");
        assert!(deviation.iter().all(|x| *x > T::zero()), "every deviation must be above 0");
        Self { mean: mean.to_vec(), deviation: deviation.to_vec(), places: I / means }
    }

    /// The same for each channel of images `[C, H, W]`, over all of its pixels.
    ///
    /// ```
    /// use nn_runtime::data::{Dataset, Standardiser};
    ///
    /// // Two images of two channels, one row and two columns; the second channel is constant.
    /// let rows = [[0.0_f32, 4.0, 7.0, 7.0], [4.0, 0.0, 7.0, 7.0]];
    /// let mut train = Dataset::<f32, 4, u32>::from_labelled_rows(&rows, &[0, 1], 2)?;
    /// let standardiser = Standardiser::fit_channels(&train, [2, 1, 2])?;
    /// assert_eq!((standardiser.mean(), standardiser.deviation()), (&[2.0, 7.0][..], &[2.0, 1.0][..]));
    /// standardiser.apply(&mut train);
    /// assert_eq!(train.inputs().as_slice(), [-1.0, 1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0]);
    /// # Ok::<(), nn_runtime::data::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// [`DatasetError::Shape`] if such images have not `I` values, [`DatasetError::Empty`] if there is no sample.
    pub fn fit_channels<Y: Target>(data: &Dataset<T, I, Y>, shape: [usize; 3]) -> Result<Self, DatasetError> {
        let [channels, height, width] = shape;
        if channels * height * width != I {
            return Err(DatasetError::Shape { shape, expected: I });
        }
        Self::fit_places(data, (height * width).max(1))
    }

    fn fit_places<Y: Target>(data: &Dataset<T, I, Y>, places: usize) -> Result<Self, DatasetError> {
        if data.is_empty() {
            return Err(DatasetError::Empty);
        }
        let values = data.inputs().as_slice();
        let mean = means::<T, I>(values, places);
        let deviation = deviations::<T, I>(values, &mean, places);
        let rounded = |values: Vec<f64>| values.into_iter().map(T::nearest).collect();
        Ok(Self { mean: rounded(mean), deviation: rounded(deviation), places })
    }

    /// μ of each feature, or of each channel.
    #[must_use]
    pub fn mean(&self) -> &[T] {
        &self.mean
    }

    /// σ of each feature, or of each channel; 1 where it was constant.
    #[must_use]
    pub fn deviation(&self) -> &[T] {
        &self.deviation
    }

    /// Standardises every sample of a data set.
    pub fn apply<Y: Target>(&self, data: &mut Dataset<T, I, Y>) {
        self.apply_to_columns(data.inputs_mut());
    }

    /// Standardises samples that lie one after another.
    ///
    /// # Panics
    /// If `columns` is not a whole number of samples of `I` features.
    pub fn apply_to_columns(&self, columns: &mut [T]) {
        assert!(columns.len().is_multiple_of(I.max(1)), "{} values are not samples of {I}", columns.len());
        for column in columns.chunks_exact_mut(I.max(1)) {
            let channels = column.chunks_exact_mut(self.places);
            for ((channel, &mean), &deviation) in channels.zip(&self.mean).zip(&self.deviation) {
                for x in channel {
                    *x = (*x - mean) / deviation;
                }
            }
        }
    }
}

/// The sum of `value(x, about)` over all values of each channel, which has `places` values in a sample.
fn sums<T: Real, const I: usize>(
    values: &[T],
    places: usize,
    about: &[f64],
    value: impl Fn(f64, f64) -> f64,
) -> Vec<f64> {
    let mut sums = vec![0.0; about.len()];
    for column in values.chunks_exact(I.max(1)) {
        for ((sum, channel), &about) in sums.iter_mut().zip(column.chunks_exact(places)).zip(about) {
            *sum += channel.iter().map(|x| value(x.to_f64(), about)).sum::<f64>();
        }
    }
    sums
}

/// Summed as differences from the first value, so that the mean of a constant channel is exactly that constant.
fn means<T: Real, const I: usize>(values: &[T], places: usize) -> Vec<f64> {
    let first: Vec<f64> = values[..I].iter().step_by(places).map(|x| x.to_f64()).collect();
    let count = (values.len() / I.max(1) * places) as f64;
    let sums = sums::<T, I>(values, places, &first, |x, first| x - first);
    first.iter().zip(sums).map(|(first, sum)| first + sum / count).collect()
}

fn deviations<T: Real, const I: usize>(values: &[T], mean: &[f64], places: usize) -> Vec<f64> {
    let count = (values.len() / I.max(1) * places) as f64;
    let squares = sums::<T, I>(values, places, mean, |x, mean| (x - mean).powi(2));
    // What is no more than zero in the type of the features is the deviation of a constant.
    let deviation = |square: f64| Some((square / count).sqrt()).filter(|d| T::nearest(*d) > T::zero()).unwrap_or(1.0);
    squares.into_iter().map(deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data<T: Real, const I: usize>(rows: &[[T; I]]) -> Dataset<T, I, u32> {
        Dataset::from_labelled_rows(rows, &vec![0; rows.len()], 1).unwrap()
    }

    #[test]
    fn fits_the_mean_and_the_population_deviation() {
        let standardiser = Standardiser::fit(&data(&[[2.0_f64, 1.0], [4.0, 1.0], [9.0, 4.0]])).unwrap();
        assert_eq!(standardiser.mean(), [5.0, 2.0]);
        assert_eq!(standardiser.deviation(), [(26.0_f64 / 3.0).sqrt(), 2.0_f64.sqrt()]);
    }

    #[test]
    fn the_training_set_gets_mean_zero_and_deviation_one() {
        let rows: Vec<_> = (0..50).map(|k| [(k as f32).sin() * 3.0 + 7.0, 1e-3 * (k * k % 17) as f32]).collect();
        let mut train = data(&rows);
        Standardiser::fit(&train).unwrap().apply(&mut train);
        let again = Standardiser::fit(&train).unwrap();
        assert!(again.mean().iter().all(|mean| mean.abs() < 1e-6), "{again:?}");
        assert!(again.deviation().iter().all(|deviation| (deviation - 1.0).abs() < 1e-6), "{again:?}");
    }

    #[test]
    fn constant_features_become_zero() {
        let mut train = data(&[[0.1_f32, 1e30, -3.0]; 10]);
        let standardiser = Standardiser::fit(&train).unwrap();
        assert_eq!(standardiser.deviation(), [1.0; 3]);
        standardiser.apply(&mut train);
        assert_eq!(train.inputs().as_slice(), [0.0; 30]);
        let mut train = data(&[[0.1_f64]; 10]);
        Standardiser::fit(&train).unwrap().apply(&mut train);
        assert_eq!(train.inputs().as_slice(), [0.0; 10]);
    }

    /// The mean is far larger than the spread: the difference of Σx² and n·μ² would lose every digit.
    #[test]
    fn a_large_offset_does_not_swallow_the_deviation() {
        let standardiser = Standardiser::fit(&data(&[[1e9_f64 - 1.0], [1e9 + 1.0]])).unwrap();
        assert_eq!((standardiser.mean(), standardiser.deviation()), (&[1e9][..], &[1.0][..]));
    }

    #[test]
    fn channels_have_one_mean_and_one_deviation_over_all_their_pixels() {
        let mut train = data(&[[1.0_f64, 2.0, 30.0, 10.0], [3.0, 6.0, 50.0, 30.0], [3.0, 3.0, 30.0, 30.0]]);
        let standardiser = Standardiser::fit_channels(&train, [2, 1, 2]).unwrap();
        assert_eq!(
            (standardiser.mean(), standardiser.deviation()),
            (&[3.0, 30.0][..], &[(14.0_f64 / 6.0).sqrt(), (800.0_f64 / 6.0).sqrt()][..])
        );
        standardiser.apply(&mut train);
        let again = Standardiser::fit_channels(&train, [2, 2, 1]).unwrap();
        assert!(again.mean().iter().all(|mean| mean.abs() < 1e-15), "{again:?}");
        assert!(again.deviation().iter().all(|deviation| (deviation - 1.0).abs() < 1e-15), "{again:?}");
    }

    #[test]
    fn images_of_one_pixel_are_features() {
        let train = data(&[[1.0_f32, 2.5], [4.0, -1.0], [0.1, 7.0]]);
        assert_eq!(Standardiser::fit_channels(&train, [2, 1, 1]), Standardiser::fit(&train));
    }

    #[test]
    fn constant_channels_become_zero() {
        let mut train = data(&[[0.1_f32, 0.1, 0.1, -3.0, -3.0, -3.0]; 7]);
        let standardiser = Standardiser::fit_channels(&train, [2, 3, 1]).unwrap();
        assert_eq!((standardiser.mean(), standardiser.deviation()), (&[0.1, -3.0][..], &[1.0; 2][..]));
        standardiser.apply(&mut train);
        assert_eq!(train.inputs().as_slice(), [0.0; 42]);
    }

    #[test]
    fn no_sample_is_an_error() {
        assert_eq!(Standardiser::fit(&data::<f32, 2>(&[])), Err(DatasetError::Empty));
        assert_eq!(Standardiser::fit_channels(&data::<f32, 2>(&[]), [1, 1, 2]), Err(DatasetError::Empty));
    }

    #[test]
    fn images_of_another_size_are_an_error() {
        let error = Standardiser::fit_channels(&data(&[[1.0_f32; 6]]), [3, 2, 2]).unwrap_err();
        assert_eq!(error.to_string(), "images of [3, 2, 2] have 12 values, expected 6");
    }

    #[test]
    #[should_panic(expected = "3 values are not samples of 2")]
    fn half_a_sample_is_refused() {
        Standardiser::fit(&data(&[[1.0_f32, 2.0]])).unwrap().apply_to_columns(&mut [0.0; 3]);
    }
}
