//! Every kernel on every level and scalar against the obvious loops: odd sizes, slices off their alignment, dirty memory.

use core::fmt::Debug;
use core::marker::PhantomData;

use super::{ColumnSum, Kernels, OuterProduct, Product, SCRATCH, TransposedProduct};
use crate::Real;
use crate::activations::{Activation, Relu};

const BATCHES: [usize; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 64, 65];
const SIZES: [usize; 12] = [0, 1, 2, 3, 4, 7, 10, 17, 33, 63, 65, 100];

/// Sizes `(O, I, B)`: every small pair, and a few large ones that cross the blocks of rows and of depth.
fn sizes() -> Vec<(usize, usize, usize)> {
    let mut sizes = Vec::new();
    for outputs in SIZES {
        for inputs in SIZES {
            sizes.extend(BATCHES.map(|batch| (outputs, inputs, batch)));
        }
    }
    for batch in [1, 2, 5, 13, 65] {
        sizes.extend([(1000, 7, batch), (3, 1000, batch), (130, 1000, batch), (1000, 65, batch), (64, 784, batch)]);
    }
    sizes.extend([(65, 33, 1000), (1000, 300, 300), (17, 513, 260), (9000, 9, 1), (20, 257, 7), (4100, 150, 9)]);
    sizes
}

/// Values from −1 to 1 that look random.
pub(super) fn values<T: Real>(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::nearest((state >> 11) as f64 / (1u64 << 52) as f64 - 1.0).to_f64()
    };
    (0..len).map(|_| next()).collect()
}

/// Memory with NaN around and behind the values, which begin one value after the allocation.
pub(super) struct Guarded<T> {
    memory: Vec<T>,
    len: usize,
}

const GUARD: usize = 40;

impl<T: Real> Guarded<T> {
    pub fn new(values: &[f64]) -> Self {
        let mut memory = vec![T::nearest(f64::NAN); 1 + values.len() + GUARD];
        for (to, &x) in memory[1..].iter_mut().zip(values) {
            *to = T::nearest(x);
        }
        Self { memory, len: values.len() }
    }

    pub fn dirty(len: usize) -> Self {
        Self::new(&vec![f64::NAN; len])
    }

    pub fn slice(&self) -> &[T] {
        &self.memory[1..=self.len]
    }

    pub fn slice_mut(&mut self) -> &mut [T] {
        &mut self.memory[1..=self.len]
    }

    /// Whether each value is within `tolerance` of what is expected, and the memory around is untouched.
    pub fn assert_near(&self, expected: &[f64], tolerance: f64, what: impl Debug) {
        assert_eq!(self.len, expected.len(), "{what:?}");
        for (i, (x, &e)) in self.slice().iter().zip(expected).enumerate() {
            let error = (x.to_f64() - e).abs();
            assert!(error <= tolerance, "{what:?}: value {i} is {x:?}, not {e}");
        }
        let around = self.memory[..1].iter().chain(&self.memory[1 + self.len..]);
        assert!(around.into_iter().all(|x| x.to_f64().is_nan()), "{what:?}: memory around was written");
    }
}

/// The rounding of `depth` products of values up to 1 and of their sum.
pub(super) fn tolerance<T: Real>(depth: usize) -> f64 {
    T::default_epsilon().to_f64() * (depth as f64 + 4.0)
}

/// The checks, for scalar `T` on one level.
struct Checks<T, L> {
    level: L,
    scalar: PhantomData<T>,
}

impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
    fn all(level: L) {
        let checks = Self { level, scalar: PhantomData };
        for size in sizes() {
            checks.product(size);
            checks.transposed_product(size);
            checks.outer_product(size);
            checks.column_sum(size);
        }
        checks.columns_do_not_depend_on_the_batch();
    }

    fn product(&self, (outputs, inputs, batch): (usize, usize, usize)) {
        let weight = values::<T>(outputs * inputs, 1);
        let x = values::<T>(inputs * batch, 2);
        for (bias, rectify) in [(true, true), (false, false)] {
            let bias = values::<T>(if bias { outputs } else { 0 }, 3);
            let mut expected = vec![0.0; outputs * batch];
            for b in 0..batch {
                for o in 0..outputs {
                    let dot: f64 = (0..inputs).map(|i| weight[o + i * outputs] * x[i + b * inputs]).sum();
                    let y = dot + bias.get(o).copied().unwrap_or(0.0);
                    expected[o + b * outputs] = if rectify { y.max(0.0) } else { y };
                }
            }
            let mut y = Guarded::<T>::dirty(outputs * batch);
            self.level.product(Product {
                weight: Guarded::new(&weight).slice(),
                bias: Guarded::new(&bias).slice(),
                x: Guarded::new(&x).slice(),
                y: y.slice_mut(),
                outputs,
                activation: if rectify { Activation::Relu(Relu) } else { Activation::Linear },
                scratch: Guarded::dirty(SCRATCH).slice_mut(),
            });
            y.assert_near(&expected, tolerance::<T>(inputs), ("product", self.level, outputs, inputs, batch));
        }
    }

    fn transposed_product(&self, size: (usize, usize, usize)) {
        for accumulate in [false, true] {
            self.transposed_product_onto(size, accumulate);
        }
    }

    fn transposed_product_onto(&self, (outputs, inputs, batch): (usize, usize, usize), accumulate: bool) {
        let weight = values::<T>(outputs * inputs, 1);
        let d_y = values::<T>(outputs * batch, 2);
        let mut expected = values::<T>(inputs * batch, 3);
        let mut d_x = if accumulate { Guarded::<T>::new(&expected) } else { Guarded::dirty(inputs * batch) };
        if !accumulate {
            expected.fill(0.0);
        }
        for b in 0..batch {
            for i in 0..inputs {
                let dot: f64 = (0..outputs).map(|o| weight[o + i * outputs] * d_y[o + b * outputs]).sum();
                expected[i + b * inputs] += dot;
            }
        }
        self.level.transposed_product(TransposedProduct {
            weight: Guarded::new(&weight).slice(),
            d_y: Guarded::new(&d_y).slice(),
            d_x: d_x.slice_mut(),
            outputs,
            accumulate,
            scratch: Guarded::dirty(SCRATCH).slice_mut(),
        });
        let what = ("transposed", self.level, outputs, inputs, batch, accumulate);
        d_x.assert_near(&expected, tolerance::<T>(outputs), what);
    }

    fn outer_product(&self, size: (usize, usize, usize)) {
        for accumulate in [false, true] {
            self.outer_product_onto(size, accumulate);
        }
    }

    fn outer_product_onto(&self, (outputs, inputs, batch): (usize, usize, usize), accumulate: bool) {
        let d_y = values::<T>(outputs * batch, 1);
        let x = values::<T>(inputs * batch, 2);
        let mut expected = values::<T>(outputs * inputs, 3);
        let mut d_weight = if accumulate { Guarded::<T>::new(&expected) } else { Guarded::dirty(outputs * inputs) };
        if !accumulate {
            expected.fill(0.0);
        }
        for i in 0..inputs {
            for o in 0..outputs {
                let dot: f64 = (0..batch).map(|b| d_y[o + b * outputs] * x[i + b * inputs]).sum();
                expected[o + i * outputs] += dot;
            }
        }
        self.level.outer_product(OuterProduct {
            d_y: Guarded::new(&d_y).slice(),
            x: Guarded::new(&x).slice(),
            d_weight: d_weight.slice_mut(),
            outputs,
            accumulate,
            scratch: Guarded::dirty(SCRATCH).slice_mut(),
        });
        let what = ("outer", self.level, outputs, inputs, batch, accumulate);
        d_weight.assert_near(&expected, tolerance::<T>(batch), what);
    }

    fn column_sum(&self, size: (usize, usize, usize)) {
        for accumulate in [false, true] {
            self.column_sum_onto(size, accumulate);
        }
    }

    fn column_sum_onto(&self, (rows, _, batch): (usize, usize, usize), accumulate: bool) {
        let d_y = values::<T>(rows * batch, 1);
        let mut expected = values::<T>(rows, 2);
        let mut d_bias = if accumulate { Guarded::<T>::new(&expected) } else { Guarded::dirty(rows) };
        if !accumulate {
            expected.fill(0.0);
        }
        for b in 0..batch {
            for r in 0..rows {
                expected[r] += d_y[r + b * rows];
            }
        }
        self.level.column_sum(ColumnSum { d_y: Guarded::new(&d_y).slice(), d_bias: d_bias.slice_mut(), accumulate });
        d_bias.assert_near(&expected, tolerance::<T>(batch * batch), ("column sum", self.level, rows, batch));
    }

    /// The same bits for a column alone, among a few, and among many.
    fn columns_do_not_depend_on_the_batch(&self) {
        for (outputs, inputs) in
            [(1, 9), (10, 784), (20, 600), (40, 70), (64, 64), (65, 33), (128, 784), (1000, 300), (4200, 300)]
                .into_iter()
                .chain([(1, 700), (2, 601), (4, 64), (8, 77)])
        {
            let weight = Guarded::<T>::new(&values::<T>(outputs * inputs, 1));
            let bias = Guarded::<T>::new(&values::<T>(outputs, 2));
            let x = Guarded::<T>::new(&values::<T>(inputs * 150, 3));
            let columns = |batch: usize| {
                let mut y = vec![T::nearest(f64::NAN); outputs * batch];
                self.level.product(Product {
                    weight: weight.slice(),
                    bias: bias.slice(),
                    x: &x.slice()[..inputs * batch],
                    y: &mut y,
                    outputs,
                    activation: Activation::Linear,
                    scratch: Guarded::dirty(SCRATCH).slice_mut(),
                });
                y
            };
            let all = columns(150);
            for batch in [1, 2, 3, 5, 6, 7, 8, 40, 64] {
                let few = columns(batch);
                let bits = |y: &[T]| y.iter().map(|y| y.to_f64().to_bits()).collect::<Vec<_>>();
                assert_eq!(
                    bits(&few),
                    bits(&all[..few.len()]),
                    "{:?}: {outputs} × {inputs}, {batch} columns",
                    self.level
                );
            }
        }
    }
}

/// A test of `$checks::<T, L>::all` for each instruction set and scalar.
macro_rules! on_every_level {
    ($checks:ident) => {
        $crate::kernels::tests::on_every_level!(@scalar $checks, scalar_f32, f32);
        $crate::kernels::tests::on_every_level!(@scalar $checks, scalar_f64, f64);
        $crate::kernels::tests::on_every_level!(@x86 "avx2" $checks, avx2_f32, f32, Avx2);
        $crate::kernels::tests::on_every_level!(@x86 "avx2" $checks, avx2_f64, f64, Avx2);
        $crate::kernels::tests::on_every_level!(@x86 "avx512" $checks, avx512_f32, f32, Avx512);
        $crate::kernels::tests::on_every_level!(@x86 "avx512" $checks, avx512_f64, f64, Avx512);
    };
    (@scalar $checks:ident, $test:ident, $t:ty) => {
        #[test]
        fn $test() {
            $checks::<$t, _>::all($crate::simd::Scalar);
        }
    };
    (@x86 $feature:literal $checks:ident, $test:ident, $t:ty, $level:ident) => {
        #[cfg(all(target_arch = "x86_64", feature = $feature))]
        #[test]
        fn $test() {
            if $crate::simd::Level::$level.is_supported() {
                // SAFETY: the processor has the instructions.
                $checks::<$t, _>::all(unsafe { $crate::simd::$level::new_unchecked() });
            }
        }
    };
}

pub(super) use on_every_level;

on_every_level!(Checks);
