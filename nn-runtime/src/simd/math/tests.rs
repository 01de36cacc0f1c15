//! The error of every function on every level, in units in the last place of the true result.

use super::Elementary;
use crate::simd::{Kernel, Level, Scalar, Simd};

/// What every function is held to.
const TOLERANCE: f64 = 2.0;

/// An elementary function with what it is compared to.
trait Function: Copy + Default {
    const NAME: &'static str;
    /// Records of [`references/make.py`](../references/make.py).
    const RECORDS: &'static [u8];
    /// The values of the function lie between these.
    const RANGE: (f64, f64);

    fn on_vector<T: Elementary, S: Simd<T>>(simd: S, x: S::Vector) -> S::Vector;
    /// To far more digits than `f32` has.
    fn in_f64(x: f64) -> f64;
}

macro_rules! functions {
    ($($name:ident $method:ident $range:expr, $in_f64:expr;)*) => {
        $(
            #[derive(Clone, Copy, Default)]
            struct $name;

            impl Function for $name {
                const NAME: &'static str = stringify!($method);
                const RECORDS: &'static [u8] = include_bytes!(concat!("references/", stringify!($method), ".bin"));
                const RANGE: (f64, f64) = $range;

                #[inline(always)]
                fn on_vector<T: Elementary, S: Simd<T>>(simd: S, x: S::Vector) -> S::Vector {
                    T::$method(simd, x)
                }
                fn in_f64(x: f64) -> f64 {
                    $in_f64(x)
                }
            }

            mod $method {
                use super::*;

                #[test]
                fn f32_on_a_sweep_of_all_bit_patterns() {
                    sweep::<$name>((0..=u32::MAX).step_by(997));
                }

                #[test]
                fn f32_around_every_boundary() {
                    sweep::<$name>(boundaries());
                }

                #[test]
                #[ignore = "takes minutes: cargo test --release -- --ignored --nocapture"]
                fn f32_on_every_bit_pattern() {
                    sweep::<$name>(0..=u32::MAX);
                }

                #[test]
                fn f64_against_reference_values() {
                    against_records::<$name>();
                }
            }
        )*
    };
}

functions! {
    Exp exp (0.0, f64::INFINITY), f64::exp;
    ExpM1 exp_m1 (-1.0, f64::INFINITY), f64::exp_m1;
    Ln ln (f64::NEG_INFINITY, f64::INFINITY), f64::ln;
    Ln1p ln_1p (f64::NEG_INFINITY, f64::INFINITY), f64::ln_1p;
    Tanh tanh (-1.0, 1.0), f64::tanh;
    Logistic logistic (0.0, 1.0), |x: f64| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) };
    // The f64 function, itself held to reference values.
    Erf erf (-1.0, 1.0), |x| <f64 as Elementary>::erf(Scalar, x);
}

/// `y = f(x)`.
struct Apply<'a, F, T> {
    _function: F,
    x: &'a [T],
    y: &'a mut [T],
}

impl<F: Function, T: Elementary + Copy> Kernel<T> for Apply<'_, F, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        for (x, y) in self.x.chunks(S::LANES).zip(self.y.chunks_mut(S::LANES)) {
            // SAFETY: both chunks hold as many values as are read and written.
            unsafe {
                let v = simd.load_partial(x.as_ptr(), x.len());
                simd.store_partial(y.as_mut_ptr(), F::on_vector(simd, v), y.len());
            }
        }
    }
}

macro_rules! impl_apply {
    ($name:ident, $t:ty) => {
        fn $name<F: Function>(level: Level, function: F, x: &[$t]) -> Vec<$t> {
            let mut y = vec![0.0; x.len()];
            let apply = Apply { _function: function, x, y: &mut y };
            match level {
                Level::Scalar => Scalar.call(apply),
                #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
                // SAFETY: `levels` gives only what this processor has.
                Level::Avx2 => unsafe { crate::simd::Avx2::new_unchecked() }.call(apply),
                #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
                // SAFETY: as above.
                Level::Avx512 => unsafe { crate::simd::Avx512::new_unchecked() }.call(apply),
                #[cfg(not(all(target_arch = "x86_64", feature = "avx512")))]
                level => unreachable!("{level:?} is not compiled"),
            }
            y
        }
    };
}
impl_apply!(apply_f32, f32);
impl_apply!(apply_f64, f64);

fn levels() -> impl Iterator<Item = Level> {
    Level::ALL.into_iter().filter(|level| level.is_supported())
}

/// The largest error seen, and where.
#[derive(Clone, Copy, Default)]
struct Worst {
    error: f64,
    x: f64,
    y: f64,
}

impl Worst {
    fn see(&mut self, error: f64, x: f64, y: f64) {
        if error > self.error {
            *self = Self { error, x, y };
        }
    }

    fn check<F: Function>(self, level: Level, scalar_type: &str) {
        let Self { error, x, y } = self;
        println!("{}, {scalar_type}, {level:?}: {error:.3} ulp at {x:e}", F::NAME);
        assert!(error <= TOLERANCE, "{} of {x:e} as {scalar_type} on {level:?} is {y:e}: {error} ulp off", F::NAME);
    }
}

/// The distance from `y` to `exact` in units of the last place that `exact` has as an `f32`; infinite where a NaN, a sign
/// or the range of the function is missed. Infinity counts as 2¹²⁸.
fn ulps_f32(y: f32, exact: f64, (lowest, highest): (f64, f64)) -> f64 {
    const OVERFLOW: f64 = 2.0 * (1u128 << 127) as f64;
    if exact.is_nan() || y.is_nan() {
        return if exact.is_nan() && y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    let y = f64::from(y);
    if y.is_sign_negative() != exact.is_sign_negative() || y < lowest || y > highest {
        return f64::INFINITY;
    }
    let exact = exact.clamp(-OVERFLOW, OVERFLOW);
    (y.clamp(-OVERFLOW, OVERFLOW) - exact).abs() * power_of_two(23 - exponent(exact).clamp(-126, 127))
}

/// The distance from `y` to `nearest + rest` units in the last place of `nearest`, in those units; infinite where an
/// infinity or a sign is missed.
fn ulps_f64(y: f64, nearest: f64, rest: f32) -> f64 {
    if y == nearest && nearest.is_infinite() {
        return 0.0;
    }
    if y.is_nan() || y.is_sign_negative() != nearest.is_sign_negative() || nearest.is_infinite() {
        return f64::INFINITY;
    }
    // In two factors, since the unit of a subnormal number has no reciprocal.
    let unit = exponent(nearest).max(-1022) - 52;
    let half = unit / 2;
    ((y - nearest) * power_of_two(-half) * power_of_two(half - unit) - f64::from(rest)).abs()
}

/// The exponent of the leading bit of a normal number; −1023 for zero and subnormal ones.
fn exponent(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

/// `2ⁿ` for exponents of normal numbers.
fn power_of_two(n: i32) -> f64 {
    f64::from_bits(((n + 1023) as u64) << 52)
}

fn sweep<F: Function>(patterns: impl Iterator<Item = u32>) {
    let mut patterns = patterns.map(f32::from_bits);
    let mut worst = [Worst::default(); 3];
    loop {
        let x: Vec<f32> = patterns.by_ref().take(1 << 12).collect();
        if x.is_empty() {
            break;
        }
        let exact: Vec<f64> = x.iter().map(|&x| F::in_f64(f64::from(x))).collect();
        for (level, worst) in levels().zip(&mut worst) {
            for ((&x, y), &exact) in x.iter().zip(apply_f32(level, F::default(), &x)).zip(&exact) {
                worst.see(ulps_f32(y, exact, F::RANGE), f64::from(x), f64::from(y));
            }
        }
    }
    for (level, worst) in levels().zip(worst) {
        worst.check::<F>(level, "f32");
    }
}

fn against_records<F: Function>() {
    let records: Vec<(f64, f64, f32)> = F::RECORDS.chunks_exact(20).map(record).collect();
    let x: Vec<f64> = records.iter().map(|r| r.0).collect();
    for level in levels() {
        let mut worst = Worst::default();
        for (&(x, nearest, rest), y) in records.iter().zip(apply_f64(level, F::default(), &x)) {
            worst.see(ulps_f64(y, nearest, rest), x, y);
        }
        worst.check::<F>(level, "f64");
    }
}

/// The argument, the value nearest to the function's, and what that has beyond it.
fn record(bytes: &[u8]) -> (f64, f64, f32) {
    let f64_at = |i: usize| f64::from_le_bytes(bytes[i..i + 8].try_into().unwrap());
    (f64_at(0), f64_at(8), f32::from_le_bytes(bytes[16..20].try_into().unwrap()))
}

/// Eight values on either side of wherever a select, a reduction or the floating-point format changes its mind.
fn boundaries() -> impl Iterator<Item = u32> {
    let powers = (-149..128).map(|k| 2f64.powi(k));
    let reductions = (1..420).map(|k| f64::from(k) * 0.25 * std::f64::consts::LN_2);
    let near_one = (1..24).flat_map(|k| [1.0 + 2f64.powi(-k), 1.0 - 2f64.powi(-k)]);
    let saturations = [16.6, 17.3, 18.0, 87.3, 88.7, 89.0, 103.3, 104.0, 8.3, 9.01, 3.83, 3.92, 4.0];
    let reduced = [std::f64::consts::SQRT_2 - 1.0, 1.0 - std::f64::consts::FRAC_1_SQRT_2];
    powers
        .flat_map(|p| [p, p * std::f64::consts::SQRT_2])
        .chain(reductions)
        .chain(near_one)
        .chain(saturations)
        .chain(reduced)
        .chain([0.0, f64::from(f32::MAX), f64::INFINITY])
        .flat_map(|x| {
            let bits = (x as f32).to_bits();
            bits.saturating_sub(8)..=bits + 8
        })
        .flat_map(|bits| [bits, bits | 1 << 31])
}

/// `(x, f(x))`, exactly and with the sign of zero.
type Values = &'static [(f64, f64)];

#[track_caller]
fn check_values<F: Function>(function: F, values: Values) {
    let same = |y: f64, want: f64| y.to_bits() == want.to_bits() || y.is_nan() && want.is_nan();
    for level in levels() {
        for &(x, want) in values {
            let y = f64::from(apply_f32(level, function, &[x as f32])[0]);
            assert!(same(y, want), "{} of {x} as f32 on {level:?} is {y}", F::NAME);
            let y = apply_f64(level, function, &[x])[0];
            assert!(same(y, want), "{} of {x} as f64 on {level:?} is {y}", F::NAME);
        }
    }
}

#[test]
fn special_values() {
    const INFINITY: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    let odd = &[(0.0, 0.0), (-0.0, -0.0), (INFINITY, 1.0), (-INFINITY, -1.0), (1e3, 1.0), (-1e3, -1.0), (NAN, NAN)];
    check_values(Exp, &[(0.0, 1.0), (-0.0, 1.0), (INFINITY, INFINITY), (-INFINITY, 0.0), (1e4, INFINITY)]);
    check_values(Exp, &[(-1e4, 0.0), (1e-20, 1.0), (-1e-20, 1.0), (NAN, NAN)]);
    check_values(ExpM1, &[(0.0, 0.0), (-0.0, -0.0), (INFINITY, INFINITY), (-INFINITY, -1.0), (1e4, INFINITY)]);
    check_values(ExpM1, &[(-1e4, -1.0), (NAN, NAN)]);
    check_values(Ln, &[(0.0, -INFINITY), (-0.0, -INFINITY), (1.0, 0.0), (INFINITY, INFINITY)]);
    check_values(Ln, &[(-1.0, NAN), (-1e-30, NAN), (-INFINITY, NAN), (NAN, NAN)]);
    check_values(Ln1p, &[(0.0, 0.0), (-0.0, -0.0), (-1.0, -INFINITY), (INFINITY, INFINITY)]);
    check_values(Ln1p, &[(-1.5, NAN), (-INFINITY, NAN), (NAN, NAN)]);
    check_values(Tanh, odd);
    check_values(Logistic, &[(0.0, 0.5), (-0.0, 0.5), (INFINITY, 1.0), (-INFINITY, 0.0), (1e4, 1.0), (-1e4, 0.0)]);
    check_values(Logistic, &[(NAN, NAN)]);
    check_values(Erf, odd);
}

/// Where a function is `x` to first order, the smallest numbers come back unchanged.
#[test]
fn subnormal_arguments() {
    for level in levels() {
        for x in [f32::from_bits(1), f32::from_bits(12_345), -f32::MIN_POSITIVE / 2.0] {
            assert_eq!(apply_f32(level, ExpM1, &[x]), [x], "exp_m1 on {level:?}");
            assert_eq!(apply_f32(level, Ln1p, &[x]), [x], "ln_1p on {level:?}");
            assert_eq!(apply_f32(level, Tanh, &[x]), [x], "tanh on {level:?}");
        }
        for x in [f64::from_bits(1), f64::from_bits(123_456_789), -f64::MIN_POSITIVE / 2.0] {
            assert_eq!(apply_f64(level, ExpM1, &[x]), [x], "exp_m1 on {level:?}");
            assert_eq!(apply_f64(level, Ln1p, &[x]), [x], "ln_1p on {level:?}");
            assert_eq!(apply_f64(level, Tanh, &[x]), [x], "tanh on {level:?}");
        }
    }
}

/// A vector's lanes do not see each other: the value of a lane is the value alone.
#[test]
fn lanes_are_independent() {
    let x: Vec<f32> = (0..64u32).map(|i| f32::from_bits(i.wrapping_mul(0x9e37_79b9))).collect();
    for level in levels() {
        let together = apply_f32(level, Tanh, &x);
        for (&x, y) in x.iter().zip(together) {
            let alone = apply_f32(level, Tanh, &[x])[0];
            assert!(y.to_bits() == alone.to_bits() || y.is_nan() && alone.is_nan(), "tanh of {x:e} on {level:?}");
        }
    }
}

/// The yardstick itself.
#[test]
fn the_measure_counts_units() {
    let everything = (f64::NEG_INFINITY, f64::INFINITY);
    assert_eq!(ulps_f32(1.0 + 2.0 * f32::EPSILON, 1.0, everything), 2.0);
    assert_eq!(ulps_f32(f32::from_bits(3), 2f64.powi(-149), everything), 2.0);
    assert_eq!(ulps_f32(f32::INFINITY, f64::from(f32::MAX), everything), 1.0);
    assert_eq!(ulps_f32(-0.0, 0.0, everything), f64::INFINITY);
    assert_eq!(ulps_f32(1.0, f64::NAN, everything), f64::INFINITY);
    assert_eq!(ulps_f32(1.000_001, 1.0, (0.0, 1.0)), f64::INFINITY);
    assert_eq!(ulps_f64(1.0 + 3.0 * f64::EPSILON, 1.0, 0.25), 2.75);
    assert_eq!(ulps_f64(f64::from_bits(5), f64::from_bits(2), -0.5), 3.5);
    assert_eq!(ulps_f64(f64::MAX, f64::INFINITY, 0.0), f64::INFINITY);
    assert_eq!(ulps_f64(f64::NAN, 1.0, 0.0), f64::INFINITY);
}
