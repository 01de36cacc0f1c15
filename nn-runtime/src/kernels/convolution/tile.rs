//! The register tile of every convolution: columns that lie anywhere, sums that run along several axes.
//!
//! ```text
//! c[j][r] = f(scale[r] · (start[j][r] + Σᵢ Σₖ a[i.a + k·a_step + r] · b[j][i.b + k·b_step]) + shift[r])
//! ```
//!
//! with `i` the steps of three nested [`Run`]s. The sums stay in registers over all of them, in one chain of fused
//! multiply-adds in the order of the loops: neither the number of columns nor their company changes a bit of a column.
//!
//! `a` is read as vectors. `b` is broadcast value by value; with `LANEWISE` it too is read as vectors, one value for each
//! row: what a convolution by channel needs.

use crate::Real;
use crate::activations::{ActivateInPlace, Activation, Pointwise, Relu};
use crate::kernels::tile::Start;
use crate::simd::{Kernel, Simd};

/// An axis along which sums run.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Run {
    /// How many steps it has.
    pub count: usize,
    /// From one step to the next in `a`; steps backwards wrap around.
    pub a: usize,
    /// The same in `b`.
    pub b: usize,
}

/// What the columns of a panel have in common.
#[derive(Clone, Copy)]
pub(super) struct Sums<T> {
    /// The left operand.
    pub a: *const T,
    /// The outer axes of the sums, outermost first.
    pub runs: [Run; 3],
    /// The innermost axis.
    pub depth: Run,
    /// What the sums begin with.
    pub start: Start<T>,
    /// What they are multiplied by and what is then added, a value for each row.
    pub scale: Option<(*const T, *const T)>,
    /// What the results pass through.
    pub activation: Activation,
    /// How many rows there are.
    pub rows: usize,
}

impl<T> Sums<T> {
    /// Whether the result is what it was but for the products.
    #[inline(always)]
    pub fn only_adds(&self) -> bool {
        matches!(self.start, Start::Output) && self.scale.is_none() && self.activation == Activation::Linear
    }

    /// The same sums with as much as possible in the innermost loop.
    fn merged(mut self) -> Self {
        while self.runs != [ONCE; 3] {
            let outer = self.runs[2];
            let follows = outer.a == self.depth.count.wrapping_mul(self.depth.a)
                && outer.b == self.depth.count.wrapping_mul(self.depth.b);
            self.depth = match (outer.count, self.depth.count) {
                (1, _) => self.depth,
                (_, 1) => outer,
                (count, depth) if follows => Run { count: count * depth, ..self.depth },
                _ => break,
            };
            self.runs = [ONCE, self.runs[0], self.runs[1]];
        }
        self
    }
}

/// No axis.
pub(super) const ONCE: Run = Run { count: 1, a: 0, b: 0 };

/// An axis along which columns lie.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// How many there are.
    pub count: usize,
    /// From one column to the next in `b`.
    pub b: usize,
    /// The same in the result.
    pub c: usize,
}

/// The columns of a panel: an odometer of four axes, outermost first.
pub(super) struct Columns<T> {
    b: *const T,
    c: *mut T,
    axes: [Axis; 4],
    index: [usize; 4],
    left: usize,
}

impl<T> Columns<T> {
    /// The columns of which the first is at `b` and `c`.
    pub fn new(b: *const T, c: *mut T, axes: [Axis; 4]) -> Self {
        Self { b, c, axes, index: [0; 4], left: axes.iter().map(|axis| axis.count).product() }
    }

    /// The next `N` columns, of which there must be one left; if there are fewer, the last of them again.
    #[inline(always)]
    fn take<const N: usize>(&mut self, tile: &mut Pointers<T, N>) {
        let inner = self.axes[3];
        if inner.count - self.index[3] >= N {
            for j in 0..N {
                tile.b[j] = self.b.wrapping_add(j * inner.b);
                tile.c[j] = self.c.wrapping_add(j * inner.c);
            }
            self.advance(N);
            return;
        }
        for j in 0..N {
            (tile.b[j], tile.c[j]) = (self.b, self.c);
            if self.left > 1 {
                self.advance(1);
            } else {
                self.left = 0;
            }
        }
    }

    /// Moves on by so many columns, at most to behind the last of the innermost axis.
    #[inline(always)]
    fn advance(&mut self, columns: usize) {
        let inner = &self.axes[3];
        self.left -= columns;
        self.index[3] += columns;
        self.b = self.b.wrapping_add(columns.wrapping_mul(inner.b));
        self.c = self.c.wrapping_add(columns.wrapping_mul(inner.c));
        let mut axis = 3;
        while axis > 0 && self.index[axis] == self.axes[axis].count {
            let Axis { count, b, c } = self.axes[axis];
            self.index[axis] = 0;
            self.b = self.b.wrapping_sub(count.wrapping_mul(b));
            self.c = self.c.wrapping_sub(count.wrapping_mul(c));
            axis -= 1;
            self.index[axis] += 1;
            self.b = self.b.wrapping_add(self.axes[axis].b);
            self.c = self.c.wrapping_add(self.axes[axis].c);
        }
    }
}

/// The columns of one tile. Filled in place: a copy would wait for the pointers to reach memory.
struct Pointers<T, const COLUMNS: usize> {
    b: [*const T; COLUMNS],
    c: [*mut T; COLUMNS],
}

/// How many vectors the tallest panel has.
const fn tallest<T: Real, S: Simd<T>>() -> usize {
    if S::REGISTERS == 32 || S::LANES == 1 { 4 } else { 2 }
}

/// How many vectors tall the next panel of so many rows is.
#[inline(always)]
pub(super) fn height<T: Real, S: Simd<T>>(rows: usize, lanewise: bool) -> usize {
    let tallest = tallest::<T, S>();
    let vectors = rows.div_ceil(S::LANES);
    if S::REGISTERS == 32 && !lanewise {
        // As equal in height as possible.
        vectors.div_ceil(vectors.div_ceil(tallest))
    } else if rows >= tallest * S::LANES {
        tallest
    } else if S::LANES == 1 || lanewise {
        1
    } else {
        vectors
    }
}

/// Computes every column of a panel of at most [`height`] vectors.
///
/// # Safety
/// For all columns, rows and steps, `a`, `b`, the start and the scale are readable and the result is writable, and nothing
/// else writes them.
#[inline(always)]
pub(super) unsafe fn panel<T: Real, S: Simd<T>>(simd: S, sums: &Sums<T>, columns: Columns<T>, lanewise: bool) {
    if columns.left == 0 {
        return;
    }
    let sums = &sums.merged();
    let full = sums.rows.is_multiple_of(S::LANES);
    let vectors = sums.rows.div_ceil(S::LANES);
    if lanewise {
        match (S::REGISTERS, S::LANES, vectors) {
            (.., 4) => simd.call(Panel::<T, 4, false, true> { sums, columns }),
            (16, 2.., 2) => simd.call(Panel::<T, 2, false, true> { sums, columns }),
            (_, 1, _) => simd.call(Panel::<T, 1, false, true> { sums, columns }),
            _ => simd.call(Panel::<T, 1, true, true> { sums, columns }),
        }
    } else if S::REGISTERS == 32 {
        match vectors {
            4 if full => simd.call(Panel::<T, 4, false, false> { sums, columns }),
            4 => simd.call(Panel::<T, 4, true, false> { sums, columns }),
            3 => simd.call(Panel::<T, 3, true, false> { sums, columns }),
            2 => simd.call(Panel::<T, 2, true, false> { sums, columns }),
            _ => simd.call(Panel::<T, 1, true, false> { sums, columns }),
        }
    } else {
        match (S::LANES, vectors) {
            (2.., 2) if full => simd.call(Panel::<T, 2, false, false> { sums, columns }),
            (2.., 2) => simd.call(Panel::<T, 2, true, false> { sums, columns }),
            (2.., _) => simd.call(Panel::<T, 1, true, false> { sums, columns }),
            (_, 4) => simd.call(Panel::<T, 4, false, false> { sums, columns }),
            _ => simd.call(Panel::<T, 1, false, false> { sums, columns }),
        }
    }
}

/// Built by [`panel`] alone, whose caller promises that the pointers are good. With `TAIL`, the last vector need not be
/// full.
struct Panel<'a, T, const VECTORS: usize, const TAIL: bool, const LANEWISE: bool> {
    sums: &'a Sums<T>,
    columns: Columns<T>,
}

impl<T: Real, const VECTORS: usize, const TAIL: bool, const LANEWISE: bool> Kernel<T>
    for Panel<'_, T, VECTORS, TAIL, LANEWISE>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        if const { VECTORS > tallest::<T, S>() || TAIL && S::LANES == 1 } {
            unreachable!("a panel that its level does not have");
        }
        let wide = const { Self::widest::<S>() };
        let mut finished = Finished::new(self.sums);
        while self.columns.left > 0 {
            // A tile that finds too few columns repeats the last: that costs less than it would to have every width.
            match self.columns.left {
                1 => self.tile::<S, 1>(simd, &mut finished),
                2 | 3 => self.tile::<S, 3>(simd, &mut finished),
                4..=6 if wide > 6 => self.tile::<S, 6>(simd, &mut finished),
                _ if wide == 10 => self.tile::<S, 10>(simd, &mut finished),
                _ if wide == 8 => self.tile::<S, 8>(simd, &mut finished),
                _ if wide == 6 => self.tile::<S, 6>(simd, &mut finished),
                _ => self.tile::<S, 3>(simd, &mut finished),
            }
        }
        finished.activate(simd);
    }
}

impl<T: Real, const VECTORS: usize, const TAIL: bool, const LANEWISE: bool> Panel<'_, T, VECTORS, TAIL, LANEWISE> {
    /// How many columns the registers hold the sums of, beside the operands.
    const fn widest<S: Simd<T>>() -> usize {
        match (S::REGISTERS, S::LANES) {
            (32, _) if VECTORS == 1 => 10,
            (32, _) if VECTORS <= 3 => 8,
            (_, 2..) if VECTORS == 1 => 8,
            (_, 2..) => 6,
            _ => 3,
        }
    }

    #[inline(always)]
    fn tile<S: Simd<T>, const COLUMNS: usize>(&mut self, simd: S, finished: &mut Finished<T>) {
        if const { COLUMNS > Self::widest::<S>() } {
            unreachable!("a tile that its level does not have");
        }
        let count = COLUMNS.min(self.columns.left);
        let mut columns = Pointers { b: [core::ptr::null(); COLUMNS], c: [core::ptr::null_mut(); COLUMNS] };
        self.columns.take(&mut columns);
        simd.call(Tile::<'_, T, VECTORS, COLUMNS, TAIL, LANEWISE> { sums: self.sums, columns: &columns });
        if finished.activation != Activation::Linear {
            columns.c[..count].iter().for_each(|&c| finished.add(simd, c));
        }
    }
}

/// Results that wait for an activation that needs more registers than a tile has left: while they follow one another they
/// are one slice, and it is short enough to be in the nearest cache still.
struct Finished<T> {
    activation: Activation,
    rows: usize,
    first: *mut T,
    len: usize,
}

impl<T: Real> Finished<T> {
    /// How many values wait at most, unless a single column has more.
    const MOST: usize = 2048;

    fn new(sums: &Sums<T>) -> Self {
        let activation =
            if matches!(sums.activation, Activation::Relu(_)) { Activation::Linear } else { sums.activation };
        Self { activation, rows: sums.rows, first: core::ptr::null_mut(), len: 0 }
    }

    #[inline(always)]
    fn add<S: Simd<T>>(&mut self, simd: S, column: *mut T) {
        if self.len >= Self::MOST || column.cast_const() != self.first.wrapping_add(self.len).cast_const() {
            self.activate(simd);
            self.first = column;
        }
        self.len += self.rows;
    }

    #[inline(always)]
    fn activate<S: Simd<T>>(&mut self, simd: S) {
        if self.len > 0 {
            // SAFETY: the columns that were added, which follow one another, have been written and are nobody else's.
            let y = unsafe { core::slice::from_raw_parts_mut(self.first, self.len) };
            simd.call(ActivateInPlace { activation: self.activation, y });
            self.len = 0;
        }
    }
}

/// Built by [`Panel`] alone.
struct Tile<'a, T, const VECTORS: usize, const COLUMNS: usize, const TAIL: bool, const LANEWISE: bool> {
    sums: &'a Sums<T>,
    columns: &'a Pointers<T, COLUMNS>,
}

type Accumulators<V, const VECTORS: usize, const COLUMNS: usize> = [[V; VECTORS]; COLUMNS];

impl<T: Real, const VECTORS: usize, const COLUMNS: usize, const TAIL: bool, const LANEWISE: bool> Kernel<T>
    for Tile<'_, T, VECTORS, COLUMNS, TAIL, LANEWISE>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Sums { a, runs: [outer, middle, inner], depth, rows, .. } = *self.sums;
        let last = rows - (VECTORS - 1) * S::LANES;
        let b = &self.columns.b;
        // SAFETY: the promise of `panel`'s caller.
        unsafe {
            let mut sums = [[simd.splat(T::zero()); VECTORS]; COLUMNS];
            self.begin(simd, &mut sums, last);
            for o in 0..outer.count {
                for m in 0..middle.count {
                    for i in 0..inner.count {
                        let at = |o_step: usize, m_step: usize, i_step: usize| {
                            let offset = o.wrapping_mul(o_step).wrapping_add(m.wrapping_mul(m_step));
                            offset.wrapping_add(i.wrapping_mul(i_step))
                        };
                        let mut a = a.wrapping_add(at(outer.a, middle.a, inner.a));
                        let mut offset = at(outer.b, middle.b, inner.b);
                        for _ in 0..depth.count {
                            Self::step(simd, a, b, offset, &mut sums, last);
                            a = a.wrapping_add(depth.a);
                            offset = offset.wrapping_add(depth.b);
                        }
                    }
                }
            }
            self.finish(simd, &mut sums, last);
        }
    }
}

impl<T: Real, const VECTORS: usize, const COLUMNS: usize, const TAIL: bool, const LANEWISE: bool>
    Tile<'_, T, VECTORS, COLUMNS, TAIL, LANEWISE>
{
    /// Vector `v` of what begins at `from`.
    #[inline(always)]
    unsafe fn load<S: Simd<T>>(simd: S, from: *const T, v: usize, last: usize) -> S::Vector {
        // SAFETY: the promise of `panel`'s caller.
        unsafe {
            let from = from.add(v * S::LANES);
            if Self::partial::<S>(v) { simd.load_partial(from, last) } else { simd.load(from) }
        }
    }

    const fn partial<S: Simd<T>>(v: usize) -> bool {
        TAIL && S::LANES > 1 && v == VECTORS - 1
    }

    #[inline(always)]
    unsafe fn begin<S: Simd<T>>(&self, simd: S, sums: &mut Accumulators<S::Vector, VECTORS, COLUMNS>, last: usize) {
        for (sums, &c) in sums.iter_mut().zip(&self.columns.c) {
            let start = match self.sums.start {
                Start::Zero => return,
                Start::Column(start) => start,
                Start::Output => c.cast_const(),
            };
            for (v, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the promise of `panel`'s caller.
                *sum = unsafe { Self::load(simd, start, v, last) };
            }
        }
    }

    #[inline(always)]
    unsafe fn step<S: Simd<T>>(
        simd: S,
        a: *const T,
        b: &[*const T; COLUMNS],
        offset: usize,
        sums: &mut Accumulators<S::Vector, VECTORS, COLUMNS>,
        last: usize,
    ) {
        // SAFETY: the promise of `panel`'s caller.
        unsafe {
            let mut left = [simd.splat(T::zero()); VECTORS];
            for (v, left) in left.iter_mut().enumerate() {
                *left = Self::load(simd, a, v, last);
            }
            for (sums, b) in sums.iter_mut().zip(b) {
                let b = b.wrapping_add(offset);
                let broadcast = if LANEWISE { simd.splat(T::zero()) } else { simd.splat(*b) };
                for (v, (sum, left)) in sums.iter_mut().zip(left).enumerate() {
                    let right = if LANEWISE { Self::load(simd, b, v, last) } else { broadcast };
                    *sum = simd.mul_add(left, right, *sum);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn finish<S: Simd<T>>(&self, simd: S, sums: &mut Accumulators<S::Vector, VECTORS, COLUMNS>, last: usize) {
        if let Some((scale, shift)) = self.sums.scale {
            for v in 0..VECTORS {
                // SAFETY: the promise of `panel`'s caller.
                let (scale, shift) = unsafe { (Self::load(simd, scale, v, last), Self::load(simd, shift, v, last)) };
                for sums in sums.iter_mut() {
                    sums[v] = simd.mul_add(sums[v], scale, shift);
                }
            }
        }
        if matches!(self.sums.activation, Activation::Relu(_)) {
            for sum in sums.as_flattened_mut() {
                *sum = Relu.forward(simd, *sum);
            }
        }
        for (sums, &c) in sums.iter().zip(&self.columns.c) {
            for (v, &sum) in sums.iter().enumerate() {
                // SAFETY: the promise of `panel`'s caller.
                unsafe {
                    let to = c.add(v * S::LANES);
                    if Self::partial::<S>(v) {
                        simd.store_partial(to, sum, last);
                    } else {
                        simd.store(to, sum);
                    }
                }
            }
        }
    }
}
