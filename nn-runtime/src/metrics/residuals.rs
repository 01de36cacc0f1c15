//! How far outputs are from values.

use nalgebra::{Dim, Matrix, RawStorage};

use crate::Real;

/// What outputs leave unexplained of their targets: the mean squared error, the mean absolute error and R², of each output and of
/// all, from batches that are added up.
///
/// With the prediction `y` and the target `t` of n samples and the mean `t̄` of the targets:
///
/// ```text
/// MSE = 1/n Σ (t − y)²        MAE = 1/n Σ |t − y|        R² = 1 − Σ (t − y)² / Σ (t − t̄)²
/// ```
///
/// R², the coefficient of determination (Wright, “Correlation and causation”, 1921), is 1 where the prediction is perfect, 0 for
/// the mean of the targets, and below for anything worse. Where the targets are constant the quotient is none: R² is then 1 if the
/// prediction is perfect and 0 if not, as scikit-learn has it. Over several outputs all three are the mean of those of each.
/// Everything is summed in `f64`. A NaN among the outputs makes the numbers of that output NaN.
///
/// ```
/// use nalgebra::Matrix1x4;
/// use nn_runtime::metrics::Residuals;
///
/// let outputs = Matrix1x4::new(2.5, 0.0, 2.0, 8.0);
/// let residuals = Residuals::of(&outputs, &[3.0, -0.5, 2.0, 7.0]);
/// assert_eq!(residuals.mean_squared_error(), 0.375);
/// assert_eq!(residuals.mean_absolute_error(), 0.5);
/// assert!((residuals.r2() - 0.948_608_137).abs() < 1e-9);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Residuals {
    samples: u64,
    outputs: Vec<Sums>,
}

/// The sums of one output.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    squared: f64,
    absolute: f64,
    /// The mean of the targets so far.
    mean: f64,
    /// `Σ (t − t̄)²` of the targets so far.
    spread: f64,
}

impl Sums {
    /// By Welford's recurrence, “Note on a method for calculating corrected sums of squares and products” (1962): the spread of
    /// constant targets is exactly 0.
    fn add(&mut self, output: f64, target: f64, samples: u64) {
        self.squared += (target - output).powi(2);
        self.absolute += (target - output).abs();
        let from_old = target - self.mean;
        self.mean += from_old / samples as f64;
        self.spread += from_old * (target - self.mean);
    }

    fn r2(&self, samples: u64) -> f64 {
        if samples < 2 {
            return f64::NAN;
        }
        if self.spread > 0.0 || self.squared.is_nan() {
            return 1.0 - self.squared / self.spread;
        }
        if self.squared == 0.0 { 1.0 } else { 0.0 }
    }
}

impl Residuals {
    /// No sample yet, of so many outputs.
    #[must_use]
    pub fn new(outputs: usize) -> Self {
        Self { samples: 0, outputs: vec![Sums::default(); outputs] }
    }

    /// Those of one batch: one column of outputs a sample; the targets lie one behind the other, sample after sample.
    ///
    /// # Panics
    /// If there is not one target for each output.
    #[must_use]
    pub fn of<T: Real, S: Real, O: Dim, B: Dim>(
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        targets: &[S],
    ) -> Self {
        let mut residuals = Self::new(outputs.nrows());
        residuals.record(outputs, targets);
        residuals
    }

    /// Adds a batch: one column of outputs a sample; the targets lie one behind the other, sample after sample.
    ///
    /// # Panics
    /// If there are not as many outputs as this is for, or not one target for each.
    pub fn record<T: Real, S: Real, O: Dim, B: Dim>(
        &mut self,
        outputs: &Matrix<T, O, B, impl RawStorage<T, O, B>>,
        targets: &[S],
    ) {
        assert_eq!(outputs.nrows(), self.outputs.len(), "the outputs are not those that the residuals are of");
        assert_eq!(targets.len(), outputs.len(), "there is not one target for each output");
        for (column, targets) in outputs.column_iter().zip(targets.chunks(outputs.nrows().max(1))) {
            self.samples += 1;
            for ((sums, output), target) in self.outputs.iter_mut().zip(column.iter()).zip(targets) {
                sums.add(output.to_f64(), target.to_f64(), self.samples);
            }
        }
    }

    /// How many samples have been added.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// How many outputs there are.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// The mean squared error; NaN over no sample.
    #[must_use]
    pub fn mean_squared_error(&self) -> f64 {
        self.mean(Self::mean_squared_error_of)
    }

    /// The mean squared error of one output.
    ///
    /// # Panics
    /// If there is no such output.
    #[must_use]
    pub fn mean_squared_error_of(&self, output: usize) -> f64 {
        self.outputs[output].squared / self.samples as f64
    }

    /// The mean absolute error; NaN over no sample.
    #[must_use]
    pub fn mean_absolute_error(&self) -> f64 {
        self.mean(Self::mean_absolute_error_of)
    }

    /// The mean absolute error of one output.
    ///
    /// # Panics
    /// If there is no such output.
    #[must_use]
    pub fn mean_absolute_error_of(&self, output: usize) -> f64 {
        self.outputs[output].absolute / self.samples as f64
    }

    /// The coefficient of determination, the mean of those of each output; NaN over fewer than two samples.
    #[must_use]
    pub fn r2(&self) -> f64 {
        self.mean(Self::r2_of)
    }

    /// The coefficient of determination of one output.
    ///
    /// # Panics
    /// If there is no such output.
    #[must_use]
    pub fn r2_of(&self, output: usize) -> f64 {
        self.outputs[output].r2(self.samples)
    }

    fn mean(&self, of: impl Fn(&Self, usize) -> f64) -> f64 {
        (0..self.outputs.len()).map(|output| of(self, output)).sum::<f64>() / self.outputs.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, Matrix1x3, Matrix2x3};

    use super::*;

    #[test]
    fn batches_add_up() {
        let outputs = DMatrix::<f64>::from_fn(3, 40, |row, column| ((row * 7 + column * 3) % 11) as f64);
        let targets: Vec<f64> = (0..120).map(|k| f64::from(k * k % 13)).collect();
        let whole = Residuals::of(&outputs, &targets);
        let mut parts = Residuals::new(3);
        for start in [0, 10, 30] {
            let len = if start == 0 {
                10
            } else if start == 10 {
                20
            } else {
                10
            };
            parts.record(&outputs.columns(start, len), &targets[3 * start..][..3 * len]);
        }
        assert_eq!((parts.samples(), parts.outputs()), (40, 3));
        assert_eq!(whole, parts);
    }

    #[test]
    fn outputs_count_alike_whatever_their_scale() {
        let residuals =
            Residuals::of(&Matrix2x3::new(1.0, 2.0, 3.0, 0.0, 0.0, 0.0), &[1.0, 100.0, 2.0, 200.0, 3.0, 300.0]);
        assert_eq!((residuals.r2_of(0), residuals.r2_of(1)), (1.0, 1.0 - 140_000.0 / 20_000.0));
        assert_eq!(residuals.r2(), f64::midpoint(1.0, -6.0));
        assert_eq!((residuals.mean_absolute_error(), residuals.mean_absolute_error_of(1)), (100.0, 200.0));
        assert_eq!(residuals.mean_squared_error_of(0), 0.0);
    }

    #[test]
    fn constant_targets_are_predicted_or_not() {
        assert_eq!(Residuals::of(&Matrix1x3::repeat(0.1), &[0.1; 3]).r2(), 1.0);
        assert_eq!(Residuals::of(&Matrix1x3::new(0.1, 0.1, 0.2), &[0.1; 3]).r2(), 0.0);
    }

    #[test]
    fn too_few_samples_and_nan_give_nan() {
        assert!(Residuals::of(&DMatrix::<f64>::zeros(1, 1), &[1.0]).r2().is_nan());
        let none = Residuals::new(2);
        assert!(none.mean_squared_error().is_nan() && none.mean_absolute_error().is_nan() && none.r2().is_nan());
        let nan = Residuals::of(&Matrix1x3::new(f32::NAN, 1.0, 1.0), &[1.0; 3]);
        assert!(nan.mean_squared_error().is_nan() && nan.mean_absolute_error().is_nan() && nan.r2().is_nan());
    }

    #[test]
    #[should_panic(expected = "there is not one target for each output")]
    fn each_output_has_a_target() {
        let _ = Residuals::of(&Matrix1x3::repeat(0.0), &[0.0; 2]);
    }
}
