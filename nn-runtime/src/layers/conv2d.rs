//! The convolution of a image.

use nalgebra::{SMatrix, SVector};

use super::convolution::{Gradients, Normalisation, Parameters, convolutional_layer, scale};
use super::{BatchNorm, BatchNormSettings, InputGradient, RunningStatistics};
use crate::activations::Activation;
use crate::geometry::Convolution;
use crate::initializers::{Fans, Generator, Initializer};
use crate::kernels::{Kernels, Layout};
use crate::{Flat, Real, aligned, exact_len};

/// `conv2d(out, kernel)`: every output is a weighted sum of the inputs under a window that slides over the image.
///
/// | | shape |
/// |---|---|
/// | input | `[C, H, W]`, with C = I·groups |
/// | output | `[O, H′, W′]`, each axis `⌊(size + padding − dilation·(kernel − 1) − 1) / stride⌋ + 1` |
/// | `weight[kh][kw]` | `O × I`, one matrix a tap, columns contiguous; in files `[O, I, KH, KW]`, as in PyTorch |
/// | `bias` | `O`; none with `bias = false` |
///
/// O·(I·KH·KW + 1) parameters, one less for each output without bias; O·I·KH·KW multiply-accumulates a place of the
/// output. I is the channels of one group; each output sees those of its own. The weight is initialised for the activation
/// that follows (He for the relu family, Xavier for the others), the bias with zeros.
///
/// A kernel of 3×3 with a stride, a dilation and groups of 1 may be computed by Winograd's algorithm, chosen by the sizes
/// ([`Algorithm`](crate::geometry::Algorithm), which states rule and error); `winograd = false` keeps to the definition,
/// `winograd = true` leaves the choice as it is.
///
/// In `network!`: `conv2d(16, 3)`, `conv2d(16, [3, 5], stride = 2, padding = 1)`, `conv2d(32, 3, padding = same, groups = 4, bias = false)`.
///
/// With `k` the taps, `p` the places of the output, and `p@k = p·stride + k·dilation − before` what lies under tap k of
/// place p; where that is outside of the image, it counts as zero. With `L` the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[b,p,o]   = Σₖᵢ x[b,p@k,i]·W[k,o,i] + bias[o]
/// d_x[b,q,i] = Σₖₒ d_y[b,p,o]·W[k,o,i]  over the p with p@k = q
/// d_W[k,o,i] = Σ_bp d_y[b,p,o]·x[b,p@k,i]
/// d_bias[o]  = Σ_bp d_y[b,p,o]
/// ```
///
/// `d_x` is the transposed convolution of `d_y`, see [`ConvTranspose2d`](super::ConvTranspose2d). Cached: `x`.
/// Gradients are overwritten or added to: those of parameters where a layer runs more than once, `d_x` where several
/// layers take `x`.
///
/// ```
/// use nn_runtime::activations::Activation;
/// use nn_runtime::geometry::{Axis, Convolution};
/// use nn_runtime::layers::Conv2d;
/// use nn_runtime::simd::Scalar;
/// use nn_runtime::Flat;
///
/// const GEOMETRY: Convolution =
///     Convolution::new([Axis::NONE, Axis::new(3, 2, 1, 1, 0, 0), Axis::new(3, 2, 1, 1, 0, 0)], 1, 1, 1);
///
/// let mut conv = Conv2d::<f32, 1, 1, 2, 2>::zeroed_box();
/// conv.weight[0][0][(0, 0)] = 1.0;
/// conv.weight[1][1][(0, 0)] = 10.0;
/// let (x, mut y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], [0.0; 4]);
/// let scratch = &mut vec![0.0; GEOMETRY.inference_scratch()];
/// conv.forward(Scalar, &GEOMETRY, &x, &mut y, Activation::Linear, scratch);
/// // Each value plus ten times the one to the right of it and below.
/// assert_eq!(y, [51.0, 62.0, 84.0, 95.0]);
/// ```
///
/// Source: Dumoulin and Visin, “A guide to convolution arithmetic for deep learning”, 2016.
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct Conv2d<T, const I: usize, const O: usize, const KH: usize, const KW: usize, const BIAS: usize = O> {
    /// W, of each tap `O × I`.
    pub weight: [[SMatrix<T, O, I>; KW]; KH],
    /// Of O values, or of none.
    pub bias: SVector<T, BIAS>,
}

convolutional_layer!(Conv2d, [KH, KW], Convolution, fans: (I, O), BIAS == O || BIAS == 0);
