//! Which class is taken for which.

use core::fmt::{self, Display, Formatter};

use nalgebra::{Dim, Matrix, RawStorage};

use super::accuracy::{largest, predictions};
use crate::{Real, table};

/// Up to how many classes the table is shown whole: more do not fit on a screen.
const WHOLE: usize = 12;

/// How many of the most frequent confusions are listed when the table is not shown whole.
const LISTED: usize = 10;

/// How often samples of each class were predicted as each class.
///
/// ```
/// use nn_runtime::metrics::ConfusionMatrix;
///
/// let mut matrix = ConfusionMatrix::with_names(["cat", "dog"]);
/// for (label, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
///     matrix.record(label, Some(predicted));
/// }
/// assert_eq!(matrix.accuracy(), 0.75);
/// assert_eq!(matrix.recall(0), 2.0 / 3.0);
/// assert_eq!(matrix.precision(1), 0.5);
/// assert_eq!(matrix.to_string(), "\
/// true \\ predicted     cat    dog  recall
///              cat       2      1   66.7%
///              dog       0      1  100.0%
///        precision  100.0%  50.0%   75.0%
/// ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    /// A row for each true class; in it a column for each predicted class, and one for samples that have none.
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// No sample yet, of the classes `0..classes`.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self::with_names((0..classes).map(|class| class.to_string()))
    }

    /// No sample yet, of classes that are shown by their names.
    #[must_use]
    pub fn with_names(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<_> = names.into_iter().map(Into::into).collect();
        Self { counts: vec![0; names.len() * (names.len() + 1)], names }
    }

    /// Forgets every sample.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// Counts a sample of class `label` that was predicted as `predicted`, or as no class: all its outputs were NaN.
    ///
    /// # Panics
    /// If one of them is no class.
    pub fn record(&mut self, label: usize, predicted: Option<usize>) {
        let classes = self.classes();
        assert!(label < classes, "label {label} is out of range for {classes} classes");
        let column = predicted.unwrap_or(classes);
        assert!(predicted.is_none() || column < classes, "prediction {column} is out of range for {classes} classes");
        self.counts[label * (classes + 1) + column] += 1;
    }

    /// Counts a batch: one column of outputs a sample, whose largest is the predicted class.
    ///
    /// # Panics
    /// If there are not as many labels as columns, not as many outputs as classes, or a label is no class.
    pub fn record_outputs<T: Real, O: Dim, B: Dim>(
        &mut self,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        labels: &[u32],
    ) {
        assert_eq!(outputs.nrows(), self.classes(), "there is not one output for each class");
        predictions(outputs, labels).for_each(|(label, predicted)| self.record(label as usize, predicted));
    }

    /// Counts each place of a batch of images: one column of outputs a sample, a plane of places for each class; the class
    /// whose output is largest in a place is predicted there. The labels are those of the places, image after image.
    ///
    /// ```
    /// use nalgebra::SMatrix;
    /// use nn_runtime::metrics::ConfusionMatrix;
    ///
    /// // An image of a row of three places, and the outputs for two classes.
    /// let outputs = SMatrix::<f32, 6, 1>::from_column_slice(&[0.9, 0.2, 0.3, 0.1, 0.8, 0.7]);
    /// let mut confusion = ConfusionMatrix::new(2);
    /// confusion.record_images(&outputs, &[0, 1, 0]);
    /// assert_eq!([confusion.count(0, 0), confusion.count(0, 1), confusion.count(1, 1)], [1; 3]);
    /// ```
    ///
    /// # Panics
    /// If the outputs of a sample are no planes of one size for each class, there is not a label for each place, or one of
    /// them is no class.
    pub fn record_images<T: Real, O: Dim, B: Dim>(
        &mut self,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        labels: &[u32],
    ) {
        let (rows, classes) = (outputs.nrows(), self.classes());
        assert!(classes > 0 && rows.is_multiple_of(classes), "{rows} outputs are no planes of {classes} classes");
        let places = rows / classes;
        assert_eq!(labels.len(), places * outputs.ncols(), "there is not one label for each place");
        for (sample, labels) in outputs.column_iter().zip(labels.chunks(places.max(1))) {
            for (place, &label) in labels.iter().enumerate() {
                let predicted = largest((0..classes).map(|class| sample[class * places + place]));
                self.record(label as usize, predicted);
            }
        }
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// How many samples of class `label` were predicted as `predicted`.
    ///
    /// # Panics
    /// If one of them is no class.
    #[must_use]
    pub fn count(&self, label: usize, predicted: usize) -> u64 {
        assert!(predicted < self.classes(), "prediction {predicted} is out of range for {} classes", self.classes());
        self.row(label)[predicted]
    }

    /// How many samples have been counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of the samples whose class was predicted; NaN over no sample.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let correct: u64 = (0..self.classes()).map(|class| self.count(class, class)).sum();
        correct as f64 / self.total() as f64
    }

    /// Of the samples predicted as `class`, the share that is of it; NaN if there are none.
    ///
    /// # Panics
    /// If it is no class.
    #[must_use]
    pub fn precision(&self, class: usize) -> f64 {
        self.count(class, class) as f64 / self.predicted(class) as f64
    }

    /// Of the samples of `class`, the share that was predicted as it; NaN if there are none.
    ///
    /// # Panics
    /// If it is no class.
    #[must_use]
    pub fn recall(&self, class: usize) -> f64 {
        self.count(class, class) as f64 / self.support(class) as f64
    }

    /// The samples that are of `class` and predicted as it, over those that are or are predicted as it: the intersection over
    /// the union, by which a segmentation is judged, also named after Jaccard. NaN if there are none.
    ///
    /// ```
    /// use nn_runtime::metrics::ConfusionMatrix;
    ///
    /// let mut confusion = ConfusionMatrix::new(2);
    /// for (label, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1), (1, 0)] {
    ///     confusion.record(label, Some(predicted));
    /// }
    /// assert_eq!(confusion.intersection_over_union(1), 2.0 / 4.0);
    /// ```
    ///
    /// # Panics
    /// If it is no class.
    #[must_use]
    pub fn intersection_over_union(&self, class: usize) -> f64 {
        let both = self.count(class, class);
        both as f64 / (self.support(class) + self.predicted(class) - both) as f64
    }

    /// How many samples were predicted as `class`.
    pub(super) fn predicted(&self, class: usize) -> u64 {
        (0..self.classes()).map(|label| self.count(label, class)).sum()
    }

    /// The counts of one true class, the samples without a prediction last.
    pub(super) fn row(&self, label: usize) -> &[u64] {
        let classes = self.classes();
        assert!(label < classes, "label {label} is out of range for {classes} classes");
        &self.counts[label * (classes + 1)..][..=classes]
    }

    /// Whether a sample has no prediction.
    fn has_unpredicted(&self) -> bool {
        (0..self.classes()).any(|label| self.row(label)[self.classes()] > 0)
    }

    /// One row a true class, one column a predicted class.
    fn whole_table(&self) -> Vec<Vec<String>> {
        let columns = self.classes() + usize::from(self.has_unpredicted());
        let names = self.names.iter().map(String::as_str).chain(["none"]).take(columns);
        let mut table =
            vec![["true \\ predicted"].into_iter().chain(names).chain(["recall"]).map(Into::into).collect()];
        for (label, name) in self.names.iter().enumerate() {
            let counts = self.row(label)[..columns].iter().map(u64::to_string);
            table.push([name.clone()].into_iter().chain(counts).chain([percent(self.recall(label))]).collect());
        }
        let precisions = (0..self.classes()).map(|class| percent(self.precision(class))).chain([String::new()]);
        table.push(
            ["precision".into()]
                .into_iter()
                .chain(precisions.take(columns))
                .chain([percent(self.accuracy())])
                .collect(),
        );
        table
    }

    /// One row a class, without who is taken for whom.
    fn class_table(&self) -> Vec<Vec<String>> {
        let mut table = vec![["class", "samples", "precision", "recall"].map(String::from).to_vec()];
        table.extend(self.names.iter().enumerate().map(|(class, name)| {
            let samples = self.support(class).to_string();
            vec![name.clone(), samples, percent(self.precision(class)), percent(self.recall(class))]
        }));
        table.push(vec!["all".into(), self.total().to_string(), String::new(), percent(self.accuracy())]);
        table
    }

    /// The most frequent confusions, most frequent first.
    fn confusions(&self) -> Vec<(u64, &str, &str)> {
        let mut confusions = Vec::new();
        for (label, name) in self.names.iter().enumerate() {
            let predicted = self.names.iter().map(String::as_str).chain(["none"]);
            let counts = self.row(label).iter().zip(predicted).enumerate();
            let wrong = counts.filter(|&(column, (&count, _))| column != label && count > 0);
            confusions.extend(wrong.map(|(_, (&count, predicted))| (count, name.as_str(), predicted)));
        }
        confusions.sort_by_key(|&(count, ..)| core::cmp::Reverse(count));
        confusions.truncate(LISTED);
        confusions
    }
}

/// Up to 12 classes as the whole table, with the precision below each column, the recall beside each row and the
/// accuracy in the corner; more as a list of classes, and the most frequent confusions.
impl Display for ConfusionMatrix {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.classes() <= WHOLE {
            return table::write(f, &self.whole_table());
        }
        table::write(f, &self.class_table())?;
        for (k, (count, label, predicted)) in self.confusions().into_iter().enumerate() {
            let heading = if k == 0 { "most frequent confusions:\n" } else { "" };
            writeln!(f, "{heading}  {count} × {label} taken for {predicted}")?;
        }
        Ok(())
    }
}

fn percent(share: f64) -> String {
    if share.is_nan() { "–".into() } else { format!("{:.1}%", 100.0 * share) }
}

#[cfg(test)]
mod tests {
    use nalgebra::Matrix3x4;

    use super::*;

    fn three_classes() -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(3);
        for (label, predicted, count) in [(0, 0, 95), (0, 2, 5), (1, 1, 1000), (2, 0, 1)] {
            (0..count).for_each(|_| matrix.record(label, Some(predicted)));
        }
        matrix
    }

    #[test]
    fn counts_and_shares() {
        let matrix = three_classes();
        assert_eq!((matrix.count(0, 2), matrix.count(2, 0), matrix.count(1, 2)), (5, 1, 0));
        assert_eq!((matrix.total(), matrix.classes()), (1101, 3));
        assert_eq!(matrix.accuracy(), 1095.0 / 1101.0);
        assert_eq!([0, 1, 2].map(|class| matrix.precision(class)), [95.0 / 96.0, 1.0, 0.0]);
        assert_eq!([0, 1, 2].map(|class| matrix.recall(class)), [0.95, 1.0, 0.0]);
    }

    #[test]
    fn nothing_divided_by_nothing_is_nan() {
        let matrix = ConfusionMatrix::new(2);
        assert!(matrix.accuracy().is_nan() && matrix.precision(0).is_nan() && matrix.recall(1).is_nan());
    }

    #[test]
    fn a_small_table_is_shown_whole() {
        assert_eq!(
            three_classes().to_string(),
            "\
true \\ predicted      0       1     2  recall
               0     95       0     5   95.0%
               1      0    1000     0  100.0%
               2      1       0     0    0.0%
       precision  99.0%  100.0%  0.0%   99.5%
"
        );
    }

    #[test]
    fn outputs_are_counted_and_samples_without_a_prediction_shown() {
        #[rustfmt::skip]
        let outputs = Matrix3x4::new(
            5.0, 0.0, 1.0, f64::NAN,
            1.0, 0.0, 2.0, f64::NAN,
            0.0, 0.5, 3.0, f64::NAN,
        );
        let mut matrix = ConfusionMatrix::with_names(["cat", "dog", "Löwe"]);
        matrix.record_outputs(&outputs, &[0, 2, 1, 0]);
        assert_eq!(matrix.accuracy(), 0.5);
        assert_eq!(matrix.recall(0), 0.5);
        assert_eq!(
            matrix.to_string(),
            "\
true \\ predicted     cat  dog   Löwe  none  recall
             cat       1    0      0     1   50.0%
             dog       0    0      1     0    0.0%
            Löwe       0    0      1     0  100.0%
       precision  100.0%    –  50.0%         50.0%
"
        );
    }

    #[test]
    fn many_classes_are_listed() {
        let mut matrix = ConfusionMatrix::new(100);
        for label in 0..100 {
            (0..label).for_each(|_| matrix.record(label, Some(label)));
            (0..label / 8).for_each(|_| matrix.record(label, Some(0)));
        }
        matrix.record(7, None);
        let text = matrix.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 100 + 1 + 1 + LISTED);
        assert_eq!(lines[0], "class  samples  precision  recall");
        assert_eq!(lines[1], "    0        0       0.0%       –");
        assert_eq!(lines[100], "   99      111     100.0%   89.2%");
        assert_eq!(lines[101], "  all     5527              89.6%");
        assert_eq!(lines[102..104], ["most frequent confusions:", "  12 × 96 taken for 0"]);
        assert!(lines.iter().all(|line| line.chars().count() < 40));
    }

    #[test]
    fn twelve_classes_fit_on_a_screen() {
        let mut matrix = ConfusionMatrix::new(WHOLE);
        (0..WHOLE).for_each(|class| (0..999).for_each(|_| matrix.record(class, Some(class))));
        let text = matrix.to_string();
        let widths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|&width| width == widths[0] && width <= 120), "{text}");
    }

    #[test]
    #[should_panic(expected = "label 3 is out of range for 3 classes")]
    fn a_label_is_a_class() {
        ConfusionMatrix::new(3).record(3, None);
    }

    #[test]
    #[should_panic(expected = "prediction 3 is out of range for 3 classes")]
    fn a_prediction_is_a_class() {
        ConfusionMatrix::new(3).record(0, Some(3));
    }

    #[test]
    #[should_panic(expected = "there is not one output for each class")]
    fn outputs_are_classes() {
        ConfusionMatrix::new(4).record_outputs(&Matrix3x4::<f32>::zeros(), &[0; 4]);
    }
}
