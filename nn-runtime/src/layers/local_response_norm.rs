//! Competition between neighbouring channels.

use crate::Real;
use crate::geometry::Extent;
use crate::kernels::{Kernels, NormaliseResponse, Response, ResponseGradient};

/// `local_response_norm(size)`: each value over a power of the energy of the channels around it,
/// `y[c] = x[c]·s[c]^−beta` with `s[c] = k + alpha/size·Σ x[c′]²`.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`; a signal or a volume likewise |
/// | output | the same |
///
/// No parameters. The sum is over the `size` channels from `c − ⌊size/2⌋` on, at the same place; those that do not exist
/// count as zero. In `network!`: `local_response_norm(5)`, `local_response_norm(5, alpha = 1e-4, beta = 0.75, k = 1)`.
///
/// The gradient, with `L` the loss and `d_y = ∂L/∂y`: `x[c]` is in its own numerator, and in the `s[c′]` of every window
/// `N(c′)` that holds it, where `∂s[c′]/∂x[c] = 2·alpha/size·x[c]`:
///
/// ```text
/// d_x[c] = d_y[c]·s[c]^−beta − 2·alpha·beta/size · x[c]·Σ d_y[c′]·x[c′]·s[c′]^(−beta−1) over the c′ with c ∈ N(c′)
/// ```
///
/// Cached: `x`, from which `s` is computed again. `d_x` is overwritten.
///
/// ```
/// use nn_runtime::geometry::Extent;
/// use nn_runtime::layers::LocalResponseNorm;
/// use nn_runtime::simd::Scalar;
///
/// const NORM: LocalResponseNorm =
///     LocalResponseNorm::new(Extent { channels: 2, axes: [1, 1, 1] }, 3, 3.0, 0.5, 11.0);
/// let mut y = [0.0_f64; 2];
/// NORM.forward(Scalar, &[3.0, 4.0], &mut y);
/// assert!((y[0] - 0.5).abs() < 1e-15 && (y[1] - 4.0 / 6.0).abs() < 1e-15);
/// ```
///
/// Source: Krizhevsky, Sutskever and Hinton, “`ImageNet` classification with deep convolutional neural networks” (2012);
/// as PyTorch's, alpha is divided by the size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalResponseNorm {
    input: Extent,
    response: Response,
}

impl LocalResponseNorm {
    /// Over windows of `size` channels.
    ///
    /// # Panics
    /// If `size` is zero or more than 256: at compile time.
    #[must_use]
    pub const fn new(input: Extent, size: usize, alpha: f64, beta: f64, k: f64) -> Self {
        assert!(size > 0 && size <= crate::kernels::MOST_WINDOW, "a window has 1 to 256 channels");
        Self { input, response: Response { size, alpha, beta, k } }
    }

    /// The sizes of what it takes.
    #[must_use]
    pub const fn input(&self) -> Extent {
        self.input
    }

    /// The sizes of what it gives.
    #[must_use]
    pub const fn output(&self) -> Extent {
        self.input
    }

    /// `y = x·s^−beta`.
    #[inline]
    pub fn forward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], y: &mut [T]) {
        let (channels, response) = (self.input.channels, self.response);
        level.normalise_response(NormaliseResponse { x, y, channels, response });
    }

    /// Writes `d_x`.
    #[inline]
    pub fn backward<T: Real, L: Kernels<T>>(&self, level: L, x: &[T], d_y: &[T], d_x: &mut [T]) {
        let (channels, response) = (self.input.channels, self.response);
        level.response_gradient(ResponseGradient { x, d_y, d_x, channels, response });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::{check_plain, plain};

    plain!(LocalResponseNorm);

    fn naive(layer: LocalResponseNorm, x: &[f64]) -> Vec<f64> {
        let (channels, Response { size, alpha, beta, k }) = (layer.input.channels, layer.response);
        let of_place = |x: &[f64]| -> Vec<f64> {
            let energy = |c: usize| {
                let window = (c as isize - (size / 2) as isize..).take(size);
                let existing = window.filter_map(|c| usize::try_from(c).ok()).filter_map(|c| x.get(c));
                k + alpha / size as f64 * existing.map(|x| x * x).sum::<f64>()
            };
            x.iter().enumerate().map(|(c, x)| x * energy(c).powf(-beta)).collect()
        };
        x.chunks_exact(channels).flat_map(of_place).collect()
    }

    #[test]
    fn follows_its_definition_and_its_gradient() {
        for (channels, size) in [(1, 1), (1, 5), (3, 2), (6, 5), (16, 3), (20, 4), (37, 5), (23, 31), (67, 5)] {
            for (alpha, beta, k) in [(1e-4, 0.75, 1.0), (0.5, 0.75, 2.0), (1.5, 0.4, 1.0)] {
                let input = Extent { channels, axes: [1, 1, 3] };
                let layer = LocalResponseNorm::new(input, size, alpha, beta, k);
                check_plain(layer, |x| naive(layer, x));
            }
        }
    }

    /// More channels than the buffer of a place holds.
    #[test]
    fn many_channels_go_block_by_block() {
        for size in [5, 256] {
            let layer = LocalResponseNorm::new(Extent { channels: 1100, axes: [1, 1, 1] }, size, 0.5, 0.75, 1.0);
            check_plain(layer, |x| naive(layer, x));
        }
    }
}
