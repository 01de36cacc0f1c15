//! Every operation of every level against plain code on single values.

use super::{Level, Scalar, Simd, UnsupportedLevel, force_level};
use crate::Real;

/// What the reference has to know of a scalar beyond [`Real`].
trait Reference: Real {
    const SMALLEST: Self;
    const SMALLEST_NORMAL: Self;
    const LARGEST: Self;
    /// The largest `n` that [`Simd::scale`] takes.
    const SCALE: i32;

    /// `a · 2ⁿ`, rounded once.
    fn times_power(a: Self, n: i32) -> Self;
    fn round_ties_even(a: Self) -> Self;
    /// The bits, one pattern for every NaN.
    fn bits(self) -> u64;
}

impl Reference for f32 {
    const SMALLEST: Self = Self::from_bits(1);
    const SMALLEST_NORMAL: Self = Self::MIN_POSITIVE;
    const LARGEST: Self = Self::MAX;
    const SCALE: i32 = 252;

    fn times_power(a: Self, n: i32) -> Self {
        (f64::from(a) * 2f64.powi(n)) as Self
    }
    fn round_ties_even(a: Self) -> Self {
        a.round_ties_even()
    }
    fn bits(self) -> u64 {
        if self.is_nan() { u64::MAX } else { u64::from(self.to_bits()) }
    }
}

impl Reference for f64 {
    const SMALLEST: Self = Self::from_bits(1);
    const SMALLEST_NORMAL: Self = Self::MIN_POSITIVE;
    const LARGEST: Self = Self::MAX;
    const SCALE: i32 = 2044;

    fn times_power(a: Self, n: i32) -> Self {
        if a == 0.0 || !a.is_finite() {
            return a;
        }
        // |a| = m · 2ᵉ with integers; shifted right with ties to even where the result is subnormal.
        let field = (a.to_bits() >> 52 & 0x7ff) as i32;
        let fraction = a.to_bits() & ((1 << 52) - 1);
        let (m, e) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
        let (m, e) = (m << m.leading_zeros() >> 11, e - (m.leading_zeros().cast_signed() - 11));
        let magnitude = match e + n {
            exponent @ -1074..=971 => Self::from_bits(((exponent + 1075) as u64) << 52 | m & ((1 << 52) - 1)),
            exponent @ ..-1074 => {
                let shift = (-1074 - exponent).min(63) as u32;
                let (kept, lost) = (m >> shift, m & ((1 << shift) - 1));
                let half = 1 << (shift - 1);
                Self::from_bits(kept + u64::from(lost > half || lost == half && kept % 2 == 1))
            }
            _ => Self::INFINITY,
        };
        magnitude.copysign(a)
    }
    fn round_ties_even(a: Self) -> Self {
        a.round_ties_even()
    }
    fn bits(self) -> u64 {
        if self.is_nan() { u64::MAX } else { self.to_bits() }
    }
}

fn real<T: Real>(x: f64) -> T {
    T::nearest(x)
}

/// Zeros, subnormal numbers, halves, large ones, infinities, NaN.
fn interesting<T: Reference>() -> Vec<T> {
    let tiny = T::SMALLEST_NORMAL - T::SMALLEST;
    let large = [0.0, 0.3, 0.5, 1.0, 1.5, 2.5, 3.5, 1e6 + 0.5, 7e6 + 0.5, 3e9, 1e30, f64::INFINITY, f64::NAN];
    let mut values: Vec<T> = large.map(real).to_vec();
    values.extend([T::SMALLEST, tiny, T::SMALLEST_NORMAL, T::LARGEST]);
    values.iter().flat_map(|&x| [x, -x]).collect()
}

/// The operations of one level on scalar `T`.
struct Operations<S>(S);

impl<S> Operations<S> {
    fn all<T: Reference>(simd: S)
    where
        S: Simd<T>,
    {
        let operations = Self(simd);
        operations.one_operand::<T>();
        operations.two_operands::<T>();
        operations.comparisons::<T>();
        operations.multiply_add::<T>();
        operations.scale::<T>();
        operations.split_exponent::<T>();
        operations.partial_access::<T>();
        operations.folds::<T>();
        operations.lanes_of_others::<T>();
        operations.transpose::<T>();
    }

    fn lanes<T: Reference>(&self, v: S::Vector) -> Vec<T>
    where
        S: Simd<T>,
    {
        let mut lanes = vec![T::zero(); S::LANES];
        // SAFETY: room for a vector.
        unsafe { self.0.store(lanes.as_mut_ptr(), v) };
        lanes
    }

    fn vector<T: Reference>(&self, lanes: &[T]) -> S::Vector
    where
        S: Simd<T>,
    {
        assert_eq!(lanes.len(), S::LANES);
        // SAFETY: a whole vector.
        unsafe { self.0.load(lanes.as_ptr()) }
    }

    /// The result in every lane, which are all to be the same.
    fn same<T: Reference>(&self, v: S::Vector) -> u64
    where
        S: Simd<T>,
    {
        let lanes = self.lanes::<T>(v);
        assert!(lanes.iter().all(|x| x.bits() == lanes[0].bits()), "{lanes:?}");
        lanes[0].bits()
    }

    fn one_operand<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        for x in interesting::<T>() {
            let v = simd.splat(x);
            assert_eq!(self.same(v), x.bits());
            assert_eq!(self.same(simd.abs(v)), x.abs().bits(), "|{x:?}|");
            assert_eq!(self.same(simd.sqrt(v)), real::<T>(x.to_f64().sqrt()).bits(), "√{x:?}");
            assert_eq!(self.same(simd.round(v)), T::round_ties_even(x).bits(), "round {x:?}");
        }
    }

    fn two_operands<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        for a in interesting::<T>() {
            for b in interesting::<T>() {
                let (x, y) = (simd.splat(a), simd.splat(b));
                assert_eq!(self.same(simd.add(x, y)), (a + b).bits(), "{a:?} + {b:?}");
                assert_eq!(self.same(simd.sub(x, y)), (a - b).bits(), "{a:?} − {b:?}");
                assert_eq!(self.same(simd.mul(x, y)), (a * b).bits(), "{a:?} · {b:?}");
                assert_eq!(self.same(simd.div(x, y)), (a / b).bits(), "{a:?} / {b:?}");
                assert_eq!(self.same(simd.min(x, y)), if a < b { a } else { b }.bits(), "min {a:?} {b:?}");
                assert_eq!(self.same(simd.max(x, y)), if a > b { a } else { b }.bits(), "max {a:?} {b:?}");
                let signed = real::<T>(a.to_f64().copysign(b.to_f64()));
                assert_eq!(self.same(simd.copysign(x, y)), signed.bits(), "copysign {a:?} {b:?}");
            }
        }
    }

    fn comparisons<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        let (yes, no) = (simd.splat(T::one()), simd.splat(T::zero()));
        let values = interesting::<T>();
        for &a in &values {
            for window in values.windows(S::LANES) {
                let (x, y) = (simd.splat(a), self.vector(window));
                let masks = [simd.less(x, y), simd.less_equal(x, y), simd.equal(x, y)];
                let expected: [fn(&T, &T) -> bool; 3] = [T::lt, T::le, T::eq];
                for (mask, expected) in masks.into_iter().zip(expected) {
                    let lanes = self.lanes::<T>(simd.select(mask, yes, no));
                    let truth: Vec<T> =
                        window.iter().map(|b| if expected(&a, b) { T::one() } else { T::zero() }).collect();
                    assert_eq!(lanes, truth, "{a:?} and {window:?}");
                }
            }
        }
    }

    fn multiply_add<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        for (a, b, c) in [(3.0, 5.0, 7.0), (-2.5, 4.0, 0.5), (0.0, 9.0, -1.0)] {
            let [x, y, z] = [a, b, c].map(|x| simd.splat(real(x)));
            assert_eq!(self.same(simd.mul_add(x, y, z)), real::<T>(a * b + c).bits());
            assert_eq!(self.same(simd.neg_mul_add(x, y, z)), real::<T>(c - a * b).bits());
        }
        if S::LANES > 1 {
            // 1 + 2ε + ε² − (1 + 2ε) is ε² with a single rounding, and zero with two.
            let e = T::default_epsilon();
            let x = simd.splat(T::one() + e);
            let y = simd.splat(-(T::one() + e + e));
            assert_eq!(self.same(simd.mul_add(x, x, y)), (e * e).bits());
            assert_eq!(self.same(simd.neg_mul_add(x, x, simd.splat(T::one() + e + e))), (-(e * e)).bits());
        }
    }

    fn scale<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        let odd = T::one() + T::default_epsilon() * real(5.0);
        let mut values = vec![T::zero(), T::one(), odd, odd * real(0.75), T::SMALLEST_NORMAL, T::LARGEST];
        values.extend([T::SMALLEST_NORMAL * odd, T::SMALLEST_NORMAL * odd * real(1024.0), T::SMALLEST * real(3.0)]);
        values.extend([T::LARGEST * real(1e-7), real(f64::INFINITY), real(f64::NAN)]);
        for n in -T::SCALE..=T::SCALE {
            for &a in &values {
                for a in [a, -a] {
                    let scaled = simd.scale(simd.splat(a), simd.splat(real(f64::from(n))));
                    assert_eq!(self.same(scaled), T::times_power(a, n).bits(), "{a:?} · 2^{n}");
                }
            }
        }
    }

    fn split_exponent<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        let mut a = T::SMALLEST;
        while a < T::LARGEST / real(8.0) {
            for a in [a, a * real(1.25), a * real(1.75)] {
                let (m, e) = simd.split_exponent(simd.splat(a));
                let (m, e) = (self.lanes::<T>(m)[S::LANES - 1], self.lanes::<T>(e)[S::LANES - 1]);
                assert!(m >= T::one() && m < real(2.0), "{a:?} = {m:?} · 2^{e:?}");
                assert_eq!(T::times_power(m, e.to_f64() as i32), a, "{a:?} = {m:?} · 2^{e:?}");
            }
            a *= real(2.0);
        }
        let (m, _) = simd.split_exponent(simd.splat(T::LARGEST));
        assert_eq!(self.lanes::<T>(m)[0], real::<T>(2.0) - T::default_epsilon());
    }

    fn partial_access<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        let values: Vec<T> = (1..=S::LANES).map(|i| real(i as f64)).collect();
        for count in 0..=S::LANES {
            let mut few = values.clone();
            few[count..].fill(real(f64::NAN));
            // SAFETY: `count` values are there, and no more are allocated.
            let loaded = unsafe { simd.load_partial(few[..count].to_vec().as_ptr(), count) };
            few[count..].fill(T::zero());
            assert_eq!(self.lanes::<T>(loaded), few);

            let mut memory = vec![real::<T>(-1.0); S::LANES + 1];
            // SAFETY: `count ≤ LANES` values of room.
            unsafe { simd.store_partial(memory.as_mut_ptr().add(1), self.vector(&values), count) };
            assert_eq!(memory[1..=count], values[..count]);
            assert!(memory[count + 1..].iter().chain(&memory[..1]).all(|&x| x == real(-1.0)));
        }
    }

    fn folds<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let simd = self.0;
        let lanes = |v: usize| (0..S::LANES).map(|i| real((i * i + 7 * v) as f64)).collect::<Vec<T>>();
        let sum = |v: usize| lanes(v).into_iter().fold(T::zero(), |sum, x| sum + x);
        let vectors = [0, 1, 2, 3].map(|v| self.vector(&lanes(v)));
        assert_eq!(simd.sum(vectors[1]), sum(1));
        assert_eq!(simd.sum4(vectors), [0, 1, 2, 3].map(sum));
        for largest in 0..S::LANES {
            let mut lanes = vec![real::<T>(-3.0); S::LANES];
            lanes[largest] = real(-2.0);
            assert_eq!(simd.max_lane(self.vector(&lanes)), real(-2.0));
        }
    }

    fn lanes_of_others<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let lanes: Vec<T> = (0..S::LANES).map(|i| real(i as f64)).collect();
        let vector = self.vector(&lanes);
        for power in 0..=S::LANES.ilog2() {
            let spread = self.lanes::<T>(self.0.spread(vector, 1 << power));
            assert!((0..S::LANES).all(|l| spread[l] == lanes[l >> power]), "{spread:?}");
        }
        for by in 0..S::LANES {
            let rotated = self.lanes::<T>(self.0.rotate(vector, by));
            assert!((0..S::LANES).all(|l| rotated[l] == lanes[(l + by) % S::LANES]), "{rotated:?}");
        }
    }

    fn transpose<T: Reference>(&self)
    where
        S: Simd<T>,
    {
        let (from_stride, to_stride) = (S::LANES + 3, S::LANES + 1);
        let from: Vec<T> = (0..from_stride * S::LANES).map(|i| real(i as f64)).collect();
        let mut to = vec![real::<T>(-1.0); to_stride * S::LANES];
        // SAFETY: LANES rows of each stride.
        unsafe { self.0.transpose(from.as_ptr(), from_stride, to.as_mut_ptr(), to_stride) };
        for (i, &x) in to.iter().enumerate() {
            let (r, c) = (i % to_stride, i / to_stride);
            let expected = if r < S::LANES { from[c + r * from_stride] } else { real(-1.0) };
            assert_eq!(x, expected, "row {r}, column {c}");
        }
    }
}

#[test]
fn scalar() {
    Operations::all::<f32>(Scalar);
    Operations::all::<f64>(Scalar);
}

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
#[test]
fn avx2() {
    if Level::Avx2.is_supported() {
        // SAFETY: the processor has the instructions.
        let simd = unsafe { super::Avx2::new_unchecked() };
        Operations::all::<f32>(simd);
        Operations::all::<f64>(simd);
    }
}

#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
#[test]
fn avx512() {
    if Level::Avx512.is_supported() {
        // SAFETY: the processor has the instructions.
        let simd = unsafe { super::Avx512::new_unchecked() };
        Operations::all::<f32>(simd);
        Operations::all::<f64>(simd);
    }
}

#[test]
fn what_is_supported_is_compiled_and_the_levels_below_are_supported_too() {
    assert!(Level::Scalar.is_compiled() && Level::Scalar.is_supported());
    for pair in Level::ALL.windows(2) {
        assert!(!pair[1].is_compiled() || pair[0].is_compiled());
        assert!(!pair[1].is_supported() || pair[0].is_supported());
    }
    assert!(Level::ALL.into_iter().all(|level| level.is_compiled() || !level.is_supported()));
    assert_eq!(Level::Avx2.is_compiled(), cfg!(all(target_arch = "x86_64", feature = "avx2")));
    assert_eq!(Level::Avx512.is_compiled(), cfg!(all(target_arch = "x86_64", feature = "avx512")));
}

/// Only levels that cannot be in force are asked for: the level is the process's.
#[test]
fn the_error_of_a_level_says_whether_the_build_or_the_processor_lacks_it() {
    let best = Level::best();
    for wanted in Level::ALL.into_iter().filter(|level| !level.is_supported()) {
        let error = force_level(Some(wanted)).expect_err("the level is not supported");
        match error {
            UnsupportedLevel::NotCompiled { .. } => assert!(!wanted.is_compiled()),
            UnsupportedLevel::Processor { .. } => assert!(wanted.is_compiled()),
        }
    }
    assert_eq!(
        UnsupportedLevel::Processor { wanted: Level::Avx512, best: Level::Avx2 }.to_string(),
        "this processor does not have Avx512; the best of the compiled levels that it has is Avx2"
    );
    assert_eq!(
        UnsupportedLevel::NotCompiled { wanted: Level::Avx512, feature: "avx512", best }.to_string(),
        format!(
            "Avx512 is not compiled into this program: it takes an x86-64 target and the cargo feature `avx512`; the best of \
             the compiled levels that this processor has is {best:?}"
        )
    );
}
