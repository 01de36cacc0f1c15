//! Noise that is there in training only.

use core::ops::Range;

use crate::Real;
use crate::geometry::Extent;
use crate::kernels::{DropChannels, DropValues, Kernels, NoiseKey};

/// The key of a step of training, and which samples of its batch the pass has: with it and its place in the network a layer
/// draws the same noise again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noise {
    /// Of the run.
    pub seed: u64,
    /// Which step of it.
    pub step: u64,
    /// Where the samples of the pass begin in the batch.
    first: usize,
    /// How many these are; does not matter where they begin at 0.
    samples: usize,
}

impl Noise {
    /// The key of a step, for a pass with the whole batch.
    #[must_use]
    pub const fn new(seed: u64, step: u64) -> Self {
        Self { seed, step, first: 0, samples: 0 }
    }

    /// The key of a part of the network that has places of its own, and stands at this one: what it draws has nothing in common
    /// with what its copies draw, or the layers around it.
    ///
    /// ```
    /// use nn_runtime::layers::Noise;
    ///
    /// let noise = Noise::new(1, 7);
    /// assert_ne!(noise.within(0), noise);
    /// assert_ne!(noise.within(0).within(1), noise.within(1).within(0));
    /// ```
    #[inline]
    #[must_use]
    pub fn within(self, site: usize) -> Self {
        Self { seed: NoiseKey::within(self.seed, site as u64), ..self }
    }

    /// The same for a pass with a part of the batch, these samples: it draws what a pass with all of them draws for these.
    ///
    /// ```
    /// use nn_runtime::layers::{Dropout, Noise};
    /// use nn_runtime::simd::Scalar;
    ///
    /// let (noise, dropout) = (Noise::new(1, 7), Dropout::new(0.5));
    /// let (mut whole, mut part) = ([1.0_f32; 5 * 3], [1.0_f32; 2 * 3]);
    /// dropout.apply(Scalar, noise, 0, &mut whole);
    /// dropout.apply(Scalar, noise.of_samples(3..5), 0, &mut part);
    /// assert_eq!(whole[9..], part);
    /// ```
    #[inline]
    #[must_use]
    pub fn of_samples(self, samples: Range<usize>) -> Self {
        Self { first: samples.start, samples: samples.len(), ..self }
    }

    /// The number of the first value of a layer that has this many for all samples of the pass.
    fn first_value(self, values: usize) -> u64 {
        match self.first {
            0 => 0,
            first => (values / self.samples.max(1)) as u64 * first as u64,
        }
    }
}

/// `dropout(p)`: in training each value is zero with probability p, and the others are scaled up,
/// `y = x·m/(1 − p)` with `m` 0 or 1; in inference there is nothing.
///
/// | | shape |
/// |---|---|
/// | input | any |
/// | output | the same |
///
/// No parameters. The expectation of `y` is `x`. In `network!`: `dense(256) -> relu -> dropout(0.5)`.
///
/// The mask is a function of the seed, the step, the layer's place in the network and the index of the value; it is the same
/// on every instruction set and for `f32` and `f64`. The backward pass draws it again, so that nothing is stored. With `L`
/// the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y   = x ⊙ m/(1 − p)
/// d_x = d_y ⊙ m/(1 − p)
/// ```
///
/// Both passes are one call, in place.
///
/// ```
/// use nn_runtime::layers::{Dropout, Noise};
/// use nn_runtime::simd::Scalar;
///
/// const HALF: Dropout = Dropout::new(0.5);
/// let mut y = [1.0_f32; 1000];
/// HALF.apply(Scalar, Noise::new(1, 7), 0, &mut y);
/// assert!(y.iter().all(|&y| y == 0.0 || y == 2.0));
/// assert!((400..600).contains(&y.iter().filter(|&&y| y == 0.0).count()));
/// ```
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, “Dropout: a simple way to prevent neural networks
/// from overfitting” (2014); numbers from a counter: Salmon et al., “Parallel random numbers: as easy as 1, 2, 3” (2011).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    p: f64,
}

/// `dropout2d(p)`: as [`Dropout`], but whole channels at a time: neighbouring values of a channel say much the same.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, or any number of axes |
/// | output | the same |
///
/// No parameters. `y[c,i] = x[c,i]·m[c]/(1 − p)`, with an `m[c]` for each channel of each sample, and in the same way
/// `d_x[c,i] = d_y[c,i]·m[c]/(1 − p)`. In `network!`: `conv2d(64, 3) -> relu -> dropout2d(0.2)`.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::{Dropout2d, Noise};
/// use nn_runtime::simd::Scalar;
///
/// const CHANNELS: Dropout2d = Dropout2d::new(0.5, Extent { channels: 2, axes: [1, 1, 3] });
/// let mut y = [1.0_f32; 6];
/// CHANNELS.apply(Scalar, Noise::new(1, 7), 0, &mut y);
/// assert_eq!(y[..2], y[2..4]);
/// assert_eq!(y[..2], y[4..]);
/// ```
///
/// Source: Tompson et al., “Efficient object localization using convolutional networks” (2015).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout2d {
    p: f64,
    extent: Extent,
}

/// # Panics
/// If `p` is no probability below one.
const fn probability(p: f64) -> f64 {
    assert!(p >= 0.0 && p < 1.0, "the probability of dropout is at least 0 and less than 1");
    p
}

impl Dropout {
    /// Drops values with probability `p`.
    ///
    /// # Panics
    /// If `p` is not at least 0 and less than 1: at compile time.
    #[must_use]
    pub const fn new(p: f64) -> Self {
        Self { p: probability(p) }
    }

    /// `y = y ⊙ m/(1 − p)`: what both passes do.
    #[inline]
    pub fn apply<T: Real, L: Kernels<T>>(&self, level: L, noise: Noise, site: u64, y: &mut [T]) {
        let (first, key) = (noise.first_value(y.len()), NoiseKey::new(noise.seed, noise.step, site));
        level.drop_values(DropValues { y, first, p: self.p, key });
    }
}

impl Dropout2d {
    /// Drops channels of images of these sizes with probability `p`.
    ///
    /// # Panics
    /// If `p` is not at least 0 and less than 1: at compile time.
    #[must_use]
    pub const fn new(p: f64, extent: Extent) -> Self {
        Self { p: probability(p), extent }
    }

    /// `y = y ⊙ m/(1 − p)`: what both passes do.
    #[inline]
    pub fn apply<T: Real, L: Kernels<T>>(&self, level: L, noise: Noise, site: u64, y: &mut [T]) {
        let key = NoiseKey::new(noise.seed, noise.step, site);
        let (channels, places) = (self.extent.channels, self.extent.places());
        level.drop_channels(DropChannels { y, first: noise.first as u64, channels, places, p: self.p, key });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::tests::{assert_marks, at_every_level, between_marks};
    use crate::simd::Scalar;

    /// Whether each of `len` values is kept.
    fn mask(p: f64, noise: Noise, site: u64, len: usize) -> Vec<bool> {
        let mut y = vec![1.0_f64; len];
        Dropout::new(p).apply(Scalar, noise, site, &mut y);
        y.iter().map(|&y| y > 0.0).collect()
    }

    #[test]
    fn the_mask_is_the_same_on_every_level_and_scalar() {
        let key = NoiseKey::new(3, 4, 5);
        for len in [0, 1, 2, 63, 64, 65, 200] {
            let expected = mask(0.3, Noise::new(3, 4), 5, len);
            at_every_level!(level => {
                let x: Vec<f64> = (0..len).map(|i| i as f64 - 40.5).collect();
                let (mut narrow, mut wide) = (between_marks::<f32>(&x), between_marks::<f64>(&x));
                level.drop_values(DropValues { y: &mut narrow[1..=len], first: 0, p: 0.3, key });
                level.drop_values(DropValues { y: &mut wide[1..=len], first: 0, p: 0.3, key });
                assert_marks(&narrow, len, level);
                assert_marks(&wide, len, level);
                for (i, &kept) in expected.iter().enumerate() {
                    let y = if kept { x[i] * (1.0 / (1.0 - 0.3)) } else { 0.0 };
                    assert_eq!(wide[1 + i], y, "{level:?}");
                    assert!((f64::from(narrow[1 + i]) - y).abs() <= 2e-7 * y.abs(), "{level:?}");
                }
            });
        }
    }

    /// Standard deviations of a count from what is expected.
    fn deviation(count: usize, n: usize, p: f64) -> f64 {
        (count as f64 - n as f64 * p).abs() / (n as f64 * p * (1.0 - p)).sqrt()
    }

    #[test]
    fn the_rate_is_the_one_asked_for() {
        const N: usize = 1 << 20;
        for p in [0.0, 0.01, 0.1, 0.5, 0.75, 0.99] {
            let dropped = mask(p, Noise::new(11, 2), 1, N).iter().filter(|&&kept| !kept).count();
            assert!(if p == 0.0 { dropped == 0 } else { deviation(dropped, N, p) < 4.0 }, "{p}: {dropped} of {N}");
        }
    }

    /// Masks that have nothing to do with each other agree in half of their bits, at any distance.
    #[test]
    fn steps_sites_seeds_and_neighbours_are_independent() {
        const N: usize = 1 << 16;
        let at = |seed, step, site| mask(0.5, Noise::new(seed, step), site, N);
        let masks: Vec<_> = [
            at(0, 0, 0),
            at(0, 0, 1),
            at(0, 1, 0),
            at(1, 0, 0),
            at(0, 2, 0),
            at(0, 0, 2),
            at(0, 1, 1),
            at(u64::MAX, 0, 0),
            at(0, 1 << 40, 0),
            at(Noise::default().within(0).seed, 0, 0),
            at(Noise::default().within(1).seed, 0, 0),
            at(Noise::default().within(0).within(1).seed, 0, 0),
            at(Noise::default().within(1).within(0).seed, 0, 0),
        ]
        .into();
        for (i, a) in masks.iter().enumerate() {
            for (j, b) in masks.iter().enumerate() {
                for lag in [0, 1, 2, 3, 4, 8, 64, 1000].into_iter().filter(|&lag| i != j || lag > 0) {
                    let same = a.iter().zip(&b[lag..]).filter(|(a, b)| a == b).count();
                    let off = deviation(same, N - lag, 0.5);
                    assert!(off < 5.0, "masks {i} and {j}, {lag} apart: {off}");
                }
            }
        }
    }

    /// Patterns of eight neighbours are equally frequent, and so are the values at one place over the steps.
    #[test]
    fn patterns_and_steps_are_uniform() {
        const N: usize = 1 << 20;
        let chi_square = |bits: &[bool]| {
            let mut counts = [0_u32; 256];
            for byte in bits.chunks_exact(8) {
                counts[byte.iter().fold(0, |byte, &bit| 2 * byte + usize::from(bit))] += 1;
            }
            let expected = bits.len() as f64 / 8.0 / 256.0;
            counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum::<f64>()
        };
        // 255 ± 22.6.
        let along = chi_square(&mask(0.5, Noise::new(5, 6), 7, N));
        assert!((165.0..345.0).contains(&along), "{along}");
        let steps: Vec<_> = (0..N as u64 / 8).map(|step| mask(0.5, Noise::new(5, step), 7, 1)[0]).collect();
        let over = chi_square(&steps);
        assert!((165.0..345.0).contains(&over), "{over}");
    }

    #[test]
    fn whole_channels_are_dropped() {
        for (channels, places, batch) in [(1, 5, 40), (3, 4, 31), (16, 3, 7), (67, 2, 5), (130, 3, 3)] {
            let layer = Dropout2d::new(0.4, Extent { channels, axes: [1, 1, places] });
            let len = channels * places * batch;
            let expected = mask(0.4, Noise::new(8, 9), 3, channels * batch);
            at_every_level!(level => {
                let mut y = between_marks::<f64>(&vec![3.0; len]);
                layer.apply(level, Noise::new(8, 9), 3, &mut y[1..=len]);
                assert_marks(&y, len, level);
                for (i, &y) in y[1..=len].iter().enumerate() {
                    let kept = expected[i / (channels * places) * channels + i % channels];
                    assert_eq!(y, if kept { 3.0 * (1.0 / (1.0 - 0.4)) } else { 0.0 }, "{level:?}");
                }
            });
        }
    }

    /// Shards draw for their samples what the whole batch draws for these, wherever they begin.
    #[test]
    fn a_part_of_a_batch_draws_its_part_of_the_noise() {
        let noise = Noise::new(8, 9);
        for values in [1, 3, 6, 64, 65, 130] {
            let (layer, len) = (Dropout::new(0.4), values * 9);
            let channels = Dropout2d::new(0.4, Extent { channels: values, axes: [1, 1, 2] });
            at_every_level!(level => {
                let (mut whole, mut parts) = (vec![1.0_f32; len], vec![1.0_f32; len]);
                let (mut images, mut image_parts) = (vec![1.0_f32; 2 * len], vec![1.0_f32; 2 * len]);
                layer.apply(level, noise, 3, &mut whole);
                channels.apply(level, noise, 3, &mut images);
                for samples in [0..1, 1..4, 4..4, 4..9] {
                    let (noise, Range { start, end }) = (noise.of_samples(samples.clone()), samples);
                    layer.apply(level, noise, 3, &mut parts[start * values..end * values]);
                    channels.apply(level, noise, 3, &mut image_parts[2 * start * values..2 * end * values]);
                }
                assert_eq!(whole, parts, "{level:?}");
                assert_eq!(images, image_parts, "{level:?}");
            });
        }
    }

    #[test]
    #[should_panic(expected = "at least 0 and less than 1")]
    fn everything_cannot_be_dropped() {
        let _ = Dropout::new(1.0);
    }
}
