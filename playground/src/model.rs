//! Networks of all types behind one trait.

use monograd::data::{Dataset, ShuffledBatches};
use monograd::losses::HalfSquaredError;
use monograd::nalgebra::Const;
use monograd::optimizers::{Optimizer, Sgd};
use monograd::regularizers::Penalty;
use monograd::{Generator, Inference, TensorInfo, TrainError, Trainable, Training};

use crate::feature::{FEATURES, Inputs};

/// Inputs and their labels.
pub type Samples = Dataset<f32, FEATURES, [f32; 1]>;

/// A network from features to one number, and its training.
///
/// The loss is half the squared error, `½·(y − label)²`, averaged over a batch; the optimiser is gradient descent on batches.
pub trait Model {
    /// Trains on all samples once, in a new random order. The original keeps to one order.
    ///
    /// # Errors
    /// If there are no samples, or the loss is no number any more.
    fn epoch(&mut self, samples: &Samples) -> Result<(), TrainError>;

    /// The output for each column of `inputs`.
    fn outputs(&mut self, inputs: &Inputs) -> &[f32];

    /// How far a step goes, from now on.
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// The price on the size of the weights, from now on.
    fn set_penalty(&mut self, penalty: Penalty);

    /// The weights of each layer.
    fn layers(&self) -> Vec<LayerWeights<'_>>;
}

/// The weights of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerWeights<'a> {
    /// How many inputs it has.
    pub inputs: usize,
    /// How many outputs it has.
    pub outputs: usize,
    values: &'a [f32],
}

impl LayerWeights<'_> {
    /// The weight of an input in the sum of an output.
    ///
    /// # Panics
    /// If there are not so many inputs or outputs.
    #[must_use]
    pub fn weight(&self, input: usize, output: usize) -> f32 {
        assert!(output < self.outputs, "there are {} outputs, and so no output {output}", self.outputs);
        self.values[input * self.outputs + output]
    }
}

/// What a training starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// The seed of the first weights and of the order of the samples.
    pub seed: u64,
    /// How far a step goes.
    pub learning_rate: f64,
    /// How many samples a step is made from.
    pub batch_size: usize,
    /// The price on the size of the weights.
    pub penalty: Penalty,
}

impl Default for Start {
    /// Seed 0, learning rate 0.03, batches of 10, no penalty.
    fn default() -> Self {
        Self { seed: 0, learning_rate: 0.03, batch_size: 10, penalty: Penalty::default() }
    }
}

/// A network of points: what [`Compiled`] takes.
pub(crate) trait PointNetwork:
    Trainable<Scalar = f32, Input = Const<FEATURES>, Output = Const<1>> + 'static
{
}

impl<N: Trainable<Scalar = f32, Input = Const<FEATURES>, Output = Const<1>> + 'static> PointNetwork for N {}

/// A network of one type, with what it needs to be trained and asked.
///
/// Training is put together from the library's parts. A [`Trainer`](monograd::Trainer) does more, which the compiler would translate
/// once for each network of this program.
pub(crate) struct Compiled<N: PointNetwork> {
    net: Box<N>,
    training: Training<N>,
    optimizer: Sgd<f32>,
    penalty: Penalty,
    /// What the penalty acts on.
    weights: Vec<TensorInfo>,
    batch_size: usize,
    /// The order of the samples.
    order: Generator,
    epochs: usize,
    work: Inference<N>,
}

impl<N: PointNetwork> Compiled<N> {
    pub fn new(start: Start) -> Self {
        Self {
            net: N::seeded(start.seed),
            training: Training::new(start.batch_size),
            optimizer: Sgd::new(start.learning_rate),
            penalty: start.penalty,
            weights: N::tensors().into_iter().filter(|tensor| tensor.name.ends_with(".weight")).collect(),
            batch_size: start.batch_size,
            order: Generator::seed(start.seed),
            epochs: 0,
            work: N::workspace(0),
        }
    }

    /// A step against the gradient of the batch and of the penalty.
    fn step(&mut self) {
        for tensor in &self.weights {
            let range = tensor.offset..tensor.offset + tensor.len();
            let gradient = &mut self.training.gradient_mut().params_mut()[range.clone()];
            self.penalty.add_gradient(&self.net.params()[range], gradient);
        }
        self.optimizer.step(self.net.params_mut(), self.training.gradient().params());
    }
}

impl<N: PointNetwork> Model for Compiled<N> {
    fn epoch(&mut self, samples: &Samples) -> Result<(), TrainError> {
        let mut batches = ShuffledBatches::new(samples, self.batch_size);
        batches.shuffle(&mut self.order);
        self.epochs += 1;
        let mut number = 0;
        while let Some(batch) = batches.next_batch() {
            number += 1;
            let targets = batch.targets.as_flattened();
            let loss = self.training.backprop(&mut self.net, &batch.inputs, &HalfSquaredError, targets)?;
            if !loss.is_finite() {
                return Err(TrainError::Diverged { epoch: self.epochs, batch: number, loss: f64::from(loss) });
            }
            self.step();
        }
        Ok(())
    }

    fn outputs(&mut self, inputs: &Inputs) -> &[f32] {
        if self.work.capacity() < inputs.ncols() {
            self.work = N::workspace(inputs.ncols());
        }
        self.work.run(&*self.net, inputs);
        self.work.port(0)
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.optimizer.set_learning_rate(learning_rate);
    }

    fn set_penalty(&mut self, penalty: Penalty) {
        self.penalty = penalty;
    }

    fn layers(&self) -> Vec<LayerWeights<'_>> {
        let of = |tensor: &TensorInfo| LayerWeights {
            inputs: tensor.shape[1],
            outputs: tensor.shape[0],
            values: &self.net.params()[tensor.offset..][..tensor.len()],
        };
        self.weights.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use monograd::network;

    use super::*;
    use crate::data_set::Problem;
    use crate::feature::{Feature, Features};
    use crate::network::{Activation, Architecture, model};

    fn samples(features: Features) -> Samples {
        let points: Vec<_> =
            (0..40).map(|k| ((0.7 * f64::from(k)).sin() * 4.0, (1.3 * f64::from(k)).cos() * 4.0)).collect();
        let labels: Vec<_> = points.iter().map(|(x1, x2)| [if x1 * x2 > 0.0 { 1.0_f32 } else { -1.0 }]).collect();
        let rows: Vec<_> = points.iter().map(|&(x1, x2)| features.at(x1, x2)).collect();
        Dataset::from_rows(&rows, &labels).unwrap()
    }

    network! {
        struct Tiny([7]) -> [1] {
            hidden: dense(3) -> tanh,
            out: dense(1) -> tanh,
        }
    }

    /// A network in which the weights of the features that are off had another value at first, after some training.
    fn trained(off: f32, penalty: Penalty) -> Compiled<Tiny> {
        let features = Features::default();
        let mut model = Compiled::<Tiny>::new(Start { penalty, ..Start::default() });
        for feature in Feature::ALL.into_iter().filter(|&feature| !features.has(feature)) {
            model.net.hidden.weight.column_mut(feature as usize).fill(off);
        }
        let data = samples(features);
        (0..5).for_each(|_| model.epoch(&data).unwrap());
        model
    }

    #[test]
    fn weights_of_features_that_are_off_change_nothing_with_and_without_a_penalty() {
        for penalty in [Penalty::default(), Penalty::l1(0.03), Penalty::l2(0.1)] {
            let (small, large) = (trained(0.25, penalty), trained(8.0, penalty));
            assert_eq!(small.net.hidden.weight.columns(0, 2), large.net.hidden.weight.columns(0, 2));
            assert_eq!(small.net.hidden.bias, large.net.hidden.bias);
            assert_eq!(small.net.out, large.net.out);
            let kept = small.net.hidden.weight.column(5)[0] == 0.25;
            assert_eq!(kept, penalty == Penalty::default());
        }
    }

    #[test]
    fn rates_and_prices_change_on_the_way() {
        let data = samples(Features::default());
        let fresh = || model(Architecture::default(), Activation::Relu, Problem::Regression, Start::default());
        let weights = |net: &dyn Model| net.layers().iter().flat_map(|layer| layer.values.to_vec()).collect::<Vec<_>>();
        let sizes = |net: &dyn Model| weights(net).iter().map(|weight| weight.abs()).sum::<f32>();
        let (mut still, mut free, mut priced) = (fresh(), fresh(), fresh());
        still.set_learning_rate(0.0);
        priced.set_penalty(Penalty::l2(1.0));
        for net in [&mut still, &mut free, &mut priced] {
            net.epoch(&data).unwrap();
        }
        assert_eq!(weights(&*still), weights(&*fresh()));
        let [priced, free] = [sizes(&*priced), sizes(&*free)];
        assert!(priced < 0.97 * free, "{priced} {free}");
    }
}
