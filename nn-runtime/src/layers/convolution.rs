//! What the convolutional layers have in common.

use crate::Real;
use crate::activations::Activation;
use crate::geometry::Convolution;
use crate::kernels::{ColumnSum, Correlation, Direction, Kernels, Layout, WeightGradient};
use crate::layers::{BatchNorm, BatchNormSettings, InputGradient, RunningStatistics};

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
        level.correlation(Correlation {
            geometry,
            direction,
            layout,
            weight,
            bias,
            scale,
            shift,
            x,
            y,
            accumulate: false,
            activation,
            scratch,
        });
    }

    /// `d_x`: what is there already is what the sums begin with.
    pub fn d_input<L: Kernels<T>>(self, level: L, d_y: &[T], d_x: InputGradient<'_, T>, scratch: &mut [T]) {
        let Self { geometry, layout, weight, .. } = self;
        let InputGradient { values: y, accumulate } = d_x;
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
            y,
            accumulate,
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

            /// Writes the gradients of the parameters to `d`, or adds them to it if they `accumulate`, and gives `d_x` if
            /// it is wanted.
            #[inline]
            pub fn backward<L: Kernels<T>>(
                &self,
                level: L,
                geometry: &Convolution,
                x: &[T],
                d_y: &[T],
                d_x: Option<InputGradient<'_, T>>,
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

#[cfg(test)]
mod tests {
    use crate::activations::Activation;
    use crate::geometry::{Axis, Convolution};
    use crate::initializers::{Generator, Normal};
    use crate::layers::{
        BatchNorm, BatchNormSettings, Conv1d, Conv2d, Conv3d, ConvTranspose2d, InputGradient, RunningStatistics,
    };
    use crate::simd::Scalar;
    use crate::{Flat, padding};

    const AXIS: Axis = Axis::new(5, 3, 2, 1, 1, 1);
    /// Of 4 channels and 6, in 2 groups.
    const GEOMETRY: Convolution = Convolution::new([Axis::NONE, AXIS, AXIS], 4, 6, 2);

    type Grouped = Conv2d<f64, 2, 6, 3, 3>;
    type Transposed = ConvTranspose2d<f64, 6, 2, 3, 3, 4>;

    fn values(len: usize) -> Vec<f64> {
        (0..len).map(|i| (i * 7919 % 101) as f64 / 50.0 - 1.0).collect()
    }

    fn scratch() -> Vec<f64> {
        vec![f64::NAN; GEOMETRY.training_scratch()]
    }

    #[test]
    fn parameters_are_counted_and_flat() {
        assert_eq!(Grouped::PARAMS, 6 * 2 * 9 + 6);
        assert_eq!(<Grouped as Flat<f64>>::LEN, Grouped::PARAMS);
        assert_eq!(Transposed::PARAMS, 6 * 2 * 9 + 4);
        assert_eq!(Conv1d::<f32, 3, 8, 5, 0>::PARAMS, 120);
        assert_eq!(Conv3d::<f32, 3, 8, 2, 2, 2>::PARAMS, 8 * 3 * 8 + 8);
        assert_eq!(<[[f32; 3]; 5] as Flat<f32>>::LEN, 15);
        assert_eq!(<[f32; padding(3)] as Flat<f32>>::LEN, 13);
    }

    #[test]
    fn weights_lie_tap_by_tap_and_column_by_column() {
        let mut conv = Grouped::zeroed_box();
        conv.weight[2][1][(5, 1)] = 1.0;
        conv.bias[3] = 2.0;
        let flat = conv.as_flat();
        assert_eq!((flat[(2 * 3 + 1) * 12 + 6 + 5], flat[9 * 12 + 3]), (1.0, 2.0));
    }

    /// `∂/∂θ Σ r ⊙ forward`, which is linear in each parameter and in x: differences are exact but for rounding.
    macro_rules! assert_gradient {
        ($layer:ty, $x:expr, $y:expr) => {
            let (x, r) = (values($x * 2), values($y * 2));
            let mut conv = <$layer>::zeroed_box();
            conv.initialize(Normal { mean: 0.0, std: 1.0 }, &mut Generator::seed(3));
            let loss = |conv: &$layer, x: &[f64]| {
                let mut y = vec![f64::NAN; $y * 2];
                conv.forward(Scalar, &GEOMETRY, x, &mut y, Activation::Linear, &mut scratch());
                y.iter().zip(&r).map(|(y, r)| y * r).sum::<f64>()
            };
            let (mut d, mut d_x) = (<$layer>::zeroed_box(), vec![f64::NAN; x.len()]);
            d.as_flat_mut().fill(f64::NAN);
            conv.backward(
                Scalar,
                &GEOMETRY,
                &x,
                &r,
                Some(InputGradient::overwrite(&mut d_x)),
                &mut d,
                false,
                &mut scratch(),
            );
            let before = loss(&conv, &x);
            for i in 0..<$layer>::PARAMS {
                conv.as_flat_mut()[i] += 1.0;
                assert!((loss(&conv, &x) - before - d.as_flat()[i]).abs() < 1e-11, "parameter {i}");
                conv.as_flat_mut()[i] -= 1.0;
            }
            let mut moved = x.clone();
            for i in 0..x.len() {
                moved[i] += 1.0;
                assert!((loss(&conv, &moved) - before - d_x[i]).abs() < 1e-11, "input {i}");
                moved[i] = x[i];
            }
            let once = d.as_flat().to_vec();
            conv.backward(Scalar, &GEOMETRY, &x, &r, None, &mut d, true, &mut scratch());
            assert!(d.as_flat().iter().zip(once).all(|(twice, once)| (twice - 2.0 * once).abs() < 1e-11));
        };
    }

    #[test]
    fn gradients_are_differences() {
        assert_gradient!(Grouped, GEOMETRY.input().len(), GEOMETRY.output().len());
        assert_gradient!(Transposed, GEOMETRY.output().len(), GEOMETRY.input().len());
    }

    /// Normalised in the registers, by a layer behind, and with the scale folded in: three times the same.
    macro_rules! assert_normalises {
        ($layer:ty, $channels:literal, $x:expr, $y:expr, $extent:expr) => {
            let settings = BatchNormSettings::new($extent, 1e-3, 0.1);
            let mut conv = <$layer>::zeroed_box();
            conv.initialize(Normal { mean: 0.0, std: 1.0 }, &mut Generator::seed(3));
            conv.bias.as_mut_slice().copy_from_slice(&values($channels));
            let mut norm = BatchNorm::<f64, $channels>::zeroed_box();
            norm.as_flat_mut().copy_from_slice(&values(2 * $channels + 3)[3..]);
            let mut gathered = RunningStatistics::<f64, $channels>::zeroed_box();
            gathered.as_flat_mut().iter_mut().zip(values(2 * $channels)).for_each(|(to, value)| *to = value + 1.5);
            let (x, linear) = (values($x), Activation::Linear);
            let [mut plain, mut behind, mut inside] = [(); 3].map(|()| vec![f64::NAN; $y]);
            conv.forward(Scalar, &GEOMETRY, &x, &mut plain, linear, &mut scratch());
            norm.forward(Scalar, &settings, &gathered, &plain, &mut behind, linear, &mut scratch());
            let normalise = |conv: &$layer, norm: &_, gathered: &_, y: &mut [f64]| {
                conv.forward_normalised(Scalar, &GEOMETRY, (norm, gathered, &settings), &x, y, linear, &mut scratch());
            };
            normalise(&conv, &norm, &gathered, &mut inside);
            assert!(inside.iter().zip(&behind).all(|(a, b)| (a - b).abs() < 1e-12));
            conv.fold(&mut norm, &mut gathered, &settings);
            assert!(norm.gamma.iter().all(|gamma| *gamma == 1.0));
            inside.fill(f64::NAN);
            normalise(&conv, &norm, &gathered, &mut inside);
            assert!(inside.iter().zip(&behind).all(|(a, b)| (a - b).abs() < 1e-12));
        };
    }

    #[test]
    fn normalisations_run_in_the_registers_and_fold_into_the_weight() {
        assert_normalises!(Grouped, 6, GEOMETRY.input().len(), GEOMETRY.output().len(), GEOMETRY.output());
        assert_normalises!(Transposed, 4, GEOMETRY.output().len(), GEOMETRY.input().len(), GEOMETRY.input());
    }
}
