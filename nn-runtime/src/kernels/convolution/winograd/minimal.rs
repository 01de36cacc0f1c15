//! The minimal filtering algorithms F(2, 3) and F(4, 3): outputs of a filter of three taps from products in a transformed
//! domain, `y = Aᵀ((G·w) ⊙ (Bᵀ·x))`.
//!
//! The matrices are those of Toom and Cook for the points 0, ±1, ∞ and for 0, ±√½, ±√2, ∞. The usual points of F(4, 3), 0,
//! ±1, ±2, ∞, take as many operations, but twice to three times the error: powers of √2 keep the entries of all three
//! matrices near 1.
//!
//! Sources: Winograd, “Arithmetic complexity of computations”, 1980; Lavin and Gray, “Fast algorithms for convolutional
//! neural networks”, 2016, for F(2, 3); Barabasz et al., “Error analysis and improving the accuracy of Winograd convolution
//! for deep neural networks”, 2020, on points.

use core::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::Real;
use crate::simd::Simd;

/// F(`OUTPUTS`, 3), which takes `POINTS` products for them: one for each input.
pub(in crate::kernels::convolution) struct Minimal<const OUTPUTS: usize, const POINTS: usize>;

/// The three transforms, each lane by itself.
pub(in crate::kernels::convolution) trait Transforms<T: Real, const OUTPUTS: usize, const POINTS: usize> {
    /// `Bᵀ·x`.
    fn input<S: Simd<T>>(simd: S, x: [S::Vector; POINTS]) -> [S::Vector; POINTS];
    /// `G·w`.
    fn weight<S: Simd<T>>(simd: S, w: [S::Vector; 3]) -> [S::Vector; POINTS];
    /// `Aᵀ·m`.
    fn output<S: Simd<T>>(simd: S, m: [S::Vector; POINTS]) -> [S::Vector; OUTPUTS];
}

impl<T: Real> Transforms<T, 2, 4> for Minimal<2, 4> {
    #[inline(always)]
    fn input<S: Simd<T>>(simd: S, [x0, x1, x2, x3]: [S::Vector; 4]) -> [S::Vector; 4] {
        [simd.sub(x0, x2), simd.add(x1, x2), simd.sub(x2, x1), simd.sub(x1, x3)]
    }

    #[inline(always)]
    fn weight<S: Simd<T>>(simd: S, [w0, w1, w2]: [S::Vector; 3]) -> [S::Vector; 4] {
        let half = simd.splat(T::nearest(0.5));
        let (even, odd) = (simd.mul(half, simd.add(w0, w2)), simd.mul(half, w1));
        [w0, simd.add(even, odd), simd.sub(even, odd), w2]
    }

    #[inline(always)]
    fn output<S: Simd<T>>(simd: S, [m0, m1, m2, m3]: [S::Vector; 4]) -> [S::Vector; 2] {
        [simd.add(m0, simd.add(m1, m2)), simd.sub(simd.sub(m1, m2), m3)]
    }
}

impl<T: Real> Transforms<T, 4, 6> for Minimal<4, 6> {
    #[inline(always)]
    fn input<S: Simd<T>>(simd: S, [x0, x1, x2, x3, x4, x5]: [S::Vector; 6]) -> [S::Vector; 6] {
        let (root, inverse) = (simd.splat(T::nearest(SQRT_2)), simd.splat(T::nearest(FRAC_1_SQRT_2)));
        let (two, half, sum) = (simd.splat(T::nearest(2.0)), simd.splat(T::nearest(0.5)), simd.splat(T::nearest(2.5)));
        let (even1, odd1) = (simd.neg_mul_add(two, x2, x4), simd.neg_mul_add(root, x1, simd.mul(inverse, x3)));
        let (even2, odd2) = (simd.neg_mul_add(half, x2, x4), simd.neg_mul_add(inverse, x1, simd.mul(root, x3)));
        [
            simd.neg_mul_add(sum, x2, simd.add(x0, x4)),
            simd.add(even1, odd1),
            simd.sub(even1, odd1),
            simd.add(even2, odd2),
            simd.sub(even2, odd2),
            simd.neg_mul_add(sum, x3, simd.add(x1, x5)),
        ]
    }

    #[inline(always)]
    fn weight<S: Simd<T>>(simd: S, [w0, w1, w2]: [S::Vector; 3]) -> [S::Vector; 6] {
        let (third, sixth) = (simd.splat(T::nearest(1.0 / 3.0)), simd.splat(T::nearest(1.0 / 6.0)));
        let (root, two_thirds) = (simd.splat(T::nearest(SQRT_2 / 6.0)), simd.splat(T::nearest(2.0 / 3.0)));
        // The first even row with its sign turned, the first odd one at twice the second.
        let (even1, even2) =
            (simd.mul_add(third, w2, simd.mul(two_thirds, w0)), simd.mul_add(third, w2, simd.mul(sixth, w0)));
        let odd = simd.mul(root, w1);
        let twice = simd.add(odd, odd);
        let minus = simd.sub(simd.splat(T::zero()), even1);
        [w0, simd.sub(minus, twice), simd.sub(twice, even1), simd.add(even2, odd), simd.sub(even2, odd), w2]
    }

    #[inline(always)]
    fn output<S: Simd<T>>(simd: S, [m0, m1, m2, m3, m4, m5]: [S::Vector; 6]) -> [S::Vector; 4] {
        let (root, inverse) = (simd.splat(T::nearest(SQRT_2)), simd.splat(T::nearest(FRAC_1_SQRT_2)));
        let (half, eighth) = (simd.splat(T::nearest(0.5)), simd.splat(T::nearest(FRAC_1_SQRT_2 / 2.0)));
        let (two, cube) = (simd.splat(T::nearest(2.0)), simd.splat(T::nearest(2.0 * SQRT_2)));
        let (even1, odd1) = (simd.add(m1, m2), simd.sub(m1, m2));
        let (even2, odd2) = (simd.add(m3, m4), simd.sub(m3, m4));
        [
            simd.add(m0, simd.add(even1, even2)),
            simd.mul_add(inverse, odd1, simd.mul(root, odd2)),
            simd.mul_add(half, even1, simd.mul(two, even2)),
            simd.mul_add(eighth, odd1, simd.mul_add(cube, odd2, m5)),
        ]
    }
}
