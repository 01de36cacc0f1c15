//! Features of mean 0 and standard deviation 1.

use super::{Dataset, DatasetError, Target};
use crate::Real;

/// `x' = (x − μ) / σ`, feature by feature, with the mean μ and the standard deviation σ of a training set.
///
/// `σ² = 1/n Σ (x − μ)²`, over the n samples. A constant feature has σ = 1 here, so that it becomes 0. Fitted to the
/// training set alone, and then applied to whatever the network meets: what is known of a test set must not flow into
/// training.
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
#[derive(Clone, Debug, PartialEq)]
pub struct Standardiser<T, const I: usize> {
    mean: Vec<T>,
    deviation: Vec<T>,
}

impl<T: Real, const I: usize> Standardiser<T, I> {
    /// Measures the mean and the standard deviation of each feature, in double precision.
    ///
    /// # Errors
    /// [`DatasetError::Empty`] if there is no sample.
    pub fn fit<Y: Target>(data: &Dataset<T, I, Y>) -> Result<Self, DatasetError> {
        if data.is_empty() {
            return Err(DatasetError::Empty);
        }
        let values = data.inputs().as_slice();
        let mean = means::<T, I>(values);
        let deviation = deviations(values, &mean);
        let rounded = |values: Vec<f64>| values.into_iter().map(T::nearest).collect();
        Ok(Self { mean: rounded(mean), deviation: rounded(deviation) })
    }

    /// μ of each feature.
    #[must_use]
    pub fn mean(&self) -> &[T] {
        &self.mean
    }

    /// σ of each feature; 1 where the feature was constant.
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
            for ((x, &mean), &deviation) in column.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *x = (*x - mean) / deviation;
            }
        }
    }
}

/// Summed as differences from the first sample, so that the mean of a constant feature is exactly that constant.
fn means<T: Real, const I: usize>(values: &[T]) -> Vec<f64> {
    let first: Vec<f64> = values[..I].iter().map(|x| x.to_f64()).collect();
    let mut sums = vec![0.0; I];
    for column in values.chunks_exact(I) {
        for ((sum, x), first) in sums.iter_mut().zip(column).zip(&first) {
            *sum += x.to_f64() - first;
        }
    }
    let samples = (values.len() / I) as f64;
    first.iter().zip(sums).map(|(first, sum)| first + sum / samples).collect()
}

fn deviations<T: Real>(values: &[T], mean: &[f64]) -> Vec<f64> {
    let mut squares = vec![0.0; mean.len()];
    for column in values.chunks_exact(mean.len()) {
        for ((square, x), mean) in squares.iter_mut().zip(column).zip(mean) {
            *square += (x.to_f64() - mean).powi(2);
        }
    }
    let samples = (values.len() / mean.len()) as f64;
    // What is no more than zero in the type of the features is the deviation of a constant.
    let deviation = |square: f64| Some((square / samples).sqrt()).filter(|d| T::nearest(*d) > T::zero()).unwrap_or(1.0);
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
    fn no_sample_is_an_error() {
        assert_eq!(Standardiser::fit(&data::<f32, 2>(&[])), Err(DatasetError::Empty));
    }

    #[test]
    #[should_panic(expected = "3 values are not samples of 2")]
    fn half_a_sample_is_refused() {
        Standardiser::fit(&data(&[[1.0_f32, 2.0]])).unwrap().apply_to_columns(&mut [0.0; 3]);
    }
}
