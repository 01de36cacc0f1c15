//! Layers from elsewhere, as generated code calls them: a layer of one's own whose output is computed in types, and a network.

use core::ops::{Add, Div};

use nalgebra::Const;
use nn_runtime::kernels::{Kernels, SCRATCH};
use nn_runtime::layers::{InputGradient, Noise};
use nn_runtime::plan::{Arena, Region};
use nn_runtime::shapes::{Image, Order, Shape, Size};
use nn_runtime::simd::Scalar;
use nn_runtime::typenum::{Quot, Sum, U1, U2, U3, U4, U5};
use nn_runtime::{
    ALIGN, Buffer, CustomLayer, Flat, Generator, LayerInfo, Module, Network, Real, TensorEntry, TensorInfo, Trainable,
    module_of_network, plain_data, resolve,
};

// --- A layer of one's own ---------------------------------------------------------------------------------------------

plain_data! {
    /// Every second place of an image blurred by `[1 2 1]ᵀ·[1 2 1] / 16`, zeros around it, times a gain: after Zhang, “Making
    /// convolutional networks shift-invariant again” (2019).
    struct BlurPool<T, const LAST: bool> {
        gain: T,
    }
}

impl<T, const LAST: bool> BlurPool<T, LAST> {
    const INSIDE: Order = if LAST { Order::ChannelsLast } else { Order::ChannelsFirst };
}

/// ⌈N/2⌉.
type Half<N> = Quot<Sum<N, U1>, U2>;

/// Adds each input's share of each output: `visit(output, input, share)`.
fn blur<T: Real>([channels, height, width]: [usize; 3], order: Order, mut visit: impl FnMut(usize, usize, T)) {
    let [rows, columns] = [height, width].map(|n| n.div_ceil(2));
    let at = |c: usize, y: usize, x: usize, [height, width]: [usize; 2]| match order {
        Order::ChannelsFirst => (c * height + y) * width + x,
        Order::ChannelsLast => (y * width + x) * channels + c,
    };
    let taps = |centre: usize, n: usize| {
        let tap = move |k: usize| (centre + k).checked_sub(1).filter(|at| *at < n).map(|at| (at, [1.0, 2.0, 1.0][k]));
        (0..3).filter_map(tap)
    };
    for c in 0..channels {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            for (y, vertical) in taps(2 * row, height) {
                for (x, horizontal) in taps(2 * column, width) {
                    let share = T::nearest(vertical * horizontal / 16.0);
                    visit(at(c, row, column, [rows, columns]), at(c, y, x, [height, width]), share);
                }
            }
        }
    }
}

impl<T: Real, C: Size, H, W, const LAST: bool> CustomLayer<T, Image<C, H, W>> for BlurPool<T, LAST>
where
    H: Size + Add<U1, Output: Div<U2, Output: Size>>,
    W: Size + Add<U1, Output: Div<U2, Output: Size>>,
{
    type Output = Image<C, Half<H>, Half<W>>;
    const ORDER: Order = Self::INSIDE;
    const CACHE: usize = <Self::Output as Shape>::LEN;
    const MACS: usize = 9 * <Self::Output as Shape>::LEN;

    fn initialize(&mut self, _: &mut Generator) {
        self.gain = T::one();
    }

    fn forward<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], mut cache: Option<&mut [T]>) {
        let outputs = <Self::Output as Shape>::LEN;
        for (sample, (x, y)) in x.chunks(C::SIZE * H::SIZE * W::SIZE).zip(y.chunks_mut(outputs)).enumerate() {
            y.fill(T::zero());
            blur([C::SIZE, H::SIZE, W::SIZE], Self::INSIDE, |to, from, share: T| y[to] += x[from] * share);
            if let Some(cache) = &mut cache {
                cache[sample * outputs..][..outputs].copy_from_slice(y);
            }
            for y in y {
                *y *= self.gain;
            }
        }
    }

    fn backward<L: Kernels<T>>(
        &self,
        _: L,
        x: &[T],
        y: &[T],
        cache: &[T],
        d_y: &[T],
        d_x: Option<&mut [T]>,
        d: &mut Self,
    ) {
        assert!(y.iter().zip(cache).all(|(y, cache)| *y == *cache * self.gain), "it is given what it gave");
        assert_eq!(x.len() * <Self::Output as Shape>::LEN, y.len() * C::SIZE * H::SIZE * W::SIZE);
        d.gain = cache.iter().zip(d_y).fold(T::zero(), |sum, (cache, d_y)| sum + *cache * *d_y);
        let Some(d_x) = d_x else { return };
        d_x.fill(T::zero());
        let samples = d_x.chunks_mut(C::SIZE * H::SIZE * W::SIZE).zip(d_y.chunks(<Self::Output as Shape>::LEN));
        for (d_x, d_y) in samples {
            let gain = self.gain;
            blur([C::SIZE, H::SIZE, W::SIZE], Self::INSIDE, |to, from, share: T| d_x[from] += gain * share * d_y[to]);
        }
    }
}

// --- A network ----------------------------------------------------------------------------------------------------------

/// `[3, 2, 2]` to itself, `y = weight ⊙ x²`, with a weight for each value, channels first as the ends of networks are. Its training
/// counts the samples and remembers the noise.
#[repr(C)]
struct Squares<T> {
    weight: [T; 12],
    count: T,
    seed: T,
}

// SAFETY: `repr(C)` over 14 values of `T`.
unsafe impl<T: Real> Flat<T> for Squares<T> {
    const LEN: usize = nn_runtime::exact_len::<T, Self>(&[12, 2]);
}

const OUTPUT: Region = Region { offset: 0, len: 12 };
const D_OUTPUT: Region = Region { offset: 16, len: 12 };

impl<T: Real> Squares<T> {
    fn run(&self, x: &[T], y: &mut [T]) {
        for (i, (x, y)) in x.iter().zip(y).enumerate() {
            *y = self.weight[i % 12] * *x * *x;
        }
    }
}

impl<T: Real> Network for Squares<T> {
    type Scalar = T;
    type Input = Const<12>;
    type Output = Const<12>;
    const NAME: &'static str = "Squares";
    const INPUT_SHAPE: &'static [usize] = &[3, 2, 2];
    const OUTPUT_SHAPE: &'static [usize] = &[3, 2, 2];
    const LAYERS: &'static [LayerInfo] = &[];
    const TENSORS: &'static [TensorEntry] =
        &[TensorEntry::Tensor { name: "weight", shape: &[12], order: &[0], offset: 0 }];
    const BUFFERS_LEN: usize = 2;
    const INFERENCE_SIZE: usize = 16;
    const TRAINING_SIZE: Option<usize> = Some(32);
    const RECEPTIVE_FIELD: &'static [usize] = &[1, 1];

    fn initialize(&mut self, _: &mut Generator) {
        self.weight = core::array::from_fn(|i| T::nearest(i as f64 - 5.5));
    }

    fn infer<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], arena: &mut Arena<'_, T>, scratch: &mut [T]) {
        assert_eq!(scratch.len(), SCRATCH);
        let [inner] = arena.views([OUTPUT]);
        self.run(x, inner);
        y.copy_from_slice(inner);
    }
}

impl<T: Real> Trainable for Squares<T> {
    const OUTPUT: Region = OUTPUT;
    const D_OUTPUT: Region = D_OUTPUT;

    fn forward_training<L: Kernels<T>>(
        &self,
        _: L,
        x: &[T],
        arena: &mut Arena<'_, T>,
        _: &mut [T],
        d: &mut Self,
        noise: Noise,
    ) {
        let [y] = arena.views([OUTPUT]);
        self.run(x, y);
        d.seed = T::nearest(noise.seed as f64);
    }

    fn backward<L: Kernels<T>>(
        &self,
        _: L,
        x: &[T],
        arena: &mut Arena<'_, T>,
        _: &mut [T],
        d: &mut Self,
        _: Noise,
        d_x: Option<&mut [T]>,
    ) {
        let [y, d_y] = arena.views([OUTPUT, D_OUTPUT]);
        let mut expected = y.to_vec();
        self.run(x, &mut expected);
        assert_eq!(y, expected, "the arena is as the forward pass left it");
        d.weight.fill(T::zero());
        for (i, (x, d_y)) in x.iter().zip(&*d_y).enumerate() {
            d.weight[i % 12] += *x * *x * *d_y;
        }
        for (i, d_x) in d_x.into_iter().flatten().enumerate() {
            *d_x = T::nearest(2.0) * self.weight[i % 12] * x[i] * d_y[i];
        }
    }

    fn update_buffers(&mut self, batch: &Self, samples: usize) {
        self.count += T::nearest(samples as f64);
        self.seed = batch.seed;
    }
}

type Square = Image<Const<3>, Const<2>, Const<2>>;

// What `network!` writes.
impl<T: Real, In: Shape> Module<T, In> for Squares<T> {
    type Output = Square;
    module_of_network!(T, In, Square);
}

// --- Checks -------------------------------------------------------------------------------------------------------------

const BATCH: usize = 2;
const NOISE: Noise = Noise::new(3, 4);

/// Numbers from −1 to 1 that look random.
fn values(len: usize, seed: usize) -> Vec<f64> {
    (0..len).map(|i| ((i + seed) * 3001 % 8191) as f64 / 4096.0 - 1.0).collect()
}

fn dirty(len: usize) -> Buffer<f64> {
    let mut buffer = Buffer::zeroed(len);
    buffer.fill(f64::NAN);
    buffer
}

/// The other order of each sample.
fn channels_last<S: Shape>(values: &[f64]) -> Vec<f64> {
    let (channels, places) = (S::DIMS[0], S::LEN / S::DIMS[0]);
    let sample = |x: &[f64]| {
        (0..places).flat_map(|place| (0..channels).map(move |c| c * places + place)).map(|i| x[i]).collect::<Vec<_>>()
    };
    values.chunks(S::LEN).flat_map(sample).collect()
}

/// A module's training pass, with the memory that it asks for and no more.
struct Passes<M> {
    tape: Buffer<f64>,
    work: Buffer<f64>,
    scratch: Buffer<f64>,
    y: Vec<f64>,
    d: Box<M>,
}

impl<M: Flat<f64>> Passes<M> {
    fn forward<In: Shape>(module: &M, x: &[f64]) -> Self
    where
        M: Module<f64, In>,
    {
        let (mut tape, mut work) = (dirty(M::TAPE * BATCH), dirty(M::TRAINING_SIZE * BATCH));
        let (mut scratch, mut d) = (dirty(M::TRAINING_SCRATCH), M::zeroed_box());
        let mut y = vec![f64::NAN; M::Output::LEN * BATCH];
        let mut on_tape = Arena::new(&mut tape, BATCH, BATCH);
        let mut at_work = Arena::new(&mut work, BATCH, BATCH);
        module.forward_training(Scalar, x, &mut y, &mut on_tape, &mut at_work, &mut scratch, &mut d, NOISE);
        Self { tape, work, scratch, y, d }
    }

    fn backward<In: Shape>(&mut self, module: &M, x: &[f64], d_y: &[f64], d_x: Option<InputGradient<'_, f64>>)
    where
        M: Module<f64, In>,
    {
        self.work.fill(f64::NAN);
        let mut tape = Arena::new(&mut self.tape, BATCH, BATCH);
        let mut work = Arena::new(&mut self.work, BATCH, BATCH);
        let (d, scratch, mut d_y) = (&mut self.d, &mut self.scratch, d_y.to_vec());
        module.backward(Scalar, x, &self.y, &mut tape, &mut work, scratch, d, NOISE, &mut d_y, d_x);
    }
}

/// `Σ d_y·(f(at + h) − f(at − h)) / 2h` for each value.
fn differences(at: &[f64], d_y: &[f64], f: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    const H: f64 = 1e-5;
    let loss = |i: usize, step: f64| {
        let mut moved = at.to_vec();
        moved[i] += step;
        f(&moved).iter().zip(d_y).map(|(y, d)| y * d).sum::<f64>()
    };
    (0..at.len()).map(|i| (loss(i, H) - loss(i, -H)) / (2.0 * H)).collect()
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{i}: {found}, not {expected}");
    }
}

/// Both passes of a module against `definition`, which is channels first, and against differences of it. `parameters` are those
/// of its values that have a gradient.
fn check<M: Module<f64, In>, In: Shape>(parameters: usize, definition: impl Fn(&M, &[f64]) -> Vec<f64>) {
    assert!([M::TAPE, M::TRAINING_SIZE, M::INFERENCE_SIZE].iter().all(|size| size.is_multiple_of(ALIGN)));
    let mut module = M::zeroed_box();
    module.initialize(&mut Generator::seed(1));
    module.as_flat_mut()[0] = 1.75;
    let (x, d_y) = (values(In::LEN * BATCH, 1), values(M::Output::LEN * BATCH, 5));
    let of_batch = |module: &M, x: &[f64]| x.chunks(In::LEN).flat_map(|x| definition(module, x)).collect::<Vec<_>>();
    let y = channels_last::<M::Output>(&of_batch(&module, &x));
    let (outer_x, outer_d_y) = (channels_last::<In>(&x), channels_last::<M::Output>(&d_y));

    let mut found = vec![f64::NAN; y.len()];
    let (mut work, mut scratch) = (dirty(M::INFERENCE_SIZE * BATCH), dirty(M::INFERENCE_SCRATCH));
    module.infer(Scalar, &outer_x, &mut found, &mut Arena::new(&mut work, BATCH, BATCH), &mut scratch);
    assert_near(&found, &y, 1e-14);
    let mut passes = Passes::forward::<In>(&*module, &outer_x);
    assert_eq!(passes.y, found);

    let start = values(x.len(), 9);
    let (mut d_x, mut added) = (vec![f64::NAN; x.len()], start.clone());
    let d_input = channels_last::<In>(&differences(&x, &d_y, |x| of_batch(&module, x)));
    let with = |parameters: &[f64]| {
        let mut module = M::zeroed_box();
        module.as_flat_mut().copy_from_slice(parameters);
        of_batch(&module, &x)
    };
    let d_parameters = differences(module.as_flat(), &d_y, with);
    for d_x in [Some(InputGradient::overwrite(&mut d_x)), Some(InputGradient::add(&mut added)), None] {
        passes.d.as_flat_mut()[..parameters].fill(f64::NAN);
        passes.backward::<In>(&*module, &outer_x, &outer_d_y, d_x);
        assert_near(&passes.d.as_flat()[..parameters], &d_parameters[..parameters], 1e-8);
    }
    assert_near(&d_x, &d_input, 1e-8);
    assert_near(&added, &d_input.iter().zip(start).map(|(d, start)| d + start).collect::<Vec<_>>(), 1e-8);
}

fn check_blur_pool<C: Size, H, W, const LAST: bool>()
where
    BlurPool<f64, LAST>: CustomLayer<f64, Image<C, H, W>>,
    H: Size,
    W: Size,
{
    check::<BlurPool<f64, LAST>, Image<C, H, W>>(1, |layer, x| {
        let mut y = vec![0.0; C::SIZE * H::SIZE.div_ceil(2) * W::SIZE.div_ceil(2)];
        let sizes = [C::SIZE, H::SIZE, W::SIZE];
        blur(sizes, Order::ChannelsFirst, |to, from, share: f64| y[to] += layer.gain * share * x[from]);
        y
    });
}

#[test]
fn a_layer_of_ones_own_in_either_order() {
    check_blur_pool::<U3, U5, U4, false>();
    check_blur_pool::<U3, U5, U4, true>();
    check_blur_pool::<U2, U4, U3, false>();
    // One channel, or one place, where both orders are the same.
    check_blur_pool::<U1, U5, U4, false>();
    check_blur_pool::<U3, U2, U1, false>();
}

#[test]
fn a_layer_says_what_it_gives_and_needs() {
    type Layer = BlurPool<f64, false>;
    type In = Image<U3, U5, U4>;
    assert_eq!(<<Layer as Module<f64, In>>::Output as Shape>::DIMS, [3, 3, 2]);
    assert_eq!([<Layer as Module<f64, In>>::PARAMS, <Layer as Module<f64, In>>::MACS], [1, 9 * 18]);
    // 60 and 18 values, each rounded up to whole lines, and 18 of cache.
    assert_eq!(<Layer as Module<f64, In>>::INFERENCE_SIZE, 64 + 32);
    assert_eq!(<Layer as Module<f64, In>>::TAPE, 64 + 32 + 32);
    assert_eq!(<BlurPool<f64, true> as Module<f64, In>>::INFERENCE_SIZE, 0);
    assert_eq!(<BlurPool<f64, true> as Module<f64, In>>::TAPE, 32);
    let parameters = TensorInfo { name: "parameters".into(), shape: &[1], order: &[0], offset: 0 };
    assert_eq!(resolve(<Layer as Module<f64, In>>::TENSORS), [parameters]);
}

#[test]
fn a_network_is_a_layer() {
    check::<Squares<f64>, Square>(12, |net, x| (0..12).map(|i| net.weight[i] * x[i] * x[i]).collect());
}

#[test]
fn a_network_as_a_layer_keeps_statistics_and_noise() {
    let mut net = Squares::<f64>::zeroed_box();
    let mut passes = Passes::forward::<Square>(&*net, &values(24, 1));
    passes.backward::<Square>(&*net, &values(24, 1), &values(24, 2), None);
    Module::<f64, Square>::update_buffers(&mut *net, &passes.d, 5);
    assert_eq!((net.count, net.seed), (5.0, NOISE.seed as f64));
    assert_eq!(<Squares<f64> as Module<f64, Square>>::BUFFERS_LEN, 2);
}
