//! Polynomials by Horner's rule.

use crate::simd::Simd;

/// `Σₖ cₖ·xᵏ`, for at least one coefficient.
///
/// Horner's rule has the fewest operations and the smallest error; its latency hides behind the neighbouring vectors
/// that a kernel has in flight.
#[inline(always)]
pub(super) fn polynomial<T: Copy, S: Simd<T>>(simd: S, coefficients: &[T], x: S::Vector) -> S::Vector {
    let (&highest, others) = coefficients.split_last().expect("a polynomial has a coefficient");
    let mut sum = simd.splat(highest);
    for &c in others.iter().rev() {
        sum = simd.mul_add(sum, x, simd.splat(c));
    }
    sum
}
