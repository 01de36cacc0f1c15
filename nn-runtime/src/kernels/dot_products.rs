//! The transposed product with few columns: dot products down the contiguous columns of the weight.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many columns of the weight are taken at once: their sums are folded together.
const GROUP: usize = 4;

/// `d_x[i,b] = Σ_o W[o,i]·d_y[o,b]` for few columns of `d_y`; the weight is read once, in the order of memory.
pub(super) struct DotProducts<'a, T> {
    /// `O × I`, column-major.
    pub weight: &'a [T],
    /// `O × B`.
    pub d_y: &'a [T],
    /// `I × B`; overwritten.
    pub d_x: &'a mut [T],
    /// O, at least 1.
    pub outputs: usize,
    /// I.
    pub inputs: usize,
}

impl<T: Real> Kernel<T> for DotProducts<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { weight, d_y, d_x, outputs, inputs } = self;
        let batch = d_y.len() / outputs;
        assert!(d_y.len() == batch * outputs && d_x.len() == batch * inputs && weight.len() == inputs * outputs);
        let mut i = 0;
        while i < inputs {
            let columns = GROUP.min(inputs - i);
            let mut b = 0;
            while b < batch {
                // SAFETY: `columns` columns of the weight from `i` on and the columns `b`, `b + 1` of `d_y` and `d_x`,
                // as far as they are named by `pair`, lie inside the slices.
                unsafe {
                    let weight = weight.as_ptr().add(i * outputs);
                    let d_y = d_y.as_ptr().add(b * outputs);
                    let d_x = d_x.as_mut_ptr().add(i + b * inputs);
                    let pair = batch - b >= 2;
                    match (columns == GROUP, pair) {
                        (true, true) => simd.call(Dot::<T, GROUP, 2> { weight, d_y, d_x, outputs, inputs }),
                        (true, false) => simd.call(Dot::<T, GROUP, 1> { weight, d_y, d_x, outputs, inputs }),
                        (false, _) => {
                            for j in 0..columns {
                                let (weight, d_x) = (weight.add(j * outputs), d_x.add(j));
                                if pair {
                                    simd.call(Dot::<T, 1, 2> { weight, d_y, d_x, outputs, inputs });
                                } else {
                                    simd.call(Dot::<T, 1, 1> { weight, d_y, d_x, outputs, inputs });
                                }
                            }
                        }
                    }
                    b += if pair { 2 } else { 1 };
                }
            }
            i += columns;
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
                self.step(simd, o, |from| simd.load(from), &mut sums);
            }
            if full < self.outputs {
                let last = self.outputs - full;
                self.step(simd, full, |from| simd.load_partial(from, last), &mut sums);
            }
            for (b, sums) in sums.into_iter().enumerate() {
                let dots = simd.sum4(sums);
                let to = self.d_x.add(b * self.inputs);
                for (i, &dot) in dots[..COLUMNS].iter().enumerate() {
                    *to.add(i) = dot;
                }
            }
        }
    }
}

impl<T: Real, const COLUMNS: usize, const BATCH: usize> Dot<T, COLUMNS, BATCH> {
    #[inline(always)]
    unsafe fn step<S: Simd<T>>(
        &self,
        simd: S,
        o: usize,
        load: impl Fn(*const T) -> S::Vector,
        sums: &mut [[S::Vector; GROUP]; BATCH],
    ) {
        let mut d_y = [simd.splat(T::zero()); BATCH];
        // SAFETY: the pointers are good for that many columns of `outputs` values.
        unsafe {
            for (b, d_y) in d_y.iter_mut().enumerate() {
                *d_y = load(self.d_y.add(o + b * self.outputs));
            }
            for i in 0..COLUMNS {
                let weight = load(self.weight.add(o + i * self.outputs));
                for b in 0..BATCH {
                    sums[b][i] = simd.mul_add(weight, d_y[b], sums[b][i]);
                }
            }
        }
    }
}
