//! Every kernel on every level and scalar against the definition, in dirty memory.

use core::fmt::Debug;
use core::marker::PhantomData;

use super::{Correlation, Direction, Layout, WeightGradient};
use crate::Real;
use crate::activations::{Activation, Relu, Tanh};
use crate::geometry::{Algorithm, Axis, Convolution, Extent};
use crate::initializers::Generator;
use crate::kernels::Kernels;
use crate::kernels::tests::{Guarded, tolerance, values};
use crate::simd::Dispatch;

/// Numbers that look random.
struct Choices(u64);

impl Choices {
    fn up_to(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % (most + 1)
    }

    fn axis(&mut self, most: usize) -> Axis {
        let (size, stride, dilation) = (1 + self.up_to(3), 1 + self.up_to(2), 1 + self.up_to(2));
        let extent = dilation * (size - 1) + 1;
        // Beyond the full padding, too: there are then outputs that no input reaches.
        let (before, after) = (self.up_to(extent), self.up_to(extent));
        let output_padding = self.up_to(stride.max(dilation) - 1);
        let small = 1 + self.up_to(most / stride);
        if self.up_to(2) == 0 && (small - 1) * stride + extent + output_padding > before + after {
            return Axis::transposed(small, size, stride, dilation, before, after, output_padding);
        }
        let least = extent.saturating_sub(before + after).max(1);
        Axis::new(least + self.up_to(most), size, stride, dilation, before, after)
    }

    /// A convolution along 1, 2 or 3 axes: dense, grouped, or by channel.
    fn convolution(&mut self) -> Convolution {
        let mut axes = [Axis::NONE; 3];
        let rank = 1 + self.up_to(2);
        for axis in &mut axes[3 - rank..] {
            *axis = self.axis([14, 7, 4][rank - 1]);
        }
        let (inputs, outputs, groups) = match self.up_to(5) {
            0 => (3, 2 + self.up_to(6), 1),
            1 => (2 * (1 + self.up_to(12)), 2 * (1 + self.up_to(12)), 2),
            2 => (3 * (1 + self.up_to(6)), 3 * (1 + self.up_to(6)), 3),
            3 => {
                let channels = 2 + self.up_to(38);
                (channels, channels, channels)
            }
            4 => {
                let channels = 2 + self.up_to(8);
                (channels, channels * (1 + self.up_to(2)), channels)
            }
            _ => (1 + self.up_to(40), 1 + self.up_to(40), 1),
        };
        Convolution::new(axes, inputs, outputs, groups)
    }
}

impl Choices {
    /// An image that Winograd's algorithms are open to, of any size and padding, by one of them.
    fn winograd(&mut self) -> Convolution {
        let mut axis = || {
            let (before, after) = (self.up_to(3), self.up_to(3));
            let least = 3_usize.saturating_sub(before + after).max(1);
            Axis::new(least + self.up_to(12), 3, 1, 1, before, after)
        };
        let axes = [Axis::NONE, axis(), axis()];
        let algorithm = [Algorithm::Winograd2, Algorithm::Winograd4][self.up_to(1)];
        Convolution::new(axes, 1 + self.up_to(40), 1 + self.up_to(80), 1).by(algorithm)
    }
}

/// The definition: calls `f` with the indices `(input, output, weight)` of every product of one sample. The weight's is
/// that of a layout.
fn products(geometry: &Convolution, layout: Layout, mut f: impl FnMut(usize, usize, usize)) {
    let [d, h, w] = geometry.window.axes;
    let Convolution { inputs, outputs, groups, .. } = *geometry;
    let (group_in, group_out) = (inputs / groups, outputs / groups);
    let at = |axis: Axis, o: usize, t: usize| {
        Some((o * axis.stride + t * axis.dilation).wrapping_sub(axis.before)).filter(|&i| i < axis.input)
    };
    let places = |axis: Axis| {
        (0..axis.output).flat_map(move |o| (0..axis.size).filter_map(move |t| Some((o, t, at(axis, o, t)?))))
    };
    for (od, td, id) in places(d) {
        for (oh, th, ih) in places(h) {
            for (ow, tw, iw) in places(w) {
                let input = ((id * h.input + ih) * w.input + iw) * inputs;
                let output = ((od * h.output + oh) * w.output + ow) * outputs;
                let tap = (td * h.size + th) * w.size + tw;
                for o in 0..outputs {
                    let group = o / group_out;
                    for i in 0..group_in {
                        let weight = match layout {
                            Layout::Convolution => (tap * group_in + i) * outputs + o,
                            Layout::Transpose => (tap * outputs + o) * group_in + i,
                        };
                        f(input + group * group_in + i, output + o, weight);
                    }
                }
            }
        }
    }
}

/// The checks, for scalar `T` on one level.
struct Checks<T, L> {
    level: L,
    scalar: PhantomData<T>,
}

impl<T: Real, L: Kernels<T> + Debug> Checks<T, L> {
    fn all(level: L) {
        let checks = Self { level, scalar: PhantomData };
        let mut choices = Choices(7);
        for _ in 0..if cfg!(miri) { 3 } else { 400 } {
            let geometry = choices.convolution();
            checks.every_kernel(&geometry, 1 + choices.up_to(4));
        }
        for _ in 0..if cfg!(miri) { 2 } else { 30 } {
            let geometry = choices.winograd();
            checks.every_kernel(&geometry, choices.up_to(4));
            checks.samples_do_not_depend_on_the_batch(&geometry);
        }
        if !cfg!(miri) {
            for (geometry, batch) in large() {
                checks.every_kernel(&geometry, batch);
                if geometry.algorithm != Algorithm::Direct {
                    checks.samples_do_not_depend_on_the_batch(&geometry);
                }
            }
        }
        for _ in 0..if cfg!(miri) { 2 } else { 60 } {
            checks.samples_do_not_depend_on_the_batch(&choices.convolution());
        }
    }

    fn every_kernel(&self, geometry: &Convolution, batch: usize) {
        for layout in [Layout::Convolution, Layout::Transpose] {
            self.forward(geometry, layout, batch);
            self.backward(geometry, layout, batch);
            for accumulate in [false, true] {
                self.weight_gradient(geometry, layout, batch, accumulate);
            }
        }
    }

    fn forward(&self, geometry: &Convolution, layout: Layout, batch: usize) {
        let (input, output) = (geometry.input().len(), geometry.output().len());
        let (weight, x) = (values::<T>(geometry.weights(), 1), values::<T>(input * batch, 2));
        let mut sums = vec![0.0; output * batch];
        products(geometry, layout, |i, o, w| {
            (0..batch).for_each(|b| sums[b * output + o] += weight[w] * x[b * input + i]);
        });
        self.correlation(geometry, (Direction::Forward, layout), (&weight, &x), &sums, geometry.outputs);
    }

    fn backward(&self, geometry: &Convolution, layout: Layout, batch: usize) {
        let (input, output) = (geometry.input().len(), geometry.output().len());
        let (weight, x) = (values::<T>(geometry.weights(), 1), values::<T>(output * batch, 2));
        let mut sums = vec![0.0; input * batch];
        products(geometry, layout, |i, o, w| {
            (0..batch).for_each(|b| sums[b * input + i] += weight[w] * x[b * output + o]);
        });
        self.correlation(geometry, (Direction::Backward, layout), (&weight, &x), &sums, geometry.inputs);
    }

    /// With every epilogue, given the sums.
    fn correlation(
        &self,
        geometry: &Convolution,
        (direction, layout): (Direction, Layout),
        (weight, x): (&[f64], &[f64]),
        sums: &[f64],
        channels: usize,
    ) {
        let (some, none) = ([3, 4, 5].map(|seed| values::<T>(channels, seed)), vec![]);
        let relu = Activation::Relu(Relu);
        let epilogues = [
            ([&none, &none, &none], Activation::Linear, false),
            ([&some[0], &none, &none], relu, false),
            ([&none, &some[1], &some[2]], relu, false),
            ([&some[0], &some[1], &some[2]], Activation::Tanh(Tanh), false),
            ([&none, &none, &none], Activation::Linear, true),
            ([&none, &some[1], &some[2]], relu, true),
        ];
        let before = values::<T>(sums.len(), 6);
        for ([bias, scale, shift], activation, accumulate) in epilogues {
            let at = |of: &[f64], i: usize, none: f64| of.get(i % channels).copied().unwrap_or(none);
            let expected: Vec<_> = (0..)
                .zip(sums)
                .map(|(i, &sum)| {
                    let start = if accumulate { before[i] } else { at(bias, i, 0.0) };
                    let scaled = (sum + start) * at(scale, i, 1.0) + at(shift, i, 0.0);
                    match activation {
                        Activation::Relu(_) => scaled.max(0.0),
                        Activation::Tanh(_) => scaled.tanh(),
                        _ => scaled,
                    }
                })
                .collect();
            let mut y = if accumulate { Guarded::<T>::new(&before) } else { Guarded::dirty(sums.len()) };
            self.level.correlation(Correlation {
                geometry,
                direction,
                layout,
                weight: Guarded::new(weight).slice(),
                bias: Guarded::new(bias).slice(),
                scale: Guarded::new(scale).slice(),
                shift: Guarded::new(shift).slice(),
                x: Guarded::new(x).slice(),
                y: y.slice_mut(),
                accumulate,
                activation,
                scratch: Guarded::dirty(geometry.correlation_scratch()).slice_mut(),
            });
            let terms = geometry.window.taps() * geometry.inputs.max(geometry.outputs) / geometry.groups;
            let what = (self.level, direction, layout, activation, accumulate, geometry);
            y.assert_near(&expected, tolerance::<T>(terms), what);
        }
    }

    fn weight_gradient(&self, geometry: &Convolution, layout: Layout, batch: usize, accumulate: bool) {
        let (input_len, output_len) = (geometry.input().len(), geometry.output().len());
        let (input, output) = (values::<T>(input_len * batch, 1), values::<T>(output_len * batch, 2));
        let mut expected = values::<T>(geometry.weights(), 3);
        let mut d_weight = if accumulate { Guarded::<T>::new(&expected) } else { Guarded::dirty(expected.len()) };
        if !accumulate {
            expected.fill(0.0);
        }
        products(geometry, layout, |i, o, w| {
            expected[w] += (0..batch).map(|b| input[b * input_len + i] * output[b * output_len + o]).sum::<f64>();
        });
        self.level.weight_gradient(WeightGradient {
            geometry,
            layout,
            input: Guarded::new(&input).slice(),
            output: Guarded::new(&output).slice(),
            d_weight: d_weight.slice_mut(),
            accumulate,
            scratch: Guarded::dirty(geometry.training_scratch()).slice_mut(),
        });
        let terms = geometry.output().places() * batch;
        d_weight.assert_near(&expected, tolerance::<T>(terms), (self.level, layout, accumulate, geometry, batch));
    }

    /// The same bits for a sample alone and among others, in every direction and layout.
    fn samples_do_not_depend_on_the_batch(&self, geometry: &Convolution) {
        for direction in [Direction::Forward, Direction::Backward] {
            for layout in [Layout::Convolution, Layout::Transpose] {
                let (source, result) = match direction {
                    Direction::Forward => (geometry.input().len(), geometry.output().len()),
                    Direction::Backward => (geometry.output().len(), geometry.input().len()),
                };
                let weight = Guarded::<T>::new(&values::<T>(geometry.weights(), 1));
                let x = Guarded::<T>::new(&values::<T>(source * 7, 2));
                let samples = |batch: usize| {
                    let mut y = vec![T::nearest(f64::NAN); result * batch];
                    self.level.correlation(Correlation {
                        geometry,
                        direction,
                        layout,
                        weight: weight.slice(),
                        bias: &[],
                        scale: &[],
                        shift: &[],
                        x: &x.slice()[..source * batch],
                        y: &mut y,
                        accumulate: false,
                        activation: Activation::Linear,
                        scratch: Guarded::dirty(geometry.correlation_scratch()).slice_mut(),
                    });
                    y
                };
                let all = samples(7);
                for batch in [1, 2, 3] {
                    let few = samples(batch);
                    assert_eq!(few, all[..few.len()], "{:?} {direction:?} {layout:?} {geometry:?}", self.level);
                }
            }
        }
    }
}

/// What [`Algorithm`] says of the error, within a third, on the best instruction set.
#[test]
#[cfg_attr(miri, ignore = "large sums")]
fn errors_are_what_the_documentation_says() {
    let stated = [
        (16, [2.0e-7, 1.8e-7, 4.9e-7]),
        (64, [4.1e-7, 2.7e-7, 7.7e-7]),
        (256, [8.6e-7, 4.9e-7, 1.5e-6]),
        (512, [1.2e-6, 7.4e-7, 2.1e-6]),
    ];
    for (channels, errors) in stated {
        let axis = Axis::new(18, 3, 1, 1, 0, 0);
        let geometry = Convolution::new([Axis::NONE, axis, axis], channels, 16, 1);
        for (algorithm, stated) in
            [Algorithm::Direct, Algorithm::Winograd2, Algorithm::Winograd4].into_iter().zip(errors)
        {
            let error = relative_error(&geometry.by(algorithm));
            assert!((0.67..1.33).contains(&(error / stated)), "{channels} channels, {algorithm:?}: {error:.2e}");
        }
    }
}

/// The root mean square of the error in `f32`, as a part of that of the results.
fn relative_error(geometry: &Convolution) -> f64 {
    let mut generator = Generator::seed(1);
    let mut normal = |len: usize| (0..len).map(|_| generator.normal() as f32).collect::<Vec<_>>();
    let (x, weight) = (normal(geometry.input().len()), normal(geometry.weights()));
    let mut expected = vec![0.0; geometry.output().len()];
    products(geometry, Layout::Convolution, |i, o, w| expected[o] += f64::from(weight[w]) * f64::from(x[i]));
    let mut y = vec![0.0; expected.len()];
    f32::dispatch(Forward { geometry, weight: &weight, x: &x, y: &mut y });
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
    let error = square(&mut y.iter().zip(&expected).map(|(&y, expected)| f64::from(y) - expected));
    (error / square(&mut expected.iter().copied())).sqrt()
}

/// A convolution and nothing else.
struct Forward<'a> {
    geometry: &'a Convolution,
    weight: &'a [f32],
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Dispatch<f32> for Forward<'_> {
    type Output = ();

    fn at<L: Kernels<f32>>(self, level: L) {
        let Self { geometry, weight, x, y } = self;
        level.correlation(Correlation {
            geometry,
            direction: Direction::Forward,
            layout: Layout::Convolution,
            weight,
            bias: &[],
            scale: &[],
            shift: &[],
            x,
            y,
            accumulate: false,
            activation: Activation::Linear,
            scratch: &mut vec![f32::NAN; geometry.correlation_scratch()],
        });
    }
}

/// Convolutions of several panels and blocks.
fn large() -> Vec<(Convolution, usize)> {
    let same = |input| Axis::new(input, 3, 1, 1, 1, 1);
    let image = |axis| [Axis::NONE, axis, axis];
    vec![
        (Convolution::new(image(same(6)), 150, 134, 1), 2),
        (Convolution::new(image(Axis::new(7, 1, 1, 1, 0, 0)), 1300, 70, 1), 1),
        (Convolution::new(image(Axis::new(9, 3, 2, 1, 1, 1)), 65, 130, 1), 3),
        (Convolution::new(image(Axis::new(30, 11, 4, 1, 2, 2)), 3, 64, 1), 1),
        (Convolution::new([Axis::NONE, Axis::NONE, Axis::new(1500, 5, 1, 1, 2, 2)], 4, 20, 1), 2),
        (Convolution::new([Axis::new(3, 2, 1, 1, 1, 0), same(20), same(20)], 2, 17, 1), 3),
        (Convolution::new(image(Axis::new(32, 5, 1, 1, 0, 0)), 1, 6, 1), 2),
        (Convolution::new(image(same(70)), 1, 8, 1), 1),
        (Convolution::new([Axis::NONE, Axis::new(9, 3, 2, 2, 1, 0), Axis::new(50, 4, 1, 2, 3, 2)], 1, 1, 1), 3),
        (Convolution::new([same(4), same(5), same(40)], 1, 3, 1), 2),
        (Convolution::new(image(same(9)), 70, 70, 70), 2),
        (Convolution::new(image(same(33)), 40, 70, 1).by(Algorithm::Winograd4), 1),
        (Convolution::new(image(same(7)), 150, 134, 1).by(Algorithm::Winograd4), 1),
        (Convolution::new(image(same(9)), 270, 150, 1).by(Algorithm::Winograd2), 5),
        // The transformed weights of several blocks of channels are kept for all tiles.
        (Convolution::new(image(same(9)), 200, 64, 1).by(Algorithm::Winograd2), 1),
        (Convolution::new(image(same(9)), 192, 64, 1).by(Algorithm::Winograd4), 2),
        // One sample is few tiles, with several spans of rows; several samples are many.
        (Convolution::new(image(same(7)), 64, 300, 1).by(Algorithm::Winograd4), 1),
    ]
}

#[test]
#[should_panic(expected = "the sizes of an image or a weight are too large: their product is no `usize`")]
fn the_values_of_an_image_are_counted_without_wrapping() {
    // Modulo 2⁶⁴ it has one place.
    _ = Extent { channels: 1, axes: [1, (1 << 32) + 1, usize::MAX - (1 << 32) + 2] }.len();
}

crate::kernels::tests::on_every_level!(Checks);
