//! A network as a sequence of layers, whoever goes through it.

use monograd::activations::Activation;
use monograd::geometry::Convolution;
use monograd::layers::{AvgPool2d, Conv2d, Dense, MaxPool2d};
use monograd::prelude::*;

/// A network whose layers form a chain.
pub trait Chain: Network<Scalar = f32> {
    /// Shows each layer to `visitor`, in order.
    fn visit<'n, V: Visitor<'n>>(&'n self, visitor: &mut V);
}

/// What goes through a chain: the program that computes, or what builds a graph of it.
///
/// Images lie channels last.
pub trait Visitor<'n> {
    /// `y = f(W·x + b)`.
    fn dense<const I: usize, const O: usize>(&mut self, layer: &'n Dense<f32, I, O>, activation: Activation);

    /// `y = f(W ∗ x + b)`.
    fn conv2d<const I: usize, const O: usize, const K: usize>(
        &mut self,
        layer: &'n Conv2d<f32, I, O, K, K>,
        geometry: &'static Convolution,
        activation: Activation,
    );

    /// The mean of each window.
    fn avg_pool(&mut self, pool: AvgPool2d);

    /// The maximum of each window.
    fn max_pool(&mut self, pool: MaxPool2d);

    /// An image of so many places as a vector, channel after channel.
    fn flatten(&mut self, places: usize, channels: usize);
}
