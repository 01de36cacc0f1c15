//! Batch normalisation.

use nalgebra::SVector;

use super::InputGradient;
use crate::activations::{ActivateInPlace, Activation, Relu};
use crate::geometry::Extent;
use crate::kernels::{ChannelAffine, ChannelGradient, ChannelGradientSums, ChannelMoments, ChannelScale, Kernels};
use crate::{Buffer, Flat, Real, exact_len};

/// `batch_norm`: each channel with the mean and the variance of the batch taken out,
/// `y = gamma·(x − mean)/√(variance + eps) + beta`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, any number of axes; a vector `[C]` |
/// | output | the same |
/// | `gamma` | `C`, one at first |
/// | `beta` | `C`, zero at first |
/// | `running_mean`, `running_var` | `C` each, buffers and not parameters: see [`RunningStatistics`] |
///
/// 2·C parameters. Training takes the mean and the biased variance of each channel over the batch and all places; inference
/// takes those that training has gathered, `running = (1 − momentum)·running + momentum·batch`, the variance unbiased. Of a batch in
/// [shards](crate::Training#shards) each is normalised by itself, and what is gathered are mean and variance of all its samples.
///
/// In `network!`: `conv2d(64, 3, bias = false) -> batch_norm -> relu`, `batch_norm(eps = 1e-5, momentum = 0.1)`. A bias in
/// front of it would be taken out again.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y`, sums over the n values of a channel, `r = 1/√(variance + eps)` and
/// `x̂ = (x − mean)·r`. In the forward pass `y = gamma·x̂ + beta`, and mean and variance depend on every x:
///
/// ```text
/// d_beta  = Σ d_y
/// d_gamma = Σ d_y·x̂
/// ∂x̂ⱼ/∂xᵢ = r·(δᵢⱼ − 1/n − x̂ᵢ·x̂ⱼ/n)        since ∂mean/∂xᵢ = 1/n and ∂r/∂xᵢ = −r²·x̂ᵢ/n
/// d_x     = gamma·r·(d_y − d_beta/n − x̂·d_gamma/n)
/// ```
///
/// Cached: `x`, and the statistics of the batch. Gradients are overwritten or added to: those of parameters where a
/// layer runs more than once, `d_x` where several layers take `x`.
///
/// ```
/// use nn_runtime::Flat;
/// use nn_runtime::activations::Activation;
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::{BatchNorm, BatchNormSettings, RunningStatistics};
/// use nn_runtime::simd::Scalar;
///
/// const SETTINGS: BatchNormSettings = BatchNormSettings::new(Extent { channels: 1, axes: [1, 1, 1] }, 0.0, 0.5);
/// let mut norm = BatchNorm::<f64, 1>::zeroed_box();
/// norm.initialize();
/// let (mut running, mut batch) = (RunningStatistics::zeroed_box(), RunningStatistics::zeroed_box());
/// running.initialize();
///
/// // Two samples of one value.
/// let (x, mut y, mut scratch) = ([1.0, 5.0], [0.0; 2], [0.0; SETTINGS.training_scratch()]);
/// norm.forward_training(Scalar, &SETTINGS, &mut batch, &x, &mut y, Activation::Linear, &mut scratch);
/// assert_eq!(y, [-1.0, 1.0]);
///
/// running.update(&batch, &SETTINGS, 2);
/// assert_eq!((running.running_mean[0], running.running_var[0]), (1.5, 4.5));
/// ```
///
/// Source: Ioffe and Szegedy, “Batch normalization: accelerating deep network training by reducing internal covariate
/// shift” (2015).
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct BatchNorm<T, const C: usize> {
    /// The scale of each channel.
    pub gamma: SVector<T, C>,
    /// The shift of each channel.
    pub beta: SVector<T, C>,
}

/// Mean and variance of each channel: of a batch, or what training has gathered of its batches for inference.
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct RunningStatistics<T, const C: usize> {
    /// Zero at first.
    pub running_mean: SVector<T, C>,
    /// One at first.
    pub running_var: SVector<T, C>,
}

/// What a [`BatchNorm`] knows when the program is compiled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormSettings {
    extent: Extent,
    eps: f64,
    momentum: f64,
}

impl BatchNormSettings {
    /// For values of these sizes. `eps` keeps the root from zero; `momentum` is the share of the latest batch.
    ///
    /// # Panics
    /// If `eps` is negative, or `momentum` not from 0 to 1: at compile time.
    #[must_use]
    pub const fn new(extent: Extent, eps: f64, momentum: f64) -> Self {
        assert!(eps >= 0.0 && eps.is_finite(), "`eps` is at least 0");
        assert!(momentum >= 0.0 && momentum <= 1.0, "`momentum` is a number from 0 to 1");
        Self { extent, eps, momentum }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.extent
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.extent
    }

    /// How many values of scratch the forward pass of inference needs.
    #[must_use]
    pub const fn inference_scratch(&self) -> usize {
        self.extent.channels
    }

    /// How many values of scratch the passes of training need.
    #[must_use]
    pub const fn training_scratch(&self) -> usize {
        5 * self.extent.channels
    }
}

// SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const C: usize> Flat<T> for BatchNorm<T, C> {
    const LEN: usize = exact_len::<T, Self>(&[Self::PARAMS]);
}

// SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const C: usize> Flat<T> for RunningStatistics<T, C> {
    const LEN: usize = exact_len::<T, Self>(&[2 * C]);
}

impl<T, const C: usize> BatchNorm<T, C> {
    /// How many parameters it has.
    pub const PARAMS: usize = 2 * C;
}

impl<T: Real, const C: usize> RunningStatistics<T, C> {
    /// Mean 0 and variance 1.
    pub fn initialize(&mut self) {
        self.running_mean.as_mut_slice().fill(T::zero());
        self.running_var.as_mut_slice().fill(T::one());
    }

    /// Goes `momentum` of the way to the statistics of a batch of so many samples, its variance made unbiased by n/(n − 1). A
    /// channel with a single value has no such variance, and keeps the one that it has.
    pub fn update(&mut self, batch: &Self, settings: &BatchNormSettings, samples: usize) {
        let n = (samples * settings.extent.places()) as f64;
        let share = T::nearest(settings.momentum);
        let unbiased = T::nearest(settings.momentum * n / (n - 1.0));
        let kept = T::nearest(1.0 - settings.momentum);
        for (running, &batch) in self.running_mean.iter_mut().zip(&batch.running_mean) {
            *running = kept * *running + share * batch;
        }
        if n > 1.0 {
            for (running, &batch) in self.running_var.iter_mut().zip(&batch.running_var) {
                *running = kept * *running + unbiased * batch;
            }
        }
    }
}

impl<T: Real, const C: usize> BatchNorm<T, C> {
    /// `gamma` 1 and `beta` 0.
    pub fn initialize(&mut self) {
        self.gamma.as_mut_slice().fill(T::one());
        self.beta.as_mut_slice().fill(T::zero());
    }

    /// What inference does to each channel, `y = scale·x + shift`: to be done by the layer in front, in its registers.
    #[inline]
    pub fn scale_and_shift<L: Kernels<T>>(
        &self,
        level: L,
        settings: &BatchNormSettings,
        statistics: &RunningStatistics<T, C>,
        scale: &mut [T],
        shift: &mut [T],
    ) {
        let variance = statistics.running_var.as_slice();
        level.channel_scale(ChannelScale { gamma: self.gamma.as_slice(), variance, eps: settings.eps, scale });
        let means = statistics.running_mean.iter().zip(&self.beta);
        for ((shift, &scale), (&mean, &beta)) in shift.iter_mut().zip(&*scale).zip(means) {
            *shift = beta - mean * scale;
        }
    }

    /// Hands its scale to the layer in front, and keeps nothing but a shift: `y = x + beta − mean·scale`. The scale is on the
    /// heap, as a network's parameters are.
    #[must_use = "the layer in front has to take over the scale"]
    pub(super) fn fold(&mut self, statistics: &mut RunningStatistics<T, C>, settings: &BatchNormSettings) -> Buffer<T> {
        let mut scale = Buffer::zeroed(C);
        let eps = T::nearest(settings.eps);
        for (c, scale) in scale.iter_mut().enumerate() {
            *scale = self.gamma[c] / (statistics.running_var[c] + eps).sqrt();
            self.beta[c] -= statistics.running_mean[c] * *scale;
            self.gamma[c] = T::one();
            statistics.running_mean[c] = T::zero();
            statistics.running_var[c] = T::one() - eps;
        }
        scale
    }

    /// Inference: `y = f(gamma·(x − running_mean)/√(running_var + eps) + beta)`.
    #[inline]
    pub fn forward<L: Kernels<T>>(
        &self,
        level: L,
        settings: &BatchNormSettings,
        statistics: &RunningStatistics<T, C>,
        x: &[T],
        y: &mut [T],
        activation: Activation,
        scratch: &mut [T],
    ) {
        let (variance, centre) = (statistics.running_var.as_slice(), statistics.running_mean.as_slice());
        let scale = &mut scratch[..C];
        level.channel_scale(ChannelScale { gamma: self.gamma.as_slice(), variance, eps: settings.eps, scale });
        affine(level, ChannelAffine { x, y, centre, scale, shift: self.beta.as_slice(), rectify: false }, activation);
    }

    /// Training: the same with mean and biased variance of this batch, which are written to `statistics`.
    #[inline]
    pub fn forward_training<L: Kernels<T>>(
        &self,
        level: L,
        settings: &BatchNormSettings,
        statistics: &mut RunningStatistics<T, C>,
        x: &[T],
        y: &mut [T],
        activation: Activation,
        scratch: &mut [T],
    ) {
        let [shift, scale] = parts(scratch, C);
        let (mean, variance) = (statistics.running_mean.as_mut_slice(), statistics.running_var.as_mut_slice());
        level.channel_moments(ChannelMoments { x, mean, variance, residue: shift });
        level.channel_scale(ChannelScale { gamma: self.gamma.as_slice(), variance, eps: settings.eps, scale });
        // What the mean lost by rounding is taken out here.
        for ((shift, &scale), &beta) in shift.iter_mut().zip(&*scale).zip(&self.beta) {
            *shift = beta - *shift * scale;
        }
        affine(level, ChannelAffine { x, y, centre: mean, scale, shift, rectify: false }, activation);
    }

    /// Writes the gradients of the parameters to `d`, or adds them to it if they `accumulate`, and gives `d_x` if it is
    /// wanted; `statistics` are those that [`forward_training`](Self::forward_training) wrote.
    #[inline]
    pub fn backward<L: Kernels<T>>(
        &self,
        level: L,
        settings: &BatchNormSettings,
        statistics: &RunningStatistics<T, C>,
        x: &[T],
        d_y: &[T],
        d_x: Option<InputGradient<'_, T>>,
        d: &mut Self,
        accumulate: bool,
        scratch: &mut [T],
    ) {
        let (centre, variance) = (statistics.running_mean.as_slice(), statistics.running_var.as_slice());
        let [sum, moment, slope, root, curve] = parts(scratch, C);
        level.channel_gradient_sums(ChannelGradientSums { x, d_y, centre, sum, moment });
        level.channel_scale(ChannelScale { gamma: &[], variance, eps: settings.eps, scale: root });
        let n = T::nearest(x.len() as f64 / C as f64);
        for c in 0..C {
            let (r, d_beta) = (root[c], sum[c]);
            let d_gamma = moment[c] * r;
            slope[c] = self.gamma[c] * r;
            curve[c] = -slope[c] * r * d_gamma / n;
            sum[c] = -slope[c] * d_beta / n;
            d.gamma[c] = if accumulate { d.gamma[c] + d_gamma } else { d_gamma };
            d.beta[c] = if accumulate { d.beta[c] + d_beta } else { d_beta };
        }
        if let Some(InputGradient { values: d_x, accumulate }) = d_x {
            level.channel_gradient(ChannelGradient { x, d_y, d_x, centre, slope, curve, shift: sum, accumulate });
        }
    }
}

/// The activation in the same pass where it can be, after it elsewhere.
#[inline]
pub(super) fn affine<T: Real, L: Kernels<T>>(level: L, kernel: ChannelAffine<'_, T>, activation: Activation) {
    if activation == Activation::Relu(Relu) {
        level.channel_affine(ChannelAffine { rectify: true, ..kernel });
        return;
    }
    let y = &mut *kernel.y;
    level.channel_affine(ChannelAffine { y, ..kernel });
    level.activate_in_place(ActivateInPlace { activation, y: kernel.y });
}

/// The first values of the scratch, `len` for each part.
#[inline]
pub(super) fn parts<T, const N: usize>(scratch: &mut [T], len: usize) -> [&mut [T]; N] {
    let mut rest = &mut scratch[..N * len];
    core::array::from_fn(|_| {
        let (part, behind) = core::mem::take(&mut rest).split_at_mut(len);
        rest = behind;
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::tests::{at_every_level, is_nan, vector};
    use crate::layers::tests::{Norm, assert_near, check_norm, filled, standardised, values};

    /// In training.
    #[derive(Clone, Copy, Debug)]
    struct Training<const C: usize>(BatchNormSettings);

    fn scratch<T: Real>(settings: &BatchNormSettings) -> Vec<T> {
        vector(&vec![f64::NAN; settings.training_scratch().max(settings.inference_scratch())])
    }

    #[allow(clippy::unnecessary_box_returns)]
    fn dirty<T: Real, const C: usize>() -> Box<RunningStatistics<T, C>> {
        filled(&vector(&vec![f64::NAN; 2 * C]))
    }

    impl<const C: usize> Norm for Training<C> {
        fn forward<T: Real, L: Kernels<T>>(&self, level: L, parameters: &[T], x: &[T], y: &mut [T], f: Activation) {
            let norm: Box<BatchNorm<T, C>> = filled(parameters);
            norm.forward_training(level, &self.0, &mut dirty(), x, y, f, &mut scratch(&self.0));
        }
        fn backward<T: Real, L: Kernels<T>>(
            &self,
            level: L,
            parameters: &[T],
            x: &[T],
            d_y: &[T],
            d_x: Option<InputGradient<'_, T>>,
            d: &mut [T],
            accumulate: bool,
        ) {
            let norm: Box<BatchNorm<T, C>> = filled(parameters);
            let (mut gradient, mut batch) = (filled::<T, BatchNorm<T, C>>(d), dirty());
            let (mut y, mut scratch) = (vec![T::zero(); x.len()], scratch(&self.0));
            norm.forward_training(level, &self.0, &mut batch, x, &mut y, Activation::Linear, &mut scratch);
            norm.backward(level, &self.0, &batch, x, d_y, d_x, &mut gradient, accumulate, &mut scratch);
            d.copy_from_slice(gradient.as_flat());
        }
    }

    /// By the definition, over a whole batch.
    fn naive(channels: usize, eps: f64, parameters: &[f64], x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; x.len()];
        for c in 0..channels {
            let of_channel: Vec<_> = x[c..].iter().step_by(channels).copied().collect();
            for (place, x) in standardised(&of_channel, eps).into_iter().enumerate() {
                y[place * channels + c] = parameters[c] * x + parameters[channels + c];
            }
        }
        y
    }

    fn check<const C: usize>(axes: [usize; 3], batch: usize) {
        let settings = BatchNormSettings::new(Extent { channels: C, axes }, 1e-3, 0.1);
        let len = settings.extent.len() * batch;
        check_norm(Training::<C>(settings), 2 * C, len, |parameters, x| naive(C, 1e-3, parameters, x));
    }

    #[test]
    fn training_follows_its_definition_and_its_gradient() {
        check::<1>([1, 1, 1], 70);
        check::<1>([1, 9, 11], 3);
        check::<2>([1, 1, 1], 2);
        check::<3>([1, 7, 5], 3);
        check::<5>([2, 3, 2], 3);
        check::<6>([1, 4, 4], 2);
        check::<8>([1, 3, 3], 2);
        check::<16>([1, 3, 2], 3);
        check::<20>([1, 2, 2], 2);
        check::<67>([1, 1, 2], 2);
        check::<131>([1, 1, 1], 3);
    }

    #[test]
    fn inference_uses_what_was_gathered() {
        fn check<T: Real, L: Kernels<T> + core::fmt::Debug, const C: usize>(level: L, tolerance: f64) {
            let settings = BatchNormSettings::new(Extent { channels: C, axes: [1, 1, 9] }, 1e-5, 0.1);
            let parameters = values(2 * C, 3);
            let gathered: Vec<f64> = values(2 * C, 9).iter().map(|x| x + 2.5).collect();
            let x = values(C * 9 * 2, 4);
            let norm: Box<BatchNorm<T, C>> = filled(&vector(&parameters));
            let statistics = filled(&vector(&gathered));
            let mut y: Vec<T> = vector(&vec![f64::NAN; x.len()]);
            norm.forward(level, &settings, &statistics, &vector(&x), &mut y, Relu.into(), &mut scratch(&settings));
            let channel = |c: usize| (parameters[c] / (gathered[C + c] + 1e-5).sqrt(), gathered[c], parameters[C + c]);
            let each = x.iter().enumerate().map(|(i, x)| (x, channel(i % C)));
            let expected: Vec<f64> =
                each.map(|(x, (scale, mean, beta))| ((x - mean) * scale + beta).max(0.0)).collect();
            assert_near(&y, &expected, tolerance, (level, C));
            let (mut scale, mut shift) = ([T::zero(); C], [T::zero(); C]);
            norm.scale_and_shift(level, &settings, &statistics, &mut scale, &mut shift);
            let fused: Vec<T> =
                x.iter().enumerate().map(|(i, &x)| scale[i % C] * T::nearest(x) + shift[i % C]).collect();
            assert_near(&fused.iter().map(|&y| y.max(T::zero())).collect::<Vec<T>>(), &expected, tolerance, (level, C));
        }
        at_every_level!(level => {
            check::<f32, _, 3>(level, 1e-5);
            check::<f64, _, 20>(level, 1e-12);
        });
    }

    /// A mean of 1000 with a spread of 1, and channels whose first value is far from all others.
    #[test]
    fn a_large_mean_costs_no_digits() {
        fn check<const C: usize, L: Kernels<f32> + core::fmt::Debug>(level: L, first: f64) {
            const PLACES: usize = 4000;
            let settings = BatchNormSettings::new(Extent { channels: C, axes: [1, 1, PLACES] }, 0.0, 0.1);
            let x: Vec<f32> = values(C * PLACES, 3)
                .iter()
                .enumerate()
                .map(|(i, x)| if i < C { first as f32 } else { (x + 1000.0) as f32 })
                .collect();
            let exact: Vec<f64> = x.iter().copied().map(f64::from).collect();
            let mut norm = BatchNorm::<f32, C>::zeroed_box();
            norm.initialize();
            let (mut batch, mut y) = (dirty(), vec![f32::NAN; x.len()]);
            let mut scratch = scratch(&settings);
            norm.forward_training(level, &settings, &mut batch, &x, &mut y, Activation::Linear, &mut scratch);
            let parameters = [[1.0; C], [0.0; C]].concat();
            let tolerance = if first == 1000.0 { 2e-6 } else { 1e-5 };
            assert_near(&y, &naive(C, 0.0, &parameters, &exact), tolerance, (level, C, first));
        }
        at_every_level!(level => for first in [1000.0, 0.0, 1e5] {
            check::<1, _>(level, first);
            check::<3, _>(level, first);
            check::<20, _>(level, first);
        });
    }

    #[test]
    fn constant_channels_and_undefined_ones() {
        at_every_level!(level => {
            let settings = BatchNormSettings::new(Extent { channels: 2, axes: [1, 1, 1] }, 1e-5, 0.1);
            let mut norm = BatchNorm::<f32, 2>::zeroed_box();
            norm.initialize();
            let (mut batch, mut y) = (dirty(), [0.0; 6]);
            let x = [0.1, f32::NAN, 0.1, 1.0, 0.1, 1.0];
            norm.forward_training(level, &settings, &mut batch, &x, &mut y, Relu.into(), &mut scratch(&settings));
            assert!(y.iter().step_by(2).all(|y| y.abs() < 1e-5), "{y:?}, {level:?}");
            assert!(y[1..].iter().step_by(2).all(|&y| is_nan(y)), "{y:?}, {level:?}");
        });
    }

    #[test]
    fn a_single_value_has_no_unbiased_variance() {
        let settings = BatchNormSettings::new(Extent { channels: 1, axes: [1, 1, 1] }, 1e-5, 0.25);
        let mut running = RunningStatistics::<f64, 1>::zeroed_box();
        running.initialize();
        running.update(&filled(&[4.0, 0.0]), &settings, 1);
        assert_eq!(running.as_flat(), [1.0, 1.0]);
    }
}
