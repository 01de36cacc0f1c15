//! Networks that are a single layer, and so can be trained by rules that need no back-propagation.

use crate::Network;

/// A network that is one layer of threshold units: `dense(n) -> step`, with a bias or without.
///
/// `network!` implements it for every declaration that comes down to that, however it is cut into lines; `flatten` and
/// `linear` do not count. The rules of the [`perceptron`](crate::perceptron) train such networks.
///
/// ```text
/// y[o] = 1 if Σᵢ weight[o,i]·x[i] + bias[o] ≥ 0, else 0
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a single layer of threshold units",
    label = "expected a network whose only layers are `dense(n) -> step`",
    note = "perceptron rules have no answer for hidden layers: give those weights by hand, or write `logistic` or `tanh` for `step` and train by gradients",
    note = "a boxed network, as `new()` gives it, is passed as `&mut *net`"
)]
pub trait ThresholdUnits: Network {
    /// The weight, `O × I` with contiguous columns as in [`Dense`](crate::layers::Dense), and the bias, of O values or none.
    fn weight_and_bias(&mut self) -> (&mut [Self::Scalar], &mut [Self::Scalar]);
}

/// A network that is one layer of linear units: `dense(n)` alone, with a bias or without.
///
/// `network!` implements it for every declaration that comes down to that, however it is cut into lines; `flatten` and
/// `linear` do not count. [`ImplicitSgd`](crate::optimizers::ImplicitSgd) trains such networks.
///
/// ```text
/// y[o] = Σᵢ weight[o,i]·x[i] + bias[o]
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a single layer of linear units",
    label = "expected a network whose only layer is `dense(n)`",
    note = "behind a hidden layer or an activation the implicit update has no closed form: use `Sgd` or another optimiser there; a loss such as `BinaryCrossEntropyWithLogits` contains its activation",
    note = "a boxed network, as `new()` gives it, is passed as `&mut *net`"
)]
pub trait LinearUnits: Network {
    /// The weight, `O × I` with contiguous columns as in [`Dense`](crate::layers::Dense), and the bias, of O values or none.
    fn weight_and_bias(&mut self) -> (&mut [Self::Scalar], &mut [Self::Scalar]);
}
