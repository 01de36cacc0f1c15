//! The transposed product with few columns: dot products down the contiguous columns of the weight.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many columns of the weight are taken at once: their sums are folded together.
const GROUP: usize = 4;

/// `d_x[i,b] = Σ_o W[o,i]·d_y[o,b]`, or added to what is there, for few columns of `d_y`; the weight is read once, in the
/// order of memory.
pub(super) struct DotProducts<'a, T> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`.
    pub d_x: &'a mut [T],
    /// O, at least 1.
    pub outputs: usize,
    /// I.
    pub inputs: usize,
    /// Whether the dot products are added to `d_x`; else they overwrite it.
    pub accumulate: bool,
}

impl<T: Real> Kernel<T> for DotProducts<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { weight, d_y, d_x, outputs, inputs, accumulate } = self;
        let batch = d_y.len() / outputs;
        assert!(batch.checked_mul(outputs) == Some(d_y.len()) && batch.checked_mul(inputs) == Some(d_x.len()));
        assert!(inputs.checked_mul(outputs) == Some(weight.len()));
        let (weight, d_y, d_x) = (weight.as_ptr(), d_y.as_ptr(), d_x.as_mut_ptr());
        let dots = Dots { weight, d_y, d_x, outputs, inputs, batch, accumulate };
        let full = inputs / GROUP * GROUP;
        // SAFETY: each column of the weight is met once, and the lengths of all slices have been checked.
        unsafe {
            for i in (0..full).step_by(GROUP) {
                dots.columns::<S, GROUP>(simd, i);
            }
            for i in full..inputs {
                dots.columns::<S, 1>(simd, i);
            }
        }
    }
}

/// [`DotProducts`] as pointers.
struct Dots<T> {
    weight: *const T,
    d_y: *const T,
    d_x: *mut T,
    outputs: usize,
    inputs: usize,
    batch: usize,
    accumulate: bool,
}

impl<T: Real> Dots<T> {
    /// `COLUMNS` columns of the weight from `i` on, with every column of `d_y`.
    ///
    /// # Safety
    /// The pointers are good for the sizes, and `i + COLUMNS ≤ inputs`.
    #[inline(always)]
    unsafe fn columns<S: Simd<T>, const COLUMNS: usize>(&self, simd: S, i: usize) {
        let Self { outputs, inputs, batch, accumulate, .. } = *self;
        let mut b = 0;
        while b < batch {
            // SAFETY: the columns are within the sizes.
            unsafe {
                let weight = self.weight.add(i * outputs);
                let (d_y, d_x) = (self.d_y.add(b * outputs), self.d_x.add(i + b * inputs));
                match batch - b {
                    4.. if S::REGISTERS == 32 => {
                        simd.call(Dot::<T, COLUMNS, 4> { weight, d_y, d_x, outputs, inputs, accumulate });
                        b += 4;
                    }
                    2.. => {
                        simd.call(Dot::<T, COLUMNS, 2> { weight, d_y, d_x, outputs, inputs, accumulate });
                        b += 2;
                    }
                    _ => {
                        simd.call(Dot::<T, COLUMNS, 1> { weight, d_y, d_x, outputs, inputs, accumulate });
                        b += 1;
                    }
                }
            }
        }
    }
}

/// `COLUMNS` columns of the weight with `BATCH` columns of `d_y`. Built by [`DotProducts`] alone, with good pointers.
struct Dot<T, const COLUMNS: usize, const BATCH: usize> {
    weight: *const T,
    d_y: *const T,
    d_x: *mut T,
    outputs: usize,
    inputs: usize,
    accumulate: bool,
}

impl<T: Real, const COLUMNS: usize, const BATCH: usize> Kernel<T> for Dot<T, COLUMNS, BATCH> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        // SAFETY: the pointers are good for that many columns of `outputs` values.
        unsafe {
            let mut sums = [[simd.splat(T::zero()); GROUP]; BATCH];
            let full = self.outputs / S::LANES * S::LANES;
            for o in (0..full).step_by(S::LANES) {
                self.step::<S, false>(simd, o, &mut sums);
            }
            if full < self.outputs {
                self.step::<S, true>(simd, full, &mut sums);
            }
            for (b, sums) in sums.into_iter().enumerate() {
                let dots = simd.sum4(sums);
                let to = self.d_x.add(b * self.inputs);
                for (i, &dot) in dots[..COLUMNS].iter().enumerate() {
                    let to = to.add(i);
                    *to = if self.accumulate { *to + dot } else { dot };
                }
            }
        }
    }
}

impl<T: Real, const COLUMNS: usize, const BATCH: usize> Dot<T, COLUMNS, BATCH> {
    /// One vector of each column, from row `o` on; with `TAIL` the rows that are left.
    #[inline(always)]
    unsafe fn step<S: Simd<T>, const TAIL: bool>(&self, simd: S, o: usize, sums: &mut [[S::Vector; GROUP]; BATCH]) {
        let load = |from: *const T| {
            // SAFETY: the column has a vector, or the rest of one, from there on.
            unsafe { if TAIL { simd.load_partial(from, self.outputs - o) } else { simd.load(from) } }
        };
        let mut d_y = [simd.splat(T::zero()); BATCH];
        // SAFETY: the pointers are good for that many columns of `outputs` values.
        unsafe {
            for (b, d_y) in d_y.iter_mut().enumerate() {
                *d_y = load(self.d_y.add(o + b * self.outputs));
            }
            for i in 0..COLUMNS {
                let weight = load(self.weight.add(o + i * self.outputs));
                for (sums, d_y) in sums.iter_mut().zip(d_y) {
                    sums[i] = simd.mul_add(weight, d_y, sums[i]);
                }
            }
        }
    }
}
