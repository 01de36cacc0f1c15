//! A network as an engine has it: boxed layers, known when the program runs, one after the other for the whole batch.

mod build;
mod layers;

use core::marker::PhantomData;

use monograd::Buffer;

use crate::chain::Chain;
use crate::products::Products;
use crate::program::Room;
use layers::Layer;

/// Samples, channels, height, width; 1 for what a value does not have.
pub type Shape = [usize; 4];

/// A value between two layers.
struct Tensor {
    shape: Shape,
    data: Vec<f32>,
}

impl Tensor {
    fn zeroed(shape: Shape) -> Self {
        Self { shape, data: vec![0.0; shape.iter().product()] }
    }
}

/// The layers of a network, computed by the products `P`.
pub struct Graph<P> {
    layers: Vec<Box<dyn Layer>>,
    /// The shape of a sample.
    input: Shape,
    /// The outputs of all layers, if they are kept, and that of the last, if not.
    values: Vec<Tensor>,
    allocates: bool,
    scratch: Buffer<f32>,
    products: PhantomData<P>,
}

impl<P: Products + 'static> Graph<P> {
    /// The graph of a network; whether each layer allocates its output, or has it in memory made for `samples` samples.
    ///
    /// # Panics
    /// If layers do not fit together.
    pub fn new<N: Chain>(samples: usize, allocates: bool) -> Self {
        let (net, mut room) = (N::new(), Room::default());
        net.visit(&mut room);
        let layers = build::layers::<N, P>(&net);
        let input = match *N::INPUT_SHAPE {
            [channels, height, width] => [1, channels, height, width],
            _ => [1, N::INPUT_SHAPE.iter().product(), 1, 1],
        };
        let scratch = Buffer::zeroed(room.scratch.max(monograd::kernels::SCRATCH));
        let mut graph = Self { layers, input, values: Vec::new(), allocates, scratch, products: PhantomData };
        if !allocates {
            let mut shape = graph.batch(samples);
            for layer in &graph.layers {
                shape = layer.output(shape).expect("layers that fit together");
                graph.values.push(Tensor::zeroed(shape));
            }
        }
        graph
    }

    fn batch(&self, samples: usize) -> Shape {
        let [_, channels, height, width] = self.input;
        [samples, channels, height, width]
    }

    /// The network's outputs for the samples of `x`.
    ///
    /// # Errors
    /// If a layer does not take what the one before it gives.
    pub fn infer(&mut self, x: &[f32]) -> Result<&[f32], String> {
        let sample: usize = self.input.iter().product();
        let shape = self.batch(x.len() / sample);
        if self.allocates { self.allocating(shape, x) } else { self.planned(shape, x) }
    }

    fn planned(&mut self, mut shape: Shape, x: &[f32]) -> Result<&[f32], String> {
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, value) = self.values.split_at_mut(index);
            let (x, y) = (before.last().map_or(x, |value| &value.data), &mut value[0]);
            shape = layer.output(shape)?;
            if shape != y.shape {
                return Err(format!("memory for {:?}, not for {shape:?}", y.shape));
            }
            layer.forward(x, &mut y.data, &mut self.scratch);
        }
        Ok(self.values.last().map_or(&[], |value| &value.data))
    }

    fn allocating(&mut self, mut shape: Shape, x: &[f32]) -> Result<&[f32], String> {
        let mut value: Option<Tensor> = None;
        for layer in &self.layers {
            shape = layer.output(shape)?;
            let mut y = Tensor::zeroed(shape);
            layer.forward(value.as_ref().map_or(x, |value| &value.data), &mut y.data, &mut self.scratch);
            value = Some(y);
        }
        self.values.clear();
        self.values.extend(value);
        Ok(self.values.first().map_or(&[], |value| &value.data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::Digits;
    use crate::products::Matched;

    #[test]
    fn memory_is_for_one_size_of_batch() {
        let mut graph = Graph::<Matched>::new::<Digits>(2, false);
        assert_eq!(graph.infer(&[0.0; 2 * 784]).map(<[f32]>::len), Ok(20));
        assert_eq!(graph.infer(&[0.0; 784]), Err("memory for [2, 128, 1, 1], not for [1, 128, 1, 1]".to_owned()));
        let mut graph = Graph::<Matched>::new::<Digits>(2, true);
        assert_eq!(graph.infer(&[0.0; 784]).map(<[f32]>::len), Ok(10));
    }
}
