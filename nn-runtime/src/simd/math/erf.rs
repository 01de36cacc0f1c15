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

/// Relative error of the small branch 2⁻²⁹, absolute error of the large one 2⁻²⁶.
pub(super) const F32: ErrorFunction<f32> = ErrorFunction {
    saturation: 3.0,
    small: &[0.128_379_17, -0.376_126_26, 0.112_835_79, -0.026_853_347, 0.005_187_162, -0.000_799_785_3, 7.806_903e-5],
    large: &[
        0.629_769_5,
        -0.415_485_65,
        0.004_328_610_4,
        0.050_783_47,
        -0.003_656_127_3,
        -0.005_593_981,
        0.001_403_248_3,
        -5.719_657e-6,
        -2.107_825_6e-5,
    ],
};

/// Relative error of the small branch 2⁻⁵⁶, absolute error of the large one 2⁻⁵⁵.
pub(super) const F64: ErrorFunction<f64> = ErrorFunction {
    saturation: 5.0,
    small: &[
        0.128_379_167_095_512_56,
        -0.376_126_389_031_834_1,
        0.112_837_916_709_421_23,
        -0.026_866_170_643_087_273,
        0.005_223_977_607_710_431,
        -0.000_854_832_606_468_692_9,
        0.000_120_552_988_189_385_02,
        -1.492_482_827_942_034_5e-5,
        1.644_868_577_472_202_4e-6,
        -1.621_881_368_057_393_4e-7,
        1.376_658_771_556_863_7e-8,
        -7.884_776_427_981_005e-10,
    ],
    large: &[
        0.629_769_513_903_409_8,
        -0.415_485_322_161_640_9,
        0.004_315_721_727_282_097,
        0.050_890_549_415_257_495,
        -0.004_030_979_378_919_71,
        -0.004_930_830_497_317_061,
        0.000_776_798_062_555_480_3,
        0.000_296_106_772_114_551_36,
        -7.338_555_551_099_291e-5,
        -9.528_151_518_286_908e-6,
        3.655_297_482_111_938e-6,
        2.382_314_419_284_948_5e-7,
        -1.214_076_837_090_168_6e-7,
        -1.680_969_869_296_085e-8,
        6.107_597_349_081_498_5e-9,
        1.126_478_657_641_070_2e-9,
        -6.984_456_637_925_887e-10,
        1.323_320_389_266_414_8e-10,
        -1.305_552_821_554_962_7e-11,
        6.738_095_164_076_82e-13,
        -1.413_316_915_031_302_4e-14,
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
