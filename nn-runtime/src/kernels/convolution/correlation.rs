//! A convolution or its transpose, forward, or the gradient of the input of either.

use super::planar;
use super::segments::{Segment, segments};
use super::tile::{Axis, Columns, ONCE, Run, Sums, height, panel};
use super::winograd::Winograd;
use super::{Direction, Layout, Strides, block};
use crate::Real;
use crate::activations::Activation;
use crate::geometry::{Algorithm, Convolution};
use crate::kernels::packing::Packing;
use crate::kernels::tile::Start;
use crate::simd::{Kernel, Simd};

/// `y = f(scale ⊙ (W ∗ x + bias) + shift)`, with `∗` the convolution or, [backward](Direction::Backward), its transpose.
///
/// | | direction | layout |
/// |---|---|---|
/// | convolution | forward | convolution |
/// | gradient of its input | backward | convolution |
/// | transposed convolution | backward | transpose |
/// | gradient of its input | forward | transpose |
///
/// To accumulate is to begin with what `y` holds in the place of the bias. Each value of `y` is the same, bit for bit,
/// whatever the number of samples it is computed with.
///
/// # Panics
/// If the lengths of the slices do not fit the geometry, or there is a bias where the sums accumulate.
pub struct Correlation<'a, T> {
    /// The windows and the channels.
    pub geometry: &'a Convolution,
    /// From which side they are met.
    pub direction: Direction,
    /// How the weight lies in memory.
    pub layout: Layout,
    /// W.
    pub weight: &'a [T],
    /// A value for each channel of the result, or none.
    pub bias: &'a [T],
    /// A factor for each channel of the result, or none.
    pub scale: &'a [T],
    /// What is added after the multiplication, if there is one.
    pub shift: &'a [T],
    /// Samples of the geometry's input; backward of its output.
    pub x: &'a [T],
    /// As many samples of the other.
    pub y: &'a mut [T],
    /// Whether the sums begin with `y`; else they overwrite it.
    pub accumulate: bool,
    /// f.
    pub activation: Activation,
    /// [`Convolution::correlation_scratch`] values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for Correlation<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut loops = Loops::new(self);
        match loops.k.geometry.algorithm {
            Algorithm::Direct => {
                for group in 0..loops.groups {
                    simd.call(Group { loops: &mut loops, group });
                }
            }
            Algorithm::Winograd2 => simd.call(Winograd::<T, 2, 4>::new(loops)),
            Algorithm::Winograd4 => simd.call(Winograd::<T, 4, 6>::new(loops)),
        }
    }
}

/// The kernel with the sizes that follow from it.
pub(super) struct Loops<'a, T> {
    pub k: Correlation<'a, T>,
    pub source: Strides,
    pub result: Strides,
    pub batch: usize,
    /// Groups, but by channel there is one for all.
    groups: usize,
    /// Channels of the result, and of the source, that a group has; by channel each sums over one.
    pub rows: usize,
    pub depth: usize,
    taps: usize,
    by_channel: bool,
}

/// The channels of one group.
struct Group<'l, 'a, T> {
    loops: &'l mut Loops<'a, T>,
    group: usize,
}

/// Where the left operand of a panel is, and its steps from channel to channel of the source, and from tap to tap.
struct Left<T> {
    a: *const T,
    step: usize,
    tap: usize,
}

impl<T: Real> Kernel<T> for Group<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { loops, group } = self;
        let mut row = 0;
        while row < loops.rows {
            let rows = (loops.rows - row).min(height::<T, S>(loops.rows - row, loops.by_channel) * S::LANES);
            let deep = block(loops.depth, loops.taps);
            for k in (0..loops.depth).step_by(deep) {
                let part = Part { group, row, rows, k, depth: deep.min(loops.depth - k) };
                // SAFETY: the part lies in the result and in the weight.
                unsafe { loops.part(simd, &part) };
            }
            row += rows;
        }
    }
}

/// A panel and a block: rows from `row` on and channels from `k` on, of one group.
struct Part {
    group: usize,
    row: usize,
    rows: usize,
    k: usize,
    depth: usize,
}

impl<'a, T: Real> Loops<'a, T> {
    fn new(k: Correlation<'a, T>) -> Self {
        let Convolution { groups, window, .. } = *k.geometry;
        let (input, output) = (k.geometry.input(), k.geometry.output());
        let ((sources, results), (inputs, outputs)) = match k.direction {
            Direction::Forward => ((input, output), (k.x.len(), k.y.len())),
            Direction::Backward => ((output, input), (k.y.len(), k.x.len())),
        };
        assert!(k.geometry.takes(k.geometry.algorithm), "the algorithm is not open to this convolution");
        let batch = k.geometry.batch(inputs, outputs, k.weight.len());
        let channels = results.channels;
        assert!(k.bias.is_empty() || k.bias.len() == channels, "the bias has one value for each channel");
        assert!(k.bias.is_empty() || !k.accumulate, "the sums begin with the bias or with what is there");
        assert!(k.scale.is_empty() || k.scale.len() == channels, "the scale has one value for each channel");
        assert_eq!(k.scale.len(), k.shift.len(), "there is a shift where there is a scale");
        assert!(k.scratch.len() >= k.geometry.correlation_scratch(), "the scratch is too short");
        let by_channel = k.geometry.is_by_channel();
        let groups = if by_channel { 1 } else { groups };
        Self {
            source: Strides::new(sources),
            result: Strides::new(results),
            batch,
            groups,
            rows: channels / groups,
            depth: if by_channel { 1 } else { sources.channels / groups },
            taps: window.taps(),
            by_channel,
            k,
        }
    }

    #[inline(always)]
    unsafe fn part<S: Simd<T>>(&mut self, simd: S, part: &Part) {
        // SAFETY: the caller's promise.
        let left = unsafe { self.left(simd, part) };
        let sums = self.sums(part, &left);
        let first_source = if self.by_channel { part.row } else { part.group * self.depth + part.k };
        let b = self.k.x.as_ptr().wrapping_add(first_source);
        let c = self.k.y.as_mut_ptr().wrapping_add(part.group * self.rows + part.row);
        // A packed weight would lie in the scratch that rows are turned in.
        let is_forward = self.k.direction == Direction::Forward && self.k.layout == Layout::Convolution;
        let planar = is_forward && !self.k.accumulate && planar::pays::<T, S>(self.k.geometry);
        let [depth, height, width] = self.k.geometry.window.axes.map(|axis| segments(axis, self.k.direction));
        for d in depth {
            for h in height.clone() {
                for w in width.clone() {
                    let along_width = planar && w.count >= S::LANES;
                    // SAFETY: as above.
                    unsafe {
                        if along_width {
                            self.planar_region(simd, (b, c), [d, h, w]);
                        } else {
                            self.region(simd, &sums, (b, c), left.tap, [d, h, w]);
                        }
                    }
                }
            }
        }
    }

    /// What all columns of a part have in common, but for the taps.
    fn sums(&self, part: &Part, left: &Left<T>) -> Sums<T> {
        let first = part.group * self.rows + part.row;
        let values = |of: &[T]| if of.is_empty() { None } else { Some(of[first..].as_ptr()) };
        let start = match (part.k, values(self.k.bias)) {
            (0, Some(bias)) => Start::Column(bias),
            (0, None) if !self.k.accumulate => Start::Zero,
            _ => Start::Output,
        };
        let is_last = part.k + part.depth == self.depth;
        Sums {
            a: left.a,
            runs: [ONCE; 3],
            depth: Run { count: part.depth, a: left.step, b: 1 },
            start,
            scale: if is_last { values(self.k.scale).zip(values(self.k.shift)) } else { None },
            activation: if is_last { self.k.activation } else { Activation::Linear },
            rows: part.rows,
        }
    }

    /// The distances in the weight: from row to row, from channel to channel of the source, and from group to group.
    pub fn weight_strides(&self) -> [usize; 3] {
        let Self { rows, depth, groups, .. } = *self;
        match (self.k.direction, self.k.layout) {
            _ if self.by_channel => [1, 0, 0],
            (Direction::Forward, Layout::Convolution) => [1, rows * groups, rows],
            (Direction::Backward, Layout::Transpose) => [1, rows, depth * rows],
            (Direction::Backward, Layout::Convolution) => [depth * groups, 1, depth],
            (Direction::Forward, Layout::Transpose) => [depth, 1, rows * depth],
        }
    }

    /// Brings the left operand to where it is read.
    #[inline(always)]
    unsafe fn left<S: Simd<T>>(&mut self, simd: S, part: &Part) -> Left<T> {
        let [row, k, group] = self.weight_strides();
        let tap = self.rows * self.depth * self.groups;
        let from = self.k.weight.as_ptr().wrapping_add(part.group * group + part.row * row + part.k * k);
        let columns = self.batch * self.result.places();
        let rows_follow = (self.k.direction == Direction::Forward) == (self.k.layout == Layout::Convolution);
        let packing = if rows_follow || self.by_channel {
            Packing::copied_panels_if_it_pays::<T>(k, columns)
        } else {
            Packing::Transposed
        };
        let step = if packing == Packing::Transposed { row } else { k };
        if packing == Packing::None || self.by_channel {
            return Left { a: from, step, tap };
        }
        // SAFETY: the caller's promise.
        unsafe { self.packed(simd, part, packing, (from, step, tap)) }
    }

    /// A copy of the weight of a part, in the order in which its sums run.
    #[inline(always)]
    unsafe fn packed<S: Simd<T>>(
        &mut self,
        simd: S,
        part: &Part,
        packing: Packing,
        (from, step, tap): (*const T, usize, usize),
    ) -> Left<T> {
        let height = part.rows.next_multiple_of(S::LANES);
        let size = height * part.depth;
        assert!(size * self.taps + height * S::LANES <= self.k.scratch.len());
        let to = self.k.scratch.as_mut_ptr();
        for t in 0..self.taps {
            let from = from.wrapping_add(self.tap_at(t) * tap);
            // SAFETY: the caller's promise; the scratch has room for each tap and for what reaches beyond the last.
            unsafe { packing.pack(simd, (from, step), (part.rows, part.depth), to.wrapping_add(t * size)) };
        }
        let first = to.wrapping_add(self.tap_at(0) * size);
        let tap = if self.k.direction == Direction::Forward { size } else { size.wrapping_neg() };
        Left { a: first, step: height, tap }
    }

    /// Which tap is packed at `t`: backward the last comes first, since there the sources of the last come first.
    fn tap_at(&self, t: usize) -> usize {
        if self.k.direction == Direction::Forward { t } else { self.taps - 1 - t }
    }

    /// The places of a segment of each axis. Where no tap is inside, sums that go on are what they were.
    #[inline(always)]
    unsafe fn region<S: Simd<T>>(
        &self,
        simd: S,
        sums: &Sums<T>,
        (mut b, mut c): (*const T, *mut T),
        tap: usize,
        segments: [Segment; 3],
    ) {
        let mut sums = *sums;
        if sums.only_adds() && segments.iter().any(|s| s.taps == 0) {
            return;
        }
        let [_, kernel_height, kernel_width] = self.k.geometry.window.axes.map(|axis| axis.size);
        let taps = [kernel_height * kernel_width, kernel_width, 1].map(|step| tap.wrapping_mul(step));
        let mut places = [Axis { count: self.batch, b: self.source.sample, c: self.result.sample }; 4];
        for (i, s) in segments.iter().enumerate() {
            let (source, result) = (self.source.axes[i], self.result.axes[i]);
            b = b.wrapping_add(s.source * source);
            c = c.wrapping_add(s.first * result);
            sums.a = sums.a.wrapping_add(s.tap.wrapping_mul(taps[i]));
            sums.runs[i] = Run { count: s.taps, a: s.tap_step.wrapping_mul(taps[i]), b: s.source_tap * source };
            places[i + 1] = Axis { count: s.count, b: s.source_step * source, c: s.step * result };
        }
        // SAFETY: the caller's promise.
        unsafe { panel(simd, &sums, Columns::new(b, c, places), self.by_channel) };
    }

    /// The same with vectors along the width, for a source of one channel.
    #[inline(always)]
    unsafe fn planar_region<S: Simd<T>>(&mut self, simd: S, (x, y): (*const T, *mut T), segments: [Segment; 3]) {
        let outputs = self.rows;
        let [_, kernel_height, kernel_width] = self.k.geometry.window.axes.map(|axis| axis.size);
        let steps = [kernel_height * kernel_width, kernel_width, 1].map(|taps| taps * outputs);
        let mut taps = [ONCE; 3];
        let (mut x, mut y, mut weight) = (x, y, self.k.weight.as_ptr());
        for (i, s) in segments.iter().enumerate() {
            x = x.wrapping_add(s.source * self.source.axes[i]);
            y = y.wrapping_add(s.first * self.result.axes[i]);
            weight = weight.wrapping_add(s.tap * steps[i]);
            taps[i] = Run { count: s.taps, a: s.source_tap * self.source.axes[i], b: steps[i] };
        }
        let values = |of: &[T]| if of.is_empty() { None } else { Some(of.as_ptr()) };
        let [d, h, w] = segments;
        for sample in 0..self.batch {
            for (i, j) in (0..d.count).flat_map(|i| (0..h.count).map(move |j| (i, j))) {
                let source = [i * d.source_step, j * h.source_step];
                let x = x.wrapping_add(sample * self.source.sample);
                let x = x.wrapping_add(source[0] * self.source.axes[0] + source[1] * self.source.axes[1]);
                let y = y.wrapping_add(sample * self.result.sample);
                let y = y.wrapping_add(i * self.result.axes[0] + j * self.result.axes[1]);
                let row = planar::Row {
                    x,
                    weight,
                    taps,
                    bias: values(self.k.bias),
                    scale: values(self.k.scale).zip(values(self.k.shift)),
                    activation: self.k.activation,
                    y,
                    places: w.count,
                    outputs,
                    scratch: self.k.scratch,
                };
                // SAFETY: the caller's promise.
                unsafe { planar::row(simd, row) };
            }
        }
    }
}
