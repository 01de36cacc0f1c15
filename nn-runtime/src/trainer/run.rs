//! One `fit`: what it needs for a while, and its epochs.

use core::ops::Range;
use std::sync::Mutex;
use std::time::Instant;

use nalgebra::{Const, DimName};

use super::checkpoint::Contents;
use super::early_stopping::Best;
use super::mixup::{Mixed, mix_columns};
use super::{Epoch, History, TrainError, Trainer, check, confusion_matrix, measure, tell};
use crate::data::{Batch, Dataset, ShuffledBatches, Target};
use crate::losses::Loss;
use crate::metrics::ConfusionMatrix;
use crate::optimizers::{Optimizer, clip_by_norm, clip_by_value};
use crate::{Buffer, Real, StateVisitor, TensorInfo, Trainable, Training, regularizers};

/// The buffers of a `fit`, and what it keeps from one epoch to the next.
pub(super) struct Run<'d, N: Trainable, const I: usize, Y: Target> {
    training: Training<N>,
    batches: ShuffledBatches<'d, N::Scalar, I, Y>,
    validation: Option<&'d Dataset<N::Scalar, I, Y>>,
    confusion: Option<ConfusionMatrix>,
    /// The tensors that the penalty and the largest norm are for.
    weights: Vec<TensorInfo>,
    /// The targets of the samples that mixup adds, and room for the gradient of their loss.
    partners: Vec<Y>,
    partners_d_y: Mutex<Buffer<N::Scalar>>,
    best: Option<Best<N>>,
    /// What tells the inputs of the data from others; for checkpoints.
    fingerprint: u64,
    history: History,
}

/// The weights of a network but for those that lie in frozen ranges.
fn changing_weights<N: Trainable>(frozen: &[Range<usize>]) -> Vec<TensorInfo> {
    let is_frozen = |tensor: &TensorInfo| frozen.iter().any(|range| range.contains(&tensor.offset));
    regularizers::weights::<N>().into_iter().filter(|tensor| !is_frozen(tensor)).collect()
}

/// What an epoch adds up.
#[derive(Default)]
struct Sums {
    loss: f64,
    samples: usize,
    batches: usize,
}

impl Sums {
    fn add(&mut self, loss: f64, samples: usize) {
        self.loss += loss * samples as f64;
        self.samples += samples;
        self.batches += 1;
    }
}

/// How many epochs a history has room for at first.
const MOST_RESERVED: usize = 1024;

impl<'d, N, const I: usize, Y> Run<'d, N, I, Y>
where
    N: Trainable<Input = Const<I>>,
    Y: Target,
{
    /// Checks that the data fit, makes the buffers, and takes over a checkpoint if there is one.
    pub fn new<O, P>(
        trainer: &mut Trainer<'_, O, P>,
        net: &mut N,
        data: &'d Dataset<N::Scalar, I, Y>,
        validation: Option<&'d Dataset<N::Scalar, I, Y>>,
    ) -> Result<Self, TrainError>
    where
        P: Optimizer<N::Scalar>,
    {
        check(data, N::Output::DIM)?;
        validation.map_or(Ok(()), |validation| check(validation, N::Output::DIM))?;
        trainer.check_augmentation(I, Y::PLACES)?;
        if let Some(made_for) = trainer.optimizer.network().filter(|made_for| *made_for != N::NAME) {
            return Err(TrainError::Optimizer { made_for, network: N::NAME });
        }
        let most = trainer.batch_size.min(data.len());
        let mixed = if trainer.mixup.is_some() { most } else { 0 };
        trainer.optimizer.prepare(N::LEN - N::BUFFERS_LEN);
        let mut run = Self {
            training: Training::new(most).shards(trainer.shards),
            batches: ShuffledBatches::new(data, most),
            validation,
            confusion: confusion_matrix::<N, Y>(data.domain()),
            weights: changing_weights::<N>(trainer.optimizer.frozen()),
            partners: data.targets()[..mixed].to_vec(),
            partners_d_y: Mutex::new(Buffer::zeroed(N::OUTPUT.len * mixed)),
            best: trainer.early_stopping.map(|rule| Best::new(rule, net)),
            fingerprint: 0,
            history: History { epochs: Vec::with_capacity(trainer.epochs.min(MOST_RESERVED)), best: None },
        };
        if trainer.checkpoint.is_some() || trainer.resumed.is_some() {
            run.fingerprint = run.batches.fingerprint();
        }
        run.resume(trainer, net)?;
        Ok(run)
    }

    /// Takes over a checkpoint, if there is one; it is still there if it does not fit.
    fn resume<O, P>(&mut self, trainer: &mut Trainer<'_, O, P>, net: &mut N) -> Result<(), TrainError>
    where
        P: Optimizer<N::Scalar>,
    {
        let Some(stored) = trainer.resumed.take() else { return Ok(()) };
        let facts = self.facts(trainer);
        let taken = stored.take_over(net, &facts, &mut |visitor| self.visit_state(trainer, visitor));
        match taken {
            Ok(history) => self.history = history,
            Err(error) => {
                trainer.resumed = Some(stored);
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// What has to be the same for a training to go on, though it is no state.
    fn facts<O, P>(&self, trainer: &Trainer<'_, O, P>) -> [(&'static str, String); 6] {
        [
            ("optimizer", name_of::<P>()),
            ("loss", name_of::<O>()),
            ("batch_size", trainer.batch_size.to_string()),
            ("shards", trainer.shards.to_string()),
            ("samples", self.batches.samples().to_string()),
            ("inputs", format!("{:016x}", self.fingerprint)),
        ]
    }

    /// The epochs that are left; however they end, the network is the best one then, if early stopping asks for it.
    pub fn epochs<O, P>(mut self, trainer: &mut Trainer<'_, O, P>, net: &mut N) -> Result<History, TrainError>
    where
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        let outcome = self.remaining_epochs(trainer, net);
        if let Some(best) = &self.best {
            best.restore(net);
            self.history.best = best.epoch();
        }
        outcome.map(|()| self.history)
    }

    fn remaining_epochs<O, P>(&mut self, trainer: &mut Trainer<'_, O, P>, net: &mut N) -> Result<(), TrainError>
    where
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        for number in self.history.epochs.len() + 1..=trainer.epochs {
            if self.best.as_ref().is_some_and(Best::is_over) {
                break;
            }
            let (epoch, stopped) = self.epoch(number, trainer, net)?;
            self.history.epochs.push(epoch);
            // A part of an epoch says nothing of the whole, and cannot be gone on with.
            if !stopped {
                self.take_note(&epoch, trainer, net)?;
            }
            let ended = tell(&mut trainer.observers, |observer| observer.epoch(&epoch));
            if stopped || ended {
                break;
            }
        }
        Ok(())
    }

    /// What follows a whole epoch: the schedule and early stopping hear of it, and a checkpoint is written.
    fn take_note<O, P>(&mut self, epoch: &Epoch, trainer: &mut Trainer<'_, O, P>, net: &N) -> Result<(), TrainError>
    where
        P: Optimizer<N::Scalar>,
    {
        trainer.place.epochs += 1;
        let loss = epoch.validation.map_or(epoch.loss, |score| score.loss);
        if let Some(pace) = &mut trainer.pace {
            pace.schedule.observe(loss);
        }
        if let Some(best) = &mut self.best {
            best.observe(epoch.number, loss, net);
        }
        let Some(path) = trainer.checkpoint.clone() else { return Ok(()) };
        let mut contents = Contents::default();
        contents.network(net);
        contents.history(&self.history);
        contents.facts(&self.facts(trainer));
        contents.state(&mut |visitor| self.visit_state(trainer, visitor));
        Ok(contents.write(&path)?)
    }

    /// All that a training changes beside the network and the history.
    fn visit_state<O, P>(&mut self, trainer: &mut Trainer<'_, O, P>, visitor: &mut dyn StateVisitor<N::Scalar>)
    where
        P: Optimizer<N::Scalar>,
    {
        visitor.group("optimizer", &mut |visitor| trainer.optimizer.visit_state(visitor));
        visitor.group("trainer", &mut |visitor| {
            trainer.random.visit_state(visitor);
            trainer.place.visit_state(visitor);
        });
        if let Some(pace) = &mut trainer.pace {
            visitor.group("schedule", &mut |visitor| {
                for (place, number) in pace.schedule.memory().iter_mut().enumerate() {
                    visitor.number(&place.to_string(), number);
                }
            });
        }
        if let Some(best) = &mut self.best {
            visitor.group("best", &mut |visitor| best.visit_state(visitor));
        }
    }

    /// One epoch, and whether an observer ended it.
    fn epoch<O, P>(
        &mut self,
        number: usize,
        trainer: &mut Trainer<'_, O, P>,
        net: &mut N,
    ) -> Result<(Epoch, bool), TrainError>
    where
        O: Loss<N::Scalar, Y::Element>,
        P: Optimizer<N::Scalar>,
    {
        let start = Instant::now();
        let (mut sums, mut stopped) = (Sums::default(), false);
        if let Some(confusion) = &mut self.confusion {
            confusion.clear();
        }
        self.batches.shuffle(&mut trainer.random.order);
        self.training.reseed(trainer.random.noise.bits());
        let mut learning_rate = trainer.optimizer.learning_rate();
        while let Some((loss, samples)) = self.gradient(trainer, net)? {
            if !loss.is_finite() {
                return Err(TrainError::Diverged { epoch: number, batch: sums.batches + 1, loss });
            }
            learning_rate = trainer.learning_rate();
            if !self.update(trainer, net, loss, learning_rate) {
                return Err(TrainError::Gradient { epoch: number, batch: sums.batches + 1 });
            }
            sums.add(loss, samples);
            let progress = trainer.progress(number, sums.samples, self.batches.samples(), loss);
            stopped = tell(&mut trainer.observers, |observer| observer.batch(&progress));
            if stopped {
                break;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        let validation = match self.validation {
            Some(validation) => Some(measure(trainer.pool, net, validation, &trainer.loss)?.scores().into()),
            None => None,
        };
        let epoch = Epoch {
            number,
            epochs: trainer.epochs,
            loss: sums.loss / sums.samples as f64,
            accuracy: self.confusion.as_ref().map(ConfusionMatrix::accuracy),
            validation,
            samples: sums.samples,
            seconds,
            learning_rate,
        };
        Ok((epoch, stopped))
    }

    /// The loss of the next batch, whose gradient it leaves in the workspace, and its samples; `None` behind the last.
    pub(super) fn gradient<O, P>(
        &mut self,
        trainer: &mut Trainer<'_, O, P>,
        net: &mut N,
    ) -> Result<Option<(f64, usize)>, TrainError>
    where
        O: Loss<N::Scalar, Y::Element>,
    {
        let kept = trainer.mixup.map(|alpha| trainer.random.mixing.beta(alpha));
        let (augment, changes) = (&trainer.augment, &mut trainer.random.changes);
        let batch = self.batches.next_changed(|inputs| {
            if let Some(augment) = augment {
                augment.apply_to_columns(inputs, changes);
            }
            if let Some(kept) = kept {
                mix_columns(inputs, I, kept);
            }
        });
        let Some(Batch { inputs, targets }) = batch else { return Ok(None) };
        let (x, samples) = (inputs.as_slice(), targets.len());
        let (training, pool) = (&mut self.training, trainer.pool);
        let loss = match kept {
            None => training.enter_columns(pool, net, x, samples, &trainer.loss, Y::elements(targets))?,
            Some(kept) => {
                let partners = &mut self.partners[..samples];
                partners.iter_mut().zip(targets.iter().rev()).for_each(|(partner, target)| *partner = *target);
                let loss = Mixed { loss: &trainer.loss, kept, d_y: &self.partners_d_y };
                let targets = [Y::elements(targets), Y::elements(partners)];
                training.enter_columns(pool, net, x, samples, &loss, targets)?
            }
        };
        if let Some(confusion) = &mut self.confusion {
            Y::record(confusion, &self.training.output(), targets);
        }
        Ok(Some((loss.to_f64(), samples)))
    }

    /// Moves the parameters by the gradient in the workspace; whether that could be clipped, which it cannot be if its norm is not
    /// finite: nothing has changed then.
    #[must_use]
    pub(super) fn update<O, P>(
        &mut self,
        trainer: &mut Trainer<'_, O, P>,
        net: &mut N,
        loss: f64,
        learning_rate: f64,
    ) -> bool
    where
        P: Optimizer<N::Scalar>,
    {
        let gradient = self.training.gradient_mut().params_mut();
        if let Some(penalty) = &trainer.penalty {
            penalty.add_gradient_of(&self.weights, net.params(), gradient);
        }
        for frozen in trainer.optimizer.frozen() {
            gradient[frozen.clone()].fill(N::Scalar::nearest(0.0));
        }
        if let Some(limit) = trainer.clipping.value {
            clip_by_value(gradient, limit);
        }
        if let Some(limit) = trainer.clipping.norm
            && !clip_by_norm(gradient, limit).is_finite()
        {
            return false;
        }
        if trainer.pace.is_some() {
            trainer.optimizer.set_learning_rate(learning_rate);
        }
        trainer.optimizer.report_loss(loss);
        trainer.optimizer.step_in(trainer.pool, net.params_mut(), gradient);
        trainer.place.batches += 1;
        if let Some(max_norm) = trainer.max_norm {
            max_norm.apply_to(&self.weights, net.params_mut());
        }
        true
    }

    /// Begins an epoch again, in a new order.
    pub(super) fn shuffle<O, P>(&mut self, trainer: &mut Trainer<'_, O, P>) {
        self.batches.shuffle(&mut trainer.random.order);
    }
}

/// The name of a type without the paths before it: `Adam<f32>`.
fn name_of<Type>() -> String {
    let path = core::any::type_name::<Type>();
    let parts = path.split_inclusive(['<', ',', ' ', '&', '(', '[']);
    parts.map(|part| part.rsplit("::").next().unwrap_or(part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::{SoftmaxCrossEntropy, Weighted};
    use crate::optimizers::{Adam, Averaged};

    #[test]
    fn names_of_types_are_short() {
        assert_eq!(name_of::<SoftmaxCrossEntropy>(), "SoftmaxCrossEntropy");
        assert_eq!(name_of::<Averaged<Adam<f64>, f64>>(), "Averaged<Adam<f64>, f64>");
        assert_eq!(name_of::<Weighted<SoftmaxCrossEntropy>>(), "Weighted<SoftmaxCrossEntropy>");
    }
}
