//! Which learning rates a training can be begun with.

use core::fmt;

use nalgebra::Const;

use super::run::Run;
use super::{TrainError, Trainer};
use crate::data::{Dataset, Target};
use crate::losses::Loss;
use crate::optimizers::Optimizer;
use crate::{Buffer, Trainable};

/// The learning rates that [`Trainer::test_rates`] goes through: `steps` of them, each larger than the one before by the same
/// factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRange {
    /// The first, positive.
    pub from: f64,
    /// The last, larger.
    pub to: f64,
    /// How many there are, at least 2: a batch each.
    pub steps: usize,
}

impl Default for RateRange {
    /// A hundred from 10⁻⁶ to 10.
    fn default() -> Self {
        Self { from: 1e-6, to: 10.0, steps: 100 }
    }
}

/// A batch of a test of learning rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePoint {
    /// The learning rate of its step.
    pub learning_rate: f64,
    /// Its mean loss, before the step.
    pub loss: f64,
    /// The losses up to this one, smoothed: their exponentially weighted mean, of which a step keeps 0.9.
    pub smoothed: f64,
}

/// What a test of learning rates came to. `Display` writes it as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct RateTest {
    /// The batches, up to that whose smoothed loss was more than four times the lowest, or no number.
    pub points: Vec<RatePoint>,
}

impl RateTest {
    /// The learning rate at which the smoothed loss fell fastest over the logarithm of the rate, of those before its lowest;
    /// none if there are fewer than three up to there. One to begin with: a tenth of where the loss is lowest is much the same.
    #[must_use]
    pub fn suggestion(&self) -> Option<f64> {
        let lowest =
            (0..self.points.len()).min_by(|&a, &b| self.points[a].smoothed.total_cmp(&self.points[b].smoothed))?;
        let falls = self.points[..=lowest].windows(3).map(|p| (p[1].learning_rate, p[2].smoothed - p[0].smoothed));
        falls.filter(|&(_, change)| change < 0.0).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(rate, _)| rate)
    }
}

impl fmt::Display for RateTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "learning rate      loss  smoothed")?;
        for RatePoint { learning_rate, loss, smoothed } in &self.points {
            writeln!(f, "{learning_rate:13.3e}  {loss:8.4}  {smoothed:8.4}")?;
        }
        match self.suggestion() {
            Some(rate) => writeln!(f, "suggestion: {rate:.1e}"),
            None => writeln!(f, "no suggestion: the loss did not fall"),
        }
    }
}

/// What the smoothed loss keeps of itself at each batch.
const KEPT: f64 = 0.9;

/// How many times the lowest smoothed loss ends a test.
const TOO_MUCH: f64 = 4.0;

impl<O, P> Trainer<'_, O, P> {
    /// Tries learning rates: trains by each for one batch, from small to large, and notes the loss. Where it falls fastest is a
    /// good rate to begin with; where it rises is too much.
    ///
    /// The network, the optimiser and the trainer are afterwards what they were. A schedule has no part in it; an optimiser that makes
    /// its own step lengths, as [`Rprop`](crate::optimizers::Rprop), learns nothing from it.
    ///
    /// ```
    /// use nn_runtime::losses::MeanSquaredError;
    /// use nn_runtime::optimizers::{Optimizer, Sgd};
    /// use nn_runtime::{RateRange, Trainer};
    /// # use nn_runtime::{TrainError, Trainable, data::Dataset};
    ///
    /// # fn fit<N: Trainable<Scalar = f32, Input = nalgebra::Const<2>>>(
    /// #     net: &mut N,
    /// #     data: &Dataset<f32, 2, [f32; 1]>,
    /// # ) -> Result<(), TrainError> {
    /// let mut trainer = Trainer::new(MeanSquaredError, Sgd::new(0.01)).batch_size(16);
    /// let test = trainer.test_rates(net, data, RateRange { from: 1e-4, to: 1.0, ..RateRange::default() })?;
    /// println!("{test}");
    /// trainer.optimizer().set_learning_rate(test.suggestion().unwrap_or(0.01));
    /// trainer.fit(net, data)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: Smith, “Cyclical learning rates for training neural networks” (2017), section 3.3; stopping and smoothing after
    /// Gugger, “How do you find a good learning rate” (2018).
    ///
    /// # Errors
    /// As [`fit`](Self::fit). That the loss is no number ends the test, and is no error, unless it is the first.
    ///
    /// # Panics
    /// Unless `0 < from < to`, both finite, and there are at least 2 steps.
    pub fn test_rates<N, const I: usize, Y>(
        &mut self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, Y>,
        range: RateRange,
    ) -> Result<RateTest, TrainError>
    where
        N: Trainable<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar> + Clone,
    {
        let RateRange { from, to, steps } = range;
        assert!(from > 0.0 && from < to && to.is_finite(), "learning rates from {from:?} to {to:?} are no range");
        assert!(steps > 1, "a range has at least 2 steps, found {steps}");
        let mut before = Buffer::<N::Scalar>::zeroed(N::LEN);
        before.copy_from_slice(net.as_flat());
        let (optimizer, random, place) = (self.optimizer.clone(), self.random.clone(), self.place);
        let (pace, resumed, early_stopping) = (self.pace.take(), self.resumed.take(), self.early_stopping.take());
        let test = Run::new(self, net, data, None).and_then(|run| self.steps(run, net, range));
        net.as_flat_mut().copy_from_slice(&before);
        (self.optimizer, self.random, self.place) = (optimizer, random, place);
        (self.pace, self.resumed, self.early_stopping) = (pace, resumed, early_stopping);
        test
    }

    fn steps<N, const I: usize, Y>(
        &mut self,
        mut run: Run<'_, N, I, Y>,
        net: &mut N,
        RateRange { from, to, steps }: RateRange,
    ) -> Result<RateTest, TrainError>
    where
        N: Trainable<Input = Const<I>>,
        Y: Target,
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        let mut points: Vec<RatePoint> = Vec::with_capacity(steps);
        let (mut mean, mut lowest) = (0.0, f64::INFINITY);
        run.shuffle(self);
        while points.len() < steps {
            let Some((loss, _)) = run.gradient(self, net)? else {
                run.shuffle(self);
                continue;
            };
            let k = points.len();
            if !loss.is_finite() && k == 0 {
                return Err(TrainError::Diverged { epoch: 1, batch: 1, loss });
            }
            mean = KEPT * mean + (1.0 - KEPT) * loss;
            let smoothed = mean / (1.0 - KEPT.powi(k as i32 + 1));
            if !smoothed.is_finite() || smoothed > TOO_MUCH * lowest {
                break;
            }
            lowest = lowest.min(smoothed);
            let learning_rate = from * (to / from).powf(k as f64 / (steps - 1) as f64);
            points.push(RatePoint { learning_rate, loss, smoothed });
            self.optimizer.set_learning_rate(learning_rate);
            if !run.update(self, net, loss, learning_rate) {
                break;
            }
        }
        Ok(RateTest { points })
    }
}
