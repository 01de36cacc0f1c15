//! The transposed convolution of a image.

use nalgebra::{SMatrix, SVector};

use super::convolution::{Gradients, Normalisation, Parameters, convolutional_layer, scale};
use super::{BatchNorm, BatchNormSettings, InputGradient, RunningStatistics};
use crate::activations::Activation;
use crate::geometry::Convolution;
use crate::initializers::{Fans, Generator, Initializer};
use crate::kernels::{Kernels, Layout};
use crate::{Flat, Real, aligned, exact_len};

/// `conv_transpose2d(out, kernel)`: every input lays its multiple of the kernel over the output, where they add up.
///
/// | | shape |
/// |---|---|
/// | input | `[I, H, W]` |
/// | output | `[C, H′, W′]`, with C = O·groups, each axis `(size − 1)·stride − padding + dilation·(kernel − 1) + output_padding + 1` |
/// | `weight[kh][kw]` | `O × I`, one matrix a tap, columns contiguous; in files `[I, O, KH, KW]`, as in PyTorch |
/// | `bias` | `O·groups`; none with `bias = false` |
///
/// O·I·KH·KW + C parameters, C less without bias; O·I·KH·KW multiply-accumulates a place of the input. O is the
/// channels of one group of the output; each input reaches those of its own. The weight is initialised for the activation
/// that follows (He for the relu family, Xavier for the others), the bias with zeros.
///
/// A kernel of 3×3 with a stride, a dilation and groups of 1 may be computed by Winograd's algorithm, chosen by the sizes
/// ([`Algorithm`](crate::geometry::Algorithm), which states the error); `winograd = false` keeps to the definition.
///
/// In `network!`: `conv_transpose2d(16, 2, stride = 2)`, `conv_transpose2d(16, 3, stride = 2, padding = 1, output_padding = 1)`.
///
/// It is the gradient of a convolution with respect to its input, as a layer: its geometry is that of this convolution,
/// which leads from the layer's output to its input. With `k` the taps, `p` the places of the input, and
/// `p@k = p·stride + k·dilation − before` the place of the output that p reaches by tap k, if it is in the image; with `L`
/// the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[b,q,o]   = Σₖᵢ x[b,p,i]·W[k,o,i] + bias[o]  over the p with p@k = q
/// d_x[b,p,i] = Σₖₒ d_y[b,p@k,o]·W[k,o,i]
/// d_W[k,o,i] = Σ_bp d_y[b,p@k,o]·x[b,p,i]
/// d_bias[o]  = Σ_bq d_y[b,q,o]
/// ```
///
/// `d_x` is a convolution of `d_y`, see [`Conv2d`](super::Conv2d). Cached: `x`. Gradients are overwritten or added to:
/// those of parameters where a layer runs more than once, `d_x` where several layers take `x`.
///
/// ```
/// use nn_runtime::activations::Activation;
/// use nn_runtime::geometry::{Axis, Convolution};
/// use nn_runtime::layers::ConvTranspose2d;
/// use nn_runtime::simd::Scalar;
/// use nn_runtime::Flat;
///
/// const GEOMETRY: Convolution =
///     Convolution::new([Axis::NONE, Axis::transposed(1, 2, 2, 1, 0, 0, 0), Axis::transposed(2, 2, 2, 1, 0, 0, 0)], 1, 1, 1);
///
/// let mut conv = ConvTranspose2d::<f32, 1, 1, 2, 2, 1>::zeroed_box();
/// conv.weight[0][0][(0, 0)] = 1.0;
/// conv.weight[1][1][(0, 0)] = 2.0;
/// let (x, mut y) = ([3.0, 5.0], [0.0; 8]);
/// let scratch = &mut vec![0.0; GEOMETRY.inference_scratch()];
/// conv.forward(Scalar, &GEOMETRY, &x, &mut y, Activation::Linear, scratch);
/// // The kernel once for each input, side by side.
/// assert_eq!(y, [3.0, 0.0, 5.0, 0.0, 0.0, 6.0, 0.0, 10.0]);
/// ```
///
/// Source: Dumoulin and Visin, “A guide to convolution arithmetic for deep learning”, 2016.
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct ConvTranspose2d<T, const I: usize, const O: usize, const KH: usize, const KW: usize, const BIAS: usize> {
    /// W, of each tap `O × I`.
    pub weight: [[SMatrix<T, O, I>; KW]; KH],
    /// Of a value for each channel of the output, or of none.
    pub bias: SVector<T, BIAS>,
}

convolutional_layer!(ConvTranspose2d, [KH, KW], Transpose, fans: (O, I), BIAS.is_multiple_of(O));
