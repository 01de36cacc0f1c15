//! Blocks alone and in arrays, and in arrays of arrays: inference is the forward pass of training, whose gradients are those of
//! central differences.

use super::*;
use crate::activations::tests::at_every_level;
use crate::activations::{ActivateInPlace, Activation, ActivationGradient, Tanh};
use crate::layers::tests::{assert_near, central_differences, values};
use crate::layers::{Dense, Dropout};
use crate::simd::Scalar;
use crate::{Buffer, exact_len, padding, resolve};

const WIDTH: usize = 5;

/// `y = x + tanh(W·x + b)`, behind which every second value is dropped in training if `NOISY`.
///
/// Its running statistics count the samples and the foldings, and the batch's say which noise was drawn.
#[repr(C)]
struct Unit<T, const NOISY: bool> {
    dense: Dense<T, WIDTH, WIDTH>,
    padding: [T; padding(30)],
}

// SAFETY: `repr(C)` over two fields of values of `T`; `exact_len` verifies that they fill it.
unsafe impl<T: Real, const NOISY: bool> Flat<T> for Unit<T, NOISY> {
    const LEN: usize = exact_len::<T, Self>(&[30, padding(30)]);
}

#[repr(C)]
struct Counts<T> {
    samples: T,
    seed: T,
    folds: T,
}

// SAFETY: `repr(C)` over three values of `T`.
unsafe impl<T: Real> Flat<T> for Counts<T> {
    const LEN: usize = exact_len::<T, Self>(&[3]);
}

/// Tanh in the tape, and what either pass works on.
const PART: Region = Region { offset: 0, len: WIDTH };
const DROPOUT: Dropout = Dropout::new(0.5);

impl<T: Real, const NOISY: bool> Unit<T, NOISY> {
    fn run<L: Kernels<T>>(&self, level: L, x: &[T], t: &mut [T], scratch: &mut [T]) {
        self.dense.forward(level, x, t, Activation::Linear, scratch);
        level.activate_in_place(ActivateInPlace { activation: Tanh.into(), y: t });
    }
}

fn write_sum<T: Real>(y: &mut [T], a: &[T], b: &[T]) {
    y.iter_mut().zip(a.iter().zip(b)).for_each(|(y, (a, b))| *y = *a + *b);
}

impl<T: Real, const NOISY: bool> Block<T> for Unit<T, NOISY> {
    type Buffers = Counts<T>;
    const INPUT: usize = WIDTH;
    const OUTPUT: usize = WIDTH;
    const INFERENCE_SIZE: usize = 16;
    const INFERENCE_SCRATCH: usize = crate::kernels::SCRATCH;
    const LAYERS: &'static [LayerInfo] = &[];
    const TENSORS: &'static [TensorEntry] = &[
        TensorEntry::Tensor { name: "weight", shape: &[WIDTH, WIDTH], order: &[1, 0], offset: 0 },
        TensorEntry::Tensor { name: "bias", shape: &[WIDTH], order: &[0], offset: 25 },
    ];
    const BUFFER_TENSORS: &'static [TensorEntry] =
        &[TensorEntry::Tensor { name: "samples", shape: &[1], order: &[0], offset: 0 }];

    fn initialize(&mut self, generator: &mut Generator) {
        self.dense.initialize(crate::initializers::XavierUniform::new(), generator);
    }

    fn initialize_buffers(buffers: &mut Counts<T>) {
        buffers.samples = T::one();
    }

    fn infer<L: Kernels<T>>(
        &self,
        level: L,
        _: &Counts<T>,
        input: &[T],
        output: &mut [T],
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
    ) {
        let [t] = work.views([PART]);
        self.run(level, input, t, scratch);
        write_sum(output, input, t);
    }

    fn fold_batch_norms(&mut self, buffers: &mut Counts<T>) {
        buffers.folds += T::one();
    }
}

impl<T: Real, const NOISY: bool> TrainableBlock<T> for Unit<T, NOISY> {
    const TAPE: usize = 16;
    const TRAINING_SIZE: usize = 16;
    const TRAINING_SCRATCH: usize = crate::kernels::SCRATCH;

    fn forward_training<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &mut [T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        _: &mut Self,
        d_buffers: &mut Counts<T>,
        noise: Noise,
    ) {
        let ([t], [dropped]) = (tape.views([PART]), work.views([PART]));
        self.run(level, input, t, scratch);
        dropped.copy_from_slice(t);
        if NOISY {
            DROPOUT.apply(level, noise, 0, dropped);
        }
        write_sum(output, input, dropped);
        d_buffers.seed = T::nearest(noise.seed as f64);
    }

    fn backward<L: Kernels<T>>(
        &self,
        level: L,
        input: &[T],
        output: &[T],
        tape: &mut Arena<'_, T>,
        work: &mut Arena<'_, T>,
        scratch: &mut [T],
        d: &mut Self,
        d_buffers: &Counts<T>,
        noise: Noise,
        d_output: &mut [T],
        d_input: Option<InputGradient<'_, T>>,
    ) {
        assert_eq!(d_buffers.seed, T::nearest(noise.seed as f64), "the copy has the noise of its forward pass");
        let ([t], [d_t]) = (tape.views([PART]), work.views([PART]));
        for ((y, x), t) in output.iter().zip(input).zip(&*t) {
            assert!(NOISY || *y == *x + *t, "the copy has what it took and gave");
        }
        d_t.copy_from_slice(d_output);
        if NOISY {
            DROPOUT.apply(level, noise, 0, d_t);
        }
        level.activation_gradient(ActivationGradient { activation: Tanh.into(), cached: t, d: d_t });
        self.dense.backward(level, input, d_t, None, &mut d.dense, false, scratch);
        let Some(InputGradient { values, accumulate }) = d_input else { return };
        for (sample, d_x) in values.chunks_mut(WIDTH).enumerate() {
            let of_sample = sample * WIDTH..(sample + 1) * WIDTH;
            for (i, d_x) in d_x.iter_mut().enumerate() {
                let column = d_t[of_sample.clone()].iter().zip(&self.dense.weight.as_slice()[i * WIDTH..][..WIDTH]);
                let sum = column.fold(d_output[of_sample.start + i], |sum, (d, w)| sum + *d * *w);
                *d_x = if accumulate { *d_x + sum } else { sum };
            }
        }
        d_output.fill(T::nearest(f64::NAN));
    }

    fn update_buffers(buffers: &mut Counts<T>, batch: &Counts<T>, samples: usize) {
        buffers.samples += T::nearest(samples as f64);
        buffers.seed = batch.seed;
    }
}

const BATCH: usize = 3;
const NOISE: Noise = Noise::new(5, 2);

/// Both passes of a block, with memory that nobody has cleaned.
struct Passes<B: TrainableBlock<f64>> {
    tape: Buffer<f64>,
    work: Buffer<f64>,
    scratch: Buffer<f64>,
    output: Vec<f64>,
    d_buffers: Box<B::Buffers>,
}

fn dirty(len: usize) -> Buffer<f64> {
    let mut buffer = Buffer::zeroed(len);
    buffer.fill(f64::NAN);
    buffer
}

impl<B: TrainableBlock<f64>> Passes<B> {
    fn new() -> Self {
        assert!([B::TAPE, B::TRAINING_SIZE, B::INFERENCE_SIZE].iter().all(|size| size.is_multiple_of(crate::ALIGN)));
        let (tape, work) = (dirty(B::TAPE * BATCH), dirty(B::TRAINING_SIZE * BATCH));
        let (scratch, output) = (dirty(B::TRAINING_SCRATCH), vec![f64::NAN; B::OUTPUT * BATCH]);
        Self { tape, work, scratch, output, d_buffers: B::Buffers::zeroed_box() }
    }

    fn forward<L: Kernels<f64>>(&mut self, level: L, block: &B, x: &[f64]) -> Vec<f64> {
        let mut tape = Arena::new(&mut self.tape, BATCH, BATCH);
        let mut work = Arena::new(&mut self.work, BATCH, BATCH);
        let (output, scratch, mut d) = (&mut self.output, &mut self.scratch, B::zeroed_box());
        block.forward_training(level, x, output, &mut tape, &mut work, scratch, &mut d, &mut self.d_buffers, NOISE);
        output.clone()
    }

    fn backward<L: Kernels<f64>>(
        &mut self,
        level: L,
        block: &B,
        x: &[f64],
        d_y: &[f64],
        d_x: Option<InputGradient<'_, f64>>,
    ) -> Vec<f64> {
        let mut tape = Arena::new(&mut self.tape, BATCH, BATCH);
        let mut work = Arena::new(&mut self.work, BATCH, BATCH);
        let (mut d, mut d_y) = (B::zeroed_box(), d_y.to_vec());
        let (output, scratch, d_buffers) = (&self.output, &mut self.scratch, &self.d_buffers);
        block.backward(level, x, output, &mut tape, &mut work, scratch, &mut d, d_buffers, NOISE, &mut d_y, d_x);
        d.as_flat().to_vec()
    }
}

fn check_inference<B: TrainableBlock<f64>, L: Kernels<f64>>(level: L, block: &B, x: &[f64], expected: &[f64]) {
    let (mut work, mut scratch) = (dirty(B::INFERENCE_SIZE * BATCH), dirty(B::INFERENCE_SCRATCH));
    let mut y = vec![f64::NAN; B::OUTPUT * BATCH];
    let mut buffers = B::Buffers::zeroed_box();
    B::initialize_buffers(&mut buffers);
    block.infer(level, &buffers, x, &mut y, &mut Arena::new(&mut work, BATCH, BATCH), &mut scratch);
    assert_eq!(y, expected);
}

fn check<B: TrainableBlock<f64>, L: Kernels<f64>>(level: L, noisy: bool) {
    let mut block = B::zeroed_box();
    block.initialize(&mut Generator::seed(3));
    let (x, d_y) = (values(B::INPUT * BATCH, 1), values(B::OUTPUT * BATCH, 2));
    let mut passes = Passes::<B>::new();
    let y = passes.forward(level, &*block, &x);
    if !noisy {
        check_inference(level, &*block, &x, &y);
    }
    let start = values(x.len(), 3);
    let (mut d_x, mut added) = (vec![f64::NAN; x.len()], start.clone());
    let d = passes.backward(level, &*block, &x, &d_y, Some(InputGradient::overwrite(&mut d_x)));
    let again = passes.backward(level, &*block, &x, &d_y, Some(InputGradient::add(&mut added)));
    let without = passes.backward(level, &*block, &x, &d_y, None);
    assert_eq!(again, d);
    assert_eq!(without, d);

    let expected = central_differences(&x, &d_y, |x| Passes::new().forward(level, &*block, x));
    assert_near(&d_x, &expected, 1e-8, "d_input");
    let expected: Vec<_> = expected.iter().zip(start).map(|(d, start)| d + start).collect();
    assert_near(&added, &expected, 1e-8, "d_input, added");
    let of_parameters = |parameters: &[f64]| {
        let mut moved = B::zeroed_box();
        moved.as_flat_mut().copy_from_slice(parameters);
        Passes::new().forward(level, &*moved, &x)
    };
    assert_near(&d, &central_differences(block.as_flat(), &d_y, of_parameters), 1e-8, "d");
}

macro_rules! check_kinds {
    ($($name:ident: $block:ty, $noisy:expr;)*) => {$(
        #[test]
        fn $name() {
            at_every_level!(level => check::<$block, _>(level, $noisy));
        }
    )*};
}

check_kinds! {
    one_block: Unit<f64, false>, false;
    an_array_of_one: [Unit<f64, false>; 1], false;
    an_array_of_two: [Unit<f64, false>; 2], false;
    an_array_of_three: [Unit<f64, false>; 3], false;
    an_array_of_arrays: [[Unit<f64, false>; 2]; 3], false;
    noise_in_one_block: Unit<f64, true>, true;
    noise_in_an_array_of_three: [Unit<f64, true>; 3], true;
    noise_in_an_array_of_arrays: [[Unit<f64, true>; 2]; 2], true;
}

#[test]
fn each_copy_draws_noise_of_its_own() {
    type Copies = [[Unit<f64, true>; 2]; 2];
    let (block, x) = (Copies::zeroed_box(), values(WIDTH * BATCH, 1));
    let mut passes = Passes::<Copies>::new();
    passes.forward(Scalar, &block, &x);
    let seeds: Vec<_> = passes.d_buffers.iter().flatten().map(|counts| counts.seed).collect();
    for (i, seed) in seeds.iter().enumerate() {
        assert_eq!(*seed, NOISE.within(i / 2).within(i % 2).seed as f64);
        assert!(!seeds[..i].contains(seed));
    }
}

#[test]
fn running_statistics_of_all_copies_begin_move_and_fold() {
    type Copies = [Unit<f64, false>; 3];
    let (mut block, mut buffers) = (Copies::zeroed_box(), <Copies as Block<f64>>::Buffers::zeroed_box());
    let batch = <Copies as Block<f64>>::Buffers::zeroed_box();
    Copies::initialize_buffers(&mut buffers);
    Copies::update_buffers(&mut buffers, &batch, 4);
    block.fold_batch_norms(&mut buffers);
    assert!(buffers.iter().all(|counts| counts.samples == 5.0 && counts.folds == 1.0));
}

#[test]
fn tensors_of_copies_are_numbered() {
    type Copies = [[Unit<f32, false>; 2]; 2];
    let tensors = resolve(<Copies as Block<f32>>::TENSORS);
    let expected = [0, 1, 2, 3].map(|i| [(i, "weight", 0), (i, "bias", 25)]).concat();
    let expected: Vec<_> =
        expected.iter().map(|(i, name, offset)| (format!("{}.{}.{name}", i / 2, i % 2), i * 32 + offset)).collect();
    assert_eq!(tensors.into_iter().map(|tensor| (tensor.name, tensor.offset)).collect::<Vec<_>>(), expected);
    let buffers = resolve(<Copies as Block<f32>>::BUFFER_TENSORS);
    assert_eq!((&*buffers[3].name, buffers[3].offset), ("1.1.samples", 9));
}

#[test]
fn an_array_needs_what_one_copy_does_and_what_lies_between() {
    assert_eq!(<[Unit<f32, false>; 1] as Block<f32>>::INFERENCE_SIZE, 16);
    assert_eq!(<[Unit<f32, false>; 7] as Block<f32>>::INFERENCE_SIZE, 32);
    assert_eq!(<[Unit<f32, false>; 1] as TrainableBlock<f32>>::TAPE, 16);
    assert_eq!(<[Unit<f32, false>; 7] as TrainableBlock<f32>>::TAPE, 7 * 16 + 6 * 16);
    assert_eq!(<[Unit<f32, false>; 7] as TrainableBlock<f32>>::TRAINING_SIZE, 32);
}
