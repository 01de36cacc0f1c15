//! A layer of one's own: a blur-pool (Zhang, "Making convolutional networks shift-invariant again", 2019), whose output shape
//! is computed in types, and what it is good for: digits that move by a pixel keep their class more often.
//!
//! ```text
//! cargo run --release --example own_layer
//! ```

mod data;

use core::marker::PhantomData;
use core::ops::{Add, Div};
use std::error::Error;

use monograd::kernels::Kernels;
use monograd::losses::SoftmaxCrossEntropy;
use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::optimizers::Adam;
use monograd::prelude::*;
use monograd::shapes::{Image, Order, Shape, Size};
use monograd::typenum::{Quot, Sum, U1, U2};
use monograd::{CustomLayer, Real, plain_data};

plain_data! {
    /// Every second place of an image that was blurred by `[1 2 1]ᵀ·[1 2 1] / 16`, with zeros around it. No parameters.
    struct BlurPool<T> {
        scalar: PhantomData<T>,
    }
}

/// ⌈N/2⌉, computed by the compiler's types: const generics on stable Rust cannot.
type Half<N> = Quot<Sum<N, U1>, U2>;

impl<T: Real, C: Size, H, W> CustomLayer<T, Image<C, H, W>> for BlurPool<T>
where
    H: Size + Add<U1, Output: Div<U2, Output: Size>>,
    W: Size + Add<U1, Output: Div<U2, Output: Size>>,
{
    type Output = Image<C, Half<H>, Half<W>>;
    // As inside of a network: the channels of a place are neighbours.
    const ORDER: Order = Order::ChannelsLast;
    const MACS: usize = 9 * <Self::Output as Shape>::LEN;

    /// `y[c, i, j] = Σ w[u]·w[v]·x[c, 2i + u − 1, 2j + v − 1]`
    fn forward<L: Kernels<T>>(&self, _: L, x: &[T], y: &mut [T], _: Option<&mut [T]>) {
        y.fill(T::zero());
        each_tap::<C, H, W>(x.len(), |input, output, weight| {
            for c in 0..C::SIZE {
                y[output + c] += x[input + c] * T::nearest(weight);
            }
        });
    }

    /// Each place gets from all windows that it is in: `d_x[c, p, q] = Σ w[u]·w[v]·d_y[c, i, j]`, with `p = 2i + u − 1`.
    fn backward<L: Kernels<T>>(&self, _: L, x: &[T], _: &[T], _: &[T], d_y: &[T], d_x: Option<&mut [T]>, _: &mut Self) {
        let Some(d_x) = d_x else { return };
        d_x.fill(T::zero());
        each_tap::<C, H, W>(x.len(), |input, output, weight| {
            for c in 0..C::SIZE {
                d_x[input + c] += d_y[output + c] * T::nearest(weight);
            }
        });
    }
}

/// The place in a batch of inputs, that in the outputs, and the weight between the two.
fn each_tap<C: Size, H: Size, W: Size>(values: usize, mut visit: impl FnMut(usize, usize, f64)) {
    const WEIGHTS: [f64; 3] = [0.25, 0.5, 0.25];
    let (height, width) = (H::SIZE, W::SIZE);
    let (rows, columns) = (height.div_ceil(2), width.div_ceil(2));
    let taps = |centre: usize, size: usize| {
        (0..3).filter_map(move |u| (2 * centre + u).checked_sub(1).filter(|at| *at < size).map(|at| (at, WEIGHTS[u])))
    };
    for sample in 0..values / (C::SIZE * height * width) {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            let output = ((sample * rows + row) * columns + column) * C::SIZE;
            for (y, vertical) in taps(row, height) {
                for (x, horizontal) in taps(column, width) {
                    visit(((sample * height + y) * width + x) * C::SIZE, output, vertical * horizontal);
                }
            }
        }
    }
}

network! {
    /// With pools that take the maximum of each 2×2 window.
    struct MaxPooled([1, 28, 28]) -> [10] {
        conv1: conv2d(8, 3, padding = same) -> relu -> max_pool2d(2),
        conv2: conv2d(16, 3, padding = same) -> relu -> max_pool2d(2),
        head: conv2d(32, 3, padding = same) -> relu -> global_avg_pool -> dense(10),
    }

    /// The same, with maxima at every place, blurred before every second one is taken.
    struct BlurPooled([1, 28, 28]) -> [10] {
        conv1: conv2d(8, 3, padding = same) -> relu -> max_pool2d(2, stride = 1) -> BlurPool,
        conv2: conv2d(16, 3, padding = same) -> relu -> max_pool2d(2, stride = 1) -> BlurPool,
        head: conv2d(32, 3, padding = same) -> relu -> global_avg_pool -> dense(10),
    }
}

type Images = Dataset<f32, 784, u32>;

/// Trains, and gives the accuracy on test images and how many keep their class when they move by a pixel to the right.
fn run<N>(train: &Images, test: &Images) -> Result<(f64, f64), Box<dyn Error>>
where
    N: Trainable<Scalar = f32, Input = Const<784>, Output = Const<10>>,
{
    println!("{}\n", N::summary());
    let mut net = N::seeded(1);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(3e-3)).batch_size(64).epochs(4).fit(&mut *net, train)?;
    let accuracy = evaluate(&*net, test, &SoftmaxCrossEntropy)?.accuracy().unwrap_or_default();
    let mut work = N::workspace(test.len());
    let classes = |net: &N, inputs: &Inputs, work: &mut Inference<N>| -> Vec<usize> {
        work.run(net, inputs).column_iter().map(|logits| logits.imax()).collect()
    };
    let before = classes(&net, test.inputs(), &mut work);
    let after = classes(&net, &moved(test.inputs()), &mut work);
    let kept = before.iter().zip(&after).filter(|(before, after)| before == after).count();
    Ok((accuracy, kept as f64 / before.len() as f64))
}

type Inputs = OMatrix<f32, Const<784>, Dyn>;

/// Each image by a pixel to the right, and black where it was.
fn moved(inputs: &Inputs) -> Inputs {
    let mut moved = inputs.clone();
    for mut image in moved.column_iter_mut() {
        for row in image.as_mut_slice().chunks_mut(28) {
            row.rotate_right(1);
            row[0] = 0.0;
        }
    }
    moved
}

fn main() -> Result<(), Box<dyn Error>> {
    let images = data::digits()?;
    let (mut train, mut test) = (Images::from_images(&images.train)?, Images::from_images(&images.test)?);
    let short = std::env::args().any(|argument| argument == "--short");
    if short {
        (train, test) = (train.split_at(1500).0, test.split_at(500).0);
    }
    let (max, blurred) = (run::<MaxPooled>(&train, &test)?, run::<BlurPooled>(&train, &test)?);
    println!("pooling   accuracy  class kept when the digit moves by a pixel");
    for (name, (accuracy, kept)) in [("maximum", max), ("blurred", blurred)] {
        println!("{name:8}  {accuracy:8.4}  {kept:8.4}");
    }
    let enough = if short { 0.4 } else { 0.88 };
    assert!(
        blurred.0 > enough && blurred.1 > max.1,
        "blurred pools keep more classes, at an accuracy of {enough} at least"
    );
    Ok(())
}
