//! The masks of dropout: random numbers from a counter, so that forward and backward pass draw the same ones.
//!
//! The numbers are those of a keyed hash of the counter, whose steps are integer operations: they are the same on every
//! instruction set and for both scalars.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many factors are drawn at a time.
const DRAWN: usize = 64;

/// An odd number near 2⁶⁴ divided by the golden ratio: its multiples are spread evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Whom a random number is for: the streams of two keys have nothing in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoiseKey([u64; 2]);

impl NoiseKey {
    /// The key of a place in a network, `site`, at one step of a training run.
    #[must_use]
    pub fn new(seed: u64, step: u64, site: u64) -> Self {
        let first = [seed, step, site].into_iter().fold(0, absorb);
        Self([first, absorb(first, 3)])
    }

    /// The seed of a part of the network that stands at `site` of the one with this seed.
    ///
    /// A key absorbs two more words than this, so that neither is a beginning of the other.
    pub(crate) fn within(seed: u64, site: u64) -> u64 {
        [WITHIN, seed, site].into_iter().fold(0, absorb)
    }

    /// 64 bits for two neighbours.
    #[inline(always)]
    fn word(self, counter: u64) -> u64 {
        mix(counter.wrapping_mul(GOLDEN).wrapping_add(self.0[0]), self.0[1])
    }

    /// 32 bits for one element.
    #[inline(always)]
    fn bits(self, index: u64) -> u32 {
        (self.word(index / 2) >> (32 * (index % 2))) as u32
    }
}

/// What sets the seed of a part apart from the keys of its layers.
const WITHIN: u64 = 0x7769_7468_696e;

/// A state that depends on each word and on their order.
fn absorb(state: u64, word: u64) -> u64 {
    mix(state.wrapping_mul(GOLDEN) ^ mix(word.wrapping_add(GOLDEN), 0), 0)
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood, 2014), with a second key between its multiplications.
#[inline(always)]
fn mix(z: u64, key: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27) ^ key).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Bits below `p·2³²` drop an element.
fn threshold(p: f64) -> u32 {
    (p * 4_294_967_296.0) as u32
}

/// `y = y·m/(1 − p)`, with m zero with probability p and else one, drawn for each value.
pub struct DropValues<'a, T> {
    /// Any number of values.
    pub y: &'a mut [T],
    /// The number of the first of them: with the numbers from there on are drawn those of a part of the whole.
    pub first: u64,
    /// The probability of zero.
    pub p: f64,
    /// Whose numbers are drawn.
    pub key: NoiseKey,
}

/// The same with one draw for all places of a channel of a sample.
///
/// # Panics
/// If `y` is not whole samples.
pub struct DropChannels<'a, T> {
    /// B samples, channels last.
    pub y: &'a mut [T],
    /// The number of the first of them.
    pub first: u64,
    /// C.
    pub channels: usize,
    /// Places of a sample.
    pub places: usize,
    /// The probability of zero.
    pub p: f64,
    /// Whose numbers are drawn.
    pub key: NoiseKey,
}

impl<T: Real> Kernel<T> for DropValues<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { y, first, p, key } = self;
        let (threshold, scale) = (threshold(p), T::nearest(1.0 / (1.0 - p)));
        // A word is for an even number and the one behind it.
        let (odd, y) = y.split_at_mut((first % 2).min(y.len() as u64) as usize);
        for y in odd {
            *y *= if key.bits(first) < threshold { T::zero() } else { scale };
        }
        for (chunk, y) in y.chunks_mut(DRAWN).enumerate() {
            let first = first.div_ceil(2) + (chunk * DRAWN / 2) as u64;
            let words: [u64; DRAWN / 2] = core::array::from_fn(|i| key.word(first + i as u64).to_le());
            let mut factors = [T::zero(); DRAWN];
            for (factor, &bits) in factors.iter_mut().zip(bytemuck::cast_slice::<u64, u32>(&words)) {
                *factor = if bits < threshold { T::zero() } else { scale };
            }
            // SAFETY: there are at least as many factors as values.
            unsafe { multiply(simd, y, &factors) };
        }
    }
}

impl<T: Real> Kernel<T> for DropChannels<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { y, first: first_sample, channels, places, p, key } = self;
        let len = channels * places;
        assert!(y.is_empty() || (len > 0 && y.len().is_multiple_of(len)), "whole samples of {len} values");
        let (threshold, scale) = (threshold(p), T::nearest(1.0 / (1.0 - p)));
        for (sample, y) in y.chunks_exact_mut(len.max(1)).enumerate() {
            for first in (0..channels).step_by(DRAWN) {
                let width = DRAWN.min(channels - first);
                let mut factors = [T::zero(); DRAWN];
                for (c, factor) in factors[..width].iter_mut().enumerate() {
                    let bits = key.bits((first_sample + sample as u64) * channels as u64 + (first + c) as u64);
                    *factor = if bits < threshold { T::zero() } else { scale };
                }
                for place in y.chunks_exact_mut(channels) {
                    // SAFETY: there are at least as many factors as values.
                    unsafe { multiply(simd, &mut place[first..first + width], &factors) };
                }
            }
        }
    }
}

/// `y = y ⊙ factors`.
///
/// # Safety
/// There are at least as many factors as values.
#[inline(always)]
unsafe fn multiply<T: Real, S: Simd<T>>(simd: S, y: &mut [T], factors: &[T; DRAWN]) {
    let tail = y.len() % S::LANES;
    let full = y.len() - tail;
    let (y, factors) = (y.as_mut_ptr(), factors.as_ptr());
    // SAFETY: whole vectors and the tail lie in both.
    unsafe {
        for i in (0..full).step_by(S::LANES) {
            simd.store(y.add(i), simd.mul(simd.load(y.add(i)), simd.load(factors.add(i))));
        }
        if tail > 0 {
            let factors = simd.load_partial(factors.add(full), tail);
            simd.store_partial(y.add(full), simd.mul(simd.load_partial(y.add(full), tail), factors), tail);
        }
    }
}
