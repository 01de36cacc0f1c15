//! Implicit stochastic gradient descent.

use nalgebra::{Const, DimName};
use rand::seq::SliceRandom;

use crate::data::{Dataset, Target};
use crate::initializers::Generator;
use crate::losses::{ImplicitLoss, TargetError};
use crate::settings::non_negative;
use crate::units::LinearUnits;
use crate::{Real, TrainError};

/// Implicit stochastic gradient descent, or the stochastic proximal method: a step along the gradient at where it leads.
///
/// ```text
/// θ′ = θ − η·∇ℓ(θ′)        which is        θ′ = argmin_ϑ ℓ(ϑ) + ‖ϑ − θ‖² / (2η)
/// ```
///
/// where ℓ is the loss of one sample. Gradient descent overshoots where η is too large for the curvature of ℓ, and diverges;
/// the implicit step never goes past the minimum of ℓ, however large η is, and agrees with the explicit one as η → 0.
///
/// θ′ stands on both sides. For a single layer of linear units it has not to be searched for in the space of the weights:
/// every row of θ moves along the sample, so that only the output is unknown. With `x̂` the sample and its constant input 1
/// if there is a bias, `y = w·x̂`, and `a` the weight of one output in the loss (1 for [`HalfSquaredError`], 1/O for the
/// means over all values):
///
/// ```text
/// y′ = prox(y) with lambda = η·a·‖x̂‖²          one equation, or a formula: see ImplicitLoss
/// w′ = w − (y − y′)/‖x̂‖² · x̂
/// ```
///
/// So it is there for networks that are a `dense(n)`, and for the losses that implement [`ImplicitLoss`]; the compiler
/// refuses others. It takes one sample at a time, and computes in `f64` whatever the network's scalar is.
///
/// | setting | default | |
/// |---|---|---|
/// | `learning_rate` | | η, finite and at least 0 |
/// | [`epochs`](Self::epochs) | 10 | passes over the data of a [`fit`](Self::fit) |
/// | [`seed`](Self::seed) | 0 | of the order of the samples, a new one in each epoch |
///
/// ```standalone_crate
/// # extern crate self as monograd;
/// # use nalgebra;
/// # use nn_macros::network;
/// # use nn_runtime::*;
/// use monograd::losses::HalfSquaredError;
/// use monograd::optimizers::ImplicitSgd;
///
/// network! {
///     struct Line([1]) -> [1] {
///         out: dense(1),
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // y = 0 where 4 is wanted, and x̂ = (1, 1): y′ = 4 − 4/(1 + 2·100), shared equally by weight and bias.
/// let mut net = Line::<f64>::zeroed();
/// ImplicitSgd::new(100.0).step(&mut *net, &[1.0], &[4.0], HalfSquaredError)?;
/// assert!((net.out.weight[0] - 400.0 / 201.0).abs() < 1e-15);
/// assert_eq!(net.out.weight[0], net.out.bias[0]);
/// # Ok(())
/// # }
/// ```
///
/// Source: Toulis and Airoldi, “Asymptotic and finite-sample properties of estimators based on stochastic gradients”, Annals
/// of Statistics 45 (2017); Kivinen, Warmuth and Hassibi, “The p-norm generalization of the LMS algorithm for adaptive
/// filtering” (2006).
///
/// [`HalfSquaredError`]: crate::losses::HalfSquaredError
#[derive(Debug)]
pub struct ImplicitSgd {
    learning_rate: f64,
    epochs: usize,
    generator: Generator,
}

impl ImplicitSgd {
    /// Steps of this size, 10 epochs, seed 0.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        let learning_rate = non_negative("the learning rate", learning_rate);
        Self { learning_rate, epochs: 10, generator: Generator::seed(0) }
    }

    /// How often [`fit`](Self::fit) goes through the data.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// From which seed the orders of the samples follow.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { generator: Generator::seed(seed), ..self }
    }

    /// How far a step goes.
    #[must_use]
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Changes how far the steps from now on go.
    ///
    /// # Panics
    /// If `learning_rate` is negative or not finite.
    #[track_caller]
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("the learning rate", learning_rate);
    }

    /// One update by the sample `x` with the targets of all outputs. Gives the loss that the sample had before it.
    ///
    /// # Errors
    /// If a target is none that the loss takes; the network is unchanged then.
    ///
    /// # Panics
    /// If there are not as many inputs or targets as the network has.
    pub fn step<N: LinearUnits>(
        &self,
        net: &mut N,
        x: &[N::Scalar],
        targets: &[N::Scalar],
        loss: impl ImplicitLoss,
    ) -> Result<f64, TargetError> {
        let (weight, bias) = net.weight_and_bias();
        let (inputs, outputs) = (N::Input::DIM, N::Output::DIM);
        assert!(x.len() == inputs, "the network has {inputs} inputs, but the sample has {}", x.len());
        assert!(targets.len() == outputs, "the network has {outputs} outputs, but there are {} targets", targets.len());
        loss.check(targets)?;
        let square = x.iter().map(|x| x.to_f64().powi(2)).sum::<f64>() + f64::from(u8::from(!bias.is_empty()));
        let share = 1.0 / loss.divisor(outputs, 1) as f64;
        let mut cost = 0.0;
        for (output, target) in targets.iter().enumerate() {
            let target = target.to_f64();
            let y = output_of(weight, bias, output, outputs, x);
            cost += share * loss.cost_of_one(y, target);
            if square > 0.0 {
                let moved = y - loss.proximal(y, target, self.learning_rate * share * square);
                shift(weight, bias, output, outputs, x, moved / square);
            }
        }
        Ok(cost)
    }

    /// Trains the units on `data`, sample after sample in random order, and gives the mean loss of each epoch, each sample's
    /// taken before its update. From one `fit` to the next the orders go on.
    ///
    /// # Errors
    /// If there are no samples, or a target is none that the loss takes; the network is unchanged then.
    pub fn fit<N, const I: usize, const O: usize>(
        &mut self,
        net: &mut N,
        data: &Dataset<N::Scalar, I, [N::Scalar; O]>,
        loss: impl ImplicitLoss,
    ) -> Result<Vec<f64>, TrainError>
    where
        N: LinearUnits<Input = Const<I>, Output = Const<O>>,
    {
        if data.is_empty() {
            return Err(TrainError::Empty);
        }
        loss.check(<[N::Scalar; O] as Target>::elements(data.targets()))?;
        let mut order = Vec::with_capacity(data.len());
        let mut losses = Vec::with_capacity(self.epochs);
        for _ in 0..self.epochs {
            // Of each epoch from the given order, so that it does not matter where one fit ends and the next begins.
            order.clear();
            order.extend(0..data.len());
            order.shuffle(&mut self.generator);
            let mut sum = 0.0;
            for &sample in &order {
                let (x, targets) = (data.inputs().column(sample), &data.targets()[sample]);
                sum += self.step(net, x.as_slice(), targets, loss)?;
            }
            losses.push(sum / data.len() as f64);
        }
        Ok(losses)
    }
}

/// `Σᵢ weight[o,i]·x[i] + bias[o]`.
fn output_of<T: Real>(weight: &[T], bias: &[T], output: usize, outputs: usize, x: &[T]) -> f64 {
    let row = weight[output..].iter().step_by(outputs);
    let products = row.zip(x).map(|(w, x)| w.to_f64() * x.to_f64());
    products.sum::<f64>() + bias.get(output).map_or(0.0, |bias| bias.to_f64())
}

/// Takes `factor` times the sample off the weights of an output.
fn shift<T: Real>(weight: &mut [T], bias: &mut [T], output: usize, outputs: usize, x: &[T], factor: f64) {
    for (w, x) in weight[output..].iter_mut().step_by(outputs).zip(x) {
        *w = T::nearest(w.to_f64() - factor * x.to_f64());
    }
    if let Some(bias) = bias.get_mut(output) {
        *bias = T::nearest(bias.to_f64() - factor);
    }
}
