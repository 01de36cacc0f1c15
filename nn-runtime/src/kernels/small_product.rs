//! `y = f(W·x + b)` for a single column and sizes so small that the call of a shared kernel would take as long as the work.

use super::Kernels;
use super::blocked::chains;
use super::narrow::Narrow;
use super::packing::Lines;
use super::tile::{Operands, Start};
use crate::Real;
use crate::activations::Activation;
use crate::simd::{Kernel, Simd};

/// The most vectors of outputs, and the most of weights, of a small layer.
const OUTPUTS: usize = 16;
const WEIGHTS: usize = 64;

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

impl<T: Real, const I: usize, const O: usize> SmallProduct<'_, T, I, O> {
    /// Whether a small layer is compiled where it is called. A library that is built for debugging has the shared kernel for it,
    /// which is optimised even where the program is not.
    #[inline(always)]
    pub const fn pays<L: Kernels<T>>() -> bool {
        !cfg!(debug_assertions) && Self::is_small::<L>()
    }

    /// Whether a layer of these sizes is small on a level.
    const fn is_small<L: Kernels<T>>() -> bool {
        let outputs = O.div_ceil(L::LANES);
        let weights = if is_narrow(I, O, L::LANES) { (I * O).div_ceil(L::LANES) } else { I * outputs };
        outputs <= OUTPUTS && weights <= WEIGHTS
    }
}

/// Whether a vector holds several columns of a weight, and there are so many that bringing its lanes together is worth it.
const fn is_narrow(columns: usize, rows: usize, lanes: usize) -> bool {
    columns >= 16 && rows < lanes && matches!(rows, 1 | 2 | 4 | 8)
}

impl<T: Real, const I: usize, const O: usize> Kernel<T> for SmallProduct<'_, T, I, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        assert!(
            self.weight.len() == I * O && self.x.len() == I && self.y.len() == O,
            "the sizes are those of the layer"
        );
        assert!(self.bias.is_empty() || self.bias.len() == O, "the bias has one value for each output");
        assert!(O.div_ceil(S::LANES) <= OUTPUTS, "the layer is small");
        if is_narrow(I, O, S::LANES) {
            return Narrow::<T, O>(&mut self.operands()).run(simd);
        }
        let sums = self.sums(simd);
        for (v, &sum) in sums.iter().enumerate().take(O.div_ceil(S::LANES)) {
            let result = self.activation.lanes(simd, sum);
            // SAFETY: vector v of the result begins with one of its O values, and is cut to what is left.
            unsafe { simd.store_pieces(self.y.as_mut_ptr().add(v * S::LANES), result, Self::rows::<S>(v)) };
        }
    }
}

impl<T: Real, const I: usize, const O: usize> SmallProduct<'_, T, I, O> {
    /// The lengths have been checked.
    #[inline(always)]
    fn operands(&mut self) -> Operands<'_, T> {
        Operands {
            a: self.weight.as_ptr(),
            a_step: O,
            b: self.x.as_ptr(),
            b_step: 1,
            b_column: I,
            depth: I,
            start: if self.bias.is_empty() { Start::Zero } else { Start::Column(self.bias.as_ptr()) },
            c: self.y.as_mut_ptr(),
            c_column: O,
            last: O,
            rectify: false,
            activation: &self.activation,
            ahead: Lines::NONE,
        }
    }

    /// How many rows vector `v` of a column has.
    #[inline(always)]
    fn rows<S: Simd<T>>(v: usize) -> usize {
        (O - v * S::LANES).min(S::LANES)
    }

    /// Vector `v` of the column at `from`.
    #[inline(always)]
    unsafe fn load<S: Simd<T>>(simd: S, from: *const T, v: usize) -> S::Vector {
        // SAFETY: the caller promises a column of O values.
        unsafe { simd.load_partial(from.add(v * S::LANES), Self::rows::<S>(v)) }
    }

    /// `W·x + bias`; the lengths have been checked.
    #[inline(always)]
    fn sums<S: Simd<T>>(&self, simd: S) -> [S::Vector; OUTPUTS] {
        let (vectors, chains) = (O.div_ceil(S::LANES), chains::<T, S>(O));
        let mut sums = [[simd.splat(T::zero()); OUTPUTS]; CHAINS];
        if !self.bias.is_empty() {
            for (v, sum) in sums[0].iter_mut().enumerate().take(vectors) {
                // SAFETY: the bias has O values.
                *sum = unsafe { Self::load(simd, self.bias.as_ptr(), v) };
            }
        }
        let whole = I / chains * chains;
        for i in (0..whole).step_by(chains) {
            for (c, sums) in sums.iter_mut().enumerate().take(chains) {
                self.add_column(simd, i + c, sums);
            }
        }
        for (c, sums) in sums.iter_mut().enumerate().take(I - whole) {
            self.add_column(simd, whole + c, sums);
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
        sums[0]
    }

    /// Adds column `i` of the weight times value `i` of `x`.
    #[inline(always)]
    fn add_column<S: Simd<T>>(&self, simd: S, i: usize, sums: &mut [S::Vector; OUTPUTS]) {
        debug_assert!(i < I);
        // SAFETY: there are I columns of O values, and as many values of x.
        let (column, x) = unsafe { (self.weight.as_ptr().add(i * O), simd.splat(*self.x.as_ptr().add(i))) };
        for (v, sum) in sums.iter_mut().enumerate().take(O.div_ceil(S::LANES)) {
            // SAFETY: as above.
            *sum = simd.mul_add(unsafe { Self::load(simd, column, v) }, x, *sum);
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
            checks.bits_of_a_product::<8, 64>();
            checks.bits_of_a_product::<64, 4>();
            checks.bits_of_a_product::<13, 8>();
            checks.bits_of_a_product::<301, 2>();
            checks.bits_of_a_product::<400, 1>();
            checks.bits_of_a_product::<20, 3>();
        }

        fn bits_of_a_product<const I: usize, const O: usize>(&self) {
            if !SmallProduct::<T, I, O>::is_small::<L>() {
                return;
            }
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
