//! Ending a training when it brings nothing more.

use crate::settings::non_negative;
use crate::{Flat, Network, Real, StateVisitor};

/// Ends a training when the loss has not improved for some epochs, and restores the best parameters.
///
/// The loss is that on the validation set ([`Trainer::fit_and_validate`](crate::Trainer::fit_and_validate)), or without one that
/// of training. An epoch is better than the best one, if its loss is more than `min_delta` below; a loss of NaN never is. At the
/// end of `fit`, however it came about, the network has the parameters and running statistics of the best epoch, unless
/// [`keep_last`](Self::keep_last) says otherwise; [`History::best`](crate::History::best) says which that was.
///
/// It costs a copy of the network, made at the beginning of a `fit`.
///
/// Source: Prechelt, “Early stopping – but when?” (1998).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    patience: usize,
    min_delta: f64,
    restores: bool,
}

impl EarlyStopping {
    /// Ends after `patience` epochs in a row that are no better than the best.
    ///
    /// # Panics
    /// If `patience` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(patience: usize) -> Self {
        assert!(patience > 0, "the patience must be at least 1 epoch");
        Self { patience, min_delta: 0.0, restores: true }
    }

    /// How much lower than the best a loss has to be.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.min_delta = non_negative("min_delta", min_delta);
        self
    }

    /// Leaves the parameters of the last epoch.
    #[must_use]
    pub fn keep_last(mut self) -> Self {
        self.restores = false;
        self
    }
}

/// The best epoch of a `fit` so far, and its network.
pub(super) struct Best<N: Network> {
    rule: EarlyStopping,
    loss: f64,
    epoch: u64,
    waited: u64,
    net: Option<Box<N>>,
}

impl<N: Network> Best<N> {
    /// Before the first epoch of `net`.
    pub fn new(rule: EarlyStopping, net: &N) -> Self {
        let copy = || {
            let mut copy = N::zeroed_box();
            copy.copy_from(net);
            copy
        };
        Self { rule, loss: f64::INFINITY, epoch: 0, waited: 0, net: rule.restores.then(copy) }
    }

    /// Takes note of what an epoch came to.
    pub fn observe(&mut self, epoch: usize, loss: f64, net: &N) {
        if loss < self.loss - self.rule.min_delta {
            (self.loss, self.epoch, self.waited) = (loss, epoch as u64, 0);
            if let Some(best) = &mut self.net {
                best.copy_from(net);
            }
        } else {
            self.waited += 1;
        }
    }

    /// Whether it has waited long enough.
    pub fn is_over(&self) -> bool {
        self.waited >= self.rule.patience as u64
    }

    /// Gives `net` the best parameters, if there was an epoch with a loss.
    pub fn restore(&self, net: &mut N) {
        if let (Some(best), true) = (&self.net, self.epoch > 0) {
            net.copy_from(best);
        }
    }

    /// The number of the best epoch, if there was one.
    pub fn epoch(&self) -> Option<usize> {
        (self.epoch > 0).then_some(self.epoch as usize)
    }

    pub fn visit_state<T: Real>(&mut self, visitor: &mut dyn StateVisitor<T>)
    where
        N: Flat<T>,
    {
        visitor.number("loss", &mut self.loss);
        visitor.count("epoch", &mut self.epoch);
        visitor.count("waited", &mut self.waited);
        if let Some(net) = &mut self.net {
            visitor.values("network", net.as_flat_mut());
        }
    }
}
