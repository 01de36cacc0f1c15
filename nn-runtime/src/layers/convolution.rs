//! What the convolutional layers have in common.

use crate::Real;
use crate::activations::Activation;
use crate::geometry::Convolution;
use crate::kernels::{ColumnSum, Correlation, Direction, Kernels, Layout, WeightGradient};
use crate::layers::{BatchNorm, BatchNormSettings, RunningStatistics};

/// A convolution, or the transpose of one, with its parameters as slices.
pub(super) struct Parameters<'a, T> {
    pub geometry: &'a Convolution,
    pub layout: Layout,
    pub weight: &'a [T],
    pub bias: &'a [T],
}

impl<T: Real> Parameters<'_, T> {
    /// `y = f(scale ⊙ (W ∗ x + b) + shift)`; without a scale and a shift `y = f(W ∗ x + b)`.
    pub fn forward<L: Kernels<T>>(
        self,
        level: L,
        x: &[T],
        y: &mut [T],
        (scale, shift): (&[T], &[T]),
        activation: Activation,
        scratch: &mut [T],
    ) {
        let Self { geometry, layout, weight, bias } = self;
        let direction = match layout {
            Layout::Convolution => Direction::Forward,
            Layout::Transpose => Direction::Backward,
        };
        let correlation =
            Correlation { geometry, direction, layout, weight, bias, scale, shift, x, y, activation, scratch };
        level.correlation(correlation);
    }

    /// `d_x`.
    pub fn d_input<L: Kernels<T>>(self, level: L, d_y: &[T], d_x: &mut [T], scratch: &mut [T]) {
        let Self { geometry, layout, weight, .. } = self;
        let direction = match layout {
            Layout::Convolution => Direction::Backward,
            Layout::Transpose => Direction::Forward,
        };
        level.correlation(Correlation {
            geometry,
            direction,
            layout,
            weight,
            bias: &[],
            scale: &[],
            shift: &[],
            x: d_y,
            y: d_x,
            activation: Activation::Linear,
            scratch,
        });
    }
}

/// The gradients of the parameters, as slices.
pub(super) struct Gradients<'a, T> {
    pub geometry: &'a Convolution,
    pub layout: Layout,
    pub d_weight: &'a mut [T],
    pub d_bias: &'a mut [T],
}

impl<T: Real> Gradients<'_, T> {
    /// Writes them, or adds to them if they `accumulate`.
    pub fn backward<L: Kernels<T>>(self, level: L, x: &[T], d_y: &[T], accumulate: bool, scratch: &mut [T]) {
        let Self { geometry, layout, d_weight, d_bias } = self;
        let (input, output) = match layout {
            Layout::Convolution => (x, d_y),
            Layout::Transpose => (d_y, x),
        };
        level.weight_gradient(WeightGradient { geometry, layout, input, output, d_weight, accumulate, scratch });
        if !d_bias.is_empty() {
            level.column_sum(ColumnSum { d_y, d_bias, accumulate });
        }
    }
}

/// A batch normalisation behind a convolution: its parameters, what it has gathered, its settings.
pub(super) type Normalisation<'a, T, const C: usize> =
    (&'a BatchNorm<T, C>, &'a RunningStatistics<T, C>, &'a BatchNormSettings);

/// Multiplies a weight `[taps][inputs][outputs]` and the bias by a scale for each output, `outputs` of which a group has.
pub(super) fn scale<T: Real>(weight: &mut [T], bias: &mut [T], outputs: usize, inputs: usize, scale: &[T]) {
    assert!(scale.len().is_multiple_of(outputs), "a scale for each output");
    let groups = scale.len() / outputs;
    for (column, weight) in weight.chunks_exact_mut(outputs).enumerate() {
        let group = column % inputs / (inputs / groups);
        for (weight, &scale) in weight.iter_mut().zip(&scale[group * outputs..]) {
            *weight *= scale;
        }
    }
    for (bias, &scale) in bias.iter_mut().zip(scale) {
        *bias *= scale;
    }
}

/// The methods of a layer, from its name, the sizes of its kernel and the layout of its weight.
macro_rules! convolutional_layer {
    ($name:ident, [$($k:ident),*], $layout:ident, fans: ($fan_in:ident, $fan_out:ident), $bias_is_right:expr) => {
        impl<T, const I: usize, const O: usize, $(const $k: usize,)* const BIAS: usize> $name<T, I, O, $($k,)* BIAS> {
            const TAPS: usize = 1 $(* $k)*;

            /// How many parameters the layer has.
            pub const PARAMS: usize = {
                assert!($bias_is_right, "a convolution has a bias for each output, or none");
                Self::TAPS * O * I + BIAS
            };
        }

        // SAFETY: `repr(C)` over two arrays of `T`; `exact_len` verifies that they fill it.
        unsafe impl<T: Real, const I: usize, const O: usize, $(const $k: usize,)* const BIAS: usize> Flat<T>
            for $name<T, I, O, $($k,)* BIAS>
        {
            const LEN: usize = exact_len::<T, Self>(&[Self::PARAMS]);
        }

        impl<T: Real, const I: usize, const O: usize, $(const $k: usize,)* const BIAS: usize>
            $name<T, I, O, $($k,)* BIAS>
        {
            /// Draws the weight by `initializer`, with the fans that `PyTorch` takes, and zeroes the bias.
            pub fn initialize(&mut self, initializer: impl Initializer, generator: &mut Generator) {
                let fans = Fans { inputs: Self::TAPS * $fan_in, outputs: Self::TAPS * $fan_out };
                initializer.fill(self.weight.as_flat_mut(), fans, generator);
                self.bias.as_mut_slice().fill(T::zero());
            }

            fn parameters<'a>(&'a self, geometry: &'a Convolution) -> Parameters<'a, T> {
                let layout = Layout::$layout;
                Parameters { geometry, layout, weight: self.weight.as_flat(), bias: self.bias.as_slice() }
            }

            /// `y = f(W ∗ x + b)` for the samples of `x`.
            #[inline]
            pub fn forward<L: Kernels<T>>(
                &self,
                level: L,
                geometry: &Convolution,
                x: &[T],
                y: &mut [T],
                activation: Activation,
                scratch: &mut [T],
            ) {
                self.parameters(geometry).forward(level, x, y, (&[], &[]), activation, scratch);
            }

            /// `y = f(n(W ∗ x + b))` for the samples of `x`, with `n` a batch normalisation by its running statistics, which
            /// costs one multiply-add a value of `y` in the registers.
            #[inline]
            pub fn forward_normalised<L: Kernels<T>, const C: usize>(
                &self,
                level: L,
                geometry: &Convolution,
                (norm, statistics, settings): Normalisation<'_, T, C>,
                x: &[T],
                y: &mut [T],
                activation: Activation,
                scratch: &mut [T],
            ) {
                let (scale, scratch) = scratch.split_at_mut(aligned(C));
                let (shift, scratch) = scratch.split_at_mut(aligned(C));
                let (scale, shift) = (&mut scale[..C], &mut shift[..C]);
                norm.scale_and_shift(level, settings, statistics, scale, shift);
                self.parameters(geometry).forward(level, x, y, (scale, shift), activation, scratch);
            }

            /// Writes the gradients of the parameters to `d`, or adds them to it if they `accumulate`, and writes `d_x` if
            /// it is wanted.
            #[inline]
            pub fn backward<L: Kernels<T>>(
                &self,
                level: L,
                geometry: &Convolution,
                x: &[T],
                d_y: &[T],
                d_x: Option<&mut [T]>,
                d: &mut Self,
                accumulate: bool,
                scratch: &mut [T],
            ) {
                let (d_weight, d_bias) = (d.weight.as_flat_mut(), d.bias.as_mut_slice());
                let gradients = Gradients { geometry, layout: Layout::$layout, d_weight, d_bias };
                gradients.backward(level, x, d_y, accumulate, scratch);
                if let Some(d_x) = d_x {
                    self.parameters(geometry).d_input(level, d_y, d_x, scratch);
                }
            }

            /// Takes over the scale of a batch normalisation behind it, which is left with its shift alone: inference gives
            /// what it gave before.
            pub fn fold<const C: usize>(
                &mut self,
                norm: &mut BatchNorm<T, C>,
                statistics: &mut RunningStatistics<T, C>,
                settings: &BatchNormSettings,
            ) {
                let factors = norm.fold(statistics, settings);
                scale(self.weight.as_flat_mut(), self.bias.as_mut_slice(), O, I, &factors);
            }
        }
    };
}

pub(super) use convolutional_layer;
