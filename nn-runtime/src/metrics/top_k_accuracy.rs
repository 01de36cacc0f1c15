//! The share of samples whose class is among the k largest outputs.

use nalgebra::{Dim, Matrix, RawStorage};

use crate::Real;

/// `#{b : labels[b] is among the k largest of outputs[:,b]} / B`: one column of outputs a sample.
///
/// Of equal outputs that of the smaller class counts as the larger, as in [`accuracy`](super::accuracy), which this is for
/// `k = 1`; a NaN is smaller than every number, and a class whose output is NaN is among no largest ones. Over no sample it is
/// NaN. scikit-learn prefers the larger class of equal ones.
///
/// ```
/// use nalgebra::Matrix3x2;
/// use nn_runtime::metrics::top_k_accuracy;
///
/// let outputs = Matrix3x2::new(
///     0.5, 0.2, // class 0 of two samples
///     0.3, 0.7, // class 1
///     0.2, 0.1, // class 2
/// );
/// assert_eq!([1, 2, 3].map(|k| top_k_accuracy(&outputs, &[1, 2], k)), [0.0, 0.5, 1.0]);
/// ```
///
/// # Panics
/// If there are not as many labels as columns, or a label has no output.
#[must_use]
pub fn top_k_accuracy<T: Real, O: Dim, B: Dim>(
    outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
    labels: &[u32],
    k: usize,
) -> f64 {
    assert_eq!(labels.len(), outputs.ncols(), "there is not one label for each column of outputs");
    let hits = outputs.column_iter().zip(labels).filter(|(column, label)| {
        let class = **label as usize;
        assert!(class < column.len(), "label {class} is out of range for {} outputs", column.len());
        rank(column.iter().map(|output| output.to_f64()), class, column[class].to_f64()).is_some_and(|rank| rank < k)
    });
    hits.count() as f64 / labels.len() as f64
}

/// How many outputs are before that of `class`, which is `own`; none if it is NaN.
fn rank(outputs: impl Iterator<Item = f64>, class: usize, own: f64) -> Option<usize> {
    let before = |&(other, output): &(usize, f64)| output > own || output == own && other < class;
    (!own.is_nan()).then(|| outputs.enumerate().filter(before).count())
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, Matrix3x4};

    use super::*;
    use crate::Generator;
    use crate::metrics::accuracy;

    #[test]
    fn one_is_the_accuracy_and_all_is_one() {
        let mut generator = Generator::seed(5);
        // Of few values, so that many are equal.
        let outputs = DMatrix::<f32>::from_fn(5, 200, |_, _| (4.0 * generator.uniform()).floor() as f32);
        let labels: Vec<u32> = (0..200).map(|k| k % 5).collect();
        assert_eq!(top_k_accuracy(&outputs, &labels, 1), accuracy(&outputs, &labels));
        assert_eq!(top_k_accuracy(&outputs, &labels, 5), 1.0);
        assert_eq!(top_k_accuracy(&outputs, &labels, 0), 0.0);
        let by_k: Vec<_> = (0..=5).map(|k| top_k_accuracy(&outputs, &labels, k)).collect();
        assert!(by_k.is_sorted(), "{by_k:?}");
    }

    #[test]
    fn nan_is_the_smallest() {
        #[rustfmt::skip]
        let outputs = Matrix3x4::new(
            f64::NAN, f64::NAN, 1.0,      f64::NAN,
            0.0,      0.0,      f64::NAN, f64::NAN,
            1.0,      1.0,      f64::NAN, f64::NAN,
        );
        assert_eq!(top_k_accuracy(&outputs, &[1, 0, 0, 0], 2), 0.5);
        assert_eq!(top_k_accuracy(&outputs, &[1, 0, 0, 0], 3), 0.5);
        assert!(top_k_accuracy(&DMatrix::<f64>::zeros(3, 0), &[], 2).is_nan());
    }

    #[test]
    #[should_panic(expected = "label 3 is out of range for 3 outputs")]
    fn a_label_is_a_class() {
        let _ = top_k_accuracy(&DMatrix::<f64>::zeros(3, 1), &[3], 1);
    }
}
