//! The losses of a training, in bounded memory.

/// The losses after some epochs: all of them at first, and ever fewer of a longer training.
///
/// ```
/// use playground::curve::Curve;
///
/// let mut curve = Curve::default();
/// (0..100_000).for_each(|epoch| curve.push(epoch, f64::from(epoch as u32)));
/// assert!(curve.points().len() <= Curve::MOST);
/// assert_eq!(curve.points()[0], (0.0, 0.0));
/// assert!(curve.points().iter().all(|(epoch, loss)| epoch == loss));
/// ```
#[derive(Clone, Debug)]
pub struct Curve {
    points: Vec<(f64, f64)>,
    /// From one epoch that is kept to the next.
    stride: usize,
}

impl Default for Curve {
    /// Of no epoch.
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1 }
    }
}

impl Curve {
    /// How many points it has at most.
    pub const MOST: usize = 512;

    /// Takes note of the loss after an epoch, if it is one that is kept. Where that fills the curve, every second point goes.
    pub fn push(&mut self, epoch: usize, loss: f64) {
        if !epoch.is_multiple_of(self.stride) {
            return;
        }
        self.points.push((epoch as f64, loss));
        if self.points.len() == Self::MOST {
            self.stride *= 2;
            let stride = self.stride as f64;
            self.points.retain(|(epoch, _)| epoch % stride == 0.0);
        }
    }

    /// Pairs of an epoch and the loss after it.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// The largest loss; 0 if there is none.
    #[must_use]
    pub fn highest(&self) -> f64 {
        self.points.iter().fold(0.0, |highest, &(_, loss)| loss.max(highest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_spread_evenly() {
        let mut curve = Curve::default();
        (0..5000).for_each(|epoch| curve.push(epoch, 1.0));
        let epochs: Vec<_> = curve.points().iter().map(|&(epoch, _)| epoch).collect();
        assert!(epochs.windows(2).all(|pair| pair[1] - pair[0] == 16.0), "{epochs:?}");
        assert!(epochs.len() > Curve::MOST / 2 && epochs[epochs.len() - 1] > 4980.0);
    }
}
