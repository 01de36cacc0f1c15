//! The loops around the register tile.

use super::SCRATCH;
use super::narrow::Narrow;
use super::packing::{Lines, Packing};
use super::tile::{Operands, Start, multiply};
use crate::Real;
use crate::activations::Activation;
use crate::simd::{Kernel, Simd};

/// How deep a block is: a panel of it, as tall as a tile, stays in the caches while it meets every column.
pub(super) const DEPTH: usize = 256;

/// The same for packed panels of long vectors with [few columns](FEW): they take half of the first cache, and leave room for
/// what is asked for of the next.
const FLAT_DEPTH: usize = 128;

/// With more columns, reading and writing the result once more takes longer than is won.
const FEW: usize = 128;

/// `c = f(start + a·b)`, for any number of rows, columns and products.
///
/// How a sum is cut into chains and blocks depends on the number of rows, never on that of columns, so that each column of
/// a result is the same, bit for bit, whatever columns it is computed with.
pub(super) struct Blocked<'a, T> {
    /// The operands of the first tile, with the whole depth.
    pub operands: Operands<'a, T>,
    /// Rows of `a` and `c`.
    pub rows: usize,
    /// Columns of `b` and `c`.
    pub columns: usize,
    /// How many of these columns a panel of rows meets before the next panel has its turn.
    pub span: usize,
    /// How the panels of `a` come to the tile.
    pub packing: Packing,
    /// [`SCRATCH`] values, if the panels are packed.
    pub scratch: *mut T,
}

/// Computes the product.
///
/// # Safety
/// For all rows and columns, `a`, `b` and the start are readable, `c` and the scratch are writable, and nothing else
/// writes them.
#[inline(always)]
pub(super) unsafe fn blocked<T: Real, S: Simd<T>>(simd: S, product: &mut Blocked<'_, T>) {
    simd.call(Loops(product));
}

/// Built by [`blocked`] alone, whose caller promises that the pointers are good.
struct Loops<'a, 'b, T>(&'a mut Blocked<'b, T>);

impl<T: Real> Kernel<T> for Loops<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Operands { depth, rectify, .. } = self.0.operands;
        let k_step = self.0.packing.steps(self.0.operands.a_step).1;
        let most = if self.0.is_flat::<S>() { FLAT_DEPTH } else { DEPTH };
        let mut k = 0;
        loop {
            let block = &mut self.0.operands;
            block.depth = most.min(depth - k);
            k += block.depth;
            block.rectify = rectify && k == depth;
            // SAFETY: the promise of `blocked`'s caller, for a part of the depth.
            unsafe { self.0.spans(simd, k < depth) };
            if k == depth {
                return;
            }
            let block = &mut self.0.operands;
            block.a = block.a.wrapping_add(block.depth * k_step);
            block.b = block.b.wrapping_add(block.depth * block.b_step);
            block.start = Start::Output;
        }
    }
}

impl<T: Real> Blocked<'_, T> {
    /// Whether the blocks of the depth are flat. That does not change a result: a sum that is one chain goes on where it was.
    #[inline(always)]
    fn is_flat<S: Simd<T>>(&self) -> bool {
        let packed = S::REGISTERS == 32 && self.packing != Packing::None;
        packed && self.columns <= FEW && chains::<T, S>(self.rows) == 1
    }

    /// One block of the depth, a span of columns after the other; `another` says whether a block follows. Leaves the operands as
    /// they were.
    #[inline(always)]
    unsafe fn spans<S: Simd<T>>(&mut self, simd: S, another: bool) {
        let Operands { b, c, b_column, c_column, .. } = self.operands;
        let mut column = 0;
        while column < self.columns {
            self.operands.b = b.wrapping_add(column * b_column);
            self.operands.c = c.wrapping_add(column * c_column);
            let columns = self.span.min(self.columns - column);
            // SAFETY: the promise of `blocked`'s caller, for a part of the columns.
            unsafe { self.panels(simd, columns, another) };
            column += columns;
        }
        (self.operands.b, self.operands.c) = (b, c);
    }

    /// One span of columns, a panel of rows after the other. Leaves the operands as they were.
    #[inline(always)]
    unsafe fn panels<S: Simd<T>>(&mut self, simd: S, columns: usize, another: bool) {
        let Operands { a, a_step, c, start, .. } = self.operands;
        let (a_row, k_step) = self.packing.steps(a_step);
        let chains = chains::<T, S>(self.rows);
        let tile = &mut self.operands;
        let mut row = 0;
        while row < self.rows {
            let vectors = height::<T, S>(self.rows - row, columns, chains);
            let rows = (self.rows - row).min(vectors * S::LANES);
            let size = rows.next_multiple_of(S::LANES) * tile.depth.next_multiple_of(S::LANES);
            assert!(self.packing == Packing::None || size <= SCRATCH, "a panel fits the scratch");
            // SAFETY: the promise of `blocked`'s caller, for a part of the rows.
            unsafe {
                let from = (a.wrapping_add(row * a_row), a_step);
                (tile.a, tile.a_step) = self.packing.pack(simd, from, (rows, tile.depth), self.scratch);
                tile.c = c.wrapping_add(row);
                if let Start::Column(start) = start {
                    tile.start = Start::Column(start.wrapping_add(row));
                }
                tile.last = rows - (vectors - 1) * S::LANES;
                let lines = |next| self.packing.lines((a.wrapping_add(next), a_step), (rows, tile.depth));
                let next = match row + rows {
                    next if next < self.rows => lines(next * a_row),
                    _ if another => lines(tile.depth * k_step),
                    _ => Lines::NONE,
                };
                panel(simd, tile, columns, (vectors, chains), next);
            }
            row += rows;
        }
        (tile.a, tile.a_step, tile.c, tile.start) = (a, a_step, c, start);
    }
}

/// Into how many chains each sum is cut: as many as hide the latency of one column.
#[inline(always)]
pub(super) fn chains<T: Real, S: Simd<T>>(rows: usize) -> usize {
    match (S::REGISTERS, S::LANES, rows.div_ceil(S::LANES)) {
        (32, _, 1) => 8,
        (_, _, 1) | (_, 2.., 2) => 4,
        (_, 1, 2) | (_, 2.., 3 | 4) => 2,
        _ => 1,
    }
}

/// How many vectors tall the next panel is. With two or three columns, tall ones hide the latency.
#[inline(always)]
fn height<T: Real, S: Simd<T>>(rows: usize, columns: usize, chains: usize) -> usize {
    let vectors = rows.div_ceil(S::LANES);
    let tall = columns <= 3;
    let most = match (S::REGISTERS, S::LANES, chains) {
        (32, _, 1) if tall && vectors >= 8 => 8,
        (32, ..) | (_, 1, _) => 4,
        (_, 2.., 1) if columns == 3 && rows >= 3 * S::LANES => 3,
        (_, 2.., 1) if tall && rows >= 4 * S::LANES => 4,
        (_, _, 4) => 1,
        _ => 2,
    };
    vectors.min(most)
}

/// One panel of rows, `vectors` tall, with every column.
///
/// # Safety
/// As [`blocked`], for the panel.
#[inline(always)]
unsafe fn panel<T: Real, S: Simd<T>>(
    simd: S,
    tile: &mut Operands<'_, T>,
    columns: usize,
    (vectors, chains): (usize, usize),
    next: Lines<T>,
) {
    let full = tile.last == S::LANES;
    if const { S::REGISTERS == 32 } {
        match (chains, vectors) {
            (1, 8) => simd.call(Row::<T, 8, 1, true> { tile, columns, next }),
            (1, 4) if full => simd.call(Row::<T, 4, 1, false> { tile, columns, next }),
            (1, 4) => simd.call(Row::<T, 4, 1, true> { tile, columns, next }),
            (1, 3) => simd.call(Row::<T, 3, 1, true> { tile, columns, next }),
            (1, 2) => simd.call(Row::<T, 2, 1, true> { tile, columns, next }),
            (1, _) => simd.call(Row::<T, 1, 1, true> { tile, columns, next }),
            (2, 4) => simd.call(Row::<T, 4, 2, true> { tile, columns, next }),
            (2, _) => simd.call(Row::<T, 3, 2, true> { tile, columns, next }),
            (4, _) => simd.call(Row::<T, 2, 4, true> { tile, columns, next }),
            _ => simd.call(Row::<T, 1, 8, true> { tile, columns, next }),
        }
    } else if const { S::LANES > 1 } {
        match (chains, vectors) {
            (1, 4) => simd.call(Row::<T, 4, 1, false> { tile, columns, next }),
            (1, 3) => simd.call(Row::<T, 3, 1, false> { tile, columns, next }),
            (1, 2) if full => simd.call(Row::<T, 2, 1, false> { tile, columns, next }),
            (1, 2) => simd.call(Row::<T, 2, 1, true> { tile, columns, next }),
            (1, _) => simd.call(Row::<T, 1, 1, true> { tile, columns, next }),
            (2, 2) if full => simd.call(Row::<T, 2, 2, false> { tile, columns, next }),
            (2, 2) => simd.call(Row::<T, 2, 2, true> { tile, columns, next }),
            (2, _) => simd.call(Row::<T, 1, 2, true> { tile, columns, next }),
            _ if full => simd.call(Row::<T, 1, 4, false> { tile, columns, next }),
            _ => simd.call(Row::<T, 1, 4, true> { tile, columns, next }),
        }
    } else {
        match (chains, vectors) {
            (1, 4) => simd.call(Row::<T, 4, 1, false> { tile, columns, next }),
            (1, 3) => simd.call(Row::<T, 3, 1, false> { tile, columns, next }),
            (1, 2) => simd.call(Row::<T, 2, 1, false> { tile, columns, next }),
            (1, _) => simd.call(Row::<T, 1, 1, false> { tile, columns, next }),
            (2, _) => simd.call(Row::<T, 2, 2, false> { tile, columns, next }),
            _ => simd.call(Row::<T, 1, 4, false> { tile, columns, next }),
        }
    }
}

/// A row of tiles, as equal in width as possible; leaves the operands as they were. Built by [`panel`] alone, whose caller
/// promises that the pointers are good.
struct Row<'a, 'b, T, const VECTORS: usize, const CHAINS: usize, const TAIL: bool> {
    tile: &'a mut Operands<'b, T>,
    columns: usize,
    next: Lines<T>,
}

impl<T: Real, const VECTORS: usize, const CHAINS: usize, const TAIL: bool> Kernel<T>
    for Row<'_, '_, T, VECTORS, CHAINS, TAIL>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { tile, mut next, .. } = self;
        let (b, c) = (tile.b, tile.c);
        let mut columns = self.columns;
        let mut tiles = columns.div_ceil(Self::widest::<S>());
        while tiles > 0 {
            tile.ahead = next.take(tiles);
            let width = if tiles == 1 { columns } else { columns.div_ceil(tiles) };
            // SAFETY: the promise of `blocked`'s caller, for a part of the columns.
            unsafe { Self::multiply(simd, tile, width) };
            tile.b = tile.b.wrapping_add(width * tile.b_column);
            tile.c = tile.c.wrapping_add(width * tile.c_column);
            columns -= width;
            tiles -= 1;
        }
        (tile.b, tile.c) = (b, c);
    }
}

impl<T: Real, const VECTORS: usize, const CHAINS: usize, const TAIL: bool> Row<'_, '_, T, VECTORS, CHAINS, TAIL> {
    /// How many columns the registers hold the sums of, beside the operands: 3 or 6.
    const fn widest<S: Simd<T>>() -> usize {
        if S::LANES > 1 && VECTORS * CHAINS * 6 * 4 <= S::REGISTERS * 3 { 6 } else { 3 }
    }

    #[inline(always)]
    unsafe fn multiply<S: Simd<T>>(simd: S, tile: &Operands<'_, T>, width: usize) {
        let wide = const { Self::widest::<S>() == 6 };
        // SAFETY: the promise of `blocked`'s caller, for a part of the columns.
        unsafe {
            match width {
                1 => multiply::<T, S, VECTORS, 1, CHAINS, TAIL>(simd, tile),
                2 => multiply::<T, S, VECTORS, 2, CHAINS, TAIL>(simd, tile),
                4 if wide => multiply::<T, S, VECTORS, 4, CHAINS, TAIL>(simd, tile),
                5 if wide => multiply::<T, S, VECTORS, 5, CHAINS, TAIL>(simd, tile),
                6 if wide => multiply::<T, S, VECTORS, 6, CHAINS, TAIL>(simd, tile),
                _ => multiply::<T, S, VECTORS, 3, CHAINS, TAIL>(simd, tile),
            }
        }
    }
}

/// A product with a single column and so few rows that it is [`Narrow`]; says whether it is.
///
/// # Safety
/// As [`blocked`].
#[inline(always)]
unsafe fn narrow<T: Real, S: Simd<T>>(simd: S, operands: &mut Operands<'_, T>, rows: usize) -> bool {
    match rows {
        1 if const { Narrow::<T, 1>::exists::<S>() } => simd.call(Narrow::<T, 1>(operands)),
        2 if const { Narrow::<T, 2>::exists::<S>() } => simd.call(Narrow::<T, 2>(operands)),
        4 if const { Narrow::<T, 4>::exists::<S>() } => simd.call(Narrow::<T, 4>(operands)),
        8 if const { Narrow::<T, 8>::exists::<S>() } => simd.call(Narrow::<T, 8>(operands)),
        _ => return false,
    }
    true
}

/// A product with a single column, if one tile can be tall enough for its rows; says whether it could.
///
/// # Safety
/// As [`blocked`].
#[inline(always)]
pub(super) unsafe fn single_column<T: Real, S: Simd<T>>(simd: S, operands: &mut Operands<'_, T>, rows: usize) -> bool {
    let vectors = rows.div_ceil(S::LANES);
    operands.last = rows - (vectors - 1) * S::LANES;
    let wide = S::LANES > 1;
    // SAFETY: the caller's promise.
    unsafe {
        if vectors == 1 && narrow(simd, operands, rows) {
            return true;
        }
        match vectors {
            1 if S::REGISTERS == 32 => depths::<T, S, 1, 8, true>(simd, operands),
            2 if wide => depths::<T, S, 2, 4, true>(simd, operands),
            3 if wide => depths::<T, S, 3, 2, true>(simd, operands),
            4 if wide && operands.last == S::LANES => depths::<T, S, 4, 2, false>(simd, operands),
            4 if wide => depths::<T, S, 4, 2, true>(simd, operands),
            1 => depths::<T, S, 1, 4, true>(simd, operands),
            2 => depths::<T, S, 2, 2, true>(simd, operands),
            5 if wide => multiply::<T, S, 5, 1, 1, true>(simd, operands),
            6 if wide => multiply::<T, S, 6, 1, 1, true>(simd, operands),
            7 if wide => multiply::<T, S, 7, 1, 1, true>(simd, operands),
            8 if wide => multiply::<T, S, 8, 1, 1, true>(simd, operands),
            9 if wide => multiply::<T, S, 9, 1, 1, true>(simd, operands),
            10 if wide => multiply::<T, S, 10, 1, 1, true>(simd, operands),
            11 if wide => multiply::<T, S, 11, 1, 1, true>(simd, operands),
            12 if wide => multiply::<T, S, 12, 1, 1, true>(simd, operands),
            13 if S::REGISTERS == 32 => multiply::<T, S, 13, 1, 1, true>(simd, operands),
            14 if S::REGISTERS == 32 => multiply::<T, S, 14, 1, 1, true>(simd, operands),
            15 if S::REGISTERS == 32 => multiply::<T, S, 15, 1, 1, true>(simd, operands),
            16 if S::REGISTERS == 32 => multiply::<T, S, 16, 1, 1, true>(simd, operands),
            17 if S::REGISTERS == 32 => multiply::<T, S, 17, 1, 1, true>(simd, operands),
            18 if S::REGISTERS == 32 => multiply::<T, S, 18, 1, 1, true>(simd, operands),
            19 if S::REGISTERS == 32 => multiply::<T, S, 19, 1, 1, true>(simd, operands),
            20 if S::REGISTERS == 32 => multiply::<T, S, 20, 1, 1, true>(simd, operands),
            21 if S::REGISTERS == 32 => multiply::<T, S, 21, 1, 1, true>(simd, operands),
            22 if S::REGISTERS == 32 => multiply::<T, S, 22, 1, 1, true>(simd, operands),
            23 if S::REGISTERS == 32 => multiply::<T, S, 23, 1, 1, true>(simd, operands),
            24 if S::REGISTERS == 32 => multiply::<T, S, 24, 1, 1, true>(simd, operands),
            _ => return false,
        }
    }
    true
}

/// One column, a block of the depth after the other.
///
/// # Safety
/// As [`blocked`].
#[inline(always)]
unsafe fn depths<T: Real, S: Simd<T>, const VECTORS: usize, const CHAINS: usize, const TAIL: bool>(
    simd: S,
    tile: &mut Operands<'_, T>,
) {
    let Operands { mut depth, rectify, activation, .. } = *tile;
    while depth > DEPTH {
        (tile.depth, tile.rectify, tile.activation) = (DEPTH, false, &Activation::Linear);
        // SAFETY: the caller's promise, for a part of the depth.
        unsafe { multiply::<T, S, VECTORS, 1, CHAINS, TAIL>(simd, tile) };
        depth -= DEPTH;
        tile.a = tile.a.wrapping_add(DEPTH * tile.a_step);
        tile.b = tile.b.wrapping_add(DEPTH * tile.b_step);
        tile.start = Start::Output;
    }
    (tile.depth, tile.rectify, tile.activation) = (depth, rectify, activation);
    // SAFETY: the caller's promise, for the last part of the depth.
    unsafe { multiply::<T, S, VECTORS, 1, CHAINS, TAIL>(simd, tile) };
}
