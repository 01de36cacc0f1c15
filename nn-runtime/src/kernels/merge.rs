//! Two branches become one: sums and products value by value, and the activation behind them.
//!
//! Each is one pass over memory: [`Relu`], which residual networks have here, acts in the registers, any other activation on a
//! block that is still in the nearest cache, so that not every pair of a merge and an activation is a loop of its own. In
//! place, one of the operands is what `y` holds.

use crate::Real;
use crate::activations::{ActivateInPlace, Activation, Linear, Pointwise, Relu};
use crate::simd::{Kernel, Simd};

/// `y = f(a + b)`, value by value.
///
/// # Panics
/// If the lengths do not agree.
pub struct Sum<'a, T> {
    /// Any number of values.
    pub a: &'a [T],
    /// As many.
    pub b: &'a [T],
    /// As many; overwritten.
    pub y: &'a mut [T],
    /// f.
    pub activation: Activation,
}

/// `y = f(y + x)`, value by value.
///
/// # Panics
/// If the lengths do not agree.
pub struct SumInPlace<'a, T> {
    /// Any number of values.
    pub x: &'a [T],
    /// As many; the result takes their place.
    pub y: &'a mut [T],
    /// f.
    pub activation: Activation,
}

/// `y = f(a · b)`, value by value.
///
/// # Panics
/// If the lengths do not agree.
pub struct Multiply<'a, T> {
    /// Any number of values.
    pub a: &'a [T],
    /// As many.
    pub b: &'a [T],
    /// As many; overwritten.
    pub y: &'a mut [T],
    /// f.
    pub activation: Activation,
}

/// `y = f(y · x)`, value by value.
///
/// # Panics
/// If the lengths do not agree.
pub struct ProductInPlace<'a, T> {
    /// Any number of values.
    pub x: &'a [T],
    /// As many; the result takes their place.
    pub y: &'a mut [T],
    /// f.
    pub activation: Activation,
}

/// `d = d_y · other`, or `d += d_y · other`: the gradient of one factor of a product, value by value.
///
/// # Panics
/// If the lengths do not agree.
pub struct ProductGradient<'a, T> {
    /// The gradient of the product.
    pub d_y: &'a [T],
    /// The other factor.
    pub other: &'a [T],
    /// The gradient of this factor.
    pub d: &'a mut [T],
    /// Whether it is added to `d`; else it overwrites it.
    pub accumulate: bool,
}

/// What is made of two values.
trait Merge: Copy {
    fn of<T: Real, S: Simd<T>>(self, simd: S, a: S::Vector, b: S::Vector) -> S::Vector;
}

#[derive(Clone, Copy)]
struct Add;

#[derive(Clone, Copy)]
struct Times;

impl Merge for Add {
    #[inline(always)]
    fn of<T: Real, S: Simd<T>>(self, simd: S, a: S::Vector, b: S::Vector) -> S::Vector {
        simd.add(a, b)
    }
}

impl Merge for Times {
    #[inline(always)]
    fn of<T: Real, S: Simd<T>>(self, simd: S, a: S::Vector, b: S::Vector) -> S::Vector {
        simd.mul(a, b)
    }
}

impl<T: Real> Kernel<T> for Sum<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let values = Values::new(self.a, self.b, self.y);
        merge(simd, Add, &values, self.activation);
    }
}

impl<T: Real> Kernel<T> for SumInPlace<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let values = Values::in_place(self.x, self.y);
        merge(simd, Add, &values, self.activation);
    }
}

impl<T: Real> Kernel<T> for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let values = Values::new(self.a, self.b, self.y);
        merge(simd, Times, &values, self.activation);
    }
}

impl<T: Real> Kernel<T> for ProductInPlace<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let values = Values::in_place(self.x, self.y);
        merge(simd, Times, &values, self.activation);
    }
}

/// `len` values that may be read at `a` and `b` and written at `y`, which may be one of the others.
#[derive(Clone, Copy)]
struct Values<T> {
    a: *const T,
    b: *const T,
    y: *mut T,
    len: usize,
}

impl<T> Values<T> {
    #[inline(always)]
    fn new(a: &[T], b: &[T], y: &mut [T]) -> Self {
        assert!(a.len() == y.len() && b.len() == y.len(), "branches of as many values as they become");
        Self { a: a.as_ptr(), b: b.as_ptr(), y: y.as_mut_ptr(), len: y.len() }
    }

    #[inline(always)]
    fn in_place(x: &[T], y: &mut [T]) -> Self {
        assert_eq!(x.len(), y.len(), "branches of as many values as they become");
        let (len, y) = (y.len(), y.as_mut_ptr());
        Self { a: y.cast_const(), b: x.as_ptr(), y, len }
    }
}

/// How many values a block has that an activation finds in the nearest cache.
const BLOCK: usize = 2048;

/// `y = f(a ∘ b)`.
#[inline(always)]
fn merge<T: Real, S: Simd<T>, M: Merge>(simd: S, merge: M, values: &Values<T>, activation: Activation) {
    let Values { a, b, y, len } = *values;
    match activation {
        Activation::Linear => simd.call(Loop { f: Linear, merge, values: *values }),
        Activation::Relu(_) => simd.call(Loop { f: Relu, merge, values: *values }),
        _ => {
            for from in (0..len).step_by(BLOCK) {
                let len = BLOCK.min(len - from);
                let values = Values { a: a.wrapping_add(from), b: b.wrapping_add(from), y: y.wrapping_add(from), len };
                simd.call(Loop { f: Linear, merge, values });
                // SAFETY: `len` values are writable there, all of them were just written, and the operands are done with.
                let y = unsafe { core::slice::from_raw_parts_mut(values.y, len) };
                simd.call(ActivateInPlace { activation, y });
            }
        }
    }
}

/// [`merge`] with an activation in the registers, in a function of its own.
struct Loop<F, M, T> {
    f: F,
    merge: M,
    values: Values<T>,
}

impl<T: Real, F: Pointwise, M: Merge> Kernel<T> for Loop<F, M, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { f, merge, values: Values { a, b, y, len } } = self;
        let tail = len % S::LANES;
        let full = len - tail;
        let mut i = 0;
        // SAFETY: `len` values are readable at `a` and `b` and writable at `y`; a vector is read before it is written.
        unsafe {
            while i < full {
                let merged = merge.of(simd, simd.load(a.add(i)), simd.load(b.add(i)));
                simd.store(y.add(i), f.forward(simd, merged));
                i += S::LANES;
            }
            if tail > 0 {
                let (a, b) = (simd.load_partial(a.add(full), tail), simd.load_partial(b.add(full), tail));
                simd.store_partial(y.add(full), f.forward(simd, merge.of(simd, a, b)), tail);
            }
        }
    }
}

impl<T: Real> Kernel<T> for ProductGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { d_y, other, d, accumulate } = self;
        let values = Values::new(d_y, other, d);
        // SAFETY: the slices have `len` values.
        unsafe {
            if accumulate {
                gradient::<T, S, true>(simd, values);
            } else {
                gradient::<T, S, false>(simd, values);
            }
        }
    }
}

/// `y = a · b`, or with `ADD` `y += a · b`.
///
/// # Safety
/// As [`Values`].
#[inline(always)]
unsafe fn gradient<T: Real, S: Simd<T>, const ADD: bool>(simd: S, Values { a, b, y, len }: Values<T>) {
    let tail = len % S::LANES;
    let full = len - tail;
    let mut i = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while i < full {
            let (a, b) = (simd.load(a.add(i)), simd.load(b.add(i)));
            let d = if ADD { simd.mul_add(a, b, simd.load(y.add(i))) } else { simd.mul(a, b) };
            simd.store(y.add(i), d);
            i += S::LANES;
        }
        if tail > 0 {
            let (a, b, y) = (simd.load_partial(a.add(full), tail), simd.load_partial(b.add(full), tail), y.add(full));
            let d = if ADD { simd.mul_add(a, b, simd.load_partial(y, tail)) } else { simd.mul(a, b) };
            simd.store_partial(y, d, tail);
        }
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;
    use core::marker::PhantomData;

    use super::*;
    use crate::activations::{Gelu, LeakyRelu, Relu, Tanh};
    use crate::kernels::Kernels;
    use crate::kernels::tests::{Guarded, on_every_level, tolerance, values};

    const LENGTHS: [usize; 18] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 65, 100, 1003, 2 * BLOCK + 5];

    struct Checks<T, L> {
        level: L,
        scalar: PhantomData<T>,
    }

    impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
        fn all(level: L) {
            let checks = Self { level, scalar: PhantomData };
            let activations = [
                Activation::Linear,
                Relu.into(),
                Tanh.into(),
                LeakyRelu { slope: 0.25 }.into(),
                Gelu::default().into(),
            ];
            for len in LENGTHS {
                for activation in activations {
                    checks.merges(len, activation);
                }
                for accumulate in [false, true] {
                    checks.gradient(len, accumulate);
                }
            }
            checks.nan_stays();
        }

        /// Both merges, each to memory of its own and in place.
        fn merges(&self, len: usize, activation: Activation) {
            let (a, b) = (values::<T>(len, 1), values::<T>(len, 2));
            let (x, other) = (Guarded::<T>::new(&a), Guarded::<T>::new(&b));
            let expected = |merge: fn(f64, f64) -> f64| {
                let mut y: Vec<f64> = a.iter().zip(&b).map(|(&a, &b)| merge(a, b)).collect();
                activation.apply(&mut y);
                y
            };
            let (sums, products) = (expected(|a, b| a + b), expected(|a, b| a * b));
            let check = |y: Guarded<T>, expected: &[f64], what: &str| {
                y.assert_near(expected, tolerance::<T>(8), (what, self.level, len, activation));
            };
            let mut y = Guarded::<T>::dirty(len);
            self.level.sum(Sum { a: x.slice(), b: other.slice(), y: y.slice_mut(), activation });
            check(y, &sums, "sum");
            let mut y = Guarded::<T>::new(&a);
            self.level.sum_in_place(SumInPlace { x: other.slice(), y: y.slice_mut(), activation });
            check(y, &sums, "sum in place");
            let mut y = Guarded::<T>::dirty(len);
            self.level.multiply(Multiply { a: x.slice(), b: other.slice(), y: y.slice_mut(), activation });
            check(y, &products, "product");
            let mut y = Guarded::<T>::new(&a);
            self.level.product_in_place(ProductInPlace { x: other.slice(), y: y.slice_mut(), activation });
            check(y, &products, "product in place");
        }

        fn gradient(&self, len: usize, accumulate: bool) {
            let (d_y, other, before) = (values::<T>(len, 1), values::<T>(len, 2), values::<T>(len, 3));
            let mut d = if accumulate { Guarded::<T>::new(&before) } else { Guarded::dirty(len) };
            self.level.product_gradient(ProductGradient {
                d_y: Guarded::new(&d_y).slice(),
                other: Guarded::new(&other).slice(),
                d: d.slice_mut(),
                accumulate,
            });
            let kept = if accumulate { 1.0 } else { 0.0 };
            let expected: Vec<f64> = (0..len).map(|i| kept * before[i] + d_y[i] * other[i]).collect();
            d.assert_near(&expected, tolerance::<T>(2), ("product gradient", self.level, len, accumulate));
        }

        fn nan_stays(&self) {
            let (nan, one) = (vec![T::nearest(f64::NAN); 21], vec![T::one(); 21]);
            for activation in [Activation::Linear, Relu.into()] {
                let mut y = one.clone();
                self.level.sum_in_place(SumInPlace { x: &nan, y: &mut y, activation });
                assert!(y.iter().all(|y| y.to_f64().is_nan()), "{:?}", self.level);
                self.level.multiply(Multiply { a: &one, b: &nan, y: &mut y, activation });
                assert!(y.iter().all(|y| y.to_f64().is_nan()), "{:?}", self.level);
            }
        }
    }

    on_every_level!(Checks);

    #[test]
    #[should_panic(expected = "as many values")]
    fn branches_are_equally_long() {
        let activation = Activation::Linear;
        Kernels::sum(crate::simd::Scalar, Sum { a: &[1.0_f32; 3], b: &[1.0; 2], y: &mut [0.0; 3], activation });
    }
}
