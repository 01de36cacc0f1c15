//! The error function.

use super::polynomial::polynomial;
use super::splat;
use crate::simd::Simd;

/// What `erf` takes.
pub(super) struct ErrorFunction<T: 'static> {
    /// Here and above `erf` rounds to 1, less one.
    saturation: T,
    /// `p` in `erf x = x + x·p(x²)` for `|x| < 1`.
    small: &'static [T],
    /// `q` in `erf x = 1 − q(x − 1)⁴` for `1 ≤ x` up to the saturation.
    large: &'static [T],
}

/// Relative error of the small branch 2⁻²⁹, absolute error of the large one 2⁻²⁶·⁵.
pub(super) const F32: ErrorFunction<f32> = ErrorFunction {
    saturation: 3.0,
    small: &[
        0.128_379_17,
        -0.376_126_26,
        0.112_835_79,
        -0.026_853_347,
        0.005_187_162,
        -0.000_799_785_25,
        7.806_896_6e-5,
    ],
    large: &[
        0.629_769_5,
        -0.415_485_4,
        0.004_324_227,
        0.050_809_87,
        -0.003_728_425_4,
        -0.005_492_646,
        0.001_328_493_4,
        2.169_634_9e-5,
        -2.499_225_6e-5,
    ],
};

/// Relative error of the small branch 2⁻⁵⁶, absolute error of the large one 2⁻⁵⁵.
pub(super) const F64: ErrorFunction<f64> = ErrorFunction {
    saturation: 5.0,
    small: &[
        0.128_379_167_095_512_56,
        -0.376_126_389_031_834_1,
        0.112_837_916_709_421_23,
        -0.026_866_170_643_087_23,
        0.005_223_977_607_709_866,
        -0.000_854_832_606_465_744_1,
        0.000_120_552_988_181_796_64,
        -1.492_482_826_979_605e-5,
        1.644_868_573_775_116_2e-6,
        -1.621_881_411_960_175_6e-7,
        1.376_659_296_217_669_1e-8,
        -7.884_792_637_991_617e-10,
    ],
    large: &[
        0.629_769_513_903_409_8,
        -0.415_485_322_161_640_97,
        0.004_315_721_727_288_83,
        0.050_890_549_415_032_2,
        -0.004_030_979_375_477_747_5,
        -0.004_930_830_526_439_083,
        0.000_776_798_215_071_864_7,
        0.000_296_106_239_919_491_8,
        -7.338_425_488_197_513e-5,
        -9.530_454_839_846_8e-6,
        3.658_322_355_100_283_3e-6,
        2.352_408_730_786_681_8e-7,
        -1.191_625_162_258_615_2e-7,
        -1.809_338_608_746_457e-8,
        6.664_949_182_406_777_4e-9,
        9.444_812_072_408_893e-10,
        -6.545_775_285_535_104e-10,
        1.247_767_387_023_975_7e-10,
        -1.217_747_937_526_294_5e-11,
        6.122_045_698_683_129e-13,
        -1.216_474_834_366_819_3e-14,
    ],
};

/// `erf x`, without exponential or division: a power series near zero, and one minus the fourth power of a polynomial.
///
/// `1 − erf x` falls so fast that a polynomial follows it badly; its fourth root falls slowly, and what the power does to
/// the rounding errors of the polynomial is small against 1.
#[inline(always)]
pub(super) fn erf<T: Copy + From<f32>, S: Simd<T>>(simd: S, c: &ErrorFunction<T>, x: S::Vector) -> S::Vector {
    let one = splat(simd, 1.0);
    let a = simd.abs(x);
    let small = simd.mul_add(a, polynomial(simd, c.small, simd.mul(a, a)), a);
    let beyond_one = simd.min(simd.splat(c.saturation), simd.sub(a, one));
    let root = polynomial(simd, c.large, beyond_one);
    let square = simd.mul(root, root);
    let large = simd.neg_mul_add(square, square, one);
    simd.copysign(simd.select(simd.less(a, one), small, large), x)
}
