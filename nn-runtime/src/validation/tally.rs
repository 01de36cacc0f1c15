//! What is counted while outputs come in batch by batch.

use nalgebra::{Dyn, MatrixView};

use super::Scores;
use crate::data::Target;
use crate::losses::{Loss, TargetError, mean_loss};
use crate::metrics::{ConfusionMatrix, Residuals};
use crate::{Network, Real};

/// The loss of outputs, and what their targets allow beside it, batch after batch.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    rows: usize,
    loss: f64,
    samples: usize,
    pub(crate) confusion: Option<ConfusionMatrix>,
    pub(crate) residuals: Option<Residuals>,
}

impl Tally {
    /// Of outputs that are one column of `rows` values a sample.
    pub(crate) fn new<Y: Target>(rows: usize, domain: Y::Domain) -> Self {
        let classes = rows / Y::PLACES.max(1);
        Self {
            confusion: Y::classes(domain).map(|_| ConfusionMatrix::new(classes)),
            residuals: Y::VALUES.filter(|values| *values == rows).map(Residuals::new),
            ..Self::of_loss(rows)
        }
    }

    /// Of the outputs of a network: with several of them nothing but the loss.
    pub(crate) fn of_network<N: Network, Y: Target>(rows: usize, domain: Y::Domain) -> Self {
        if N::OUTPUTS.len() == 1 { Self::new::<Y>(rows, domain) } else { Self::of_loss(rows) }
    }

    fn of_loss(rows: usize) -> Self {
        Self { rows, loss: 0.0, samples: 0, confusion: None, residuals: None }
    }

    /// Counts a batch.
    pub(crate) fn add<T: Real, Y: Target>(
        &mut self,
        loss: &impl Loss<T, Y::Element>,
        outputs: &[T],
        targets: &[Y],
    ) -> Result<(), TargetError> {
        let mean = mean_loss(loss, outputs, Y::elements(targets), self.rows)?;
        let columns = MatrixView::from_slice_generic(outputs, Dyn(self.rows), Dyn(targets.len()));
        if let Some(confusion) = &mut self.confusion {
            Y::record(confusion, &columns, targets);
        }
        if let Some(residuals) = &mut self.residuals {
            match loss.predictions(outputs, self.rows) {
                Some(predictions) => {
                    let columns = MatrixView::from_slice_generic(&predictions, Dyn(self.rows), Dyn(targets.len()));
                    Y::record_residuals(residuals, &columns, targets);
                }
                None => self.residuals = None,
            }
        }
        self.loss += mean.to_f64() * targets.len() as f64;
        self.samples += targets.len();
        Ok(())
    }

    /// The mean loss.
    pub(crate) fn loss(&self) -> f64 {
        self.loss / self.samples as f64
    }

    /// All in a few numbers.
    pub(crate) fn scores(&self) -> Scores {
        Scores {
            loss: self.loss(),
            accuracy: self.confusion.as_ref().map(ConfusionMatrix::accuracy),
            mean_absolute_error: self.residuals.as_ref().map(Residuals::mean_absolute_error),
            r2: self.residuals.as_ref().map(Residuals::r2),
        }
    }
}
