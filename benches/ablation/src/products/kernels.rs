//! Monograd's kernels, and what is left of them.

use monograd::activations::Activation;
use monograd::geometry::Convolution;
use monograd::kernels::{Correlation, Direction, Kernels, Layout, Product};
use monograd::layers::Dense;

use super::{Parameters, Products, activate, columns};

/// Monograd's kernels, with Winograd's algorithms or with none, and with activations in the registers of the products or in
/// passes of their own.
pub struct Ours<const WINOGRAD: bool, const FUSED: bool>;

/// As they are.
pub type Matched = Ours<true, true>;

/// Every convolution by its definition.
pub type Direct = Ours<false, true>;

/// And with each activation in a pass of its own.
pub type Unfused = Ours<false, false>;

/// And with the windows of each image copied into columns, which the dense product multiplies.
pub struct Columns;

impl<const WINOGRAD: bool, const FUSED: bool> Ours<WINOGRAD, FUSED> {
    /// What happens in the registers, and what behind.
    fn divide(activation: Activation) -> (Activation, Activation) {
        if FUSED { (activation, Activation::Linear) } else { (Activation::Linear, activation) }
    }
}

impl<const WINOGRAD: bool, const FUSED: bool> Products for Ours<WINOGRAD, FUSED> {
    #[inline(always)]
    fn dense<L: Kernels<f32>>(
        level: L,
        Parameters { weight, bias }: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        let (activation, behind) = Self::divide(activation);
        level.product(Product { weight, bias, x, y, outputs: bias.len(), activation, scratch });
        activate(level, behind, y);
    }

    #[inline(always)]
    fn dense_of<L: Kernels<f32>, const I: usize, const O: usize>(
        level: L,
        layer: &Dense<f32, I, O>,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        let (activation, behind) = Self::divide(activation);
        layer.forward(level, x, y, activation, scratch);
        activate(level, behind, y);
    }

    #[inline(always)]
    fn convolution<L: Kernels<f32>>(
        level: L,
        geometry: &Convolution,
        Parameters { weight, bias }: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        let (activation, behind) = Self::divide(activation);
        let (direction, layout) = (Direction::Forward, Layout::Convolution);
        let (scale, shift, accumulate): (&[f32], &[f32], _) = (&[], &[], false);
        let direct = geometry.direct();
        let geometry = if WINOGRAD { geometry } else { &direct };
        level.correlation(Correlation {
            geometry,
            direction,
            layout,
            weight,
            bias,
            scale,
            shift,
            x,
            y: &mut *y,
            accumulate,
            activation,
            scratch,
        });
        activate(level, behind, y);
    }
}

impl Products for Columns {
    #[inline(always)]
    fn dense<L: Kernels<f32>>(
        level: L,
        layer: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        Unfused::dense(level, layer, x, y, activation, scratch);
    }

    #[inline(always)]
    fn dense_of<L: Kernels<f32>, const I: usize, const O: usize>(
        level: L,
        layer: &Dense<f32, I, O>,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        Unfused::dense_of(level, layer, x, y, activation, scratch);
    }

    fn convolution<L: Kernels<f32>>(
        level: L,
        geometry: &Convolution,
        layer: Parameters,
        x: &[f32],
        y: &mut [f32],
        activation: Activation,
        scratch: &mut [f32],
    ) {
        columns::of_each_sample(geometry, x, y, scratch, |columns, y, scratch| {
            Matched::dense(level, layer, columns, y, Activation::Linear, scratch);
        });
        activate(level, activation, y);
    }
}
