//! What a training did.

use core::fmt;

use super::{Epoch, Score};

/// What a training did, epoch by epoch. `Display` writes it as a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs, in order. The last one has fewer samples than the others if an observer stopped it.
    pub epochs: Vec<Epoch>,
    /// The number of the epoch with the lowest loss, by the measure of [`EarlyStopping`](crate::EarlyStopping), if that was asked
    /// for.
    pub best: Option<usize>,
}

impl History {
    /// The last epoch, if there was one.
    #[must_use]
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let validated = self.epochs.iter().any(|epoch| epoch.validation.is_some());
        write!(f, "epoch      loss  accuracy")?;
        writeln!(f, "{}", if validated { "  validation loss  accuracy" } else { "" })?;
        for epoch in &self.epochs {
            let Epoch { number, loss, accuracy, .. } = *epoch;
            write!(f, "{number:5}  {loss:8.4}  {:>8}", share(accuracy))?;
            if let Some(Score { loss, accuracy }) = epoch.validation {
                write!(f, "  {loss:15.4}  {:>8}", share(accuracy))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// An accuracy, or a dash where there is none.
fn share(accuracy: Option<f64>) -> String {
    accuracy.map_or_else(|| "–".into(), |accuracy| format!("{accuracy:.4}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: usize, accuracy: Option<f64>, validation: Option<Score>) -> Epoch {
        Epoch { number, epochs: 2, loss: 0.5, accuracy, validation, samples: 10, seconds: 1.0, learning_rate: 0.1 }
    }

    #[test]
    fn display_is_a_table_with_a_line_for_each_epoch() {
        let history = History { epochs: vec![epoch(1, Some(0.25), None), epoch(2, None, None)], best: None };
        let expected = "epoch      loss  accuracy\n    1    0.5000    0.2500\n    2    0.5000         –\n";
        assert_eq!(history.to_string(), expected);
    }

    #[test]
    fn validation_has_columns_of_its_own() {
        let score = Score { loss: 1.0, accuracy: Some(0.5) };
        let history = History { epochs: vec![epoch(1, Some(0.25), Some(score))], best: None };
        let expected = "epoch      loss  accuracy  validation loss  accuracy\n    1    0.5000    0.2500           1.0000    0.5000\n";
        assert_eq!(history.to_string(), expected);
    }
}
