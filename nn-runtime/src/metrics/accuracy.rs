//! The share of samples whose class is predicted.

use nalgebra::{Dim, Matrix, RawStorage};

use crate::Real;

/// The class whose output is largest: the first of them if several are, none if every output is NaN.
///
/// ```
/// use nn_runtime::metrics::predicted_class;
///
/// assert_eq!(predicted_class(&[0.1, 0.7, 0.2]), Some(1));
/// assert_eq!(predicted_class(&[f64::NAN; 3]), None);
/// ```
#[must_use]
pub fn predicted_class<T: Real>(outputs: &[T]) -> Option<usize> {
    largest(outputs.iter().copied())
}

/// `accuracy = #{b : argmaxₒ outputs[o,b] = labels[b]} / B`: one column of O outputs a sample, logits or probabilities.
///
/// A sample whose outputs are all NaN is wrong. The accuracy over no sample is NaN.
///
/// ```
/// use nalgebra::Matrix2x3;
/// use nn_runtime::metrics::accuracy;
///
/// let outputs = Matrix2x3::new(
///     0.9, 0.2, 0.3, // class 0 of three samples
///     0.1, 0.8, 0.7, // class 1
/// );
/// assert_eq!(accuracy(&outputs, &[0, 1, 0]), 2.0 / 3.0);
/// ```
///
/// # Panics
/// If there are not as many labels as columns.
#[must_use]
pub fn accuracy<T: Real, O: Dim, B: Dim>(outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>, labels: &[u32]) -> f64 {
    let correct = predictions(outputs, labels).filter(|&(label, predicted)| predicted == Some(label as usize)).count();
    correct as f64 / labels.len() as f64
}

/// The label and the predicted class of each sample.
pub(super) fn predictions<'a, T: Real, O: Dim, B: Dim>(
    outputs: &'a Matrix<T, O, B, impl RawStorage<T, O, B>>,
    labels: &'a [u32],
) -> impl Iterator<Item = (u32, Option<usize>)> + 'a {
    assert_eq!(labels.len(), outputs.ncols(), "there is not one label for each column of outputs");
    let predicted = outputs.column_iter().map(|column| largest(column.iter().copied()));
    labels.iter().copied().zip(predicted)
}

pub(super) fn largest<T: Real>(outputs: impl Iterator<Item = T>) -> Option<usize> {
    let mut best = None;
    for (class, output) in outputs.enumerate() {
        let better = best.is_none_or(|(_, largest)| output > largest);
        if better && !output.to_f64().is_nan() {
            best = Some((class, output));
        }
    }
    best.map(|(class, _)| class)
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, Matrix3x4};

    use super::*;

    #[test]
    fn the_largest_output_is_the_class() {
        assert_eq!(predicted_class(&[1.0_f32, 3.0, 2.0]), Some(1));
        assert_eq!(predicted_class(&[-5.0, -2.0, -2.0]), Some(1));
        assert_eq!(predicted_class(&[f64::NAN, -1.0, f64::NAN, -0.5]), Some(3));
        assert_eq!(predicted_class(&[f64::NEG_INFINITY; 2]), Some(0));
        assert_eq!(predicted_class::<f32>(&[]), None);
    }

    #[test]
    fn counts_the_samples_that_are_right() {
        #[rustfmt::skip]
        let outputs = Matrix3x4::new(
            5.0, 0.0, 1.0, f32::NAN,
            1.0, 0.0, 2.0, f32::NAN,
            0.0, 0.5, 3.0, f32::NAN,
        );
        assert_eq!(accuracy(&outputs, &[0, 2, 1, 0]), 0.5);
        assert_eq!(accuracy(&outputs.columns(1, 2), &[2, 2]), 1.0);
        assert!(accuracy(&DMatrix::<f64>::zeros(3, 0), &[]).is_nan());
    }

    #[test]
    #[should_panic(expected = "there is not one label for each column of outputs")]
    fn each_column_has_a_label() {
        let _ = accuracy(&Matrix3x4::<f32>::zeros(), &[0]);
    }
}
