//! A data set in memory.

use nalgebra::{Const, Dim, Dyn, Matrix, MatrixView, OMatrix, RawStorage, U1};
use rand::{Rng, RngExt};
use thiserror::Error;

use super::LabelledImages;
use crate::Real;
use crate::metrics::{ConfusionMatrix, Residuals};
use crate::validation::Baseline;

/// Why values are not a data set.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A row is longer or shorter than a sample.
    #[error("row {row} has {found} values, expected {expected}")]
    RowLength {
        /// Which row, from 0.
        row: usize,
        /// The features of a sample.
        expected: usize,
        /// The values of the row.
        found: usize,
    },
    /// There are more or fewer targets than inputs.
    #[error("{inputs} inputs but {targets} targets")]
    Counts {
        /// How many inputs there are.
        inputs: usize,
        /// How many targets there are.
        targets: usize,
    },
    /// A value of the input is NaN or infinite.
    #[error("sample {sample} has {value} as feature {feature}: every value must be finite")]
    InputNotFinite {
        /// Which sample, from 0.
        sample: usize,
        /// Which of its features, from 0.
        feature: usize,
        /// The value.
        value: f64,
    },
    /// A value of the target is NaN or infinite.
    #[error("sample {sample} has {value} as value {index} of its target: every value must be finite")]
    TargetNotFinite {
        /// Which sample, from 0.
        sample: usize,
        /// Which value of its target, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A label that is no class.
    #[error("sample {sample} has label {label}, which is out of range for {classes} classes")]
    Label {
        /// Which sample, from 0.
        sample: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        classes: usize,
    },
    /// Masks do not have a label for each place.
    #[error("{samples} samples of {places} places need {} labels, found {labels}", samples * places)]
    Mask {
        /// How many samples there are.
        samples: usize,
        /// The places of each.
        places: usize,
        /// How many labels there are.
        labels: usize,
    },
    /// Images do not have as many pixels as a sample has features.
    #[error("images of {height}×{width} pixels give {} features, expected {expected}", height * width)]
    Pixels {
        /// The height of the images.
        height: usize,
        /// The width of the images.
        width: usize,
        /// The features of a sample.
        expected: usize,
    },
    /// Images of a shape that is named do not have as many values as a sample has features.
    #[error("images of {shape:?} have {} values, expected {expected}", shape.iter().product::<usize>())]
    Shape {
        /// `[C, H, W]`.
        shape: [usize; 3],
        /// The features of a sample.
        expected: usize,
    },
    /// There is no sample to learn from.
    #[error("the data set is empty")]
    Empty,
}

/// What a sample is trained towards: a class label (`u32`), a mask of them (`[u32; P]`, one for each of P places), or the
/// values of an output (`[T; O]`).
pub trait Target: Copy + Send + Sync + 'static {
    /// What all targets of a data set have in common: the number of classes for labels, nothing for values.
    type Domain: Copy + core::fmt::Debug + PartialEq + Send + Sync;

    /// What a loss compares outputs with: the label itself, or a value.
    type Element: Copy + Sync;

    /// Targets as a loss takes them, sample after sample.
    fn elements(targets: &[Self]) -> &[Self::Element];

    /// How many labels a sample has: the places of a mask, which are those of each channel of the outputs.
    const PLACES: usize = 1;

    /// How many classes there are, for labels and masks.
    fn classes(domain: Self::Domain) -> Option<usize>;

    /// Counts the samples by class and predicted class, for labels, and for masks their places.
    fn record<T: Real, O: Dim, B: Dim>(
        confusion: &mut ConfusionMatrix,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        targets: &[Self],
    );

    /// How many values a target has, for values.
    const VALUES: Option<usize> = None;

    /// Which group of samples this one belongs to, of those that a stratified choice keeps in proportion: its class for a label,
    /// one group for all masks and all values.
    fn stratum(&self) -> usize {
        0
    }

    /// Takes down how far the outputs are from the targets, for values.
    fn record_residuals<T: Real, O: Dim, B: Dim>(
        residuals: &mut Residuals,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        targets: &[Self],
    ) {
        _ = (residuals, outputs, targets);
    }

    /// What is known of targets without a look at the inputs: how often each class occurs, or the mean of the values.
    fn baseline(targets: &[Self], domain: Self::Domain) -> Baseline;

    /// Checks the target of sample number `sample`.
    ///
    /// # Errors
    /// If it is no class, or not finite.
    fn check(&self, sample: usize, domain: Self::Domain) -> Result<(), DatasetError>;
}

impl Target for u32 {
    type Domain = usize;
    type Element = u32;

    fn elements(targets: &[Self]) -> &[u32] {
        targets
    }

    fn classes(domain: usize) -> Option<usize> {
        Some(domain)
    }

    fn record<T: Real, O: Dim, B: Dim>(
        confusion: &mut ConfusionMatrix,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        targets: &[Self],
    ) {
        confusion.record_outputs(outputs, targets);
    }

    fn stratum(&self) -> usize {
        *self as usize
    }

    fn baseline(targets: &[Self], classes: usize) -> Baseline {
        Baseline::of_labels(targets, classes)
    }

    fn check(&self, sample: usize, classes: usize) -> Result<(), DatasetError> {
        if (*self as usize) < classes { Ok(()) } else { Err(DatasetError::Label { sample, label: *self, classes }) }
    }
}

impl<const P: usize> Target for [u32; P] {
    type Domain = usize;
    type Element = u32;

    const PLACES: usize = P;

    fn elements(targets: &[Self]) -> &[u32] {
        targets.as_flattened()
    }

    fn classes(domain: usize) -> Option<usize> {
        Some(domain)
    }

    fn record<T: Real, O: Dim, B: Dim>(
        confusion: &mut ConfusionMatrix,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        targets: &[Self],
    ) {
        confusion.record_images(outputs, targets.as_flattened());
    }

    fn baseline(targets: &[Self], classes: usize) -> Baseline {
        Baseline::of_labels(targets.as_flattened(), classes)
    }

    fn check(&self, sample: usize, classes: usize) -> Result<(), DatasetError> {
        self.iter().try_for_each(|label| label.check(sample, classes))
    }
}

impl<T: Real, const O: usize> Target for [T; O] {
    type Domain = ();
    type Element = T;

    fn elements(targets: &[Self]) -> &[T] {
        targets.as_flattened()
    }

    fn classes((): ()) -> Option<usize> {
        None
    }

    fn record<S: Real, R: Dim, B: Dim>(
        _: &mut ConfusionMatrix,
        _: &Matrix<S, R, B, impl RawStorage<S, R, B>>,
        _: &[Self],
    ) {
    }

    const VALUES: Option<usize> = Some(O);

    fn record_residuals<S: Real, R: Dim, B: Dim>(
        residuals: &mut Residuals,
        outputs: &Matrix<S, R, B, impl RawStorage<S, R, B>>,
        targets: &[Self],
    ) {
        residuals.record(outputs, targets.as_flattened());
    }

    fn baseline(targets: &[Self], (): ()) -> Baseline {
        Baseline::of_values(targets)
    }

    fn check(&self, sample: usize, (): ()) -> Result<(), DatasetError> {
        match self.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(index) => Err(DatasetError::TargetNotFinite { sample, index, value: self[index].to_f64() }),
        }
    }
}

/// Samples of `I` features, each with its target: a class label (`Y = u32`), a mask with one for each pixel (`Y = [u32; P]`), or
/// `O` values (`Y = [T; O]`).
///
/// The inputs are one matrix `I × samples`, a sample a contiguous column; the targets are one contiguous array. Every
/// value of a data set is finite and every label is a class: whatever makes a data set has checked that.
///
/// ```
/// use nn_runtime::data::Dataset;
///
/// // The exclusive or, as classes and as values.
/// let rows = [[0.0_f32, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let classes = Dataset::<f32, 2, u32>::from_labelled_rows(&rows, &[0, 1, 1, 0], 2)?;
/// let values = Dataset::<f32, 2, [f32; 1]>::from_rows(&rows, &[[0.0], [1.0], [1.0], [0.0]])?;
/// assert_eq!(classes.targets()[1], 1);
/// assert_eq!(values.targets()[1], [1.0]);
///
/// let sizes: Vec<usize> = classes.batches(3).map(|batch| batch.inputs.ncols()).collect();
/// assert_eq!(sizes, [3, 1]);
/// # Ok::<(), nn_runtime::data::DatasetError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<T: Real, const I: usize, Y: Target> {
    inputs: OMatrix<T, Const<I>, Dyn>,
    targets: Vec<Y>,
    domain: Y::Domain,
}

/// Some samples of a data set.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a, T: Real, const I: usize, Y> {
    /// `I × B`, contiguous.
    pub inputs: MatrixView<'a, T, Const<I>, Dyn>,
    /// B targets.
    pub targets: &'a [Y],
}

impl<T: Real, const I: usize> Dataset<T, I, u32> {
    /// A data set of one column a sample, and its class, one of `0..classes`.
    ///
    /// # Errors
    /// If there are not as many labels as columns, a value is not finite or a label is no class.
    pub fn from_labelled_columns(
        inputs: OMatrix<T, Const<I>, Dyn>,
        labels: Vec<u32>,
        classes: usize,
    ) -> Result<Self, DatasetError> {
        Self::checked(inputs, labels, classes)
    }

    /// A data set of one row a sample, as tables have it, and its class, one of `0..classes`.
    ///
    /// # Errors
    /// If a row has not `I` values, and as [`from_labelled_columns`](Self::from_labelled_columns).
    pub fn from_labelled_rows(rows: &[impl AsRef<[T]>], labels: &[u32], classes: usize) -> Result<Self, DatasetError> {
        Self::checked(columns_of(rows)?, labels.to_vec(), classes)
    }

    /// A data set of images, a pixel of 0 to 255 becoming a feature of 0 to 1.
    ///
    /// # Errors
    /// If an image has not `I` pixels.
    pub fn from_images(images: &LabelledImages) -> Result<Self, DatasetError> {
        let (height, width) = (images.height(), images.width());
        if height * width != I {
            return Err(DatasetError::Pixels { height, width, expected: I });
        }
        let features = images.pixels().iter().map(|&pixel| T::nearest(f64::from(pixel) / 255.0));
        let inputs = OMatrix::from_iterator_generic(Const, Dyn(images.len()), features);
        let labels = images.labels().iter().map(|&label| u32::from(label)).collect();
        Ok(Self { inputs, targets: labels, domain: images.classes() })
    }

    /// How many classes the labels are of.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.domain
    }
}

impl<T: Real, const I: usize, const O: usize> Dataset<T, I, [T; O]> {
    /// A data set of one column a sample, and a column of target values for each.
    ///
    /// # Errors
    /// If the matrices have not as many columns as each other, or a value is not finite.
    pub fn from_columns(
        inputs: OMatrix<T, Const<I>, Dyn>,
        targets: &OMatrix<T, Const<O>, Dyn>,
    ) -> Result<Self, DatasetError> {
        let mut values = bytemuck::zeroed_vec::<[T; O]>(targets.ncols());
        values.as_flattened_mut().copy_from_slice(targets.as_slice());
        Self::checked(inputs, values, ())
    }

    /// A data set of one row a sample, as tables have it, and a row of target values for each.
    ///
    /// # Errors
    /// If a row has not `I` values or a target not `O`, and as [`from_columns`](Self::from_columns).
    pub fn from_rows(rows: &[impl AsRef<[T]>], targets: &[impl AsRef<[T]>]) -> Result<Self, DatasetError> {
        Self::from_columns(columns_of(rows)?, &columns_of(targets)?)
    }
}

impl<T: Real, const I: usize, const P: usize> Dataset<T, I, [u32; P]> {
    /// A data set of one column a sample, and its mask: a class, one of `0..classes`, for each of P places, mask after mask.
    ///
    /// ```
    /// use nn_runtime::data::Dataset;
    /// use nalgebra::{Const, Dyn, OMatrix};
    ///
    /// // Two images of a row of three pixels.
    /// let images = OMatrix::<f32, Const<3>, Dyn>::from_column_slice(&[0.1, 0.9, 0.8, 0.7, 0.2, 0.1]);
    /// let data = Dataset::<f32, 3, [u32; 3]>::from_masks(images, &[0, 1, 1, 1, 0, 0], 2)?;
    /// assert_eq!(data.targets(), [[0, 1, 1], [1, 0, 0]]);
    /// # Ok::<(), nn_runtime::data::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// If there are not P labels for each column, a value is not finite or a label is no class.
    pub fn from_masks(inputs: OMatrix<T, Const<I>, Dyn>, labels: &[u32], classes: usize) -> Result<Self, DatasetError> {
        let samples = labels.len().checked_div(P).unwrap_or(0);
        if samples != inputs.ncols() || samples * P != labels.len() {
            return Err(DatasetError::Mask { samples: inputs.ncols(), places: P, labels: labels.len() });
        }
        let mut masks = bytemuck::zeroed_vec::<[u32; P]>(samples);
        masks.as_flattened_mut().copy_from_slice(labels);
        Self::checked(inputs, masks, classes)
    }

    /// How many classes the labels are of.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.domain
    }
}

impl<T: Real, const I: usize, Y: Target> Dataset<T, I, Y> {
    fn checked(inputs: OMatrix<T, Const<I>, Dyn>, targets: Vec<Y>, domain: Y::Domain) -> Result<Self, DatasetError> {
        if inputs.ncols() != targets.len() {
            return Err(DatasetError::Counts { inputs: inputs.ncols(), targets: targets.len() });
        }
        if let Some(at) = inputs.as_slice().iter().position(|value| !value.is_finite()) {
            let value = inputs.as_slice()[at].to_f64();
            return Err(DatasetError::InputNotFinite { sample: at / I, feature: at % I, value });
        }
        targets.iter().enumerate().try_for_each(|(sample, target)| target.check(sample, domain))?;
        Ok(Self { inputs, targets, domain })
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// What all targets have in common.
    #[must_use]
    pub fn domain(&self) -> Y::Domain {
        self.domain
    }

    /// Every input, `I × samples`.
    #[must_use]
    pub fn inputs(&self) -> &OMatrix<T, Const<I>, Dyn> {
        &self.inputs
    }

    /// The values of every input, to be changed in place.
    pub(super) fn inputs_mut(&mut self) -> &mut [T] {
        self.inputs.as_mut_slice()
    }

    /// Every target.
    #[must_use]
    pub fn targets(&self) -> &[Y] {
        &self.targets
    }

    /// One sample and its target.
    #[must_use]
    pub fn get(&self, sample: usize) -> Option<(MatrixView<'_, T, Const<I>, U1>, &Y)> {
        self.targets.get(sample).map(|target| (self.inputs.column(sample), target))
    }

    /// A copy of the samples `indices`, in that order; an index may come several times, as in a bootstrap.
    ///
    /// ```
    /// use nn_runtime::data::Dataset;
    ///
    /// let data = Dataset::<f32, 1, u32>::from_labelled_rows(&[[0.5], [1.5], [2.5]], &[0, 1, 2], 3)?;
    /// let some = data.select(&[2, 0]);
    /// assert_eq!((some.inputs().as_slice(), some.targets()), (&[2.5, 0.5][..], &[2, 0][..]));
    /// assert_eq!(some.classes(), 3); // also if there is no sample of a class
    /// # Ok::<(), nn_runtime::data::DatasetError>(())
    /// ```
    ///
    /// # Panics
    /// If an index is no sample.
    #[must_use]
    #[track_caller]
    pub fn select(&self, indices: &[usize]) -> Self {
        if let Some(index) = indices.iter().find(|index| **index >= self.len()) {
            panic!("sample {index} is selected, but there are {}", self.len());
        }
        let source = self.inputs.as_slice();
        let values = indices.iter().flat_map(|&sample| source[sample * I..][..I].iter().copied());
        let inputs = OMatrix::from_iterator_generic(Const, Dyn(indices.len()), values);
        let targets = indices.iter().map(|&sample| self.targets[sample]).collect();
        Self { inputs, targets, domain: self.domain }
    }

    /// The first `at` samples and the others, in the order in which they are: [`shuffle`](Self::shuffle) a sorted data
    /// set first.
    ///
    /// # Panics
    /// If there are fewer samples than `at`.
    #[must_use]
    #[track_caller]
    pub fn split_at(mut self, at: usize) -> (Self, Self) {
        let others = self.targets.split_off(at);
        let inputs = self.inputs.columns(at, others.len()).into_owned();
        self.inputs.resize_horizontally_mut(at, T::zero());
        let others = Self { inputs, targets: others, domain: self.domain };
        (self, others)
    }

    /// The first `fraction` of the samples, to the nearest whole number, and the others: `split(0.8)`. See
    /// [`split_at`](Self::split_at), and [`stratified_split`](Self::stratified_split) for random parts.
    ///
    /// # Panics
    /// If `fraction` is not between 0 and 1.
    #[must_use]
    #[track_caller]
    pub fn split(self, fraction: f64) -> (Self, Self) {
        assert!((0.0..=1.0).contains(&fraction), "a data set cannot be split at the fraction {fraction}");
        let at = (fraction * self.len() as f64).round() as usize;
        self.split_at(at)
    }

    /// Brings the samples into a random order, in place (Fisher–Yates). The same generator gives the same order.
    ///
    /// ```
    /// use nn_runtime::data::Dataset;
    /// use rand::{SeedableRng, rngs::ChaCha8Rng};
    ///
    /// let mut data = Dataset::<f32, 1, u32>::from_labelled_rows(&[[0.0], [1.0], [2.0]], &[0, 1, 2], 3)?;
    /// data.shuffle(&mut ChaCha8Rng::seed_from_u64(7));
    /// let (input, &label) = data.get(0).unwrap();
    /// assert_eq!(input[0], label as f32); // inputs and targets move together
    /// # Ok::<(), nn_runtime::data::DatasetError>(())
    /// ```
    pub fn shuffle(&mut self, rng: &mut (impl Rng + ?Sized)) {
        for last in (1..self.len()).rev() {
            let other = rng.random_range(0..=last);
            self.inputs.swap_columns(last, other);
            self.targets.swap(last, other);
        }
    }

    /// The samples in groups of `size`, in order and without a copy; the last group holds what remains.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn batches(&self, size: usize) -> impl ExactSizeIterator<Item = Batch<'_, T, I, Y>> {
        self.targets
            .chunks(size)
            .enumerate()
            .map(move |(batch, targets)| Batch { inputs: self.inputs.columns(batch * size, targets.len()), targets })
    }

    /// Copies the samples `indices`, in that order, one contiguous column after another. Allocates nothing.
    ///
    /// # Panics
    /// If an index is no sample, or the buffers do not hold exactly `indices.len()` samples: `I` inputs and one target
    /// each.
    pub fn gather(&self, indices: &[usize], inputs: &mut [T], targets: &mut [Y]) {
        assert_eq!(inputs.len(), I * indices.len(), "the input buffer does not fit the batch");
        assert_eq!(targets.len(), indices.len(), "the target buffer does not fit the batch");
        let source = self.inputs.as_slice();
        for (batch, &sample) in indices.iter().enumerate() {
            inputs[batch * I..][..I].copy_from_slice(&source[sample * I..][..I]);
            targets[batch..=batch].copy_from_slice(&self.targets[sample..=sample]);
        }
    }
}

/// Rows of `N` values as columns.
fn columns_of<T: Real, const N: usize>(rows: &[impl AsRef<[T]>]) -> Result<OMatrix<T, Const<N>, Dyn>, DatasetError> {
    let mut values = Vec::with_capacity(N * rows.len());
    for (row, found) in rows.iter().map(AsRef::as_ref).enumerate() {
        if found.len() != N {
            return Err(DatasetError::RowLength { row, expected: N, found: found.len() });
        }
        values.extend_from_slice(found);
    }
    Ok(OMatrix::from_vec_generic(Const, Dyn(rows.len()), values))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::data::Idx;

    /// Sample k is (k, −k) with label k modulo 3.
    fn labelled(len: usize) -> Dataset<f32, 2, u32> {
        let rows: Vec<_> = (0..len).map(|k| [k as f32, -(k as f32)]).collect();
        let labels: Vec<_> = (0..len as u32).map(|k| k % 3).collect();
        Dataset::from_labelled_rows(&rows, &labels, 3).unwrap()
    }

    fn first_features<Y: Target>(data: &Dataset<f32, 2, Y>) -> Vec<f32> {
        data.inputs().row(0).iter().copied().collect()
    }

    #[test]
    fn samples_are_contiguous_columns_with_their_targets() {
        let data = labelled(4);
        assert_eq!(data.inputs().as_slice(), [0., 0., 1., -1., 2., -2., 3., -3.]);
        assert_eq!((data.targets(), data.len(), data.classes()), (&[0, 1, 2, 0][..], 4, 3));
        let (input, &label) = data.get(2).unwrap();
        assert_eq!((input.as_slice(), label), (&[2., -2.][..], 2));
        assert!(data.get(4).is_none());
    }

    #[test]
    fn values_are_targets_of_static_length() {
        let inputs = OMatrix::<f64, Const<1>, Dyn>::from_vec(vec![1., 2.]);
        let targets = OMatrix::<f64, Const<3>, Dyn>::from_vec(vec![1., 2., 3., 4., 5., 6.]);
        let data = Dataset::from_columns(inputs, &targets).unwrap();
        assert_eq!(data.targets(), [[1., 2., 3.], [4., 5., 6.]]);
        let rows = Dataset::from_rows(&[[1.], [2.]], &[vec![1., 2., 3.], vec![4., 5., 6.]]).unwrap();
        assert_eq!(data, rows);
    }

    #[test]
    fn pixels_become_fractions() {
        let images = Idx::from_bytes(&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 51, 255]).unwrap();
        let labels = Idx::from_bytes(&[0, 0, 8, 1, 0, 0, 0, 1, 4]).unwrap();
        let images = LabelledImages::new(images, labels, 10).unwrap();
        let data = Dataset::<f64, 3, u32>::from_images(&images).unwrap();
        assert_eq!(data.inputs().as_slice(), [0.0, 0.2, 1.0]);
        assert_eq!((data.targets(), data.classes()), (&[4][..], 10));
        assert_eq!(
            Dataset::<f32, 4, u32>::from_images(&images).unwrap_err().to_string(),
            "images of 1×3 pixels give 3 features, expected 4"
        );
    }

    #[test]
    fn errors() {
        let message = |rows: &[Vec<f32>], labels: &[u32]| {
            Dataset::<f32, 2, u32>::from_labelled_rows(rows, labels, 3).unwrap_err().to_string()
        };
        let good = || vec![0.0, 1.0];
        assert_eq!(message(&[good(), vec![1.0]], &[0, 1]), "row 1 has 1 values, expected 2");
        assert_eq!(message(&[good(), good()], &[0]), "2 inputs but 1 targets");
        assert_eq!(
            message(&[good(), vec![0.0, f32::NAN]], &[0, 1]),
            "sample 1 has NaN as feature 1: every value must be finite"
        );
        assert_eq!(
            message(&[vec![f32::NEG_INFINITY, 0.0]], &[0]),
            "sample 0 has -inf as feature 0: every value must be finite"
        );
        assert_eq!(message(&[good(), good()], &[2, 3]), "sample 1 has label 3, which is out of range for 3 classes");
        let values = Dataset::<f32, 1, [f32; 2]>::from_rows(&[[0.0]], &[[0.0, f32::INFINITY]]);
        assert_eq!(
            values.unwrap_err().to_string(),
            "sample 0 has inf as value 1 of its target: every value must be finite"
        );
        assert_eq!(DatasetError::Empty.to_string(), "the data set is empty");
    }

    #[test]
    fn errors_travel_between_threads() {
        fn check<E: std::error::Error + Send + Sync + 'static>() {}
        check::<DatasetError>();
    }

    #[test]
    fn splits_keep_every_sample_in_order() {
        for at in 0..=5 {
            let (first, others) = labelled(5).split_at(at);
            assert_eq!((first.len(), others.len(), others.classes()), (at, 5 - at, 3));
            assert_eq!([first_features(&first), first_features(&others)].concat(), [0., 1., 2., 3., 4.]);
            assert_eq!([first.targets(), others.targets()].concat(), labelled(5).targets());
        }
        let sizes = |fraction| {
            let (first, others) = labelled(5).split(fraction);
            (first.len(), others.len())
        };
        assert_eq!([0.0, 0.25, 0.5, 0.8, 1.0].map(sizes), [(0, 5), (1, 4), (3, 2), (4, 1), (5, 0)]);
    }

    #[test]
    #[should_panic(expected = "a data set cannot be split at the fraction 1.5")]
    fn a_fraction_is_at_most_one() {
        let _ = labelled(2).split(1.5);
    }

    #[test]
    fn shuffling_is_reproducible_and_moves_targets_along() {
        let shuffled = |seed| {
            let mut data = labelled(100);
            data.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
            data
        };
        let data = shuffled(1);
        assert_eq!(data, shuffled(1));
        assert_ne!(data, shuffled(2));
        for (input, &label) in (0..100).filter_map(|k| data.get(k)) {
            assert_eq!((input[1], input[0] as u32 % 3), (-input[0], label));
        }
        let mut features = first_features(&data);
        features.sort_by(f32::total_cmp);
        assert_eq!(features, first_features(&labelled(100)));
    }

    /// Every order of four samples should come up as often as any other: 24 orders, 24,000 trials, σ ≈ 31.
    #[test]
    fn every_order_is_equally_likely() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut counts = std::collections::HashMap::new();
        for _ in 0..24_000 {
            let mut data = labelled(4);
            data.shuffle(&mut rng);
            *counts.entry(first_features(&data).iter().map(|&k| k as u8).collect::<Vec<_>>()).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    #[test]
    fn batches_are_views_and_the_last_one_is_shorter() {
        let data = labelled(7);
        let batches: Vec<_> = data.batches(3).collect();
        assert_eq!(batches.iter().map(|batch| batch.targets.len()).collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(batches[1].inputs.as_ptr(), &raw const data.inputs()[(0, 3)]);
        assert_eq!(batches[2].inputs.as_slice(), [6., -6.]);
        assert_eq!(batches[2].targets, [0]);
        assert_eq!(labelled(0).batches(3).len(), 0);
    }

    #[test]
    fn gathers_any_samples_in_any_order() {
        let (mut inputs, mut targets) = ([9.0; 6], [9; 3]);
        labelled(5).gather(&[4, 0, 4], &mut inputs, &mut targets);
        assert_eq!((inputs, targets), ([4., -4., 0., 0., 4., -4.], [1, 0, 1]));
    }

    #[test]
    fn selects_any_samples_in_any_order() {
        let some = labelled(5).select(&[4, 0, 4]);
        assert_eq!((some.inputs().as_slice(), some.targets()), (&[4., -4., 0., 0., 4., -4.][..], &[1, 0, 1][..]));
        assert!(labelled(5).select(&[]).is_empty());
        assert_eq!(labelled(5).select(&[0, 1, 2, 3, 4]), labelled(5));
    }

    #[test]
    #[should_panic(expected = "sample 2 is selected, but there are 2")]
    fn select_refuses_what_is_no_sample() {
        let _ = labelled(2).select(&[2]);
    }

    #[test]
    #[should_panic(expected = "the input buffer does not fit the batch")]
    fn gather_refuses_a_buffer_of_another_length() {
        labelled(5).gather(&[1], &mut [0.0; 3], &mut [0]);
    }
}
