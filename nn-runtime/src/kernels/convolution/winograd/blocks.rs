//! The blocks in which Winograd's algorithms work: constants of the geometry.

use crate::aligned;
use crate::geometry::{Algorithm, Convolution};

impl Convolution {
    /// How many values of scratch the algorithm of either direction needs, beside that of the definition.
    pub(crate) const fn winograd_scratch(&self) -> usize {
        let forward = scratch(self.algorithm, self.inputs, self.outputs);
        let backward = scratch(self.algorithm, self.outputs, self.inputs);
        if forward > backward { forward } else { backward }
    }
}

/// How many values of scratch an algorithm needs that sums over so many channels for so many rows.
const fn scratch(algorithm: Algorithm, channels: usize, rows: usize) -> usize {
    match algorithm {
        Algorithm::Direct => 0,
        Algorithm::Winograd2 => largest(4, channels, rows),
        Algorithm::Winograd4 => largest(6, channels, rows),
    }
}

/// The sizes of what is worked on at a time.
///
/// They do not matter to the bits of a result: each sum runs through the channels in ascending order, and waits in memory
/// between their blocks.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    /// Products a tile has: the square of the points of an axis.
    products: usize,
    /// Tiles of a group.
    pub tiles: usize,
    /// Rows of a panel.
    pub height: usize,
    /// Rows of which the weight is transformed at a time: panels follow one another.
    pub span: usize,
    /// Channels of a block.
    pub depth: usize,
    /// Whether there is room for the whole weight, transformed.
    pub keeps_weights: bool,
    channels: usize,
    rows: usize,
}

/// A panel has at most so many rows, as many as the tallest tile, and a block so many channels: a point of their weight then
/// stays in the first cache.
const HEIGHT: usize = 64;
const DEPTH: usize = 128;

/// So many values of a transformed weight stay in the second cache: of all of it, or of what is worked on at a time.
const KEPT: usize = 600_000;
const WORKED: usize = 300_000;

/// So many products of a channel, of all tiles of a group.
const GROUP: usize = 56 * 36;

/// With so few products, the weight is met a few times only, and reading it takes the time. Its taps are megabytes apart and
/// its channels kilobytes: of each channel many rows are read then, so that each page of memory is needed once.
const FEW: usize = 800;
const WIDE: usize = 256;

impl Blocks {
    /// Of a sum over so many channels for so many rows, with so many points along each axis, for so many tiles.
    pub const fn new(points: usize, channels: usize, rows: usize, tiles: usize) -> Self {
        let products = points * points;
        let keeps_weights = products * channels * aligned(rows) <= KEPT;
        let height = smaller(aligned(rows), HEIGHT);
        let is_wide = tiles * products <= FEW && !keeps_weights;
        let span = if is_wide { smaller(rows.next_multiple_of(height), WIDE) } else { height };
        let blocks = channels.div_ceil(smaller(WORKED / (products * span), DEPTH));
        let depth = channels.div_ceil(blocks).next_multiple_of(16);
        let most = if is_wide { FEW / products } else { GROUP / products };
        let groups = tiles.div_ceil(most);
        let tiles = if groups == 0 { 0 } else { tiles.div_ceil(groups) };
        Self { products, tiles, height, span, depth, keeps_weights, channels, rows }
    }

    /// From one point to the next, and from one tile to the next, of the transformed inputs.
    pub const fn input_strides(&self) -> (usize, usize) {
        let point = aligned(self.channels);
        (point, self.products * point + APART)
    }

    /// The same of the sums.
    pub const fn sum_strides(&self) -> (usize, usize) {
        (self.span, self.products * self.span + APART)
    }

    /// From one point to the next, and from one panel to the next, of the transformed weight.
    pub const fn weight_strides(&self) -> (usize, usize) {
        let point = self.depth * self.height + APART;
        (point, self.products * point)
    }

    /// Where in the transformed weight the panel of a row is, and the block of a channel.
    pub const fn weights_at(&self, row: usize, k: usize) -> usize {
        let (_, panel) = self.weight_strides();
        if self.keeps_weights {
            (k / self.depth * self.rows.div_ceil(self.height) + row / self.height) * panel
        } else {
            row % self.span / self.height * panel
        }
    }

    /// How many values the transformed inputs, the transformed weight, the sums and the turned taps take.
    pub const fn parts(&self) -> [usize; 4] {
        let (_, input) = self.input_strides();
        let (_, sum) = self.sum_strides();
        let (_, panel) = self.weight_strides();
        let (panels, blocks) = (self.rows.div_ceil(self.height), self.channels.div_ceil(self.depth));
        let panels = if self.keeps_weights { panels * blocks } else { self.span / self.height };
        let turned = 9 * aligned(self.depth) * self.span;
        [self.tiles * input, panels * panel, self.tiles * sum, turned]
    }

    /// How many values they take together.
    const fn scratch(&self) -> usize {
        let [inputs, weights, sums, turned] = self.parts();
        inputs + weights + sums + turned
    }
}

/// Distances that are multiples of large powers of two would share few sets of the caches; so many values keep them apart.
const APART: usize = 16;

/// How many values of scratch a sum over so many channels for so many rows needs, for any number of tiles.
const fn largest(points: usize, channels: usize, rows: usize) -> usize {
    let few = Blocks::new(points, channels, rows, FEW / (points * points)).scratch();
    let many = Blocks::new(points, channels, rows, GROUP / (points * points)).scratch();
    if few > many { few } else { many }
}

const fn smaller(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}
