//! A product with a single column and one, two, four or eight rows: several columns of the weight make one vector.

use super::blocked::{DEPTH, chains};
use super::tile::{Operands, Start};
use crate::Real;
use crate::activations::{Activation, Pointwise, Relu};
use crate::simd::{Kernel, Simd};

/// The most vectors that hold the chains of all rows.
const VECTORS: usize = 4;

/// What the register tile does for `ROWS` rows and one column, bit for bit: chain `s` of row `r` has lane `r + s·ROWS`. A vector
/// meets as many values of the right operand as it has columns, each repeated for the rows.
///
/// Built where the caller of [`single_column`](super::blocked::single_column) promises that the pointers are good, and where the
/// columns of `a` follow one another.
pub(super) struct Narrow<'a, 'b, T, const ROWS: usize>(pub &'a mut Operands<'b, T>);

impl<T: Real, const ROWS: usize> Kernel<T> for Narrow<'_, '_, T, ROWS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        let Operands { depth, rectify, activation, .. } = *self.0;
        let mut left = depth;
        while left > DEPTH {
            // SAFETY: the promise of the one who built this, for a part of the depth.
            unsafe { self.block(simd, DEPTH, false, &Activation::Linear) };
            self.0.a = self.0.a.wrapping_add(DEPTH * ROWS);
            self.0.b = self.0.b.wrapping_add(DEPTH);
            self.0.start = Start::Output;
            left -= DEPTH;
        }
        // SAFETY: the promise of the one who built this, for the last part of the depth.
        unsafe { self.block(simd, left, rectify, activation) };
    }
}

impl<T: Real, const ROWS: usize> Narrow<'_, '_, T, ROWS> {
    /// Whether a vector of the level holds several columns.
    pub const fn exists<S: Simd<T>>() -> bool {
        ROWS < S::LANES && ROWS.is_power_of_two()
    }

    /// How many lanes of a vector there are sums in, and the columns of these.
    #[inline(always)]
    fn lanes<S: Simd<T>>() -> (usize, usize) {
        let lanes = S::LANES.min(ROWS * chains::<T, S>(ROWS));
        (lanes, lanes / ROWS)
    }

    #[inline(always)]
    unsafe fn block<S: Simd<T>>(&mut self, simd: S, depth: usize, rectify: bool, activation: &Activation) {
        if const { !Self::exists::<S>() } {
            unreachable!("a product that is not narrow on its level");
        }
        let chains = chains::<T, S>(ROWS);
        // SAFETY: the promise of the one who built this.
        unsafe {
            let mut sums = [simd.splat(T::zero()); VECTORS];
            match self.0.start {
                Start::Zero => {}
                Start::Column(start) => sums[0] = simd.load_partial(start, ROWS),
                Start::Output => sums[0] = simd.load_partial(self.0.c, ROWS),
            }
            let (mut a, mut b) = (self.0.a, self.0.b);
            for _ in 0..depth / chains {
                Self::step(simd, a, b, &mut sums);
                (a, b) = (a.wrapping_add(chains * ROWS), b.wrapping_add(chains));
            }
            Self::last_step(simd, a, b, depth % chains, &mut sums);
            let mut sum = Self::fold(simd, sums);
            if rectify {
                sum = Relu.forward(simd, sum);
            }
            simd.store_pieces(self.0.c, activation.lanes(simd, sum), ROWS);
        }
    }

    /// One column for each chain.
    #[inline(always)]
    unsafe fn step<S: Simd<T>>(simd: S, a: *const T, b: *const T, sums: &mut [S::Vector; VECTORS]) {
        let (lanes, columns) = Self::lanes::<S>();
        for (v, sum) in sums.iter_mut().enumerate().take(ROWS * chains::<T, S>(ROWS) / lanes) {
            // SAFETY: the promise of the one who built this.
            unsafe {
                let a = a.add(v * lanes);
                let left = if lanes == S::LANES { simd.load(a) } else { simd.load_partial(a, lanes) };
                let right = simd.spread(simd.load_partial(b.add(v * columns), columns), ROWS);
                *sum = simd.mul_add(left, right, *sum);
            }
        }
    }

    /// The columns that are left, fewer than there are chains. The sums of the others keep even the sign of a zero.
    #[inline(always)]
    unsafe fn last_step<S: Simd<T>>(simd: S, a: *const T, b: *const T, depth: usize, sums: &mut [S::Vector; VECTORS]) {
        let (lanes, columns) = Self::lanes::<S>();
        for (v, sum) in sums.iter_mut().enumerate() {
            let columns = columns.min(depth.saturating_sub(v * columns));
            if columns == 0 {
                return;
            }
            // SAFETY: the promise of the one who built this.
            unsafe {
                let left = simd.load_partial(a.add(v * lanes), columns * ROWS);
                let right = simd.spread(simd.load_partial(b.add(v * lanes / ROWS), columns), ROWS);
                *sum = simd.neg_mul_add(simd.sub(simd.splat(T::zero()), left), right, *sum);
            }
        }
    }

    /// The sums over the chains, in the first lanes: the halves are added pairwise.
    #[inline(always)]
    fn fold<S: Simd<T>>(simd: S, mut sums: [S::Vector; VECTORS]) -> S::Vector {
        let (lanes, mut columns) = Self::lanes::<S>();
        let mut vectors = ROWS * chains::<T, S>(ROWS) / lanes;
        while vectors > 1 {
            vectors /= 2;
            for v in 0..vectors {
                sums[v] = simd.add(sums[v], sums[v + vectors]);
            }
        }
        let mut sum = sums[0];
        while columns > 1 {
            columns /= 2;
            sum = simd.add(sum, simd.rotate(sum, columns * ROWS));
        }
        sum
    }
}
