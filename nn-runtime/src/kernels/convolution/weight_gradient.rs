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

    fn most_places(&self) -> usize {
        let few = MANY..=FEW_COLUMNS / self.k.geometry.window.taps();
        if few.contains(&self.columns) { FEW_PLACES } else { PLACES }
    }

    /// The block that begins at a sample, a slice, a row and a place of it.
    fn block_from(&self, from: [usize; 4]) -> Places {
        let sizes = self.sizes();
        let mut ranges = sizes.map(|size| 0..size);
        let mut inner = sizes[1] * sizes[2] * sizes[3];
        let most = self.most_places();
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
    ///
    /// Taps are met together at the places where all of them are inside, if these are all or if each tap alone has too few
    /// columns; what is left is a frame for each tap.
    #[inline(always)]
    unsafe fn block<S: Simd<T>>(&mut self, simd: S, part: &Part, places: &Places) {
        let is_first = places.samples.start == 0 && places.axes.iter().all(|range| range.start == 0);
        let start = if is_first && !self.k.accumulate { Start::Zero } else { Start::Output };
        // SAFETY: the caller's promise.
        let left = unsafe { self.left(simd, part, places) };
        let all: Taps = self.k.geometry.window.axes.map(|axis| 0..axis.size);
        let common = self.inside(&all, places);
        let whole = common.axes == places.axes;
        // Under the window of the transpose lies the left image, and a tile has one of it.
        let together = !left.under_window && (whole || self.columns < MANY);
        // SAFETY: as above.
        unsafe {
            if !together {
                each_tap(&all, |tap| self.taps(simd, part, &left, &tap, &self.inside(&tap, places), start));
                return;
            }
            self.taps(simd, part, &left, &all, &common, start);
            if whole {
                return;
            }
            each_tap(&all, |tap| {
                for rest in difference(&self.inside(&tap, places), &common) {
                    self.taps(simd, part, &left, &tap, &rest, Start::Output);
                }
            });
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

    /// The left image, of which vectors are read: its channels are the rows of the weight.
    #[inline(always)]
    unsafe fn left<S: Simd<T>>(&mut self, simd: S, part: &Part, places: &Places) -> Image<T> {
        let first = part.group * self.rows + part.row;
        if self.is_transpose() {
            return Image::new(&self.k.input[first..], self.input, true);
        }
        let left = Image::new(&self.k.output[first..], self.output, false);
        let columns = self.columns * self.k.geometry.window.taps();
        let packing = Packing::copied_panels_if_it_pays::<T>(self.output.axes[2], columns);
        if packing == Packing::None || self.by_channel {
            return left;
        }
        // SAFETY: the caller's promise.
        unsafe { self.packed(simd, &left, part.rows, places) }
    }

    /// A copy of the rows of a block of the left image, whose places follow one another in memory.
    #[inline(always)]
    unsafe fn packed<S: Simd<T>>(&mut self, simd: S, left: &Image<T>, rows: usize, places: &Places) -> Image<T> {
        let Places { samples, axes: [d, h, w] } = places;
        let begin = |strides: Strides| {
            let [depth, height, width] = strides.axes;
            samples.start * strides.sample + d.start * depth + h.start * height + w.start * width
        };
        let (step, height) = (left.strides.axes[2], rows.next_multiple_of(S::LANES));
        let count = samples.len() * d.len() * h.len() * w.len();
        assert!(count <= PLACES && height <= HEIGHT && self.k.scratch.len() >= SCRATCH);
        let (from, to) = (left.first.wrapping_add(begin(left.strides)), self.k.scratch.as_mut_ptr());
        // SAFETY: the caller's promise; the scratch has room for the panel.
        unsafe { Packing::Copied.pack(simd, (from, step), (rows, count), to) };
        let packed = |stride: usize| stride / step * height;
        let strides = Strides { sample: packed(left.strides.sample), axes: left.strides.axes.map(packed) };
        Image { first: to.cast_const().wrapping_sub(begin(strides)), strides, under_window: false }
    }

    /// The right image, of which values are broadcast: its channels are the columns of the weight.
    fn right(&self, part: &Part) -> Image<T> {
        let first = if self.by_channel { part.row } else { part.group * self.columns };
        if self.is_transpose() {
            Image::new(&self.k.output[first..], self.output, false)
        } else {
            Image::new(&self.k.input[first..], self.input, true)
        }
    }

    /// Whether the rows of the weight are the channels of the geometry's input. By channel both layouts are the same.
    fn is_transpose(&self) -> bool {
        self.k.layout == Layout::Transpose && !self.by_channel
    }

    /// The distances in the weight: from column to column, from group to group, and from tap to tap along each axis.
    fn weight_strides(&self) -> (usize, usize, [usize; 3]) {
        let [_, height, width] = self.k.geometry.window.axes.map(|axis| axis.size);
        let tap = self.rows * self.groups * self.columns;
        let taps = [height * width * tap, width * tap, tap];
        match self.k.layout {
            Layout::Convolution => (self.rows * self.groups, self.rows, taps),
            Layout::Transpose => (self.rows, self.rows * self.columns, taps),
        }
    }

    /// What some places add to the weights of some taps: of one, if the left image is under the window.
    #[inline(always)]
    unsafe fn taps<S: Simd<T>>(
        &mut self,
        simd: S,
        part: &Part,
        left: &Image<T>,
        taps: &Taps,
        places: &Places,
        start: Start<T>,
    ) {
        let right = self.right(part);
        let (column, group, tap_strides) = self.weight_strides();
        let sample = places.samples.start;
        let mut a = left.first.wrapping_add(sample * left.strides.sample);
        let mut b = right.first.wrapping_add(sample * right.strides.sample);
        let mut c = self.k.d_weight.as_mut_ptr().wrapping_add(part.group * group + part.row);
        let mut runs = [Run { count: places.samples.len(), a: left.strides.sample, b: right.strides.sample }; 4];
        let mut columns = [Axis { count: self.columns, b: 1, c: column }; 4];
        for (i, axis) in self.k.geometry.window.axes.iter().enumerate() {
            let (tap, place) = (taps[i].start, places.axes[i].start);
            a = a.wrapping_add(left.offset(i, axis, tap, place));
            b = b.wrapping_add(right.offset(i, axis, tap, place));
            c = c.wrapping_add(tap * tap_strides[i]);
            runs[i + 1] = Run { count: places.axes[i].len(), a: left.step(i, axis), b: right.step(i, axis) };
            columns[i] = Axis { count: taps[i].len(), b: axis.dilation * right.strides.axes[i], c: tap_strides[i] };
        }
        if runs.iter().any(|run| run.count == 0) && matches!(start, Start::Output) {
            return;
        }
        let [sample, d, h, w] = runs;
        let (runs, activation) = ([sample, d, h], Activation::Linear);
        let sums = Sums { a, runs, depth: w, start, scale: None, activation, rows: part.rows };
        // SAFETY: the caller's promise.
        unsafe { panel(simd, &sums, Columns::new(b, c, columns), self.by_channel) };
    }
}

/// Some channels of one of the two images.
struct Image<T> {
    /// The first of them, of the first sample's first place.
    first: *const T,
    strides: Strides,
    /// Whether it is the one that lies under the window; else the window's places are its own.
    under_window: bool,
}

impl<T> Image<T> {
    fn new(channels: &[T], strides: Strides, under_window: bool) -> Self {
        Self { first: channels.as_ptr(), strides, under_window }
    }

    /// How far it is along axis `i` to what belongs to a tap at a place.
    fn offset(&self, i: usize, axis: &geometry::Axis, tap: usize, place: usize) -> usize {
        let under = (place * axis.stride + tap * axis.dilation).wrapping_sub(axis.before);
        self.strides.axes[i].wrapping_mul(if self.under_window { under } else { place })
    }

    /// How far it is along axis `i` from one place of the window to the next.
    fn step(&self, i: usize, axis: &geometry::Axis) -> usize {
        self.strides.axes[i] * if self.under_window { axis.stride } else { 1 }
    }
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
