//! The transposed convolution of a signal.

use nalgebra::{SMatrix, SVector};

use super::convolution::{Gradients, Normalisation, Parameters, convolutional_layer, scale};
use super::{BatchNorm, BatchNormSettings, InputGradient, RunningStatistics};
use crate::activations::Activation;
use crate::geometry::Convolution;
use crate::initializers::{Fans, Generator, Initializer};
use crate::kernels::{Kernels, Layout};
use crate::{Flat, Real, aligned, exact_len};

/// `conv_transpose1d(out, kernel)`: every input lays its multiple of the kernel over the output, where they add up.
///
/// | | shape |
/// |---|---|
/// | input | `[I, L]` |
/// | output | `[C, L′]`, with C = O·groups, each axis `(size − 1)·stride − padding + dilation·(kernel − 1) + output_padding + 1` |
/// | `weight[k]` | `O × I`, one matrix a tap, columns contiguous; in files `[I, O, K]`, as in PyTorch |
/// | `bias` | `O·groups`; none with `bias = false` |
///
/// O·I·K + C parameters, C less without bias; O·I·K multiply-accumulates a place of the input. O is the
/// channels of one group of the output; each input reaches those of its own. The weight is initialised for the activation
/// that follows (He for the relu family, Xavier for the others), the bias with zeros.
///
/// In `network!`: `conv_transpose1d(16, 2, stride = 2)`, `conv_transpose1d(16, 3, stride = 2, padding = 1, output_padding = 1)`.
///
/// It is the gradient of a convolution with respect to its input, as a layer: its geometry is that of this convolution,
/// which leads from the layer's output to its input. With `k` the taps, `p` the places of the input, and
/// `p@k = p·stride + k·dilation − before` the place of the output that p reaches by tap k, if it is in the signal; with `L`
/// the loss and `d_y = ∂L/∂y`:
///
/// ```text
/// y[b,q,o]   = Σₖᵢ x[b,p,i]·W[k,o,i] + bias[o]  over the p with p@k = q
/// d_x[b,p,i] = Σₖₒ d_y[b,p@k,o]·W[k,o,i]
/// d_W[k,o,i] = Σ_bp d_y[b,p@k,o]·x[b,p,i]
/// d_bias[o]  = Σ_bq d_y[b,q,o]
/// ```
///
/// `d_x` is a convolution of `d_y`, see [`Conv1d`](super::Conv1d). Cached: `x`. Gradients are overwritten or added to:
/// those of parameters where a layer runs more than once, `d_x` where several layers take `x`.
///
/// ```
/// use nn_runtime::activations::Activation;
/// use nn_runtime::geometry::{Axis, Convolution};
/// use nn_runtime::layers::ConvTranspose1d;
/// use nn_runtime::simd::Scalar;
/// use nn_runtime::Flat;
///
/// const GEOMETRY: Convolution =
///     Convolution::new([Axis::NONE, Axis::NONE, Axis::transposed(2, 3, 2, 1, 0, 0, 0)], 1, 1, 1);
///
/// let mut conv = ConvTranspose1d::<f32, 1, 1, 3, 1>::zeroed_box();
/// conv.weight[0][(0, 0)] = 1.0;
/// conv.weight[1][(0, 0)] = 2.0;
/// conv.weight[2][(0, 0)] = 3.0;
/// let (x, mut y) = ([1.0, 10.0], [0.0; 5]);
/// let scratch = &mut vec![0.0; GEOMETRY.inference_scratch()];
/// conv.forward(Scalar, &GEOMETRY, &x, &mut y, Activation::Linear, scratch);
/// // The kernel once for each input, two apart and added where both reach.
/// assert_eq!(y, [1.0, 2.0, 13.0, 20.0, 30.0]);
/// ```
///
/// Source: Dumoulin and Visin, “A guide to convolution arithmetic for deep learning”, 2016.
#[derive(Debug, PartialEq)]
#[repr(C)]
pub struct ConvTranspose1d<T, const I: usize, const O: usize, const K: usize, const BIAS: usize> {
    /// W, of each tap `O × I`.
    pub weight: [SMatrix<T, O, I>; K],
    /// Of a value for each channel of the output, or of none.
    pub bias: SVector<T, BIAS>,
}

convolutional_layer!(ConvTranspose1d, [K], Transpose, fans: (O, I), BIAS.is_multiple_of(O));
