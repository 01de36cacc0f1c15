//! Layers with sizes that are known when the program runs, each of which checks its input and chooses the instruction set.

use core::marker::PhantomData;

use monograd::activations::Activation;
use monograd::geometry::{Convolution, Extent};
use monograd::kernels::{Kernels, Transpose};
use monograd::layers::{AvgPool2d, MaxPool2d};
use monograd::simd::Dispatch;
use monograd::{Buffer, Real};

use super::Shape;
use crate::products::{Parameters, Products};

/// A node of the graph.
pub trait Layer {
    /// The shape that it makes of another.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    /// Computes.
    fn forward(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]);
}

/// `y = f(W·x + b)`.
pub struct DenseLayer<P> {
    pub weight: Buffer<f32>,
    pub bias: Buffer<f32>,
    pub activation: Activation,
    pub products: PhantomData<P>,
}

/// `y = f(W ∗ x + b)`.
pub struct Conv2dLayer<P> {
    pub geometry: Convolution,
    pub weight: Buffer<f32>,
    pub bias: Buffer<f32>,
    pub activation: Activation,
    pub products: PhantomData<P>,
}

/// The mean or the maximum of each window.
pub enum PoolLayer {
    Average(AvgPool2d),
    Maximum(MaxPool2d),
}

/// An image as a vector, channel after channel.
pub struct FlattenLayer {
    pub places: usize,
    pub channels: usize,
}

/// If a layer for samples of shape `expected` finds another.
fn check(expected: [usize; 3], [samples, found @ ..]: Shape) -> Result<usize, String> {
    if found == expected { Ok(samples) } else { Err(format!("expected samples of {expected:?}, found {found:?}")) }
}

/// As a batch of such images has it.
fn image(samples: usize, extent: Extent) -> Shape {
    let [_, height, width] = extent.axes;
    [samples, extent.channels, height, width]
}

fn image_of([_, channels, height, width]: Shape) -> [usize; 3] {
    [channels, height, width]
}

/// A layer and its slices, on the way to an instruction set.
struct Call<'a, T> {
    layer: &'a T,
    x: &'a [f32],
    y: &'a mut [f32],
    scratch: &'a mut [f32],
}

macro_rules! layer {
    ($name:ident $(<$p:ident>)?, $output:expr, |$layer:ident, $level:ident, $x:ident, $y:ident, $scratch:ident| $run:expr) => {
        impl $(<$p: Products>)? Layer for $name $(<$p>)? {
            fn output(&self, input: Shape) -> Result<Shape, String> {
                $output(self, input)
            }

            fn forward(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
                f32::dispatch(Call { layer: self, x, y, scratch });
            }
        }

        impl $(<$p: Products>)? Dispatch<f32> for Call<'_, $name $(<$p>)?> {
            type Output = ();

            #[inline(always)]
            fn at<L: Kernels<f32>>(self, $level: L) {
                let Self { layer: $layer, x: $x, y: $y, scratch: $scratch } = self;
                $run
            }
        }
    };
}

layer!(
    DenseLayer<P>,
    |layer: &Self, input| {
        let outputs = layer.bias.len();
        Ok([check([layer.weight.len() / outputs, 1, 1], input)?, outputs, 1, 1])
    },
    |layer, level, x, y, scratch| {
        let DenseLayer { weight, bias, activation, .. } = layer;
        P::dense(level, Parameters { weight, bias }, x, y, *activation, scratch);
    }
);

layer!(
    Conv2dLayer<P>,
    |layer: &Self, input| {
        let samples = check(image_of(image(1, layer.geometry.input())), input)?;
        Ok(image(samples, layer.geometry.output()))
    },
    |layer, level, x, y, scratch| {
        let Conv2dLayer { geometry, weight, bias, activation, .. } = layer;
        P::convolution(level, geometry, Parameters { weight, bias }, x, y, *activation, scratch);
    }
);

layer!(
    PoolLayer,
    |layer: &Self, input| {
        let (taken, given) = match layer {
            PoolLayer::Average(pool) => (pool.input(), pool.output()),
            PoolLayer::Maximum(pool) => (pool.input(), pool.output()),
        };
        Ok(image(check(image_of(image(1, taken)), input)?, given))
    },
    |layer, level, x, y, _scratch| match layer {
        PoolLayer::Average(pool) => pool.forward(level, x, y),
        PoolLayer::Maximum(pool) => pool.forward(level, x, y),
    }
);

layer!(
    FlattenLayer,
    |layer: &Self, input: Shape| {
        let [samples, channels, height, width] = input;
        let Self { places, .. } = *layer;
        if channels != layer.channels || height * width != places {
            return Err(format!("expected {places} places of {} channels, found {input:?}", layer.channels));
        }
        Ok([samples, channels * places, 1, 1])
    },
    |layer, level, x, y, _scratch| {
        level.transpose(Transpose { x, y, rows: layer.places, columns: layer.channels });
    }
);
