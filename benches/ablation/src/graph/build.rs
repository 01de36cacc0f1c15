//! From a declared network to a graph with copies of its parameters.

use core::marker::PhantomData;

use monograd::activations::Activation;
use monograd::geometry::Convolution;
use monograd::layers::{AvgPool2d, Conv2d, Dense, MaxPool2d};
use monograd::{Buffer, Flat};

use super::layers::{Conv2dLayer, DenseLayer, FlattenLayer, Layer, PoolLayer};
use crate::chain::{Chain, Visitor};
use crate::products::Products;

/// The layers of a network, computed by the products `P`.
pub fn layers<N: Chain, P: Products + 'static>(net: &N) -> Vec<Box<dyn Layer>> {
    let mut builder = Builder::<P> { layers: Vec::new(), products: PhantomData };
    net.visit(&mut builder);
    builder.layers
}

struct Builder<P> {
    layers: Vec<Box<dyn Layer>>,
    products: PhantomData<P>,
}

/// A copy, aligned as in a network.
fn buffer(values: &[f32]) -> Buffer<f32> {
    let mut buffer = Buffer::zeroed(values.len());
    buffer.copy_from_slice(values);
    buffer
}

impl<'n, P: Products + 'static> Visitor<'n> for Builder<P> {
    fn dense<const I: usize, const O: usize>(&mut self, layer: &'n Dense<f32, I, O>, activation: Activation) {
        let (weight, bias) = (buffer(layer.weight.as_slice()), buffer(layer.bias.as_slice()));
        self.layers.push(Box::new(DenseLayer::<P> { weight, bias, activation, products: PhantomData }));
    }

    fn conv2d<const I: usize, const O: usize, const K: usize>(
        &mut self,
        layer: &'n Conv2d<f32, I, O, K, K>,
        geometry: &'static Convolution,
        activation: Activation,
    ) {
        let (weight, bias) = layer.as_flat().split_at(layer.as_flat().len() - O);
        let (geometry, weight, bias) = (*geometry, buffer(weight), buffer(bias));
        self.layers.push(Box::new(Conv2dLayer::<P> { geometry, weight, bias, activation, products: PhantomData }));
    }

    fn avg_pool(&mut self, pool: AvgPool2d) {
        self.layers.push(Box::new(PoolLayer::Average(pool)));
    }

    fn max_pool(&mut self, pool: MaxPool2d) {
        self.layers.push(Box::new(PoolLayer::Maximum(pool)));
    }

    fn flatten(&mut self, places: usize, channels: usize) {
        self.layers.push(Box::new(FlattenLayer { places, channels }));
    }
}
