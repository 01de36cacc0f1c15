//! Activation functions, one a file, and the kernels that run them over slices.
//!
//! In `network!` an activation is a word of a chain, `dense(128) -> leaky_relu(slope = 0.2)`. Its type holds its
//! parameters and its documentation. [`Activation`] is any pointwise one as data; [`Softmax`], whose outputs depend on all
//! values of a column, stands apart.
//!
//! NaN in is NaN out, for all of them. Infinities give the limit of the function, also where the textbook formula is
//! `∞·0`: `silu(−∞) = 0`.
//!
//! A new pointwise activation is a file with its type (an implementation of [`Pointwise`] and a `const fn cached`), its
//! `mod` below, and a line in the list.

mod elu;
mod gelu;
mod leaky_relu;
mod linear;
mod logistic;
mod relu;
mod relu6;
mod silu;
mod softmax;
mod softplus;
mod step;
mod tanh;

pub use gelu::Approximate;
pub use linear::Linear;
pub use softmax::{Softmax, SoftmaxColumns, SoftmaxGradient};

use crate::Real;
use crate::kernels::Kernels;
use crate::simd::{Dispatch, Kernel, Simd};

/// What the backward pass of an activation reads: its output where the derivative can be written in terms of it, so that
/// it may run in place, or its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cached {
    /// `y`: the activation may overwrite its input.
    Output,
    /// `x`: the input is kept.
    Input,
}

/// A function of one value, applied to each value of an array.
pub trait Pointwise: Copy {
    /// `f(x)` in each lane.
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector;

    /// `f′(x)` in each lane, from the input or the output, whichever [`Activation::cached`] names.
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, cached: S::Vector) -> S::Vector;
}

/// Work that is done with a function which is chosen when the program runs.
pub(crate) trait WithFunction {
    fn with<F: Pointwise>(self, f: F);
}

/// From a list of the types: [`Activation`], and the places where it is taken apart.
macro_rules! pointwise_activations {
    ($($(#[$doc:meta])* $name:ident in $module:ident;)*) => {
        $(pub use $module::$name;)*

        /// A pointwise activation as data: what kernels and layers take.
        ///
        /// ```
        /// use nn_runtime::activations::{Activation, LeakyRelu};
        ///
        /// let mut y = [-2.0, 0.0, 3.0];
        /// Activation::from(LeakyRelu { slope: 0.5 }).apply(&mut y);
        /// assert_eq!(y, [-1.0, 0.0, 3.0]);
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub enum Activation {
            /// `f(x) = x`: see [`Linear`].
            #[default]
            Linear,
            $($(#[$doc])* $name($name),)*
        }

        impl From<Linear> for Activation {
            fn from(_: Linear) -> Self {
                Self::Linear
            }
        }

        $(impl From<$name> for Activation {
            fn from(f: $name) -> Self {
                Self::$name(f)
            }
        })*

        impl Activation {
            /// What the backward pass reads.
            #[must_use]
            pub const fn cached(self) -> Cached {
                match self {
                    Self::Linear => Cached::Output,
                    $(Self::$name(f) => $name::cached(f),)*
                }
            }

            /// `f(x)` in each lane, the choice of the function inside: for a single vector.
            #[inline(always)]
            pub(crate) fn lanes<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector {
                match self {
                    Self::Linear => x,
                    $(Self::$name(f) => f.forward(simd, x),)*
                }
            }

            /// Runs `work` with the function: the choice stands outside of its loop.
            #[inline(always)]
            pub(crate) fn choose(self, work: impl WithFunction) {
                match self {
                    Self::Linear => work.with(Linear),
                    $(Self::$name(f) => work.with(f),)*
                }
            }

            /// `y = y ⊙ f′`, with what is cached in `x`.
            #[inline(always)]
            fn chain_rule<T: Real, S: Simd<T>>(self, simd: S, Values { x, y, len }: Values<T>) {
                match self {
                    Self::Linear => {}
                    $(Self::$name(f) => simd.call(ChainRule { f, cached: x, d: y, len }),)*
                }
            }
        }
    };
}

pointwise_activations! {
    /// `0` below zero, `1` from zero on: see [`Step`].
    Step in step;
    /// `1 / (1 + e^(−k·x))`: see [`Logistic`].
    Logistic in logistic;
    /// `tanh x`: see [`Tanh`].
    Tanh in tanh;
    /// `max(0, x)`: see [`Relu`].
    Relu in relu;
    /// `min(max(0, x), 6)`: see [`Relu6`].
    Relu6 in relu6;
    /// `x` above zero, `slope·x` below: see [`LeakyRelu`].
    LeakyRelu in leaky_relu;
    /// `x` above zero, `alpha·(eˣ − 1)` below: see [`Elu`].
    Elu in elu;
    /// `x·Φ(x)`: see [`Gelu`].
    Gelu in gelu;
    /// `x / (1 + e⁻ˣ)`: see [`Silu`].
    Silu in silu;
    /// `ln(1 + e^(beta·x)) / beta`: see [`Softplus`].
    Softplus in softplus;
}

impl Activation {
    /// `y = f(y)`, value by value, on the instruction set in force.
    pub fn apply<T: Real>(self, y: &mut [T]) {
        T::dispatch(ActivateInPlace { activation: self, y });
    }
}

/// `y = f(x)`, value by value.
pub struct Activate<'a, T> {
    /// f.
    pub activation: Activation,
    /// Any number of values.
    pub x: &'a [T],
    /// As many; overwritten.
    pub y: &'a mut [T],
}

/// `y = f(y)`, value by value.
pub struct ActivateInPlace<'a, T> {
    /// f.
    pub activation: Activation,
    /// Any number of values.
    pub y: &'a mut [T],
}

/// `d = d ⊙ f′`.
pub struct ActivationGradient<'a, T> {
    /// f.
    pub activation: Activation,
    /// The values that [`Activation::cached`] names.
    pub cached: &'a [T],
    /// `d_y` on entry, `d_x` after.
    pub d: &'a mut [T],
}

impl<T: Real> Kernel<T> for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert_eq!(self.x.len(), self.y.len(), "an activation gives as many values as it takes");
        let values = Values { x: self.x.as_ptr(), y: self.y.as_mut_ptr(), len: self.y.len() };
        self.activation.choose(Mapped { simd, values });
    }
}

impl<T: Real> Kernel<T> for ActivateInPlace<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        if self.activation != Activation::Linear {
            let y = self.y.as_mut_ptr();
            self.activation.choose(Mapped { simd, values: Values { x: y, y, len: self.y.len() } });
        }
    }
}

impl<T: Real> Kernel<T> for ActivationGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert_eq!(self.cached.len(), self.d.len(), "one cached value for each gradient");
        let values = Values { x: self.cached.as_ptr(), y: self.d.as_mut_ptr(), len: self.d.len() };
        self.activation.chain_rule(simd, values);
    }
}

impl<T: Real> Dispatch<T> for ActivateInPlace<'_, T> {
    type Output = ();

    fn at<L: Kernels<T>>(self, level: L) {
        level.activate_in_place(self);
    }
}

/// `len` values that may be read at `x` and written at `y`, which may be the same place.
struct Values<T> {
    x: *const T,
    y: *mut T,
    len: usize,
}

/// A loop that waits for its function.
struct Mapped<T, S> {
    simd: S,
    values: Values<T>,
}

impl<T: Real, S: Simd<T>> WithFunction for Mapped<T, S> {
    #[inline(always)]
    fn with<F: Pointwise>(self, f: F) {
        let Values { x, y, len } = self.values;
        self.simd.call(Map { f, x, y, len });
    }
}

/// `y = f(x)`; as [`Values`].
struct Map<F, T> {
    f: F,
    x: *const T,
    y: *mut T,
    len: usize,
}

impl<T: Real, F: Pointwise> Kernel<T> for Map<F, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { f, x, y, len } = self;
        let tail = len % S::LANES;
        let full = len - tail;
        let mut i = 0;
        // SAFETY: `len` values are readable at `x` and writable at `y`; a vector is read before it is written.
        unsafe {
            while i < full {
                simd.store(y.add(i), f.forward(simd, simd.load(x.add(i))));
                i += S::LANES;
            }
            if tail > 0 {
                simd.store_partial(y.add(full), f.forward(simd, simd.load_partial(x.add(full), tail)), tail);
            }
        }
    }
}

/// `d = d ⊙ f′`; as [`Values`].
struct ChainRule<F, T> {
    f: F,
    cached: *const T,
    d: *mut T,
    len: usize,
}

impl<T: Real, F: Pointwise> Kernel<T> for ChainRule<F, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { f, cached, d, len } = self;
        let tail = len % S::LANES;
        let full = len - tail;
        let mut i = 0;
        // SAFETY: `len` values are readable at `cached` and writable at `d`.
        unsafe {
            while i < full {
                let derivative = f.derivative(simd, simd.load(cached.add(i)));
                simd.store(d.add(i), simd.mul(simd.load(d.add(i)), derivative));
                i += S::LANES;
            }
            if tail > 0 {
                let (cached, d) = (cached.add(full), d.add(full));
                let derivative = f.derivative(simd, simd.load_partial(cached, tail));
                simd.store_partial(d, simd.mul(simd.load_partial(d, tail), derivative), tail);
            }
        }
    }
}

/// `x` in every lane.
#[inline(always)]
fn constant<T: Real, S: Simd<T>>(simd: S, x: f64) -> S::Vector {
    simd.splat(T::nearest(x))
}

#[cfg(test)]
pub(crate) mod tests;
