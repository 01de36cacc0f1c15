//! Activation functions, one a file, and the kernels that run them over slices.

mod relu;

pub use relu::Relu;

use crate::Real;
use crate::simd::{Kernel, Simd};

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
    /// What [`derivative`](Self::derivative) takes.
    const CACHED: Cached;

    /// `f(x)` in each lane.
    fn forward<T: Real, S: Simd<T>>(self, simd: S, x: S::Vector) -> S::Vector;

    /// `f′` in each lane, from the cached input or output.
    fn derivative<T: Real, S: Simd<T>>(self, simd: S, cached: S::Vector) -> S::Vector;
}

/// An activation as data: what the kernels' epilogues take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `f(x) = x`.
    Linear,
    /// See [`Relu`].
    Relu(Relu),
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
    /// What [`Pointwise::CACHED`] says.
    pub cached: &'a [T],
    /// `d_y` on entry, `d_x` after.
    pub d: &'a mut [T],
}

/// `y[o,b] = exp(x[o,b]) / Σₒ exp(x[o,b])`, column by column.
pub struct Softmax<'a, T> {
    /// `O × B`; the result takes its place.
    pub y: &'a mut [T],
    /// O.
    pub rows: usize,
}

/// `d_x = y ⊙ (d_y − Σₒ y ⊙ d_y)`, column by column.
pub struct SoftmaxGradient<'a, T> {
    /// The softmax's output, `O × B`.
    pub y: &'a [T],
    /// `d_y` on entry, `d_x` after.
    pub d: &'a mut [T],
    /// O.
    pub rows: usize,
}

macro_rules! stub { ($($k:ident)*) => { $(impl<T: Real> Kernel<T> for $k<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) { unimplemented!() }
})* } }
stub!(Activate ActivateInPlace ActivationGradient Softmax SoftmaxGradient);
