//! A product with a single column: every weight is read once, in the order of memory.

use crate::Real;
use crate::activations::{Pointwise, Relu};
use crate::simd::{Kernel, Simd};

/// How many columns of the weight meet the result on one of its ways through the registers.
const GROUP: usize = 4;

/// `y = f(W·x + bias)` for more rows than four vectors. Each sum is one chain through the inputs in ascending order, as in
/// the register tile.
pub(super) struct MatrixVector<'a, T> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O` values, or none.
    pub bias: &'a [T],
    /// `I` values.
    pub x: &'a [T],
    /// `O` values; overwritten.
    pub y: &'a mut [T],
    /// Whether the results pass through [`Relu`].
    pub rectify: bool,
}

impl<T: Real> Kernel<T> for MatrixVector<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        assert!(self.x.len().checked_mul(self.y.len()) == Some(self.weight.len()));
        assert!(self.bias.is_empty() || self.bias.len() == self.y.len());
        simd.call(Streams(self));
    }
}

/// The result goes through the registers once for each [`GROUP`] of columns, so that these are read as that many streams.
struct Streams<'a, T>(MatrixVector<'a, T>);

impl<T: Real> Kernel<T> for Streams<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let MatrixVector { weight, bias, x, y, rectify } = self.0;
        let rows = y.len();
        if rows == 0 {
            return;
        }
        if bias.is_empty() {
            y.fill(T::zero());
        } else {
            y.copy_from_slice(bias);
        }
        // Wide vectors outrun the prefetchers, which follow one stream of short columns better than several.
        let group = if S::REGISTERS == 32 && rows <= 32 * S::LANES { 1 } else { GROUP };
        let (mut columns, mut inputs) = (weight.chunks_exact(group * rows), x.chunks_exact(group));
        for (weight, x) in (&mut columns).zip(&mut inputs) {
            if group == GROUP {
                simd.call(Group::<T, GROUP> { weight, x, y });
            } else {
                simd.call(Group::<T, 1> { weight, x, y });
            }
        }
        for (weight, x) in columns.remainder().chunks_exact(rows).zip(inputs.remainder().chunks_exact(1)) {
            simd.call(Group::<T, 1> { weight, x, y });
        }
        if rectify {
            simd.call(Rectify(y));
        }
    }
}

/// `y += W·x` for `N` columns.
struct Group<'a, T, const N: usize> {
    weight: &'a [T],
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Real, const N: usize> Kernel<T> for Group<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { weight, x, y } = self;
        let rows = y.len();
        assert!(x.len() == N && weight.len() == N * rows);
        let mut right = [simd.splat(T::zero()); N];
        for (right, &x) in right.iter_mut().zip(x) {
            *right = simd.splat(x);
        }
        // SAFETY: `N` columns of `rows` values, and as many results.
        unsafe {
            let full = rows / S::LANES * S::LANES;
            for r in (0..full).step_by(S::LANES) {
                let mut sum = simd.load(y.as_ptr().add(r));
                for (j, &right) in right.iter().enumerate() {
                    sum = simd.mul_add(simd.load(weight.as_ptr().add(r + j * rows)), right, sum);
                }
                simd.store(y.as_mut_ptr().add(r), sum);
            }
            if full < rows {
                let last = rows - full;
                let mut sum = simd.load_partial(y.as_ptr().add(full), last);
                for (j, &right) in right.iter().enumerate() {
                    sum = simd.mul_add(simd.load_partial(weight.as_ptr().add(full + j * rows), last), right, sum);
                }
                simd.store_partial(y.as_mut_ptr().add(full), sum, last);
            }
        }
    }
}

/// [`Relu`] in place.
struct Rectify<'a, T>(&'a mut [T]);

impl<T: Real> Kernel<T> for Rectify<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        for part in self.0.chunks_mut(S::LANES) {
            // SAFETY: the part has that many values.
            unsafe {
                let y = simd.load_partial(part.as_ptr(), part.len());
                simd.store_partial(part.as_mut_ptr(), Relu.forward(simd, y), part.len());
            }
        }
    }
}
