//! Forward, loss, backward with a batch in parts, on the threads of a pool.

use nalgebra::DimName;

use super::Training;
use super::shard::Shard;
use crate::kernels::{Axpy, Kernels};
use crate::layers::Noise;
use crate::losses::TargetError;
use crate::pool::{share, threads_for};
use crate::ports::{self, Losses};
use crate::simd::Dispatch;
use crate::{Pool, Real, Trainable};

/// How many values of the gradients of all shards a thread adds up at a time: few enough to stay in its cache.
const STRETCH: usize = 1 << 14;

/// One pass forward and back of several shards, on one instruction set.
///
/// ```text
/// forward   each shard                  y of its samples
/// loss      on this thread              of all samples, so that d_y is that of the mean over the batch
/// backward  each shard                  the gradient of its samples' part in that mean
/// sum       each stretch of parameters  d = d₀ + d₁ + d₂ + …, in this order
/// ```
pub(super) struct Sharded<'a, N: Trainable, O, Targets> {
    pub training: &'a mut Training<N>,
    pub pool: &'a dyn Pool,
    pub net: &'a N,
    /// The inputs of all samples, if they have not been packed in the workspace.
    pub x: Option<&'a [N::Scalar]>,
    pub losses: &'a O,
    pub targets: Targets,
}

impl<N: Trainable, Targets, O: Losses<N, Targets>> Dispatch<N::Scalar> for Sharded<'_, N, O, Targets> {
    type Output = Result<N::Scalar, TargetError>;

    fn at<L: Kernels<N::Scalar>>(self, level: L) -> Self::Output {
        let Self { training, pool, net, x, losses, targets } = self;
        let Training { shards, active, outputs, d_outputs, d_input, input, samples, noise, .. } = training;
        let (shards, samples) = (&mut shards[..*active], *samples);
        let x = x.unwrap_or_else(|| &input[..N::Input::DIM * samples]);
        let outputs = &mut outputs[..N::OUTPUT.len * samples];
        let d_outputs = &mut d_outputs[..N::OUTPUT.len * samples];

        let threads = pool.threads().min(shards.len());
        share(pool, threads, shards.iter_mut(), |shard| forward(shard, level, net, x, samples, *noise));
        bring_together_outputs(shards, samples, outputs);
        let loss = losses.forward_backward(level, outputs, samples, targets, d_outputs)?;
        hand_out(d_outputs, samples, shards);
        share(pool, threads, shards.iter_mut(), |shard| backward(shard, level, net, x, *noise));
        if let Some(d_input) = d_input {
            bring_together_input_gradients(shards, samples, &mut d_input[..x.len()]);
        }
        sum_gradients(shards, level, pool);
        Ok(loss)
    }
}

/// The outputs of all samples, packed.
fn bring_together_outputs<N: Trainable>(shards: &[Shard<N>], all: usize, outputs: &mut [N::Scalar]) {
    for shard in shards {
        ports::scatter(N::TRAINING_OUTPUTS, shard.outputs(), shard.samples.clone(), all, outputs);
    }
}

/// Gives each shard the gradient of the loss at the outputs of its samples.
fn hand_out<N: Trainable>(d_outputs: &[N::Scalar], all: usize, shards: &mut [Shard<N>]) {
    for shard in shards {
        let samples = shard.samples.clone();
        ports::gather(N::TRAINING_OUTPUTS, d_outputs, samples, all, shard.d_output());
    }
}

/// The gradient of the inputs of all samples, packed.
fn bring_together_input_gradients<N: Trainable>(shards: &[Shard<N>], all: usize, d_input: &mut [N::Scalar]) {
    for shard in shards {
        let part = shard.d_input.as_deref().unwrap_or_default();
        ports::scatter(N::INPUTS, part, shard.samples.clone(), all, d_input);
    }
}

fn forward<N: Trainable, L: Kernels<N::Scalar>>(
    shard: &mut Shard<N>,
    level: L,
    net: &N,
    x: &[N::Scalar],
    all: usize,
    noise: Noise,
) {
    let noise = noise.of_samples(shard.samples.clone());
    let x = shard.take_input(x, all);
    shard.forward(level, net, x, noise, |_, _| ());
}

fn backward<N: Trainable, L: Kernels<N::Scalar>>(
    shard: &mut Shard<N>,
    level: L,
    net: &N,
    x: &[N::Scalar],
    noise: Noise,
) {
    let noise = noise.of_samples(shard.samples.clone());
    let x = (N::INPUTS.len() == 1).then(|| shard.part(x));
    shard.backward(level, net, x, noise);
}

/// Adds the gradients of the other shards to that of the first, in their order.
fn sum_gradients<N: Trainable, L: Kernels<N::Scalar>>(shards: &mut [Shard<N>], level: L, pool: &dyn Pool) {
    let Some((first, others)) = shards.split_first_mut() else { return };
    let (sum, others) = (first.gradient.params_mut(), &*others);
    let threads = threads_for(pool, sum.len() * others.len());
    share(pool, threads, sum.chunks_mut(STRETCH).enumerate(), |(stretch, sum)| {
        for other in others {
            let x = &other.gradient.params()[stretch * STRETCH..][..sum.len()];
            level.axpy(Axpy { a: N::Scalar::nearest(1.0), x, y: &mut *sum });
        }
    });
}
