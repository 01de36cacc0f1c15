//! Group normalisation, of which that of instances is the case of one channel a group.

use nalgebra::SVector;

use super::batch_norm::{affine, parts};
use super::{InputGradient, NormSettings};
use crate::activations::Activation;
use crate::kernels::{ChannelAffine, ChannelGradient, ChannelGradientSums, ChannelMoments, Kernels};
use crate::{Flat, Real, exact_len};

/// `group_norm(groups)`: each group of channels of each sample with its own mean and variance taken out,
/// `y = gamma·(x − mean)/√(variance + eps) + beta`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, any number of axes |
/// | output | the same |
/// | `gamma` | `C`, one at first |
/// | `beta` | `C`, zero at first |
///
/// 2·C parameters. Mean and biased variance are over the n = C/groups·places values of a group. In `network!`:
/// `conv2d(64, 3, bias = false) -> group_norm(8) -> relu`, `group_norm(8, eps = 1e-5)`.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y`, means over the values of a group, `r = 1/√(variance + eps)`,
/// `x̂ = (x − mean)·r` and `g = gamma·d_y = ∂L/∂x̂`. As for a [`BatchNorm`](super::BatchNorm),
/// `∂x̂ⱼ/∂xᵢ = r·(δᵢⱼ − 1/n − x̂ᵢ·x̂ⱼ/n)`, so that
///
/// ```text
/// d_x     = r·(g − mean g − x̂·mean(g·x̂))
/// d_gamma = Σ d_y·x̂     over samples and places
/// d_beta  = Σ d_y
/// ```
///
/// Cached: `x`, from which the statistics are computed again. Gradients are overwritten or added to: those of
/// parameters where a layer runs more than once, `d_x` where several layers take `x`.
///
/// ```
/// use nn_runtime::Flat;
/// use nn_runtime::activations::Activation;
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::{GroupNorm, NormSettings};
/// use nn_runtime::simd::Scalar;
///
/// const SETTINGS: NormSettings = NormSettings::group(Extent { channels: 4, axes: [1, 1, 1] }, 2, 0.0);
/// let mut norm = GroupNorm::<f64, 4>::zeroed_box();
/// norm.initialize();
/// let (mut y, mut scratch) = ([0.0; 4], [0.0; SETTINGS.inference_scratch()]);
/// norm.forward(Scalar, &SETTINGS, &[1.0, 5.0, -3.0, -7.0], &mut y, Activation::Linear, &mut scratch);
/// assert_eq!(y, [-1.0, 1.0, 1.0, -1.0]);
/// ```
///
/// Source: Wu and He, “Group normalization” (2018).
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct GroupNorm<T, const C: usize, const AFFINE: usize = C> {
    /// The scale of each channel.
    pub gamma: SVector<T, AFFINE>,
    /// The shift of each channel.
    pub beta: SVector<T, AFFINE>,
}

// SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const C: usize, const AFFINE: usize> Flat<T> for GroupNorm<T, C, AFFINE> {
    const LEN: usize = exact_len::<T, Self>(&[Self::PARAMS]);
}

impl<T, const C: usize, const AFFINE: usize> GroupNorm<T, C, AFFINE> {
    /// How many parameters it has.
    pub const PARAMS: usize = {
        assert!(AFFINE == C || AFFINE == 0, "a normalisation has a scale and a shift for each channel, or none");
        2 * AFFINE
    };
}

impl<T: Real, const C: usize, const AFFINE: usize> GroupNorm<T, C, AFFINE> {
    /// `gamma` 1 and `beta` 0.
    pub fn initialize(&mut self) {
        self.gamma.as_mut_slice().fill(T::one());
        self.beta.as_mut_slice().fill(T::zero());
    }

    /// `y = f(gamma·(x − mean)/√(variance + eps) + beta)`.
    #[inline]
    pub fn forward<L: Kernels<T>>(
        &self,
        level: L,
        settings: &NormSettings,
        x: &[T],
        y: &mut [T],
        activation: Activation,
        scratch: &mut [T],
    ) {
        forward(level, settings, self.gamma.as_slice(), self.beta.as_slice(), (x, y), activation, scratch);
    }

    /// Writes the gradients of the parameters to `d`, or adds them to it if they `accumulate`, and gives `d_x` if it is
    /// wanted.
    #[inline]
    pub fn backward<L: Kernels<T>>(
        &self,
        level: L,
        settings: &NormSettings,
        x: &[T],
        d_y: &[T],
        d_x: Option<InputGradient<'_, T>>,
        d: &mut Self,
        accumulate: bool,
        scratch: &mut [T],
    ) {
        let (gamma, d) = (self.gamma.as_slice(), [d.gamma.as_mut_slice(), d.beta.as_mut_slice()]);
        backward(level, settings, gamma, (x, d_y, d_x), d, accumulate, scratch);
    }
}

/// Sample by sample; no `gamma` and `beta` stand for ones and zeros.
pub(super) fn forward<T: Real, L: Kernels<T>>(
    level: L,
    settings: &NormSettings,
    gamma: &[T],
    beta: &[T],
    (x, y): (&[T], &mut [T]),
    activation: Activation,
    scratch: &mut [T],
) {
    let channels = settings.input().channels;
    let [centre, variance, residue, scale, shift] = parts(scratch, channels);
    let len = settings.input().len().max(1);
    for (x, y) in x.chunks_exact(len).zip(y.chunks_exact_mut(len)) {
        level.channel_moments(ChannelMoments { x, mean: centre, variance, residue });
        groups(settings, centre, variance, residue, scale);
        for c in 0..channels {
            scale[c] *= gamma.get(c).copied().unwrap_or(T::one());
            shift[c] = beta.get(c).copied().unwrap_or(T::zero()) - residue[c] * scale[c];
        }
        affine(level, ChannelAffine { x, y, centre, scale, shift, rectify: false }, activation);
    }
}

/// From the moments of channels those of their groups, for each channel: the rounded mean takes the place of `mean`, what it
/// lost that of `residue`, and `1/√(variance + eps)` is written to `root`.
///
/// The variance of a group is the mean of the variances of its channels and of the squares of what their means are apart
/// from the group's.
fn groups<T: Real>(settings: &NormSettings, mean: &mut [T], variance: &[T], residue: &mut [T], root: &mut [T]) {
    let size = mean.len() / settings.groups;
    for first in (0..mean.len()).step_by(size) {
        let channels = first..first + size;
        let exact = |c: usize| mean[c].to_f64() + residue[c].to_f64();
        let of_group = channels.clone().map(exact).sum::<f64>() / size as f64;
        let squares = channels.clone().map(|c| variance[c].to_f64() + (exact(c) - of_group).powi(2)).sum::<f64>();
        let centre = T::nearest(of_group);
        mean[channels.clone()].fill(centre);
        residue[channels.clone()].fill(T::nearest(of_group - centre.to_f64()));
        root[channels].fill(T::nearest(1.0 / (squares / size as f64 + settings.eps).sqrt()));
    }
}

/// Sample by sample; the gradients of no parameters are none.
pub(super) fn backward<T: Real, L: Kernels<T>>(
    level: L,
    settings: &NormSettings,
    gamma: &[T],
    (x, d_y, mut d_x): (&[T], &[T], Option<InputGradient<'_, T>>),
    [d_gamma, d_beta]: [&mut [T]; 2],
    accumulate: bool,
    scratch: &mut [T],
) {
    let channels = settings.input().channels;
    let [centre, curve, residue, root, sum, moment, slope] = parts(scratch, channels);
    let len = settings.input().len().max(1);
    if !accumulate {
        d_gamma.fill(T::zero());
        d_beta.fill(T::zero());
    }
    for (sample, (x, d_y)) in x.chunks_exact(len).zip(d_y.chunks_exact(len)).enumerate() {
        // The variance is not needed for longer than the curve is not there.
        level.channel_moments(ChannelMoments { x, mean: centre, variance: curve, residue });
        groups(settings, centre, curve, residue, root);
        level.channel_gradient_sums(ChannelGradientSums { x, d_y, centre, sum, moment });
        for c in 0..channels {
            // Of x̂, where it was of x − centre.
            moment[c] = (moment[c] - residue[c] * sum[c]) * root[c];
        }
        for (c, (d_gamma, d_beta)) in d_gamma.iter_mut().zip(&mut *d_beta).enumerate() {
            *d_gamma += moment[c];
            *d_beta += sum[c];
        }
        if let Some(InputGradient { values: d_x, accumulate }) = &mut d_x {
            let accumulate = *accumulate;
            let sums = Sums { gamma, sum, moment, root };
            sums.coefficients(settings, residue, slope, curve);
            let d_x = &mut d_x[sample * len..(sample + 1) * len];
            level.channel_gradient(ChannelGradient { x, d_y, d_x, centre, slope, curve, shift: residue, accumulate });
        }
    }
}

/// `Σ d_y`, `Σ d_y·x̂` and `r` of each channel.
struct Sums<'a, T> {
    gamma: &'a [T],
    sum: &'a [T],
    moment: &'a [T],
    root: &'a [T],
}

impl<T: Real> Sums<'_, T> {
    /// `d_x = slope·d_y + curve·(x − centre) + shift`, where the residue of the mean makes room for the shift.
    fn coefficients(&self, settings: &NormSettings, residue: &mut [T], slope: &mut [T], curve: &mut [T]) {
        let Self { gamma, sum, moment, root } = self;
        let size = sum.len() / settings.groups;
        let n = (size * settings.input().places()) as f64;
        let gamma = |c: usize| gamma.get(c).copied().unwrap_or(T::one());
        for first in (0..sum.len()).step_by(size) {
            let mean_of = |of: &[T]| {
                let terms = (first..first + size).map(|c| gamma(c).to_f64() * of[c].to_f64());
                T::nearest(terms.sum::<f64>() / n)
            };
            let (mean, mean_moment) = (mean_of(sum), mean_of(moment));
            for c in first..first + size {
                slope[c] = root[c] * gamma(c);
                curve[c] = -root[c] * root[c] * mean_moment;
                residue[c] = -root[c] * mean - curve[c] * residue[c];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Extent;
    use crate::layers::tests::{Norm, check_norm, filled, standardised};

    #[derive(Clone, Copy, Debug)]
    struct Case<const C: usize, const AFFINE: usize>(NormSettings);

    fn scratch<T: Real>(settings: &NormSettings) -> Vec<T> {
        vec![T::nearest(f64::NAN); settings.training_scratch()]
    }

    impl<const C: usize, const AFFINE: usize> Norm for Case<C, AFFINE> {
        fn forward<T: Real, L: Kernels<T>>(&self, level: L, parameters: &[T], x: &[T], y: &mut [T], f: Activation) {
            let norm: Box<GroupNorm<T, C, AFFINE>> = filled(parameters);
            norm.forward(level, &self.0, x, y, f, &mut scratch(&self.0)[..self.0.inference_scratch()]);
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
            let norm: Box<GroupNorm<T, C, AFFINE>> = filled(parameters);
            let mut gradient: Box<GroupNorm<T, C, AFFINE>> = filled(d);
            norm.backward(level, &self.0, x, d_y, d_x, &mut gradient, accumulate, &mut scratch(&self.0));
            d.copy_from_slice(gradient.as_flat());
        }
    }

    /// By the definition, over a whole batch.
    fn naive(extent: Extent, groups: usize, eps: f64, parameters: &[f64], x: &[f64]) -> Vec<f64> {
        let (channels, size) = (extent.channels, extent.channels / groups);
        let mut y = vec![0.0; x.len()];
        for (x, y) in x.chunks_exact(extent.len()).zip(y.chunks_exact_mut(extent.len())) {
            for group in 0..groups {
                let of_group: Vec<usize> = (0..x.len()).filter(|i| i % channels / size == group).collect();
                let values: Vec<f64> = of_group.iter().map(|&i| x[i]).collect();
                for (&i, x) in of_group.iter().zip(standardised(&values, eps)) {
                    let c = i % channels;
                    y[i] = match parameters {
                        [] => x,
                        _ => parameters[c] * x + parameters[channels + c],
                    };
                }
            }
        }
        y
    }

    fn check<const C: usize, const AFFINE: usize>(axes: [usize; 3], groups: usize, batch: usize) {
        let extent = Extent { channels: C, axes };
        let settings = NormSettings::group(extent, groups, 1e-3);
        let definition = |parameters: &[f64], x: &[f64]| naive(extent, groups, 1e-3, parameters, x);
        check_norm(Case::<C, AFFINE>(settings), 2 * AFFINE, extent.len() * batch, definition);
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        check::<2, 2>([1, 1, 5], 1, 3);
        check::<6, 6>([1, 3, 4], 3, 2);
        check::<6, 0>([1, 2, 3], 2, 3);
        check::<16, 16>([1, 3, 2], 4, 2);
        check::<20, 20>([2, 1, 3], 5, 2);
        check::<8, 8>([1, 1, 1], 2, 3);
        // One channel a group: of instances.
        check::<5, 5>([1, 4, 5], 5, 2);
        check::<17, 0>([1, 2, 3], 17, 2);
    }

    #[test]
    #[should_panic(expected = "4 groups do not divide 6 channels")]
    fn groups_divide_the_channels() {
        let _ = NormSettings::group(Extent { channels: 6, axes: [1, 1, 1] }, 4, 1e-5);
    }
}
