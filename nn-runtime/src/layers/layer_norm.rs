//! Layer normalisation.

use nalgebra::SMatrix;

use super::{InputGradient, NormSettings};
use crate::activations::{ActivateInPlace, Activation, Relu};
use crate::kernels::{ColumnNorm, ColumnNormGradient, Kernels};
use crate::{Flat, Real, exact_len};

/// `layer_norm`: each sample with its own mean and variance taken out,
/// `y = gamma ⊙ (x − mean)/√(variance + eps) + beta`.
///
/// | | shape |
/// |---|---|
/// | input | a vector `[F]`, an image `[C, H, W]`, or a sequence `[T, F]`, each step of which stands for itself |
/// | output | the same |
/// | `gamma` | one for each value of a sample (or of a step), one at first; `C × P` for P places of C channels |
/// | `beta` | as many, zero at first |
///
/// 2·C·P parameters. The variance is the biased one. In `network!`: `dense(64) -> layer_norm -> gelu`,
/// `layer_norm(eps = 1e-5)`.
///
/// The gradient, with `L` the loss, `d_y = ∂L/∂y`, means over the values of a sample, `r = 1/√(variance + eps)`,
/// `x̂ = (x − mean)·r` and `g = gamma ⊙ d_y = ∂L/∂x̂`. As for a [`BatchNorm`](super::BatchNorm),
/// `∂x̂ⱼ/∂xᵢ = r·(δᵢⱼ − 1/n − x̂ᵢ·x̂ⱼ/n)`, so that
///
/// ```text
/// d_x     = r·(g − mean g − x̂·mean(g ⊙ x̂))
/// d_gamma = Σ_b d_y ⊙ x̂
/// d_beta  = Σ_b d_y
/// ```
///
/// Cached: `x`, from which the statistics are computed again. Gradients are overwritten or added to: those of
/// parameters where a layer runs more than once, `d_x` where several layers take `x`.
///
/// ```
/// use nn_runtime::Flat;
/// use nn_runtime::activations::Activation;
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::{LayerNorm, NormSettings};
/// use nn_runtime::simd::Scalar;
///
/// const SETTINGS: NormSettings = NormSettings::layer(Extent { channels: 2, axes: [1, 1, 1] }, 0.0);
/// let mut norm = LayerNorm::<f64, 1, 2>::zeroed_box();
/// norm.initialize();
/// let mut y = [0.0; 4];
/// norm.forward(Scalar, &SETTINGS, &[1.0, 5.0, -3.0, -7.0], &mut y, Activation::Linear, &mut []);
/// assert_eq!(y, [-1.0, 1.0, 1.0, -1.0]);
/// ```
///
/// Source: Ba, Kiros and Hinton, “Layer normalization” (2016).
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct LayerNorm<T, const P: usize, const C: usize> {
    /// The scale of each value.
    pub gamma: SMatrix<T, C, P>,
    /// The shift of each value.
    pub beta: SMatrix<T, C, P>,
}

// SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const P: usize, const C: usize> Flat<T> for LayerNorm<T, P, C> {
    const LEN: usize = exact_len::<T, Self>(&[Self::PARAMS]);
}

impl<T, const P: usize, const C: usize> LayerNorm<T, P, C> {
    /// How many parameters it has.
    pub const PARAMS: usize = 2 * C * P;
}

impl<T: Real, const P: usize, const C: usize> LayerNorm<T, P, C> {
    /// `gamma` 1 and `beta` 0.
    pub fn initialize(&mut self) {
        self.gamma.as_mut_slice().fill(T::one());
        self.beta.as_mut_slice().fill(T::zero());
    }

    /// `y = f(gamma ⊙ (x − mean)/√(variance + eps) + beta)`. No scratch is used.
    #[inline]
    pub fn forward<L: Kernels<T>>(
        &self,
        level: L,
        settings: &NormSettings,
        x: &[T],
        y: &mut [T],
        activation: Activation,
        _: &mut [T],
    ) {
        let (gamma, beta, eps) = (self.gamma.as_slice(), self.beta.as_slice(), settings.eps);
        let rectify = activation == Activation::Relu(Relu);
        level.column_norm(ColumnNorm { x, y, gamma, beta, eps, rectify });
        if !rectify {
            level.activate_in_place(ActivateInPlace { activation, y });
        }
    }

    /// Writes the gradients of the parameters to `d`, or adds them to it if they `accumulate`, and gives `d_x` if it is
    /// wanted. No scratch is used.
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
        _: &mut [T],
    ) {
        let (gamma, eps) = (self.gamma.as_slice(), settings.eps);
        let (d_gamma, d_beta) = (d.gamma.as_mut_slice(), d.beta.as_mut_slice());
        let adds_to_d_x = d_x.as_ref().is_some_and(|d_x| d_x.accumulate);
        let d_x = d_x.map(|d_x| d_x.values);
        level.column_norm_gradient(ColumnNormGradient {
            x,
            d_y,
            d_x,
            adds_to_d_x,
            gamma,
            d_gamma,
            d_beta,
            eps,
            accumulate,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::tests::{at_every_level, is_nan};
    use crate::geometry::Extent;
    use crate::layers::tests::{Norm, assert_near, check_norm, filled, standardised, values};

    #[derive(Clone, Copy, Debug)]
    struct Case<const P: usize, const C: usize>(NormSettings);

    impl<const P: usize, const C: usize> Norm for Case<P, C> {
        fn forward<T: Real, L: Kernels<T>>(&self, level: L, parameters: &[T], x: &[T], y: &mut [T], f: Activation) {
            filled::<T, LayerNorm<T, P, C>>(parameters).forward(level, &self.0, x, y, f, &mut []);
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
            let norm: Box<LayerNorm<T, P, C>> = filled(parameters);
            let mut gradient: Box<LayerNorm<T, P, C>> = filled(d);
            norm.backward(level, &self.0, x, d_y, d_x, &mut gradient, accumulate, &mut []);
            d.copy_from_slice(gradient.as_flat());
        }
    }

    fn naive(rows: usize, eps: f64, parameters: &[f64], x: &[f64]) -> Vec<f64> {
        let of_sample = |x| standardised(x, eps).into_iter().enumerate();
        let scaled = |(i, x)| parameters[i] * x + parameters[rows + i];
        x.chunks_exact(rows).flat_map(|x| of_sample(x).map(scaled).collect::<Vec<_>>()).collect()
    }

    fn check<const P: usize, const C: usize>(batch: usize) {
        let settings = NormSettings::layer(Extent { channels: C, axes: [1, 1, P] }, 1e-3);
        let definition = |parameters: &[f64], x: &[f64]| naive(P * C, 1e-3, parameters, x);
        check_norm(Case::<P, C>(settings), 2 * P * C, P * C * batch, definition);
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        check::<1, 2>(3);
        check::<1, 7>(5);
        check::<1, 16>(3);
        check::<1, 67>(2);
        check::<6, 3>(3);
        check::<5, 20>(2);
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        const ROWS: usize = 6000;
        let settings = NormSettings::layer(Extent { channels: ROWS, axes: [1, 1, 1] }, 0.0);
        let mut norm = LayerNorm::<f32, 1, ROWS>::zeroed_box();
        norm.initialize();
        for first in [1000.0_f32, 0.0, 1e5] {
            let mut x: Vec<f32> = values(ROWS, 3).iter().map(|x| (x + 1000.0) as f32).collect();
            x[0] = first;
            let exact: Vec<f64> = x.iter().copied().map(f64::from).collect();
            at_every_level!(level => {
                let mut y = vec![f32::NAN; ROWS];
                norm.forward(level, &settings, &x, &mut y, Activation::Linear, &mut []);
                assert_near(&y, &standardised(&exact, 0.0), if first == 1000.0 { 2e-6 } else { 1e-5 }, (level, first));
            });
        }
    }

    #[test]
    fn nan_stays_and_one_value_is_beta() {
        let settings = NormSettings::layer(Extent { channels: 1, axes: [1, 1, 1] }, 1e-5);
        let norm: Box<LayerNorm<f32, 1, 1>> = filled(&[2.0, 3.0]);
        at_every_level!(level => {
            let mut y = [0.0; 2];
            norm.forward(level, &settings, &[f32::NAN, 8.0], &mut y, Relu.into(), &mut []);
            assert!(is_nan(y[0]) && y[1] == 3.0, "{y:?}");
        });
    }
}
