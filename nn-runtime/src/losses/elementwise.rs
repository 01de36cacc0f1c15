//! Losses that are a sum over pairs of one output and one target.

use std::borrow::Cow;

use super::{AbsoluteError, BinaryCrossEntropyWithLogits, HalfSquaredError, Hinge, Huber, Loss, MeanSquaredError};
use super::{TargetError, samples};
use crate::Real;
use crate::kernels::{Column, Kernels};
use crate::simd::{Kernel, Simd};

/// How many vectors are added up in `T` before their sum goes to `f64`.
const STRETCH: usize = 16;

/// The cost of one output against one target, a term of a mean.
pub trait Elementwise: Copy {
    /// The cost and its derivative with respect to the output, in each lane.
    fn cost<T: Real, S: Simd<T>>(self, simd: S, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector);

    /// What the sum of all costs of `samples` samples of `rows` outputs is divided by: all values, unless said otherwise.
    fn divisor(self, rows: usize, samples: usize) -> usize {
        rows * samples
    }

    /// The output that stands for targets of which `samples` have this mean: the mean itself, unless outputs are scores.
    fn output_for_mean(self, mean: f64, samples: usize) -> f64 {
        _ = samples;
        mean
    }

    /// What outputs predict of targets, on the scale of these: see [`Loss::predictions`].
    fn predictions<T: Real>(self, y: &[T]) -> Option<Cow<'_, [T]>> {
        Some(Cow::Borrowed(y))
    }

    /// Checks the values of the targets; any will do unless said otherwise.
    ///
    /// # Errors
    /// [`TargetError::Value`] for the first value that the loss is not defined for.
    fn check<T: Real>(self, targets: &[T]) -> Result<(), TargetError> {
        let _ = targets;
        Ok(())
    }
}

/// From a list of the types: [`ElementwiseLoss`], and each type's [`Loss`].
macro_rules! elementwise_losses {
    ($($name:ident)*) => {
        /// An elementwise loss as data: what [`ElementwiseCost`] takes.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum ElementwiseLoss {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name),)*
        }

        impl ElementwiseLoss {
            /// The sum: the choice of the loss stands outside of the loop, which is a function of its own.
            #[inline(always)]
            fn sum<T: Real, S: Simd<T>>(self, simd: S, values: Values<T>) -> f64 {
                match self {
                    $(Self::$name(loss) => simd.call(Sum { loss, values }),)*
                }
            }
        }

        $(impl From<$name> for ElementwiseLoss {
            fn from(loss: $name) -> Self {
                Self::$name(loss)
            }
        }

        impl<T: Real> Loss<T, T> for $name {
            fn targets_per_sample(&self, rows: usize) -> usize {
                rows
            }

            fn output_for_mean(&self, mean: f64, samples: usize) -> f64 {
                Elementwise::output_for_mean(*self, mean, samples)
            }

            fn predictions<'a>(&self, y: &'a [T], _: usize) -> Option<Cow<'a, [T]>> {
                Elementwise::predictions(*self, y)
            }

            fn forward<L: Kernels<T>>(&self, level: L, y: &[T], targets: &[T], rows: usize) -> Result<T, TargetError> {
                mean(*self, level, Batch { y, targets, rows }, None)
            }

            fn forward_backward<L: Kernels<T>>(
                &self,
                level: L,
                y: &[T],
                targets: &[T],
                rows: usize,
                d_y: &mut [T],
            ) -> Result<T, TargetError> {
                mean(*self, level, Batch { y, targets, rows }, Some(d_y))
            }
        })*
    };
}

elementwise_losses! {
    HalfSquaredError
    MeanSquaredError
    AbsoluteError
    Huber
    BinaryCrossEntropyWithLogits
    Hinge
}

struct Batch<'a, T> {
    y: &'a [T],
    targets: &'a [T],
    rows: usize,
}

/// The mean of an elementwise loss, and its gradient if there is room for it.
fn mean<T: Real, L: Kernels<T>>(
    loss: impl Elementwise + Into<ElementwiseLoss>,
    level: L,
    Batch { y, targets, rows }: Batch<'_, T>,
    d_y: Option<&mut [T]>,
) -> Result<T, TargetError> {
    let samples = samples(y.len(), rows, targets.len(), rows)?;
    loss.check(targets)?;
    let factor = 1.0 / loss.divisor(rows, samples) as f64;
    let sum =
        level.elementwise_cost(ElementwiseCost { loss: loss.into(), y, targets, d_y, factor: T::nearest(factor) });
    Ok(T::nearest(sum * factor))
}

/// `Σ c(y, target)` over all values; `d_y = factor·∂c/∂y`.
pub struct ElementwiseCost<'a, T> {
    /// c.
    pub loss: ElementwiseLoss,
    /// Any number of values.
    pub y: &'a [T],
    /// As many.
    pub targets: &'a [T],
    /// As many, overwritten; or none, if only the sum is wanted.
    pub d_y: Option<&'a mut [T]>,
    /// What gradients are multiplied by; the sum is not.
    pub factor: T,
}

impl<T: Real> Kernel<T> for ElementwiseCost<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Self { loss, y, targets, d_y, factor } = self;
        assert_eq!(y.len(), targets.len(), "one target for each output");
        let d_y = d_y.map(|d_y| {
            assert_eq!(y.len(), d_y.len(), "one gradient for each output");
            d_y.as_mut_ptr()
        });
        loss.sum(simd, Values { y: y.as_ptr(), targets: targets.as_ptr(), d_y, factor, len: y.len() })
    }
}

/// `len` values that may be read at `y` and `targets` and written at `d_y`.
#[derive(Clone, Copy)]
struct Values<T> {
    y: *const T,
    targets: *const T,
    d_y: Option<*mut T>,
    factor: T,
    len: usize,
}

struct Sum<C, T> {
    loss: C,
    values: Values<T>,
}

impl<T: Real, C: Elementwise> Kernel<T> for Sum<C, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> f64 {
        let Values { y, targets, d_y, factor, len } = self.values;
        let (zero, factor) = (simd.splat(T::zero()), simd.splat(factor));
        let column = Column::new(simd, len);
        let (mut sum, mut total) = (zero, 0.0);
        // SAFETY: `len` values are readable at `y` and `targets` and writable at `d_y`.
        unsafe {
            for i in column.whole_vectors() {
                let (cost, gradient) = self.loss.cost(simd, simd.load(y.add(i)), simd.load(targets.add(i)));
                if let Some(d_y) = d_y {
                    simd.store(d_y.add(i), simd.mul(factor, gradient));
                }
                sum = simd.add(sum, cost);
                if (i / S::LANES) % STRETCH == STRETCH - 1 {
                    total += simd.sum(sum).to_f64();
                    sum = zero;
                }
            }
            let (full, tail) = (column.full, column.tail);
            let (y, targets) = (simd.load_partial(y.add(full), tail), simd.load_partial(targets.add(full), tail));
            let (cost, gradient) = self.loss.cost(simd, y, targets);
            if let Some(d_y) = d_y {
                simd.store_partial(d_y.add(full), simd.mul(factor, gradient), tail);
            }
            total + simd.sum(simd.add(sum, column.in_tail(cost, zero))).to_f64()
        }
    }
}

/// `x` in every lane.
#[inline(always)]
pub(super) fn constant<T: Real, S: Simd<T>>(simd: S, x: f64) -> S::Vector {
    simd.splat(T::nearest(x))
}

/// An error for the first target that does not satisfy `fits`.
pub(super) fn check_each<T: Real>(
    targets: &[T],
    fits: impl Fn(&T) -> bool,
    takes: &'static str,
) -> Result<(), TargetError> {
    match targets.iter().position(|target| !fits(target)) {
        Some(index) => Err(TargetError::Value { index, value: targets[index].to_f64(), takes }),
        None => Ok(()),
    }
}
