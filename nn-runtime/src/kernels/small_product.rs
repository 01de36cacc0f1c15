//! `y = f(W·x + b)` for a single column and sizes so small that the call of a shared kernel would take as long as the work.

use super::blocked::chains;
use crate::Real;
use crate::activations::Activation;
use crate::simd::{Kernel, Simd};

/// The most outputs, and the most products, of a small layer.
const OUTPUTS: usize = 16;
const PRODUCTS: usize = 128;

/// The most chains that a sum is cut into.
const CHAINS: usize = 8;

/// What [`Product`](super::Product) does for one column, bit for bit, with sizes that the compiler knows: it is compiled where it is called.
///
/// # Panics
/// If the lengths of the slices do not fit the sizes.
pub(crate) struct SmallProduct<'a, T, const I: usize, const O: usize> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O` values, or none.
    pub bias: &'a [T],
    /// `I` values.
    pub x: &'a [T],
    /// `O` values; overwritten.
    pub y: &'a mut [T],
    /// f.
    pub activation: Activation,
}

impl<T, const I: usize, const O: usize> SmallProduct<'_, T, I, O> {
    /// Whether a layer of these sizes is small. A program that is built for debugging calls the shared kernel, which is optimised
    /// even where the program is not.
    pub const PAYS: bool = !cfg!(debug_assertions) && O <= OUTPUTS && I * O <= PRODUCTS;
}

impl<T: Real, const I: usize, const O: usize> Kernel<T> for SmallProduct<'_, T, I, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { weight, bias, x, y, activation } = self;
        assert!(weight.len() == I * O && x.len() == I && y.len() == O, "the sizes are those of the layer");
        assert!(bias.is_empty() || bias.len() == O, "the bias has one value for each output");
        let (vectors, chains) = (O.div_ceil(S::LANES), chains::<T, S>(O));
        let lanes = |v: usize| (O - v * S::LANES).min(S::LANES);
        // SAFETY: vector v of a column begins with one of its O values, and is cut to what is left.
        let load = |from: *const T, v: usize| unsafe { simd.load_partial(from.add(v * S::LANES), lanes(v)) };
        let mut sums = [[simd.splat(T::zero()); OUTPUTS]; CHAINS];
        if !bias.is_empty() {
            for (v, sum) in sums[0].iter_mut().enumerate().take(vectors) {
                *sum = load(bias.as_ptr(), v);
            }
        }
        let (weight, x) = (weight.as_ptr(), x.as_ptr());
        let step = |sums: &mut [S::Vector; OUTPUTS], i: usize| {
            // SAFETY: there are I columns, and as many values of x.
            let (column, x) = unsafe { (weight.add(i * O), simd.splat(*x.add(i))) };
            for (v, sum) in sums.iter_mut().enumerate().take(vectors) {
                *sum = simd.mul_add(load(column, v), x, *sum);
            }
        };
        let whole = I / chains * chains;
        for i in (0..whole).step_by(chains) {
            for (c, sums) in sums.iter_mut().enumerate().take(chains) {
                step(sums, i + c);
            }
        }
        for (c, sums) in sums.iter_mut().enumerate().take(I - whole) {
            step(sums, whole + c);
        }
        let mut left = chains;
        while left > 1 {
            left /= 2;
            let (sums, others) = sums.split_at_mut(left);
            for (sums, others) in sums.iter_mut().zip(others.iter()).take(left) {
                for (sum, &other) in sums.iter_mut().zip(others).take(vectors) {
                    *sum = simd.add(*sum, other);
                }
            }
        }
        for (v, &sum) in sums[0].iter().enumerate().take(vectors) {
            let result = activation.lanes(simd, sum);
            // SAFETY: as above.
            unsafe { simd.store_pieces(y.as_mut_ptr().add(v * S::LANES), result, lanes(v)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;
    use core::marker::PhantomData;

    use super::*;
    use crate::activations::{Relu, Tanh};
    use crate::kernels::tests::{Guarded, values};
    use crate::kernels::{Kernels, Product, SCRATCH};

    /// The checks, for scalar `T` on one level.
    struct Checks<T, L> {
        level: L,
        scalar: PhantomData<T>,
    }

    impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
        fn all(level: L) {
            let checks = Self { level, scalar: PhantomData };
            checks.bits_of_a_product::<1, 1>();
            checks.bits_of_a_product::<2, 4>();
            checks.bits_of_a_product::<4, 2>();
            checks.bits_of_a_product::<3, 9>();
            checks.bits_of_a_product::<17, 5>();
            checks.bits_of_a_product::<31, 7>();
            checks.bits_of_a_product::<32, 16>();
            checks.bits_of_a_product::<100, 3>();
        }

        fn bits_of_a_product<const I: usize, const O: usize>(&self) {
            let (weight, x) = (Guarded::<T>::new(&values::<T>(I * O, 1)), Guarded::<T>::new(&values::<T>(I, 2)));
            let (weight, x) = (weight.slice(), x.slice());
            for bias in [values::<T>(O, 3), vec![]] {
                let bias = Guarded::<T>::new(&bias);
                for activation in [Activation::Linear, Activation::Relu(Relu), Activation::Tanh(Tanh)] {
                    let (bias, mut expected) = (bias.slice(), Guarded::<T>::dirty(O));
                    let (y, scratch) = (expected.slice_mut(), &mut vec![T::zero(); SCRATCH]);
                    self.level.product(Product { weight, bias, x, y, outputs: O, activation, scratch });
                    let expected: Vec<_> = expected.slice().iter().map(|value| value.to_f64()).collect();
                    let mut found = Guarded::<T>::dirty(O);
                    let y = found.slice_mut();
                    self.level.run(SmallProduct::<T, I, O> { weight, bias, x, y, activation });
                    found.assert_near(&expected, 0.0, (self.level, I, O, activation));
                }
            }
        }
    }

    crate::kernels::tests::on_every_level!(Checks);
}
