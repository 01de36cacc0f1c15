//! Elementary functions on vectors.

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

macro_rules! stub {
    ($($t:ty)*) => { $(impl Elementary for $t {
        fn exp<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
        fn exp_m1<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
        fn ln<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
        fn ln_1p<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
        fn tanh<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
        fn logistic<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
        fn erf<S: Simd<Self>>(_: S, x: S::Vector) -> S::Vector { x }
    })* }
}
stub!(f32 f64);
