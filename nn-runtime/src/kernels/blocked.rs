//! The loops around the register tile.

use super::SCRATCH;
use super::packing::Packing;
use super::tile::{Operands, Start, multiply};
use crate::Real;
use crate::simd::{Kernel, Simd};

/// How deep a block is: a panel of it, as tall as a tile, stays in the caches while it meets every column.
const DEPTH: usize = 256;

/// `c = f(start + a·b)`, for any number of rows, columns and products.
#[derive(Clone, Copy)]
pub(super) struct Blocked<T> {
    /// The operands of the first tile, with the whole depth.
    pub operands: Operands<T>,
    /// Rows of `a` and `c`.
    pub rows: usize,
    /// Columns of `b` and `c`.
    pub columns: usize,
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
pub(super) unsafe fn blocked<T: Real, S: Simd<T>>(simd: S, product: Blocked<T>) {
    simd.call(Loops(product));
}

/// Built by [`blocked`] alone, whose caller promises that the pointers are good.
struct Loops<T>(Blocked<T>);

impl<T: Real> Kernel<T> for Loops<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Blocked { operands, rows, columns, packing, scratch } = self.0;
        if rows == 0 || columns == 0 {
            return;
        }
        let shape = Shape::of::<T, S>(rows);
        let height = shape.vectors * S::LANES;
        debug_assert!(height * DEPTH <= SCRATCH);
        let mut k = 0;
        loop {
            let depth = DEPTH.min(operands.depth - k);
            let is_last = k + depth == operands.depth;
            let mut row = 0;
            while row < rows {
                let panel_rows = height.min(rows - row);
                // SAFETY: the promise of `blocked`'s caller, for a part of its rows and of its depth.
                unsafe {
                    let (a, a_step) = match packing {
                        Packing::None => (operands.a.add(row + k * operands.a_step), operands.a_step),
                        packing => packing.pack(simd, operands, (row, panel_rows), (k, depth), scratch),
                    };
                    let start = match operands.start {
                        _ if k > 0 => Start::Output,
                        Start::Column(start) => Start::Column(start.add(row)),
                        start => start,
                    };
                    let b = operands.b.add(k * operands.b_step);
                    let c = operands.c.add(row);
                    let rectify = operands.rectify && is_last;
                    let panel = Operands { a, a_step, b, depth, start, c, rectify, ..operands };
                    shape.panel(simd, panel, panel_rows, columns);
                }
                row += panel_rows;
            }
            k += depth;
            if is_last {
                return;
            }
        }
    }
}

/// The tile that suits an instruction set and a number of rows. It does not depend on the number of columns, so that each
/// column of a result is the same whatever columns it is computed with.
#[derive(Clone, Copy)]
struct Shape {
    vectors: usize,
    chains: usize,
}

impl Shape {
    #[inline(always)]
    fn of<T: Real, S: Simd<T>>(rows: usize) -> Self {
        let vectors = rows.div_ceil(S::LANES);
        let (vectors, chains) = match (S::REGISTERS, S::LANES, vectors) {
            (32, _, 1) => (1, 8),
            (32, _, 2) => (2, 4),
            (32, _, 3) => (3, 2),
            (32, _, 4) => (4, 2),
            (32, ..) => (4, 1),
            (_, 1, 1) => (1, 4),
            (_, 1, 2) => (2, 2),
            (_, 1, _) => (4, 1),
            (_, _, 1 | 2) => (1, 4),
            (_, _, 3 | 4) => (2, 2),
            _ => (2, 1),
        };
        Self { vectors, chains }
    }

    /// One panel of rows, with every column.
    #[inline(always)]
    unsafe fn panel<T: Real, S: Simd<T>>(self, simd: S, mut panel: Operands<T>, rows: usize, columns: usize) {
        let vectors = rows.div_ceil(S::LANES);
        panel.last = rows - (vectors - 1) * S::LANES;
        let full = panel.last == S::LANES;
        // SAFETY: the promise of `blocked`'s caller.
        unsafe {
            if S::REGISTERS == 32 {
                match (self.chains, vectors) {
                    (1, 4) if full => row::<T, S, 4, 1, false>(simd, panel, columns, 6),
                    (1, 4) => row::<T, S, 4, 1, true>(simd, panel, columns, 6),
                    (1, 3) => row::<T, S, 3, 1, true>(simd, panel, columns, 6),
                    (1, 2) => row::<T, S, 2, 1, true>(simd, panel, columns, 6),
                    (1, _) => row::<T, S, 1, 1, true>(simd, panel, columns, 6),
                    (2, 4) => row::<T, S, 4, 2, true>(simd, panel, columns, 3),
                    (2, _) => row::<T, S, 3, 2, true>(simd, panel, columns, 3),
                    (4, _) => row::<T, S, 2, 4, true>(simd, panel, columns, 3),
                    _ => row::<T, S, 1, 8, true>(simd, panel, columns, 3),
                }
            } else if S::LANES > 1 {
                match (self.chains, vectors) {
                    (1, 2) if full => row::<T, S, 2, 1, false>(simd, panel, columns, 6),
                    (1, 2) => row::<T, S, 2, 1, true>(simd, panel, columns, 6),
                    (1, _) => row::<T, S, 1, 1, true>(simd, panel, columns, 6),
                    (2, 2) if full => row::<T, S, 2, 2, false>(simd, panel, columns, 3),
                    (2, 2) => row::<T, S, 2, 2, true>(simd, panel, columns, 3),
                    (2, _) => row::<T, S, 1, 2, true>(simd, panel, columns, 3),
                    _ if full => row::<T, S, 1, 4, false>(simd, panel, columns, 3),
                    _ => row::<T, S, 1, 4, true>(simd, panel, columns, 3),
                }
            } else {
                match (self.chains, vectors) {
                    (1, 4) => row::<T, S, 4, 1, false>(simd, panel, columns, 3),
                    (1, 3) => row::<T, S, 3, 1, false>(simd, panel, columns, 3),
                    (1, 2) => row::<T, S, 2, 1, false>(simd, panel, columns, 3),
                    (1, _) => row::<T, S, 1, 1, false>(simd, panel, columns, 3),
                    (2, _) => row::<T, S, 2, 2, false>(simd, panel, columns, 3),
                    _ => row::<T, S, 1, 4, false>(simd, panel, columns, 3),
                }
            }
        }
    }
}

/// A row of tiles of at most `widest` columns each, as equal in width as possible.
#[inline(always)]
unsafe fn row<T: Real, S: Simd<T>, const VECTORS: usize, const CHAINS: usize, const TAIL: bool>(
    simd: S,
    mut tile: Operands<T>,
    columns: usize,
    widest: usize,
) {
    let tiles = if columns <= widest { 1 } else { columns.div_ceil(widest) };
    let mut rest = columns;
    for left in (1..=tiles).rev() {
        let width = if left == 1 { rest } else { rest.div_ceil(left) };
        rest -= width;
        // SAFETY: the promise of `blocked`'s caller, for a part of its columns.
        unsafe {
            match width {
                1 => multiply::<T, S, VECTORS, 1, CHAINS, TAIL>(simd, tile),
                2 => multiply::<T, S, VECTORS, 2, CHAINS, TAIL>(simd, tile),
                3 => multiply::<T, S, VECTORS, 3, CHAINS, TAIL>(simd, tile),
                4 if widest == 6 => multiply::<T, S, VECTORS, 4, CHAINS, TAIL>(simd, tile),
                5 if widest == 6 => multiply::<T, S, VECTORS, 5, CHAINS, TAIL>(simd, tile),
                _ => {
                    if widest == 6 {
                        multiply::<T, S, VECTORS, 6, CHAINS, TAIL>(simd, tile)
                    }
                }
            }
        }
        tile.b = tile.b.wrapping_add(width * tile.b_column);
        tile.c = tile.c.wrapping_add(width * tile.c_column);
    }
}
