//! The register tile: the innermost loop of every dense product.
//!
//! A tile is a block of the result, `VECTORS` vectors tall and `COLUMNS` columns wide, that stays in registers while the
//! depth `k` runs:
//!
//! ```text
//! c[r, j]  = f(start[r, j] + Σₖ a[r + k·a_step] · b[k·b_step + j·b_column])
//! ```
//!
//! `a` is read as vectors, `b` is broadcast value by value. A sum over several pairs of operands (a depth in blocks, a
//! convolution's taps) is a sequence of tiles, each of which starts from the one before.
//!
//! The sum runs through `k` in ascending order as one chain of fused multiply-adds that begins with the start value. A
//! result with few vectors would wait for the latency of that chain, so there it is cut into `CHAINS`: the first takes the
//! start value, chain `s` takes the `k ≡ s (mod CHAINS)`, and the halves are added pairwise. Neither depends on the number
//! of columns.

use super::packing::Lines;
use crate::Real;
use crate::activations::{Activation, Pointwise, Relu};
use crate::simd::{Kernel, Simd};

/// What the sums of a tile begin with.
#[derive(Clone, Copy)]
pub(super) enum Start<T> {
    /// Nothing.
    Zero,
    /// A column of values, the same for each column of the result.
    Column(*const T),
    /// What the result's memory holds.
    Output,
}

/// The operands of a tile, with their strides in values.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a, T> {
    /// The left operand: `depth` columns of vectors.
    pub a: *const T,
    /// From one column of `a` to the next.
    pub a_step: usize,
    /// The right operand: `depth × COLUMNS` values.
    pub b: *const T,
    /// From one `k` to the next.
    pub b_step: usize,
    /// From one column of the result to the next.
    pub b_column: usize,
    /// How many products each sum has.
    pub depth: usize,
    /// What the sums begin with.
    pub start: Start<T>,
    /// The result.
    pub c: *mut T,
    /// From one column of the result to the next.
    pub c_column: usize,
    /// How many rows of the last vector there are: `1 ..= LANES`.
    pub last: usize,
    /// Whether the results pass through [`Relu`].
    pub rectify: bool,
    /// What the results of a tile of one vector pass through besides.
    pub activation: &'a Activation,
    /// What is asked for meanwhile, a run for each `k` until there is none left.
    pub ahead: Lines<T>,
}

/// Computes one tile. With `TAIL`, the last vector of each column has [`Operands::last`] values, else it is full.
///
/// # Safety
/// For the tile's rows and columns, `a`, `b` and the start are readable and `c` is writable, and nothing else writes them.
#[inline(always)]
pub(super) unsafe fn multiply<
    T: Real,
    S: Simd<T>,
    const VECTORS: usize,
    const COLUMNS: usize,
    const CHAINS: usize,
    const TAIL: bool,
>(
    simd: S,
    operands: &Operands<'_, T>,
) {
    simd.call(Tile::<'_, T, VECTORS, COLUMNS, CHAINS, TAIL>(operands));
}

/// Built by [`multiply`] alone, whose caller promises that the pointers are good.
struct Tile<'a, T, const VECTORS: usize, const COLUMNS: usize, const CHAINS: usize, const TAIL: bool>(
    &'a Operands<'a, T>,
);

/// The sums of one chain.
type Sums<V, const VECTORS: usize, const COLUMNS: usize> = [[V; VECTORS]; COLUMNS];

impl<T: Real, const VECTORS: usize, const COLUMNS: usize, const CHAINS: usize, const TAIL: bool> Kernel<T>
    for Tile<'_, T, VECTORS, COLUMNS, CHAINS, TAIL>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        if const { !Self::exists::<S>() } {
            unreachable!("a tile that its level does not have");
        }
        // SAFETY: the promise of `multiply`'s caller.
        unsafe {
            let mut sums = [[[simd.splat(T::zero()); VECTORS]; COLUMNS]; CHAINS];
            self.begin(simd, &mut sums[0]);
            let (mut a, mut b, mut ahead) = (self.0.a, self.0.b, self.0.ahead);
            for _ in 0..self.0.depth / CHAINS {
                if const { CHAINS == 1 && COLUMNS > 3 } {
                    ahead.prefetch(simd);
                }
                for chain in &mut sums {
                    self.step(simd, a, b, chain);
                    (a, b) = (a.wrapping_add(self.0.a_step), b.wrapping_add(self.0.b_step));
                }
            }
            for (s, chain) in sums.iter_mut().enumerate() {
                if CHAINS > 1 && s < self.0.depth % CHAINS {
                    self.step(simd, a, b, chain);
                    (a, b) = (a.wrapping_add(self.0.a_step), b.wrapping_add(self.0.b_step));
                }
            }
            self.finish(simd, &mut sums);
        }
    }
}

impl<T: Real, const VECTORS: usize, const COLUMNS: usize, const CHAINS: usize, const TAIL: bool>
    Tile<'_, T, VECTORS, COLUMNS, CHAINS, TAIL>
{
    /// Whether the level uses such a tile: a quarter of its registers is left for the operands. For the others, which are named
    /// where the levels choose theirs, nothing is compiled.
    const fn exists<S: Simd<T>>() -> bool {
        let has_room = VECTORS * COLUMNS * CHAINS * 4 <= S::REGISTERS * 3;
        has_room && (S::LANES > 1 || VECTORS <= 4 && COLUMNS <= 3)
    }

    /// Vector `v` of the column at `from`.
    #[inline(always)]
    unsafe fn load<S: Simd<T>>(&self, simd: S, from: *const T, v: usize) -> S::Vector {
        // SAFETY: the promise of `multiply`'s caller.
        unsafe {
            let from = from.add(v * S::LANES);
            if Self::partial::<S>(v) { simd.load_partial(from, self.0.last) } else { simd.load(from) }
        }
    }

    const fn partial<S: Simd<T>>(v: usize) -> bool {
        TAIL && S::LANES > 1 && v == VECTORS - 1
    }

    #[inline(always)]
    unsafe fn begin<S: Simd<T>>(&self, simd: S, sums: &mut Sums<S::Vector, VECTORS, COLUMNS>) {
        let (start, column) = match self.0.start {
            Start::Zero => return,
            Start::Column(start) => (start, 0),
            Start::Output => (self.0.c.cast_const(), self.0.c_column),
        };
        for (j, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the promise of `multiply`'s caller.
                *sum = unsafe { self.load(simd, start.add(j * column), v) };
            }
        }
    }

    #[inline(always)]
    unsafe fn step<S: Simd<T>>(&self, simd: S, a: *const T, b: *const T, sums: &mut Sums<S::Vector, VECTORS, COLUMNS>) {
        // SAFETY: the promise of `multiply`'s caller.
        unsafe {
            // The shorter side stays in registers while the longer passes.
            if VECTORS <= COLUMNS + 1 {
                let mut left = [simd.splat(T::zero()); VECTORS];
                for (v, left) in left.iter_mut().enumerate() {
                    *left = self.load(simd, a, v);
                }
                for (j, sums) in sums.iter_mut().enumerate() {
                    let right = simd.splat(*b.add(j * self.0.b_column));
                    for (sum, left) in sums.iter_mut().zip(left) {
                        *sum = simd.mul_add(left, right, *sum);
                    }
                }
            } else {
                let mut right = [simd.splat(T::zero()); COLUMNS];
                for (j, right) in right.iter_mut().enumerate() {
                    *right = simd.splat(*b.add(j * self.0.b_column));
                }
                for v in 0..VECTORS {
                    let left = self.load(simd, a, v);
                    for (sums, &right) in sums.iter_mut().zip(&right) {
                        sums[v] = simd.mul_add(left, right, sums[v]);
                    }
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn finish<S: Simd<T>>(&self, simd: S, sums: &mut [Sums<S::Vector, VECTORS, COLUMNS>; CHAINS]) {
        let mut left = CHAINS;
        while left > 1 {
            left /= 2;
            let (sums, others) = sums.split_at_mut(left);
            for (sum, other) in sums.as_flattened_mut().iter_mut().zip(others.as_flattened()) {
                for (sum, &other) in sum.iter_mut().zip(other) {
                    *sum = simd.add(*sum, other);
                }
            }
        }
        if self.0.rectify {
            for sum in sums[0].as_flattened_mut() {
                *sum = Relu.forward(simd, *sum);
            }
        }
        if VECTORS == 1 && COLUMNS == 1 {
            let sum = self.0.activation.lanes(simd, sums[0][0][0]);
            // SAFETY: the promise of `multiply`'s caller.
            return unsafe { simd.store_pieces(self.0.c, sum, if TAIL { self.0.last } else { S::LANES }) };
        }
        for (j, sums) in sums[0].iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                // SAFETY: the promise of `multiply`'s caller.
                unsafe {
                    let to = self.0.c.add(j * self.0.c_column + v * S::LANES);
                    if Self::partial::<S>(v) {
                        simd.store_partial(to, sum, self.0.last);
                    } else {
                        simd.store(to, sum);
                    }
                }
            }
        }
    }
}
