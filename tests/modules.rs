//! Types from elsewhere as layers: a layer of a user's own whose output is computed in types, and networks in networks.

use core::marker::PhantomData;
use core::ops::{Add, Div};

use monograd::kernels::Kernels;
use monograd::losses::HalfSquaredError;
use monograd::nalgebra::{DMatrix, SVector};
use monograd::prelude::*;
use monograd::shapes::{Image, Order, Shape, Size, Vector};
use monograd::typenum::{Quot, Sum, U1, U2};
use monograd::{CustomLayer, Real, plain_data};

mod differences;

plain_data! {
    /// The mean of each 2×2 window, every second place, of an image that is continued by zeros: half its size, rounded up.
    pub struct Halve<T> {
        scalar: PhantomData<T>,
    }
}

/// ⌈N/2⌉.
type Half<N> = Quot<Sum<N, U1>, U2>;

/// The windows' values: `visit(output, input)` for each.
fn windows([channels, height, width]: [usize; 3], mut visit: impl FnMut(usize, usize)) {
    let columns = width.div_ceil(2);
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for c in 0..channels {
            visit(((y / 2) * columns + x / 2) * channels + c, (y * width + x) * channels + c);
        }
    }
}

impl<T: Real, C: Size, H, W> CustomLayer<T, Image<C, H, W>> for Halve<T>
where
    H: Size + Add<U1, Output: Div<U2, Output: Size>>,
    W: Size + Add<U1, Output: Div<U2, Output: Size>>,
{
    type Output = Image<C, Half<H>, Half<W>>;
    const ORDER: Order = Order::ChannelsLast;

    fn forward<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], _: Option<&mut [T]>) {
        let (inputs, outputs) = (C::SIZE * H::SIZE * W::SIZE, <Self::Output as Shape>::LEN);
        y.fill(T::zero());
        for (x, y) in x.chunks(inputs).zip(y.chunks_mut(outputs)) {
            windows([C::SIZE, H::SIZE, W::SIZE], |to, from| y[to] += x[from] * T::nearest(0.25));
        }
    }

    fn backward<L: Kernels<T>>(&self, _: L, _: &[T], _: &[T], _: &[T], d_y: &[T], d_x: Option<&mut [T]>, _: &mut Self) {
        let (inputs, outputs) = (C::SIZE * H::SIZE * W::SIZE, <Self::Output as Shape>::LEN);
        let Some(d_x) = d_x else { return };
        for (d_x, d_y) in d_x.chunks_mut(inputs).zip(d_y.chunks(outputs)) {
            windows([C::SIZE, H::SIZE, W::SIZE], |to, from| d_x[from] = d_y[to] * T::nearest(0.25));
        }
    }
}

plain_data! {
    /// A gain for each of N features.
    pub struct Gains<T, const N: usize> {
        gain: SVector<T, N>,
    }
}

impl<T: Real, F: Size, const N: usize> CustomLayer<T, Vector<F>> for Gains<T, N> {
    type Output = Vector<F>;
    const MACS: usize = N;

    fn initialize(&mut self, _: &mut Generator) {
        self.gain.fill(T::one());
    }

    fn forward<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], _: Option<&mut [T]>) {
        for (i, (x, y)) in x.iter().zip(y).enumerate() {
            *y = *x * self.gain[i % N];
        }
    }

    fn backward<L: Kernels<T>>(&self, _: L, x: &[T], _: &[T], _: &[T], d_y: &[T], d_x: Option<&mut [T]>, d: &mut Self) {
        d.gain.fill(T::zero());
        for (i, (x, d_y)) in x.iter().zip(d_y).enumerate() {
            d.gain[i % N] += *x * *d_y;
        }
        if let Some(d_x) = d_x {
            for (i, (d_x, d_y)) in d_x.iter_mut().zip(d_y).enumerate() {
                *d_x = *d_y * self.gain[i % N];
            }
        }
    }
}

network! {
    /// Pixels to features, with running statistics.
    pub struct Encoder([2, 4, 4]) -> [6] {
        conv: conv2d(3, 3, padding = 1, bias = false) -> batch_norm -> tanh,
        code: flatten -> dense(6),
    }

    /// Nothing in between says what the types from elsewhere give: the compiler does.
    pub struct Open([2, 7, 5]) -> [4] {
        halved: Halve -> tanh,
        conv: conv2d(3, 3, padding = 1) -> flatten,
        gains: Gains::<36> -> dense(4) -> tanh,
        out: add(_, Gains::<4>),
    }

    /// A contract says what comes, and everything is known as ever.
    struct Promised([2, 7, 5]) -> [4] {
        halved: Halve -> [2, 4, 3] -> batch_norm -> logistic,
        both: concat(_, halved -> conv2d(1, 1)),
        out: flatten -> dense(4),
    }

    /// An encoder, and a head behind it.
    struct Classifier(image: [2, 4, 4]) -> [3] {
        first: conv2d(2, 1) -> tanh,
        encoder: Encoder,
        head: dense(3),
    }

    /// In blocks and copies too.
    struct Deep([3]) -> [3] {
        body: repeat(2, dense(3) -> Gains::<3> -> tanh),
        out: scaled(3),
    }

    block scaled(n) {
        out: add(input, Gains::<n>),
    }
}

#[test]
fn the_compiler_knows_what_the_macro_does_not() {
    let layers = Open::<f32>::LAYERS;
    let shapes: Vec<_> = layers.iter().map(|layer| (layer.kind, layer.output)).collect();
    assert_eq!(shapes[0], ("halve", &[2, 4, 3][..]));
    assert_eq!(shapes[1], ("tanh", &[2, 4, 3][..]));
    assert_eq!(shapes[3], ("flatten", &[36][..]));
    assert_eq!((Open::PARAMS, Open::MACS), (57 + 36 + 148 + 4, 54 * 12 + 36 + 144 + 4));
    let names: Vec<_> = Open::<f32>::tensors().into_iter().map(|tensor| tensor.name).collect();
    let expected = ["conv.weight", "conv.bias", "gains.gains.parameters", "gains.dense.weight", "gains.dense.bias"];
    assert_eq!(names[..5], expected);
}

#[test]
fn an_encoder_is_a_struct_of_its_own_with_statistics_at_the_end() {
    assert_eq!(Classifier::PARAMS, 6 + Encoder::PARAMS + 21);
    let state: Vec<_> = Classifier::<f32>::state().into_iter().map(|tensor| tensor.name).collect();
    assert!(state.contains(&"encoder.conv.conv2d.weight".into()), "{state:?}");
    assert!(state.contains(&"encoder.conv.batch_norm.running_mean".into()), "{state:?}");
    let net = Classifier::new();
    let variance = &net.encoder.buffers.conv.batch_norm.running_var;
    assert!(variance.iter().all(|value| *value == 1.0));
    assert!(!net.params().as_ptr_range().contains(&variance.as_ptr()));
}

#[test]
fn gradients() {
    differences::check_network::<Open<f64>>();
    differences::check_in_training::<Promised<f64>>();
    differences::check_in_training::<Classifier<f64>>();
    differences::check_network::<Deep<f64>>();
}

#[test]
fn a_network_computes_the_same_as_a_layer() {
    let mut encoder = Encoder::<f64>::seeded(3);
    let mut whole = Alone::<f64>::zeroed();
    let x = DMatrix::from_fn(32, 5, |i, j| ((i * 7 + j * 3) % 11) as f64 / 5.0 - 1.0);
    let x = x.fixed_rows::<32>(0).into_owned();
    let mut training = Training::<Encoder<f64>>::new(5);
    training.backprop(&mut *encoder, &x, &HalfSquaredError, &[0.5; 30]).unwrap();
    whole.encoder.copy_from(&encoder);
    let expected = encoder.forward(&x, &mut Encoder::<f64>::workspace(5)).into_owned();
    assert_eq!(whole.forward(&x, &mut Alone::<f64>::workspace(5)).into_owned(), expected);
}

network! {
    struct Alone([2, 4, 4]) -> [6] {
        encoder: Encoder -> [6],
    }
}
