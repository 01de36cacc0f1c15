//! A seeded source of random numbers that is the same everywhere.

use core::convert::Infallible;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng, TryRng};

use crate::simd::{Elementary, Scalar};
use crate::{Real, StateVisitor};

/// A seeded source of random numbers.
///
/// Its bits are the `ChaCha8` key stream whose 256-bit key is the seed, little-endian, followed by zeros. All that is made of
/// them uses only operations that IEEE 754 rounds in one way, no function of the platform's mathematical library: a
/// seed gives the same numbers on every platform.
///
/// ```
/// use nn_runtime::initializers::Generator;
///
/// let mut generator = Generator::seed(7);
/// assert_eq!(generator.uniform(), 0.764_109_042_047_738);
/// assert_eq!(generator.normal(), -0.013_076_120_115_624_475);
/// ```
///
/// A clone gives the same numbers again.
#[derive(Debug)]
pub struct Generator {
    bits: ChaCha8Rng,
    /// The second of a pair of normal numbers.
    spare: Option<f64>,
}

impl Generator {
    /// The generator of a seed.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self { bits: ChaCha8Rng::from_seed(key), spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.bits.next_u64()
    }

    /// A number of the uniform distribution on `[0, 1)`: a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.bits() >> 11) as f64 * UNIT
    }

    /// A number of the normal distribution with mean 0 and standard deviation 1.
    ///
    /// By the polar method: a point `(a, b)` of the unit disc, with `s = a² + b²`, gives the two independent numbers
    /// `a·√(−2·ln s / s)` and `b·√(−2·ln s / s)`. The second is kept for the next call.
    ///
    /// Source: Marsaglia and Bray, “A convenient method for generating normal variables” (1964).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (a, b) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = a * a + b * b;
            if s < 1.0 && s > 0.0 {
                let scale = (-2.0 * ln(s) / s).sqrt();
                self.spare = Some(b * scale);
                return a * scale;
            }
        }
    }

    /// A number of the beta distribution with both parameters `alpha`, from 0 to 1: near the ends for a small `alpha`, near ½
    /// for a large one.
    ///
    /// Up to α = 1 by two uniform numbers u and v, of which `x = u^(1/α)` and `y = v^(1/α)` are taken if `x + y ≤ 1` and give
    /// `x/(x + y)`; above by a point `(a, b)` of the unit disc, with `s = a² + b²`, which gives
    /// `½ + ½·a/√s·√(1 − s^(2/(2α−1)))`.
    ///
    /// Sources: Jöhnk, “Erzeugung von betaverteilten und gammaverteilten Zufallszahlen” (1964); Ulrich, “Computer generation of
    /// distributions on the m-sphere” (1984), with the angle taken from the disc.
    ///
    /// ```
    /// use nn_runtime::Generator;
    ///
    /// let mut generator = Generator::seed(0);
    /// let mean = (0..1000).map(|_| generator.beta(0.4)).sum::<f64>() / 1000.0;
    /// assert!((mean - 0.5).abs() < 0.05);
    /// ```
    ///
    /// # Panics
    /// Unless `alpha` is positive and finite.
    pub fn beta(&mut self, alpha: f64) -> f64 {
        assert!(alpha.is_finite() && alpha > 0.0, "alpha must be finite and above 0, found {alpha:?}");
        loop {
            if alpha <= 1.0 {
                let (x, y) = (power(self.uniform(), 1.0 / alpha), power(self.uniform(), 1.0 / alpha));
                if x + y <= 1.0 && x + y > 0.0 {
                    return x / (x + y);
                }
            } else {
                let (a, b) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
                let s = a * a + b * b;
                if s < 1.0 && s > 0.0 {
                    return 0.5 + 0.5 * a / s.sqrt() * (1.0 - power(s, 2.0 / (2.0 * alpha - 1.0))).sqrt();
                }
            }
        }
    }

    /// Shows how far it has come: see [`StateVisitor`].
    pub(crate) fn visit_state<T: Real>(&mut self, visitor: &mut dyn StateVisitor<T>) {
        let key = self.bits.get_seed();
        let mut seed = u64::from_le_bytes(core::array::from_fn(|i| key[i]));
        let position = self.bits.get_word_pos();
        let (mut low, mut high) = (position as u64, (position >> 64) as u64);
        let (mut spares, mut spare) = (u64::from(self.spare.is_some()), self.spare.unwrap_or_default());
        visitor.count("seed", &mut seed);
        visitor.count("position_low", &mut low);
        visitor.count("position_high", &mut high);
        visitor.count("spares", &mut spares);
        visitor.number("spare", &mut spare);
        *self = Self::seed(seed);
        self.bits.set_word_pos(u128::from(high) << 64 | u128::from(low));
        self.spare = (spares > 0).then_some(spare);
    }
}

impl Clone for Generator {
    fn clone(&self) -> Self {
        let mut bits = ChaCha8Rng::from_seed(self.bits.get_seed());
        bits.set_word_pos(self.bits.get_word_pos());
        Self { bits, spare: self.spare }
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.bits.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.bits.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.bits.try_fill_bytes(bytes)
    }
}

/// `ln x` of a normal positive `x`, to about 2⁻⁵², without the platform's library.
///
/// With `x = m·2ᵉ`, `√½ ≤ m < √2` and `r = (m−1)/(m+1)`: `ln x = e·ln 2 + 2·(r + r³/3 + r⁵/5 + …)`, whose terms fall by more
/// than 33 from one to the next.
fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let mut exponent = (x.to_bits() >> 52) as i32 - 1023;
    let mut m = f64::from_bits(x.to_bits() & MANTISSA | 1.0_f64.to_bits());
    if m > core::f64::consts::SQRT_2 {
        m *= 0.5;
        exponent += 1;
    }
    let r = (m - 1.0) / (m + 1.0);
    let square = r * r;
    let series = (1..=9).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    f64::from(exponent) * core::f64::consts::LN_2 + 2.0 * (r + r * square * series)
}

/// `x^exponent` for `0 ≤ x < 1`, without the platform's library.
fn power(x: f64, exponent: f64) -> f64 {
    if x <= f64::MIN_POSITIVE { 0.0 } else { <f64 as Elementary>::exp(Scalar, exponent * ln(x)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_goes_on_from_the_same_place() {
        let mut generator = Generator::seed(5);
        let _ = (generator.normal(), generator.next_u32());
        let mut clone = generator.clone();
        for _ in 0..40 {
            assert_eq!(generator.normal(), clone.normal());
            assert_eq!(generator.next_u32(), clone.next_u32());
        }
    }

    /// By the moments of Beta(α, α): mean ½, variance `1/(4(2α + 1))`.
    #[test]
    fn beta_has_the_moments_of_its_distribution() {
        for alpha in [0.1, 0.4, 1.0, 1.5, 8.0, 100.0] {
            let mut generator = Generator::seed(11);
            let draws: Vec<_> = (0..20_000).map(|_| generator.beta(alpha)).collect();
            assert!(draws.iter().all(|x| (0.0..=1.0).contains(x)), "{alpha}");
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
            let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((mean - 0.5).abs() < 4.0 * (expected / 20_000.0).sqrt(), "{alpha}: {mean}");
            assert!((variance / expected - 1.0).abs() < 0.05, "{alpha}: {variance} is not {expected}");
        }
    }

    #[test]
    fn ln_agrees_with_the_library() {
        let mut generator = Generator::seed(3);
        let random = (0..2000).map(|_| generator.uniform().max(1e-300));
        let half_root = core::f64::consts::FRAC_1_SQRT_2;
        let edges = [f64::MIN_POSITIVE, 1e-32, 0.5, half_root, half_root.next_up(), 1.0 - 1e-16, 1.0, 2.0];
        for x in random.chain(edges) {
            assert!((ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs().max(1e-16), "ln {x} = {} is not {}", ln(x), x.ln());
        }
    }

    /// The numbers come from a second implementation of `ChaCha8` and of what is made of its bits.
    #[test]
    fn the_first_numbers_of_a_seed_are_fixed() {
        let mut generator = Generator::seed(42);
        assert_eq!([generator.bits(), generator.bits()], [6_424_161_053_832_095_879, 5_270_208_426_312_333_099]);
        assert_eq!([generator.uniform(), generator.uniform()], [0.493_472_464_241_664_6, 0.367_892_290_137_031_84]);
        let normal = [-0.074_663_624_396_425_88, -1.742_647_058_856_863_2, -0.158_627_378_636_808_92];
        assert_eq!([generator.normal(), generator.normal(), generator.normal()], normal);
    }
}
