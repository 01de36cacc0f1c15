//! Elementary functions on vectors.
//!
//! Every function is branch-free, of a few polynomials and selects, and right over the whole range: infinities, NaN, both
//! zeros, subnormal arguments and results.
//!
//! The largest error is stated with each function in units in the last place (ulp) of the true result: in `f32` over all
//! 2³² values, in `f64` over 120 000 values and those in `references/`. “Unfused” is [`Scalar`] where the processor's
//! baseline has no fused multiplication, as on plain x86-64; the other levels round alike. The tests hold all of them to
//! 2 ulp.
//!
//! The coefficients are minimax fits, found by `minimax.py` in this folder.
//!
//! [`Scalar`]: super::Scalar

mod erf;
mod exp;
mod ln;
mod logistic;
mod polynomial;
mod tanh;
#[cfg(test)]
mod tests;

use super::Simd;

/// The elementary functions of a scalar type, on vectors of any instruction set.
pub trait Elementary: Sized {
    /// `eˣ`. Overflows to ∞, underflows gradually; `exp(−∞) = 0`.
    ///
    /// Largest error 1.02 ulp in `f32` and 0.97 in `f64`; unfused 0.99 and 0.94.
    fn exp<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `eˣ − 1`, accurate near zero. `exp_m1(−∞) = −1`; the sign of zero is kept.
    ///
    /// Largest error 1.09 ulp in `f32` and 1.15 in `f64`; unfused 1.11 and 1.04.
    fn exp_m1<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `ln x`. `ln 0 = −∞`, of negative numbers NaN.
    ///
    /// Largest error 0.83 ulp in `f32` and 0.77 in `f64`; unfused 0.85 and 0.80.
    fn ln<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `ln (1 + x)`, accurate near zero. `ln_1p(−1) = −∞`, below that NaN; the sign of zero is kept.
    ///
    /// Largest error 0.83 ulp in `f32` and 0.77 in `f64`; unfused 0.85 and 0.77.
    fn ln_1p<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `tanh x`. `tanh(±∞) = ±1`; `x` itself where it is tiny.
    ///
    /// Largest error 1.07 ulp in `f32` and 0.97 in `f64`; unfused 1.11 and 0.98.
    fn tanh<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `1 / (1 + e⁻ˣ)`. Accurate also where it is `eˣ`, down to the subnormal numbers; `logistic(−∞) = 0`.
    ///
    /// Largest error 1.66 ulp in `f32` and 1.53 in `f64`; unfused 1.87 and 1.75.
    fn logistic<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `erf x = 2/√π · ∫₀ˣ exp(−t²) dt`. `erf(±∞) = ±1`; the sign of zero is kept.
    ///
    /// Largest error 1.37 ulp in `f32` and 1.29 in `f64`; unfused 1.48 and 1.40.
    fn erf<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
}

macro_rules! impl_elementary {
    ($t:ty, $constants:ident) => {
        impl Elementary for $t {
            #[inline(always)]
            fn exp<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                exp::exp(simd, &exp::$constants, x)
            }
            #[inline(always)]
            fn exp_m1<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                exp::exp_m1(simd, &exp::$constants, x)
            }
            #[inline(always)]
            fn ln<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                ln::ln(simd, &ln::$constants, x)
            }
            #[inline(always)]
            fn ln_1p<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                ln::ln_1p(simd, &ln::$constants, x)
            }
            #[inline(always)]
            fn tanh<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                tanh::tanh(simd, &tanh::$constants, &exp::$constants, x)
            }
            #[inline(always)]
            fn logistic<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                logistic::logistic(simd, &exp::$constants, x)
            }
            #[inline(always)]
            fn erf<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector {
                erf::erf(simd, &erf::$constants, x)
            }
        }
    };
}

impl_elementary!(f32, F32);
impl_elementary!(f64, F64);

/// A number that both types hold exactly, in every lane.
#[inline(always)]
fn splat<T: From<f32>, S: Simd<T>>(simd: S, x: f32) -> S::Vector {
    simd.splat(T::from(x))
}

/// `x` held between two bounds; NaN passes.
#[inline(always)]
fn clamp<T, S: Simd<T>>(simd: S, x: S::Vector, lowest: T, highest: T) -> S::Vector {
    simd.max(simd.splat(lowest), simd.min(simd.splat(highest), x))
}
