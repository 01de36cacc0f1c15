//! What Adam and its variants have in common.

use super::{make_room, positive_as};
use crate::settings::{below_one, non_negative};
use crate::{Buffer, Real, StateVisitor};

/// The two moments of the gradient, and the settings of the formulas around them.
#[derive(Clone, Debug)]
pub(super) struct Moments<T: Real> {
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
    /// Whether the decay shrinks the parameters, past the moments, or is the gradient of a penalty.
    pub decoupled: bool,
    /// The products of β₁ and of β₂ over all steps, multiplied up, so that they are the same on every platform.
    pub beta1_product: f64,
    pub beta2_product: f64,
    pub mean: Buffer<T>,
    pub mean_square: Buffer<T>,
}

impl<T: Real> Moments<T> {
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate: non_negative("learning_rate", learning_rate),
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled: false,
            beta1_product: 1.0,
            beta2_product: 1.0,
            mean: Buffer::default(),
            mean_square: Buffer::default(),
        }
    }

    #[track_caller]
    pub fn set_beta1(&mut self, beta1: f64) {
        self.beta1 = below_one("beta1", beta1);
    }

    #[track_caller]
    pub fn set_beta2(&mut self, beta2: f64) {
        self.beta2 = below_one("beta2", beta2);
    }

    #[track_caller]
    pub fn set_eps(&mut self, eps: f64) {
        self.eps = positive_as::<T>("eps", eps);
    }

    #[track_caller]
    pub fn set_weight_decay(&mut self, weight_decay: f64) {
        self.weight_decay = non_negative("weight_decay", weight_decay);
    }

    #[track_caller]
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = non_negative("learning_rate", learning_rate);
    }

    pub fn prepare(&mut self, len: usize) {
        make_room(&mut self.mean, len);
        make_room(&mut self.mean_square, len);
    }

    /// Counts a step; `beta1` is its share of the mean that is kept.
    pub fn advance(&mut self, beta1: f64) {
        self.beta1_product *= beta1;
        self.beta2_product *= self.beta2;
    }

    /// What of the parameter is added to the gradient.
    pub fn penalty(&self) -> f64 {
        if self.decoupled { 0.0 } else { self.weight_decay }
    }

    /// The share of the parameter that a step leaves before it moves it.
    pub fn kept(&self) -> f64 {
        if self.decoupled { 1.0 - self.learning_rate * self.weight_decay } else { 1.0 }
    }

    pub fn reset(&mut self) {
        (self.beta1_product, self.beta2_product) = (1.0, 1.0);
        self.mean.fill(T::zero());
        self.mean_square.fill(T::zero());
    }

    pub fn visit_state(&mut self, visitor: &mut dyn StateVisitor<T>) {
        visitor.number("learning_rate", &mut self.learning_rate);
        visitor.number("beta1_product", &mut self.beta1_product);
        visitor.number("beta2_product", &mut self.beta2_product);
        visitor.values("mean", &mut self.mean);
        visitor.values("mean_square", &mut self.mean_square);
    }
}

/// The settings that every optimiser with a field `moments` has.
macro_rules! moment_settings {
    ($optimizer:ident) => {
        impl<T: Real> $optimizer<T> {
            /// The share of the mean gradient m that a step keeps, β₁; 0.9 unless set.
            ///
            /// # Panics
            /// Unless `0 ≤ beta1 < 1`.
            #[must_use]
            #[track_caller]
            pub fn beta1(mut self, beta1: f64) -> Self {
                self.moments.set_beta1(beta1);
                self
            }

            /// The share of the mean squared gradient v that a step keeps, β₂; 0.999 unless set.
            ///
            /// # Panics
            /// Unless `0 ≤ beta2 < 1`.
            #[must_use]
            #[track_caller]
            pub fn beta2(mut self, beta2: f64) -> Self {
                self.moments.set_beta2(beta2);
                self
            }

            /// What keeps the division from zero, ε; 10⁻⁸ unless set.
            ///
            /// # Panics
            /// Unless `eps` is positive and finite, also when rounded to `T`.
            #[must_use]
            #[track_caller]
            pub fn eps(mut self, eps: f64) -> Self {
                self.moments.set_eps(eps);
                self
            }
        }
    };
    ($optimizer:ident, penalty) => {
        moment_settings!($optimizer);

        impl<T: Real> $optimizer<T> {
            /// The weight of the penalty `λ/2·‖θ‖²`, λ, whose gradient is added to that of the loss; 0 unless set.
            ///
            /// # Panics
            /// If `weight_decay` is negative or not finite.
            #[must_use]
            #[track_caller]
            pub fn weight_decay(mut self, weight_decay: f64) -> Self {
                self.moments.set_weight_decay(weight_decay);
                self
            }
        }
    };
    ($optimizer:ident, penalty or decay) => {
        moment_settings!($optimizer, penalty);

        impl<T: Real> $optimizer<T> {
            /// Lets the weight decay shrink the parameters, `θ ← (1−η·λ)·θ` before each step, in place of adding to the
            /// gradient: so that it does not pass through the moments, as in [`AdamW`](crate::optimizers::AdamW).
            #[must_use]
            pub fn decoupled_weight_decay(mut self) -> Self {
                self.moments.decoupled = true;
                self
            }
        }
    };
}
