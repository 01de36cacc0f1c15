//! Convolutions of 3×3 with fewer multiplications: Winograd's minimal filtering, tile by tile.
//!
//! A tile of m×m outputs is `Aᵀ·((G·w·Gᵀ) ⊙ (Bᵀ·x·B))·A`: the products in the transformed domain, summed over the channels,
//! are (m + 2)² matrix products with tiles as columns. They take (m + 2)² multiplications for m² outputs, where the
//! definition takes 9·m²: 2.25 times fewer for m = 2, four times for m = 4.
//!
//! Groups of tiles go through the three steps while what they work with is in the second cache: inputs are transformed,
//! then panel after panel of the weight is transformed, multiplied, and its results are brought back. The weight is
//! transformed in every call, which costs little beside the products and keeps no second copy of the parameters.
//!
//! Each value of a result is the same, bit for bit, whatever the number of samples it is computed with.
//!
//! Source: Lavin and Gray, “Fast algorithms for convolutional neural networks”, 2016.

mod blocks;
mod minimal;
mod transforms;

use minimal::{Minimal, Transforms};
use transforms::{Inputs, Outputs, Weights};

use super::Direction;
use super::correlation::Loops;
use super::tile::{Axis, Columns, ONCE, Run, Sums, height, panel};
use crate::Real;
use crate::activations::Activation;
use crate::kernels::packing::Packing;
use crate::kernels::tile::Start;
use crate::simd::{Kernel, Simd};
use blocks::Blocks;

/// Images cut into tiles.
pub(super) struct Grid {
    /// Channels of the source, its sizes, and the values of a sample.
    channels: usize,
    height: usize,
    width: usize,
    sample: usize,
    /// How far the first tile's inputs begin before the first input, along height and width.
    before: [isize; 2],
    /// Height and width of the result, its channels, and the values of a sample.
    results: [usize; 2],
    result_channels: usize,
    result_sample: usize,
    /// Tiles along the height and the width.
    tiles: [usize; 2],
}

/// Where a tile is.
struct Position {
    sample: usize,
    /// Its first place in the result.
    result: [usize; 2],
    /// Its first place in the source, which may lie before it.
    source: [isize; 2],
}

impl Grid {
    fn new<T: Real>(loops: &Loops<'_, T>, outputs: usize) -> Self {
        let [_, vertical, horizontal] = loops.k.geometry.window.axes;
        let (source, result) = (loops.source, loops.result);
        let along = |axis: crate::geometry::Axis| match loops.k.direction {
            Direction::Forward => (axis.input, axis.output, axis.before as isize),
            Direction::Backward => (axis.output, axis.input, 2 - axis.before as isize),
        };
        let ((height, tall, above), (width, wide, left)) = (along(vertical), along(horizontal));
        Self {
            channels: source.axes[2],
            height,
            width,
            sample: source.sample,
            before: [above, left],
            results: [tall, wide],
            result_channels: result.axes[2],
            result_sample: result.sample,
            tiles: [tall.div_ceil(outputs), wide.div_ceil(outputs)],
        }
    }

    fn position<const OUTPUTS: usize>(&self, tile: usize) -> Position {
        let [tall, wide] = self.tiles;
        let (row, column) = (tile / wide, tile % wide);
        let (sample, row) = (row / tall, row % tall);
        let result = [row * OUTPUTS, column * OUTPUTS];
        let source = [result[0] as isize - self.before[0], result[1] as isize - self.before[1]];
        Position { sample, result, source }
    }
}

impl Position {
    /// Which of the tile's inputs are inside of the image, along height and width: from the first to before the second.
    fn inside<const POINTS: usize>(&self, grid: &Grid) -> [(usize, usize); 2] {
        let along = |from: isize, size: usize| {
            let within = |place: isize| (place - from).clamp(0, POINTS as isize) as usize;
            (within(0), within(size as isize))
        };
        [along(self.source[0], grid.height), along(self.source[1], grid.width)]
    }
}

/// A correlation by tiles of `OUTPUTS`².
pub(super) struct Winograd<'a, T, const OUTPUTS: usize, const POINTS: usize> {
    loops: Loops<'a, T>,
    grid: Grid,
    blocks: Blocks,
}

/// A group of tiles, some rows and a block of channels.
struct Part {
    tiles: (usize, usize),
    row: usize,
    rows: usize,
    k: usize,
    depth: usize,
}

/// The parts of the scratch.
struct Scratch<T> {
    inputs: *mut T,
    weights: *mut T,
    sums: *mut T,
    turned: *mut T,
}

impl<'a, T: Real, const OUTPUTS: usize, const POINTS: usize> Winograd<'a, T, OUTPUTS, POINTS> {
    pub fn new(loops: Loops<'a, T>) -> Self {
        let grid = Grid::new(&loops, OUTPUTS);
        let blocks = Blocks::new(POINTS, loops.depth, loops.rows, loops.batch * grid.tiles[0] * grid.tiles[1]);
        Self { loops, grid, blocks }
    }
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Kernel<T> for Winograd<'_, T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        let scratch = self.scratch();
        if self.loops.batch == 0 {
            return;
        }
        if self.blocks.keeps_weights {
            for row in (0..self.loops.rows).step_by(self.blocks.span) {
                let rows = (row, self.blocks.span.min(self.loops.rows - row));
                for k in (0..self.loops.depth).step_by(self.blocks.depth) {
                    self.weights(simd, &self.part((0, 0), rows, k), &scratch);
                }
            }
        }
        let [tall, wide] = self.grid.tiles;
        let all = self.loops.batch * tall * wide;
        for first in (0..all).step_by(self.blocks.tiles.max(1)) {
            let tiles = (first, self.blocks.tiles.min(all - first));
            self.inputs(simd, tiles, &scratch);
            for row in (0..self.loops.rows).step_by(self.blocks.span) {
                let rows = (row, self.blocks.span.min(self.loops.rows - row));
                for k in (0..self.loops.depth).step_by(self.blocks.depth) {
                    let part = self.part(tiles, rows, k);
                    if !self.blocks.keeps_weights {
                        self.weights(simd, &part, &scratch);
                    }
                    self.products(simd, &part, &scratch);
                }
                self.outputs(simd, tiles, rows, &scratch);
            }
        }
    }
}

impl<T: Real, const OUTPUTS: usize, const POINTS: usize> Winograd<'_, T, OUTPUTS, POINTS>
where
    Minimal<OUTPUTS, POINTS>: Transforms<T, OUTPUTS, POINTS>,
{
    fn part(&self, tiles: (usize, usize), (row, rows): (usize, usize), k: usize) -> Part {
        Part { tiles, row, rows, k, depth: self.blocks.depth.min(self.loops.depth - k) }
    }

    fn scratch(&mut self) -> Scratch<T> {
        let [inputs, weights, sums, turned] = self.blocks.parts();
        assert!(inputs + weights + sums + turned <= self.loops.k.scratch.len(), "the scratch is too short");
        let base = self.loops.k.scratch.as_mut_ptr();
        let [weights, sums, turned] =
            [inputs, inputs + weights, inputs + weights + sums].map(|at| base.wrapping_add(at));
        Scratch { inputs: base, weights, sums, turned }
    }

    #[inline(always)]
    fn inputs<S: Simd<T>>(&self, simd: S, tiles: (usize, usize), scratch: &Scratch<T>) {
        let strides = self.blocks.input_strides();
        let x = self.loops.k.x.as_ptr();
        simd.call(Inputs::<T, OUTPUTS, POINTS> { grid: &self.grid, tiles, x, to: scratch.inputs, strides });
    }

    /// Transforms the weight of a part.
    #[inline(always)]
    fn weights<S: Simd<T>>(&self, simd: S, part: &Part, scratch: &Scratch<T>) {
        let (from, taps) = self.taps(simd, part, scratch.turned);
        let to = scratch.weights.wrapping_add(self.blocks.weights_at(part.row, part.k));
        let (rows, depth, height) = (part.rows, part.depth, self.blocks.height);
        let strides = self.blocks.weight_strides();
        simd.call(Weights::<T, OUTPUTS, POINTS> { from, taps, rows, depth, to, height, strides });
    }

    /// The nine taps of a part with rows contiguous: the first of them, and from tap to tap and from channel to channel.
    #[inline(always)]
    fn taps<S: Simd<T>>(&self, simd: S, part: &Part, turned: *mut T) -> (*const T, (usize, usize)) {
        let [row, k, _] = self.loops.weight_strides();
        let tap = self.loops.rows * self.loops.depth;
        let from = self.loops.k.weight.as_ptr().wrapping_add(part.row * row + part.k * k);
        let is_forward = self.loops.k.direction == Direction::Forward;
        let (from, step) = if is_forward { (from, tap) } else { (from.wrapping_add(8 * tap), tap.wrapping_neg()) };
        if row == 1 {
            return (from, (step, k));
        }
        let height = part.rows.next_multiple_of(S::LANES);
        let size = height * part.depth.next_multiple_of(S::LANES);
        for t in 0..9 {
            let from = from.wrapping_add(step.wrapping_mul(t));
            // SAFETY: the part lies in the weight, and the scratch has room for nine taps of it.
            unsafe {
                let to = turned.wrapping_add(t * size);
                Packing::Transposed.pack(simd, (from, row), (part.rows, part.depth), to);
            }
        }
        (turned, (size, height))
    }

    /// Adds the products of a part to the sums, panel by panel and point by point.
    #[inline(always)]
    fn products<S: Simd<T>>(&self, simd: S, part: &Part, scratch: &Scratch<T>) {
        let ((point, tile), (sum_point, sum_tile)) = (self.blocks.input_strides(), self.blocks.sum_strides());
        let (weight_point, _) = self.blocks.weight_strides();
        let none = Axis { count: 1, b: 0, c: 0 };
        let columns = [none, none, none, Axis { count: part.tiles.1, b: tile, c: sum_tile }];
        let depth = Run { count: part.depth, a: self.blocks.height, b: 1 };
        let start = if part.k == 0 { Start::Zero } else { Start::Output };
        let all = part.rows.next_multiple_of(S::LANES);
        for first in (0..all).step_by(self.blocks.height) {
            let panel_rows = self.blocks.height.min(all - first);
            let weights = scratch.weights.wrapping_add(self.blocks.weights_at(part.row + first, part.k)).cast_const();
            for p in 0..POINTS * POINTS {
                let b = scratch.inputs.wrapping_add(p * point + part.k).cast_const();
                let c = scratch.sums.wrapping_add(p * sum_point + first);
                let mut row = 0;
                while row < panel_rows {
                    let rows = (panel_rows - row).min(height::<T, S>(panel_rows - row, false) * S::LANES);
                    let a = weights.wrapping_add(p * weight_point + row);
                    let (scale, activation) = (None, Activation::Linear);
                    let sums = Sums { a, runs: [ONCE; 3], depth, start, scale, activation, rows };
                    // SAFETY: the transformed inputs and weights of the part lie in the scratch, and so do its sums.
                    unsafe { panel(simd, &sums, Columns::new(b, c.wrapping_add(row), columns), false) };
                    row += rows;
                }
            }
        }
    }

    #[inline(always)]
    fn outputs<S: Simd<T>>(
        &mut self,
        simd: S,
        tiles: (usize, usize),
        (row, rows): (usize, usize),
        scratch: &Scratch<T>,
    ) {
        let strides = self.blocks.sum_strides();
        let k = &mut self.loops.k;
        let values = |of: &[T]| if of.is_empty() { None } else { Some(of[row..].as_ptr()) };
        simd.call(Outputs::<T, OUTPUTS, POINTS> {
            grid: &self.grid,
            tiles,
            from: scratch.sums,
            strides,
            y: k.y.as_mut_ptr().wrapping_add(row),
            rows,
            bias: values(k.bias),
            accumulate: k.accumulate,
            scale: values(k.scale).zip(values(k.shift)),
            activation: k.activation,
        });
    }
}
