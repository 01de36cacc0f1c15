//! Instance normalisation.

use nalgebra::SVector;

use super::{InputGradient, NormSettings, group_norm};
use crate::activations::Activation;
use crate::kernels::Kernels;
use crate::{Flat, Real, exact_len};

/// `instance_norm`: each channel of each sample with its own mean and variance taken out,
/// `y = gamma·(x − mean)/√(variance + eps) + beta`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, any number of axes |
/// | output | the same |
/// | `gamma` | `C`, one at first; none with `affine = false` |
/// | `beta` | `C`, zero at first; none with `affine = false` |
///
/// 2·C parameters, or none. Mean and biased variance are over the n places of a channel, in training and in inference. In
/// `network!`: `instance_norm`, `instance_norm(affine = false)`, `instance_norm(eps = 1e-5)`.
///
/// The gradient is that of a [`GroupNorm`](super::GroupNorm) with a channel a group: with `L` the loss, `d_y = ∂L/∂y`,
/// means over the places, `r = 1/√(variance + eps)` and `x̂ = (x − mean)·r`,
///
/// ```text
/// d_x     = gamma·r·(d_y − mean d_y − x̂·mean(d_y·x̂))
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
/// use nn_runtime::layers::{InstanceNorm, NormSettings};
/// use nn_runtime::simd::Scalar;
///
/// // Two places of two channels, side by side.
/// const SETTINGS: NormSettings = NormSettings::instance(Extent { channels: 2, axes: [1, 1, 2] }, 0.0);
/// let norm = InstanceNorm::<f64, 2, 0>::zeroed_box();
/// let (mut y, mut scratch) = ([0.0; 4], [0.0; SETTINGS.inference_scratch()]);
/// norm.forward(Scalar, &SETTINGS, &[1.0, 50.0, 5.0, 30.0], &mut y, Activation::Linear, &mut scratch);
/// assert_eq!(y, [-1.0, 1.0, 1.0, -1.0]);
/// ```
///
/// Source: Ulyanov, Vedaldi and Lempitsky, “Instance normalization: the missing ingredient for fast stylization” (2016).
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct InstanceNorm<T, const C: usize, const AFFINE: usize> {
    /// The scale of each channel, or none.
    pub gamma: SVector<T, AFFINE>,
    /// The shift of each channel, or none.
    pub beta: SVector<T, AFFINE>,
}

// SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const C: usize, const AFFINE: usize> Flat<T> for InstanceNorm<T, C, AFFINE> {
    const LEN: usize = exact_len::<T, Self>(&[Self::PARAMS]);
}

impl<T, const C: usize, const AFFINE: usize> InstanceNorm<T, C, AFFINE> {
    /// How many parameters it has.
    pub const PARAMS: usize = {
        assert!(AFFINE == C || AFFINE == 0, "a normalisation has a scale and a shift for each channel, or none");
        2 * AFFINE
    };
}

impl<T: Real, const C: usize, const AFFINE: usize> InstanceNorm<T, C, AFFINE> {
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
        let (gamma, beta) = (self.gamma.as_slice(), self.beta.as_slice());
        group_norm::forward(level, settings, gamma, beta, (x, y), activation, scratch);
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
        group_norm::backward(level, settings, gamma, (x, d_y, d_x), d, accumulate, scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Extent;
    use crate::layers::GroupNorm;
    use crate::layers::tests::{filled, values};
    use crate::simd::Scalar;

    #[test]
    fn is_a_group_norm_of_single_channels() {
        const EXTENT: Extent = Extent { channels: 3, axes: [1, 2, 4] };
        const INSTANCE: NormSettings = NormSettings::instance(EXTENT, 1e-4);
        const GROUP: NormSettings = NormSettings::group(EXTENT, 3, 1e-4);
        let (parameters, x, d_y) = (values(6, 4), values(48, 1), values(48, 9));
        let instance: Box<InstanceNorm<f64, 3, 3>> = filled(&parameters);
        let group: Box<GroupNorm<f64, 3>> = filled(&parameters);
        let mut scratch = [f64::NAN; INSTANCE.training_scratch()];
        let (mut y, mut expected) = ([[f64::NAN; 48]; 2], [[f64::NAN; 48]; 2]);
        instance.forward(Scalar, &INSTANCE, &x, &mut y[0], Activation::Linear, &mut scratch);
        group.forward(Scalar, &GROUP, &x, &mut expected[0], Activation::Linear, &mut scratch);
        let (mut d, mut d_expected) = (InstanceNorm::zeroed_box(), GroupNorm::zeroed_box());
        instance.backward(
            Scalar,
            &INSTANCE,
            &x,
            &d_y,
            Some(InputGradient::overwrite(&mut y[1])),
            &mut d,
            false,
            &mut scratch,
        );
        group.backward(
            Scalar,
            &GROUP,
            &x,
            &d_y,
            Some(InputGradient::overwrite(&mut expected[1])),
            &mut d_expected,
            false,
            &mut scratch,
        );
        assert_eq!(y, expected);
        assert_eq!(d.as_flat(), d_expected.as_flat());
    }
}
