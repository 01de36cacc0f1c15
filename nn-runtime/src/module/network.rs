//! Networks as layers of other networks.

use core::marker::PhantomData;

use super::seam::Seam;
use crate::kernels::Kernels;
use crate::layers::{InputGradient, Noise};
use crate::plan::{Arena, Plan};
use crate::shapes::{Kind, Order, Shape};
use crate::{Trainable, claims};

/// What the network `N` is as a layer that takes `In` and gives `Out`: what [`module_of_network!`](crate::module_of_network)
/// writes calls this.
///
/// The network's training workspace is the tape, as a whole: its own plan frees nothing that its backward pass needs. The
/// network is channels first at its ends, and the network around it is not.
#[doc(hidden)]
#[derive(Debug)]
pub struct OfNetwork<N, In, Out>(PhantomData<(N, In, Out)>);

impl<N: Trainable, In: Shape, Out: Shape> OfNetwork<N, In, Out> {
    const INPUT: Seam = Seam::of::<In>(Order::ChannelsFirst);
    const OUTPUT: Seam = Seam::of::<Out>(Order::ChannelsFirst);
    const WORK: Plan<3> = Plan::side_by_side([Self::INPUT.room(), Self::OUTPUT.room(), N::INFERENCE_SIZE]);
    const KEPT: Plan<2> = Plan::side_by_side([
        Self::INPUT.room(),
        match N::TRAINING_SIZE {
            Some(size) => size,
            None => 0,
        },
    ]);
    const GRADIENTS: Plan<3> = Seam::gradients(Self::INPUT, Self::OUTPUT);

    pub const INFERENCE_SIZE: usize = Self::WORK.size;
    pub const TAPE: usize = Self::KEPT.size;
    pub const TRAINING_SIZE: usize = Self::GRADIENTS.size;

    /// What is given is what the network takes.
    ///
    /// # Panics
    /// If it is not: at compile time.
    pub const fn check(kind: Option<Kind>) {
        assert!(N::INPUTS.len() == 1 && N::OUTPUTS.len() == 1, "a layer has one input and one output");
        let kind = match kind {
            Some(kind) => kind,
            None => usual_kind(N::INPUT_SHAPE.len(), In::KIND),
        };
        claims::taken(N::NAME, (kind, N::INPUT_SHAPE), (In::KIND, In::DIMS));
    }

    pub fn infer<L: Kernels<N::Scalar>>(
        net: &N,
        level: L,
        input: &[N::Scalar],
        output: &mut [N::Scalar],
        work: &mut Arena<'_, N::Scalar>,
        scratch: &mut [N::Scalar],
    ) {
        let samples = work.samples();
        let [x, y, inner] = work.views(Self::WORK.regions);
        let x = Self::INPUT.inward(level, input, x);
        Self::OUTPUT.outward(level, output, y, |y| {
            net.infer(level, x, y, &mut Arena::new(inner, samples, samples), scratch);
        });
    }

    pub fn forward_training<L: Kernels<N::Scalar>>(
        net: &N,
        level: L,
        input: &[N::Scalar],
        output: &mut [N::Scalar],
        tape: &mut Arena<'_, N::Scalar>,
        scratch: &mut [N::Scalar],
        d: &mut N,
        noise: Noise,
    ) {
        let samples = tape.samples();
        let [x, inner] = tape.views(Self::KEPT.regions);
        let mut inner = Arena::new(inner, samples, samples);
        let x = Self::INPUT.inward(level, input, x);
        net.forward_training(level, x, &mut inner, scratch, d, noise);
        let [y] = inner.views([N::OUTPUT]);
        Self::OUTPUT.copy_outward(level, y, output);
    }

    pub fn backward<L: Kernels<N::Scalar>>(
        net: &N,
        level: L,
        input: &[N::Scalar],
        tape: &mut Arena<'_, N::Scalar>,
        work: &mut Arena<'_, N::Scalar>,
        scratch: &mut [N::Scalar],
        d: &mut N,
        noise: Noise,
        d_output: &[N::Scalar],
        d_input: Option<InputGradient<'_, N::Scalar>>,
    ) {
        let samples = tape.samples();
        let [x, inner] = tape.views(Self::KEPT.regions);
        let x = if x.is_empty() { input } else { x };
        let mut inner = Arena::new(inner, samples, samples);
        let [d_y] = inner.views([N::D_OUTPUT]);
        Self::OUTPUT.copy_inward(level, d_output, d_y);
        let [_, d_x, sum] = work.views(Self::GRADIENTS.regions);
        Self::INPUT.give(level, d_input, d_x, sum, |d_x| {
            net.backward(level, x, &mut inner, scratch, d, noise, d_x);
        });
    }
}

/// What a shape of so many axes is. Two may be either of two kinds: the one that is found.
const fn usual_kind(axes: usize, found: Kind) -> Kind {
    match (axes, found) {
        (1, _) => Kind::Vector,
        (2, Kind::Signal) => Kind::Signal,
        (2, _) => Kind::Sequence,
        (3, _) => Kind::Image,
        _ => Kind::Volume,
    }
}

/// The items of `impl<T: Real, In: Shape> Module<T, In> for Net<T>`, but for `Output`: `module_of_network!(T, In, Output)`, or
/// with the shape that the network takes, `module_of_network!(T, In, Output, Input)`, so that a sequence is not taken for a
/// signal of the same sizes.
#[doc(hidden)]
#[macro_export]
macro_rules! module_of_network {
    ($T:ty, $In:ty, $Out:ty) => {
        $crate::module_of_network!(@items $T, $In, $Out, ::core::option::Option::None);
    };
    ($T:ty, $In:ty, $Out:ty, $Input:ty) => {
        $crate::module_of_network!(
            @items $T, $In, $Out,
            ::core::option::Option::Some(<$Input as $crate::shapes::Shape>::KIND)
        );
    };
    (@items $T:ty, $In:ty, $Out:ty, $kind:expr) => {
        const PARAMS: usize = {
            $crate::module::OfNetwork::<Self, $In, $Out>::check($kind);
            <Self as $crate::Network>::PARAMS
        };
        const ACTIVATIONS: usize = <Self as $crate::Network>::ACTIVATIONS;
        const MACS: usize = <Self as $crate::Network>::MACS;
        const LAYERS: &'static [$crate::LayerInfo] = <Self as $crate::Network>::LAYERS;
        const TENSORS: &'static [$crate::TensorEntry] = <Self as $crate::Network>::TENSORS;
        const BUFFER_TENSORS: &'static [$crate::TensorEntry] = <Self as $crate::Network>::BUFFER_TENSORS;
        const BUFFERS_LEN: usize = <Self as $crate::Network>::BUFFERS_LEN;
        const INFERENCE_SIZE: usize = {
            $crate::module::OfNetwork::<Self, $In, $Out>::check($kind);
            $crate::module::OfNetwork::<Self, $In, $Out>::INFERENCE_SIZE
        };
        const INFERENCE_SCRATCH: usize = <Self as $crate::Network>::INFERENCE_SCRATCH;
        const TAPE: usize = $crate::module::OfNetwork::<Self, $In, $Out>::TAPE;
        const TRAINING_SIZE: usize = $crate::module::OfNetwork::<Self, $In, $Out>::TRAINING_SIZE;
        const TRAINING_SCRATCH: usize = <Self as $crate::Network>::TRAINING_SCRATCH;

        fn initialize(&mut self, generator: &mut $crate::initializers::Generator) {
            <Self as $crate::Network>::initialize(self, generator);
        }

        fn infer<Level: $crate::kernels::Kernels<$T>>(
            &self,
            level: Level,
            input: &[$T],
            output: &mut [$T],
            work: &mut $crate::plan::Arena<'_, $T>,
            scratch: &mut [$T],
        ) {
            $crate::module::OfNetwork::<Self, $In, $Out>::infer(self, level, input, output, work, scratch);
        }

        fn forward_training<Level: $crate::kernels::Kernels<$T>>(
            &self,
            level: Level,
            input: &[$T],
            output: &mut [$T],
            tape: &mut $crate::plan::Arena<'_, $T>,
            _: &mut $crate::plan::Arena<'_, $T>,
            scratch: &mut [$T],
            gradient: &mut Self,
            noise: $crate::layers::Noise,
        ) {
            $crate::module::OfNetwork::<Self, $In, $Out>::forward_training(
                self, level, input, output, tape, scratch, gradient, noise,
            );
        }

        fn backward<Level: $crate::kernels::Kernels<$T>>(
            &self,
            level: Level,
            input: &[$T],
            _: &[$T],
            tape: &mut $crate::plan::Arena<'_, $T>,
            work: &mut $crate::plan::Arena<'_, $T>,
            scratch: &mut [$T],
            gradient: &mut Self,
            noise: $crate::layers::Noise,
            d_output: &mut [$T],
            d_input: ::core::option::Option<$crate::layers::InputGradient<'_, $T>>,
        ) {
            $crate::module::OfNetwork::<Self, $In, $Out>::backward(
                self, level, input, tape, work, scratch, gradient, noise, d_output, d_input,
            );
        }

        fn update_buffers(&mut self, batch: &Self, samples: usize) {
            <Self as $crate::Trainable>::update_buffers(self, batch, samples);
        }
    };
}
