//! Elementary functions on vectors.
//!
//! Every function is branch-free, of a handful of polynomials and selects, and right over the whole range: infinities,
//! NaN, both zeros, subnormal arguments and results. The error is stated with each function, in units in the last
//! place (ulp) of the true result, as measured by the tests; the levels with fused multiplication and [`Scalar`], which
//! has none on plain x86-64, differ in their last bits.
//!
//! The coefficients are minimax fits, found with `minimax.py` in this folder unless another source is named.
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
    /// `eˣ`.
    fn exp<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `eˣ − 1`, accurate near zero.
    fn exp_m1<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `ln x`.
    fn ln<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `ln (1 + x)`, accurate near zero.
    fn ln_1p<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `tanh x`.
    fn tanh<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `1 / (1 + e⁻ˣ)`.
    fn logistic<S: Simd<Self>>(simd: S, x: S::Vector) -> S::Vector;
    /// `erf x`.
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
