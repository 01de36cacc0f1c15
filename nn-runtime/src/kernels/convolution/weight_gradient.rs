//! The gradient of the weight of a convolution or of its transpose.

use core::ops::Range;

use super::tile::{Axis, Columns, Run, Sums, height, panel};
use super::{HEIGHT, Layout, Strides};
use crate::Real;
use crate::activations::Activation;
use crate::geometry::{self, Convolution};
use crate::kernels::packing::Packing;
use crate::kernels::tile::Start;
use crate::simd::{Kernel, Simd};

/// How many places a block has at most: the two images of it stay in the caches while they meet every tap.
const PLACES: usize = 512;

/// How many it has if the panel of the weight is small enough to be met often: the left image stays in the first cache.
const FEW_PLACES: usize = 128;

/// Up to so many columns, over all taps, it is.
const FEW_COLUMNS: usize = 1000;

/// From so many channels on, each tap is met alone.
const MANY: usize = 16;

/// Room for a panel of the left image of one block.
pub(super) const SCRATCH: usize = HEIGHT * PLACES;

/// `d_W[t, i, o] = Σ_p x[place p under tap t, i] · d_y[p, o]` over the places of all samples, or added to what is there.
///
/// For the transposed convolution, whose output is the geometry's input, the same with the roles of the images exchanged.
///
/// # Panics
/// If the lengths of the slices do not fit the geometry.
pub struct WeightGradient<'a, T> {
    /// The windows and the channels.
    pub geometry: &'a Convolution,
    /// How the weight lies in memory.
    pub layout: Layout,
    /// Samples of the geometry's input: what the convolution took, or the gradient of what its transpose gave.
    pub input: &'a [T],
    /// As many of its output: the gradient of what the convolution gave, or what its transpose took.
    pub output: &'a [T],
    /// As the weight.
    pub d_weight: &'a mut [T],
    /// Whether the gradient is added to `d_weight`; else it overwrites it.
    pub accumulate: bool,
    /// [`Convolution::training_scratch`] values.
    pub scratch: &'a mut [T],
}

impl<T: Real> Kernel<T> for WeightGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let batch = self.geometry.batch(self.input.len(), self.output.len(), self.d_weight.len());
        assert!(self.scratch.len() >= self.geometry.training_scratch(), "the scratch is too short");
        if batch == 0 {
            if !self.accumulate {
                self.d_weight.fill(T::zero());
            }
            return;
        }
        let geometry = *self.geometry;
        let by_channel = geometry.is_by_channel();
        let groups = if by_channel { 1 } else { geometry.groups };
        let (inputs, outputs) = (geometry.inputs / groups, geometry.outputs / groups);
        let (rows, columns) = match self.layout {
            _ if by_channel => (outputs, 1),
            Layout::Convolution => (outputs, inputs),
            Layout::Transpose => (inputs, outputs),
        };
        let mut loops = Loops {
            input: Strides::new(geometry.input()),
            output: Strides::new(geometry.output()),
            batch,
            groups,
            rows,
            columns,
            by_channel,
            k: self,
        };
        for group in 0..groups {
            simd.call(Group { loops: &mut loops, group });
        }
    }
}

/// The kernel with the sizes that follow from it.
struct Loops<'a, T> {
    k: WeightGradient<'a, T>,
    input: Strides,
    output: Strides,
    batch: usize,
    groups: usize,
    /// Channels of the left image, which are rows of the weight, and of the right, which are its columns, in a group.
    rows: usize,
    columns: usize,
    by_channel: bool,
}

/// The channels of one group.
struct Group<'l, 'a, T> {
    loops: &'l mut Loops<'a, T>,
    group: usize,
}

impl<T: Real> Kernel<T> for Group<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { loops, group } = self;
        let mut row = 0;
        while row < loops.rows {
            let rows = (loops.rows - row).min(height::<T, S>(loops.rows - row, loops.by_channel) * S::LANES);
            let mut block = Some(loops.block_from([0; 4]));
            while let Some(places) = block {
                // SAFETY: the rows lie in the weight, the places in the images.
                unsafe { loops.block(simd, &Part { group, row, rows }, &places) };
                block = loops.next_block(&places);
            }
            row += rows;
        }
    }
}

/// Rows from `row` on, of one group.
struct Part {
    group: usize,
    row: usize,
    rows: usize,
}

/// Samples, and a box of the places of the geometry's output. The box is whole along the inner axes where it has more than
/// one step along an outer one, so that its places follow one another in memory.
#[derive(Clone)]
struct Places {
    samples: Range<usize>,
    axes: [Range<usize>; 3],
}

/// Which taps are met together.
type Taps = [Range<usize>; 3];

impl<T: Real> Loops<'_, T> {
    fn sizes(&self) -> [usize; 4] {
        let [d, h, w] = self.k.geometry.window.axes.map(|axis| axis.output);
        [self.batch, d, h, w]
    }

    /// The block that begins at a sample, a slice, a row and a place of it.
    fn block_from(&self, from: [usize; 4]) -> Places {
        let sizes = self.sizes();
        let mut ranges = sizes.map(|size| 0..size);
        let mut inner = sizes[1] * sizes[2] * sizes[3];
        let most = if self.columns * self.k.geometry.window.taps() <= FEW_COLUMNS { FEW_PLACES } else { PLACES };
        for axis in 0..4 {
            // As many steps of this axis as there is room for; if there is none, a part of one.
            let steps = (most / inner).min(sizes[axis] - from[axis]);
            ranges[axis] = from[axis]..from[axis] + steps.max(1);
            if steps > 0 {
                break;
            }
            inner /= sizes[axis + 1];
        }
        let [samples, d, h, w] = ranges;
        Places { samples, axes: [d, h, w] }
    }

    fn next_block(&self, places: &Places) -> Option<Places> {
        let sizes = self.sizes();
        let Places { samples, axes: [d, h, w] } = places;
        if w.end < sizes[3] {
            Some(self.block_from([samples.start, d.start, h.start, w.end]))
        } else if h.end < sizes[2] {
            Some(self.block_from([samples.start, d.start, h.end, 0]))
        } else if d.end < sizes[1] {
            Some(self.block_from([samples.start, d.end, 0, 0]))
        } else if samples.end < sizes[0] {
            Some(self.block_from([samples.end, 0, 0, 0]))
        } else {
            None
        }
    }

    /// What a block of places adds to a panel of rows.
    #[inline(always)]
    unsafe fn block<S: Simd<T>>(&mut self, simd: S, part: &Part, places: &Places) {
        let axes = self.k.geometry.window.axes;
        let is_first = places.samples.start == 0 && places.axes.iter().all(|range| range.start == 0);
        let start = if is_first && !self.k.accumulate { Start::Zero } else { Start::Output };
        // SAFETY: the caller's promise.
        let left = unsafe { self.left(simd, part, places) };
        let all: Taps = axes.map(|axis| 0..axis.size);
        let common = self.inside(&all, places);
        let together = self.by_channel || self.k.layout == Layout::Convolution;
        let whole = (0..3).all(|i| common.axes[i] == places.axes[i]);
        // SAFETY: as above.
        unsafe {
            if together && (whole || self.columns < MANY) {
                self.taps(simd, part, &left, &all, &common, start);
                if !whole {
                    each_tap(&all, |tap| {
                        let inside = self.inside(&tap, places);
                        for rest in difference(&inside, &common) {
                            self.taps(simd, part, &left, &tap, &rest, Start::Output);
                        }
                    });
                }
            } else {
                each_tap(&all, |tap| self.taps(simd, part, &left, &tap, &self.inside(&tap, places), start));
            }
        }
    }

    /// Those of the places whose windows have all of the taps inside of the image.
    fn inside(&self, taps: &Taps, places: &Places) -> Places {
        let mut inside = places.clone();
        for (i, range) in inside.axes.iter_mut().enumerate() {
            let axis = self.k.geometry.window.axes[i];
            let (first, last) = (taps[i].start, taps[i].end - 1);
            let valid = valid(axis, first).start..valid(axis, last).end;
            let from = range.start.max(valid.start).min(range.end);
            *range = from..range.end.min(valid.end).max(from);
        }
        inside
    }

    /// Brings the left image to where it is read: a panel of it that lies far apart is copied, block by block.
    #[inline(always)]
    unsafe fn left<S: Simd<T>>(&mut self, simd: S, part: &Part, places: &Places) -> Left<T> {
        let Part { group, row, rows } = *part;
        let first = group * self.rows + row;
        if self.k.layout == Layout::Transpose && !self.by_channel {
            let a = self.k.input.as_ptr().wrapping_add(first);
            return Left { a, sample: self.input.sample, axes: self.input.axes };
        }
        let Strides { sample, axes } = self.output;
        let a = self.k.output.as_ptr().wrapping_add(first);
        let packing = Packing::copied_panels_if_it_pays::<T>(axes[2], self.columns * self.k.geometry.window.taps());
        if packing == Packing::None || self.by_channel {
            return Left { a, sample, axes };
        }
        // A block's places follow one another in memory.
        let [d, h, w] = &places.axes;
        let begin = places.samples.start * sample + d.start * axes[0] + h.start * axes[1] + w.start * axes[2];
        let height = rows.next_multiple_of(S::LANES);
        let count = places.samples.len() * d.len() * h.len() * w.len();
        assert!(count <= PLACES && height <= HEIGHT && self.k.scratch.len() >= SCRATCH);
        let to = self.k.scratch.as_mut_ptr();
        // SAFETY: the caller's promise; the scratch has room for the panel.
        unsafe { packing.pack(simd, (a.wrapping_add(begin), axes[2]), (rows, count), to) };
        let packed = |stride: usize| stride / axes[2] * height;
        let (sample, axes) = (packed(sample), axes.map(packed));
        let begin = places.samples.start * sample + d.start * axes[0] + h.start * axes[1] + w.start * axes[2];
        Left { a: to.cast_const().wrapping_sub(begin), sample, axes }
    }

    /// What some places add to the weights of some taps: of one, if not the convolution's.
    #[inline(always)]
    unsafe fn taps<S: Simd<T>>(
        &mut self,
        simd: S,
        part: &Part,
        left: &Left<T>,
        taps: &Taps,
        places: &Places,
        start: Start<T>,
    ) {
        let window = self.k.geometry.window.axes;
        let [_, kernel_height, kernel_width] = window.map(|axis| axis.size);
        let columns = self.columns;
        let (group, right_channels) = (part.group, columns * self.groups);
        let (row_stride, tap_size) = match self.k.layout {
            _ if self.by_channel => (self.rows, self.rows),
            Layout::Convolution => (self.rows * self.groups, self.rows * self.groups * columns),
            Layout::Transpose => (self.rows, self.rows * right_channels),
        };
        let c_group = match self.k.layout {
            Layout::Convolution => group * self.rows,
            Layout::Transpose => group * columns * self.rows,
        };
        let tap_sizes = [kernel_height * kernel_width * tap_size, kernel_width * tap_size, tap_size];
        let transposed = self.k.layout == Layout::Transpose && !self.by_channel;
        let mut c = self.k.d_weight.as_mut_ptr().wrapping_add(c_group + part.row);
        let (right, right_strides) =
            if transposed { (self.k.output, &self.output) } else { (self.k.input, &self.input) };
        let b_channel = if self.by_channel { part.row } else { group * columns };
        let mut b = right.as_ptr().wrapping_add(b_channel);
        let mut a = left.a;
        b = b.wrapping_add(places.samples.start * right_strides.sample);
        a = a.wrapping_add(places.samples.start * left.sample);
        let mut runs = [Run { count: places.samples.len(), a: left.sample, b: right_strides.sample }; 4];
        let mut across = [Axis { count: columns, b: 1, c: row_stride }; 4];
        for i in 0..3 {
            let axis = window[i];
            let (tap, place) = (taps[i].start, places.axes[i].start);
            let at = (place * axis.stride + tap * axis.dilation).wrapping_sub(axis.before);
            let shifted = axis.stride;
            let (a_at, a_step, b_at, b_step) =
                if transposed { (at, shifted, place, 1) } else { (place, 1, at, shifted) };
            a = a.wrapping_add(a_at.wrapping_mul(left.axes[i]));
            b = b.wrapping_add(b_at.wrapping_mul(right_strides.axes[i]));
            c = c.wrapping_add(tap * tap_sizes[i]);
            runs[i + 1] =
                Run { count: places.axes[i].len(), a: a_step * left.axes[i], b: b_step * right_strides.axes[i] };
            across[i] = Axis { count: taps[i].len(), b: axis.dilation * right_strides.axes[i], c: tap_sizes[i] };
        }
        if runs.iter().any(|run| run.count == 0) {
            if matches!(start, Start::Output) {
                return;
            }
            runs = [Run { count: 0, a: 0, b: 0 }; 4];
        }
        let [sample, d, h, w] = runs;
        let sums = Sums {
            a,
            runs: [sample, d, h],
            depth: w,
            start,
            scale: None,
            activation: Activation::Linear,
            rows: part.rows,
        };
        // SAFETY: the caller's promise.
        unsafe { panel(simd, &sums, Columns::new(b, c, across), self.by_channel) };
    }
}

/// The left image of a panel, as if it began at the first sample and place.
struct Left<T> {
    a: *const T,
    sample: usize,
    axes: [usize; 3],
}

/// The outputs for which a tap is inside.
fn valid(axis: geometry::Axis, tap: usize) -> Range<usize> {
    let offset = tap * axis.dilation;
    let below = |bound: usize| bound.saturating_sub(offset).div_ceil(axis.stride).min(axis.output);
    below(axis.before)..below(axis.before + axis.input)
}

/// Calls `f` with each tap alone.
#[inline(always)]
fn each_tap(all: &Taps, mut f: impl FnMut(Taps)) {
    for d in all[0].clone() {
        for h in all[1].clone() {
            for w in all[2].clone() {
                f([d..d + 1, h..h + 1, w..w + 1]);
            }
        }
    }
}

/// The places of `all` that are not in `part`, as boxes.
fn difference(all: &Places, part: &Places) -> impl Iterator<Item = Places> {
    let mut whole = all.clone();
    let part = part.axes.clone();
    (0..3).flat_map(move |i| {
        let range = whole.axes[i].clone();
        let from = part[i].start.clamp(range.start, range.end);
        let to = part[i].end.clamp(from, range.end);
        let (mut before, mut after) = (whole.clone(), whole.clone());
        before.axes[i] = range.start..from;
        after.axes[i] = to..range.end;
        whole.axes[i] = from..to;
        [before, after]
    })
}
