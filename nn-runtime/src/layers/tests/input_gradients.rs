//! Every layer with parameters adds the gradient that it would write.

use super::*;
use crate::geometry::{Convolution, Extent};
use crate::kernels::SCRATCH;
use crate::layers::{
    BatchNorm, BatchNormSettings, Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, Dense,
    GroupNorm, InputGradient, InstanceNorm, LayerNorm, NormSettings, RunningStatistics,
};

/// Memory that a backward pass may use, dirty.
fn scratch<T: Real>(len: usize) -> Vec<T> {
    vec![T::nearest(f64::NAN); len]
}

/// A backward pass onto values is the one onto nothing and a sum, within its memory.
fn assert_adds<T: Real>(len: usize, tolerance: f64, what: impl Debug + Copy, backward: impl Fn(InputGradient<'_, T>)) {
    let before = values(len, 4321);
    let mut written = between_marks::<T>(&vec![f64::NAN; len]);
    backward(InputGradient::overwrite(&mut written[1..=len]));
    let mut added = between_marks::<T>(&before);
    backward(InputGradient::add(&mut added[1..=len]));
    assert_marks(&added, len, what);
    let expected: Vec<f64> = written[1..=len].iter().zip(&before).map(|(d, before)| d.to_f64() + before).collect();
    assert_near(&added[1..=len], &expected, tolerance, what);
}

#[allow(clippy::unnecessary_box_returns)]
fn parameters<T: Real, P: Flat<T>>() -> Box<P> {
    filled(&vector(&values(P::LEN, 5)))
}

fn dense<T: Real, L: Kernels<T> + Debug, const I: usize, const O: usize>(level: L, tolerance: f64) {
    let layer: Box<Dense<T, I, O>> = parameters();
    // Few columns and many have loops of their own.
    for batch in [1, 2, 5, 6, 7, 13] {
        let (x, d_y) = (vector(&values(I * batch, 1)), vector(&values(O * batch, 2)));
        assert_adds(I * batch, tolerance * O as f64, ("dense", level, I, O, batch), |d_x| {
            let (mut d, mut scratch) = (Dense::zeroed_box(), scratch(SCRATCH));
            layer.backward(level, &x, &d_y, Some(d_x), &mut d, false, &mut scratch);
        });
    }
}

/// A convolution, or the transpose of one, whose input is the geometry's output.
macro_rules! convolution {
    ($level:ident, $tolerance:ident, $layer:ty, $geometry:expr, $takes:ident -> $gives:ident) => {{
        const GEOMETRY: Convolution = $geometry;
        let (inputs, outputs) = (GEOMETRY.$takes().len(), GEOMETRY.$gives().len());
        let layer: Box<$layer> = parameters();
        for batch in [1, 3] {
            let (x, d_y) = (vector(&values(inputs * batch, 1)), vector(&values(outputs * batch, 2)));
            let terms = GEOMETRY.window.taps() * GEOMETRY.inputs.max(GEOMETRY.outputs) / GEOMETRY.groups;
            let what = (stringify!($layer), $level, GEOMETRY, batch);
            assert_adds(inputs * batch, $tolerance * terms as f64, what, |d_x| {
                let (mut d, mut scratch) = (<$layer>::zeroed_box(), scratch(GEOMETRY.training_scratch()));
                layer.backward($level, &GEOMETRY, &x, &d_y, Some(d_x), &mut d, false, &mut scratch);
            });
        }
    }};
}

const PADDED: Axis = Axis::new(5, 3, 1, 1, 1, 1);
const STRIDED: Axis = Axis::new(7, 3, 2, 1, 1, 1);
const SPARSE: Axis = Axis::new(6, 1, 2, 1, 0, 0);
const NONE: Axis = Axis::NONE;

fn convolutions<T: Real, L: Kernels<T> + Debug>(level: L, tolerance: f64) {
    const fn of(axes: [Axis; 3], inputs: usize, outputs: usize, groups: usize) -> Convolution {
        Convolution::new(axes, inputs, outputs, groups)
    }
    convolution!(level, tolerance, Conv2d<T, 3, 20, 3, 3>, of([NONE, PADDED, STRIDED], 3, 20, 1), input -> output);
    convolution!(level, tolerance, Conv2d<T, 2, 6, 3, 3>, of([NONE, PADDED, PADDED], 4, 6, 2), input -> output);
    convolution!(level, tolerance, Conv2d<T, 1, 19, 3, 3>, of([NONE, STRIDED, PADDED], 19, 19, 19), input -> output);
    convolution!(level, tolerance, Conv2d<T, 17, 33, 1, 1, 0>, of([NONE, SPARSE, SPARSE], 17, 33, 1), input -> output);
    // More outputs than a block of the sums has.
    convolution!(level, tolerance, Conv2d<T, 2, 150, 3, 3>, of([NONE, PADDED, PADDED], 2, 150, 1), input -> output);
    convolution!(level, tolerance, Conv1d<T, 5, 4, 3>, of([NONE, NONE, STRIDED], 5, 4, 1), input -> output);
    convolution!(level, tolerance, Conv3d<T, 2, 3, 3, 3, 1>, of([STRIDED, PADDED, SPARSE], 2, 3, 1), input -> output);
    convolution!(level, tolerance, ConvTranspose1d<T, 4, 5, 3, 5>, of([NONE, NONE, STRIDED], 5, 4, 1), output -> input);
    convolution!(level, tolerance, ConvTranspose2d<T, 20, 3, 3, 3, 3>, of([NONE, STRIDED, PADDED], 3, 20, 1), output -> input);
    convolution!(level, tolerance, ConvTranspose2d<T, 6, 2, 3, 3, 4>, of([NONE, PADDED, PADDED], 4, 6, 2), output -> input);
    // One channel, where the forward pass has vectors along the width.
    convolution!(level, tolerance, ConvTranspose2d<T, 4, 1, 3, 3, 0>, of([NONE, PADDED, PADDED], 1, 4, 1), output -> input);
    convolution!(level, tolerance, ConvTranspose3d<T, 3, 2, 3, 3, 1, 2>, of([PADDED, STRIDED, SPARSE], 2, 3, 1), output -> input);
}

const EXTENT: Extent = Extent { channels: 6, axes: [1, 3, 5] };
const BATCH: usize = 3;

fn norms<T: Real, L: Kernels<T> + Debug>(level: L, tolerance: f64) {
    const BATCH_NORM: BatchNormSettings = BatchNormSettings::new(EXTENT, 1e-3, 0.1);
    let len = EXTENT.len() * BATCH;
    let (x, d_y): (Vec<T>, Vec<T>) = (vector(&values(len, 1)), vector(&values(len, 2)));
    let layer: Box<BatchNorm<T, 6>> = parameters();
    let mut batch = RunningStatistics::zeroed_box();
    let (mut y, mut work) = (vec![T::zero(); len], scratch(BATCH_NORM.training_scratch()));
    layer.forward_training(level, &BATCH_NORM, &mut batch, &x, &mut y, Activation::Linear, &mut work);
    assert_adds(len, tolerance, ("batch norm", level), |d_x| {
        let (mut d, mut scratch) = (BatchNorm::zeroed_box(), scratch(BATCH_NORM.training_scratch()));
        layer.backward(level, &BATCH_NORM, &batch, &x, &d_y, Some(d_x), &mut d, false, &mut scratch);
    });
    norm::<T, LayerNorm<T, 15, 6>>(&NormSettings::layer(EXTENT, 1e-3), tolerance, |layer, settings, d_x| {
        layer.backward(level, settings, &x, &d_y, Some(d_x), &mut LayerNorm::zeroed_box(), false, &mut []);
    });
    norm::<T, GroupNorm<T, 6>>(&NormSettings::group(EXTENT, 2, 1e-3), tolerance, |layer, settings, d_x| {
        let (mut d, mut scratch) = (GroupNorm::zeroed_box(), scratch(settings.training_scratch()));
        layer.backward(level, settings, &x, &d_y, Some(d_x), &mut d, false, &mut scratch);
    });
    norm::<T, InstanceNorm<T, 6, 0>>(&NormSettings::instance(EXTENT, 1e-3), tolerance, |layer, settings, d_x| {
        let (mut d, mut scratch) = (InstanceNorm::zeroed_box(), scratch(settings.training_scratch()));
        layer.backward(level, settings, &x, &d_y, Some(d_x), &mut d, false, &mut scratch);
    });
}

fn norm<T: Real, P: Flat<T>>(
    settings: &NormSettings,
    tolerance: f64,
    backward: impl Fn(&P, &NormSettings, InputGradient<'_, T>),
) {
    let layer: Box<P> = parameters();
    let what = core::any::type_name::<P>();
    assert_adds(EXTENT.len() * BATCH, tolerance, what, |d_x| backward(&layer, settings, d_x));
}

fn every_layer<T: Real, L: Kernels<T> + Debug>(level: L, tolerance: f64) {
    dense::<T, L, 1, 1>(level, tolerance);
    dense::<T, L, 7, 3>(level, tolerance);
    dense::<T, L, 33, 20>(level, tolerance);
    dense::<T, L, 70, 300>(level, tolerance);
    convolutions(level, tolerance);
    norms(level, tolerance);
}

#[test]
fn are_added_as_they_are_written() {
    at_every_level!(level => { every_layer::<f32, _>(level, 1e-6); every_layer::<f64, _>(level, 1e-14) });
}
