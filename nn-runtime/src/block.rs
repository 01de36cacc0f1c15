//! Parts of a network that are used several times.
//!
//! A block is what `network!` makes of `block name(parameters) { … }`, and an array of blocks what it makes of `repeat`. Inside
//! of a network images lie channels last, and so they do in what a block takes and gives.
//!
//! A block has a plan of its own, for the values that it needs while it runs (`work`) and for those that its backward pass reads
//! (`tape`). The network around it gives it room for both: a region of its own plan, as an [`Arena`] of as many samples as the
//! pass has ([`Arena::sub`]). All of these sizes are multiples of [`ALIGN`](crate::ALIGN).

use crate::initializers::Generator;
use crate::kernels::Kernels;
use crate::layers::{InputGradient, Noise};
use crate::plan::{Arena, Plan, Region};
use crate::{Copies, Flat, LayerInfo, Real, TensorEntry, aligned};

#[cfg(test)]
mod tests;

/// A part of a network that several lines may use, each with parameters of its own.
///
/// An array of blocks is a block: each takes what the one before it gives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a block of a network",
    note = "blocks are declared in `network!`"
)]
pub trait Block<T: Real>: Flat<T> {
    /// The running statistics; [`Empty`](crate::layers::Empty) without any.
    type Buffers: Flat<T>;

    /// Values that it takes for a sample.
    const INPUT: usize;
    /// Values that it gives for a sample.
    const OUTPUT: usize;
    /// Values of work a sample in inference.
    const INFERENCE_SIZE: usize;
    /// Room for the kernels in inference.
    const INFERENCE_SCRATCH: usize;
    /// Its layers, in order.
    const LAYERS: &'static [LayerInfo];
    /// The tensors of its parameters, counted from its beginning.
    const TENSORS: &'static [TensorEntry];
    /// Those of its running statistics, counted from the beginning of [`Buffers`](Self::Buffers).
    const BUFFER_TENSORS: &'static [TensorEntry];

    /// Draws every parameter anew, each layer by its initialiser.
    fn initialize(&mut self, generator: &mut Generator);

    /// Begins every running statistic anew.
    fn initialize_buffers(buffers: &mut Self::Buffers);

    /// Takes the samples of `work` through it: `input` to `output`, a column a sample.
    fn infer<L: Kernels<T>>(
        &self,
        level: L,
        buffers: &Self::Buffers,
        input: &[T],
        output: &mut [T],
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
    );

    /// Folds each batch normalisation into the convolution before it.
    fn fold_batch_norms(&mut self, buffers: &mut Self::Buffers);
}

/// A block that gradients can train.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be trained by gradients",
    note = "a block with a `step` layer cannot: its derivative is zero wherever it exists"
)]
pub trait TrainableBlock<T: Real>: Block<T> {
    /// Values a sample that the forward pass keeps for the backward pass, beside input and output.
    const TAPE: usize;
    /// Values of work a sample, for either pass.
    const TRAINING_SIZE: usize;
    /// Room for the kernels in either pass.
    const TRAINING_SCRATCH: usize;

    /// Takes the samples of `work` through it, and keeps in `tape` what the backward pass needs. The statistics of the batch are
    /// left in `d_buffers`, those of layers from elsewhere in `d`.
    fn forward_training<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        d_buffers: &mut Self::Buffers,
        noise: Noise,
    );

    /// From the gradient at the output, which is used up, to those of the parameters, which overwrite `d`, and to that of the
    /// input, if it is wanted. All else is as the forward pass left it.
    fn backward<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &[T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        d_buffers: &Self::Buffers,
        noise: Noise,
        d_output: &mut [T],
        d_input: Option<InputGradient<'_, T>>,
    );

    /// Moves the running statistics towards those of a batch of so many samples.
    fn update_buffers(buffers: &mut Self::Buffers, batch: &Self::Buffers, samples: usize);
}

/// The work of an array: what lies between two copies, if there are two, and the work of one copy.
const fn work_plan(copies: usize, between: usize, inner: usize) -> Plan<2> {
    Plan::side_by_side([if copies > 1 { between } else { 0 }, inner])
}

impl<T: Real, B: Block<T>, const N: usize> Block<T> for [B; N] {
    type Buffers = [B::Buffers; N];

    const INPUT: usize = Self::OUTPUT;
    const OUTPUT: usize = {
        assert!(N > 0, "`repeat` takes at least one copy");
        assert!(B::INPUT == B::OUTPUT, "what is repeated gives what it takes");
        B::OUTPUT
    };
    const INFERENCE_SIZE: usize = work_plan(N, Self::OUTPUT, B::INFERENCE_SIZE).size;
    const INFERENCE_SCRATCH: usize = B::INFERENCE_SCRATCH;
    const LAYERS: &'static [LayerInfo] = B::LAYERS;
    const TENSORS: &'static [TensorEntry] = &[TensorEntry::Group {
        name: "",
        offset: 0,
        copies: Some(Copies { count: N, stride: B::LEN }),
        entries: B::TENSORS,
    }];
    const BUFFER_TENSORS: &'static [TensorEntry] = &[TensorEntry::Group {
        name: "",
        offset: 0,
        copies: Some(Copies { count: N, stride: B::Buffers::LEN }),
        entries: B::BUFFER_TENSORS,
    }];

    fn initialize(&mut self, generator: &mut Generator) {
        for block in self {
            block.initialize(generator);
        }
    }

    fn initialize_buffers(buffers: &mut Self::Buffers) {
        buffers.iter_mut().for_each(B::initialize_buffers);
    }

    /// The copies write by turns to `output` and to what lies between, so that the last one writes to `output`.
    fn infer<L: Kernels<T>>(
        &self,
        level: L,
        buffers: &Self::Buffers,
        input: &[T],
        output: &mut [T],
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
    ) {
        let samples = work.samples();
        let [between, inner] = work.views(const { work_plan(N, B::OUTPUT, B::INFERENCE_SIZE).regions });
        for (i, (block, buffers)) in self.iter().zip(buffers).enumerate() {
            let to_output = (N - 1 - i).is_multiple_of(2);
            let (from, to) = if to_output { (&*between, &mut *output) } else { (&*output, &mut *between) };
            let from = if i == 0 { input } else { from };
            block.infer(level, buffers, from, to, &mut Arena::new(inner, samples, samples), scratch);
        }
    }

    fn fold_batch_norms(&mut self, buffers: &mut Self::Buffers) {
        self.iter_mut().zip(buffers).for_each(|(block, buffers)| block.fold_batch_norms(buffers));
    }
}

/// The tapes of the copies, and behind them the outputs of all but the last.
struct Tapes {
    tape: usize,
    output: usize,
    copies: usize,
}

impl Tapes {
    const fn of<T: Real, B: TrainableBlock<T>>(copies: usize) -> Self {
        Self { tape: B::TAPE, output: B::OUTPUT, copies }
    }

    const fn size(&self) -> usize {
        self.copies * aligned(self.tape) + (self.copies - 1) * aligned(self.output)
    }

    const fn tape(&self, copy: usize) -> Region {
        Region { offset: copy * aligned(self.tape), len: aligned(self.tape) }
    }

    /// What copy `copy` gives; nothing for the last, which gives it to the caller.
    const fn output(&self, copy: usize) -> Region {
        if copy + 1 >= self.copies {
            return Region::EMPTY;
        }
        Region { offset: self.copies * aligned(self.tape) + copy * aligned(self.output), len: self.output }
    }

    /// What copy `copy` takes; nothing for the first, which takes the caller's.
    const fn input(&self, copy: usize) -> Region {
        match copy.checked_sub(1) {
            Some(before) => self.output(before),
            None => Region::EMPTY,
        }
    }
}

impl<T: Real, B: TrainableBlock<T>, const N: usize> TrainableBlock<T> for [B; N] {
    const TAPE: usize = Tapes::of::<T, B>(N).size();
    const TRAINING_SIZE: usize = work_plan(N, Self::OUTPUT, B::TRAINING_SIZE).size;
    const TRAINING_SCRATCH: usize = B::TRAINING_SCRATCH;

    fn forward_training<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        d_buffers: &mut Self::Buffers,
        noise: Noise,
    ) {
        let samples = work.samples();
        let tapes = Tapes::of::<T, B>(N);
        let [_, inner] = work.views(const { work_plan(N, B::OUTPUT, B::TRAINING_SIZE).regions });
        for (i, ((block, d), d_buffers)) in self.iter().zip(d).zip(d_buffers).enumerate() {
            let [from, kept, to] = tape.views([tapes.input(i), tapes.tape(i), tapes.output(i)]);
            let from = if i == 0 { input } else { from };
            let to = if i == N - 1 { &mut *output } else { to };
            let (mut kept, mut work) = (Arena::new(kept, samples, samples), Arena::new(inner, samples, samples));
            block.forward_training(level, from, to, &mut kept, &mut work, scratch, d, d_buffers, noise.within(i));
        }
    }

    /// The gradients of the values between the copies lie by turns in `d_output` and in the work, which is where the last copy,
    /// the first to go backward, leaves its own.
    fn backward<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &[T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        d_buffers: &Self::Buffers,
        noise: Noise,
        d_output: &mut [T],
        mut d_input: Option<InputGradient<'_, T>>,
    ) {
        let samples = work.samples();
        let tapes = Tapes::of::<T, B>(N);
        let [between, inner] = work.views(const { work_plan(N, B::OUTPUT, B::TRAINING_SIZE).regions });
        let (mut d_to, mut d_from) = (d_output, between);
        for (i, block) in self.iter().enumerate().rev() {
            let [from, kept, to] = tape.views([tapes.input(i), tapes.tape(i), tapes.output(i)]);
            let from = if i == 0 { input } else { from };
            let to = if i == N - 1 { output } else { to };
            let given = if i == 0 { d_input.take() } else { Some(InputGradient::overwrite(d_from)) };
            let (mut kept, mut work) = (Arena::new(kept, samples, samples), Arena::new(inner, samples, samples));
            let (d, d_buffers, noise) = (&mut d[i], &d_buffers[i], noise.within(i));
            block.backward(level, from, to, &mut kept, &mut work, scratch, d, d_buffers, noise, d_to, given);
            core::mem::swap(&mut d_to, &mut d_from);
        }
    }

    fn update_buffers(buffers: &mut Self::Buffers, batch: &Self::Buffers, samples: usize) {
        buffers.iter_mut().zip(batch).for_each(|(buffers, batch)| B::update_buffers(buffers, batch, samples));
    }
}
