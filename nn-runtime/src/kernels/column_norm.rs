//! Columns with their mean and variance taken out: layer normalisation.

use super::Column;
use crate::Real;
use crate::simd::{Kernel, Simd};

/// How many vectors are summed in `T` before the sum goes on in `f64`.
const CHUNK: usize = 256;

/// `y = gamma ⊙ (x − mean)/√(variance + eps) + beta`, column by column; then `max(0, y)`, if it is to `rectify`.
///
/// # Panics
/// If the lengths do not agree.
pub struct ColumnNorm<'a, T> {
    /// `O × B`.
    pub x: &'a [T],
    /// As many values, overwritten.
    pub y: &'a mut [T],
    /// O values.
    pub gamma: &'a [T],
    /// O values.
    pub beta: &'a [T],
    /// What keeps the root from zero.
    pub eps: f64,
    /// Whether what is negative becomes zero.
    pub rectify: bool,
}

/// The gradient of [`ColumnNorm`], with the statistics computed again: with `r = 1/√(variance + eps)`, `x̂ = (x − mean)·r`,
/// `g = gamma ⊙ d_y` and means over the column, `d_x = r·(g − mean g − x̂·mean(g ⊙ x̂))`; `d_gamma = Σ_b d_y ⊙ x̂` and
/// `d_beta = Σ_b d_y`.
///
/// # Panics
/// If the lengths do not agree.
pub struct ColumnNormGradient<'a, T> {
    /// `O × B`.
    pub x: &'a [T],
    /// As many values.
    pub d_y: &'a [T],
    /// As many values; or none.
    pub d_x: Option<&'a mut [T]>,
    /// Whether the gradient of the input is added to `d_x`; else it overwrites it.
    pub adds_to_d_x: bool,
    /// O values.
    pub gamma: &'a [T],
    /// O values.
    pub d_gamma: &'a mut [T],
    /// O values.
    pub d_beta: &'a mut [T],
    /// What keeps the root from zero.
    pub eps: f64,
    /// Whether sums are added to `d_gamma` and `d_beta`; else they overwrite them.
    pub accumulate: bool,
}

/// Of a column: `mean = centre + residue`, rounded, and `1/√(variance + eps)`.
#[derive(Clone, Copy)]
struct Statistics<T> {
    centre: T,
    residue: T,
    root: T,
}

impl<T: Real> Kernel<T> for ColumnNorm<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, y, gamma, beta, eps, rectify } = self;
        let rows = gamma.len();
        assert!(beta.len() == rows && x.len() == y.len(), "columns of {rows} values");
        assert!(x.is_empty() || (rows > 0 && x.len().is_multiple_of(rows)), "whole columns of {rows} values");
        let column = Column::new(simd, rows);
        // A NaN is not less than −∞, nor is it cut off below.
        let floor = T::nearest(if rectify { 0.0 } else { f64::NEG_INFINITY });
        for (x, y) in x.chunks_exact(rows.max(1)).zip(y.chunks_exact_mut(rows.max(1))) {
            let (x, y) = (x.as_ptr(), y.as_mut_ptr());
            // SAFETY: all are columns of `rows` values.
            unsafe {
                let statistics = statistics(column, x, eps);
                normalise(column, x, y, [gamma.as_ptr(), beta.as_ptr()], statistics, floor);
            }
        }
    }
}

/// # Safety
/// All are columns; that at `y` is writable.
#[inline(always)]
unsafe fn normalise<T: Real, S: Simd<T>>(
    column: Column<T, S>,
    x: *const T,
    y: *mut T,
    [gamma, beta]: [*const T; 2],
    statistics: Statistics<T>,
    floor: T,
) {
    let Column { simd, full, tail, .. } = column;
    let (standard, floor) = (Standard::new(simd, statistics), simd.splat(floor));
    // SAFETY: whole vectors and the tail lie in the columns.
    unsafe {
        for i in column.whole_vectors() {
            let x = standard.of(simd, simd.load(x.add(i)));
            let value = simd.mul_add(x, simd.load(gamma.add(i)), simd.load(beta.add(i)));
            simd.store(y.add(i), simd.max(floor, value));
        }
        if tail > 0 {
            let x = standard.of(simd, simd.load_partial(x.add(full), tail));
            let (gamma, beta) = (simd.load_partial(gamma.add(full), tail), simd.load_partial(beta.add(full), tail));
            simd.store_partial(y.add(full), simd.max(floor, simd.mul_add(x, gamma, beta)), tail);
        }
    }
}

/// [`Statistics`], in every lane.
#[derive(Clone, Copy)]
struct Standard<V> {
    centre: V,
    residue: V,
    root: V,
}

impl<V: Copy> Standard<V> {
    #[inline(always)]
    fn new<T: Real, S: Simd<T, Vector = V>>(simd: S, of: Statistics<T>) -> Self {
        Self { centre: simd.splat(of.centre), residue: simd.splat(of.residue), root: simd.splat(of.root) }
    }

    /// `x̂ = (x − mean)·r`.
    #[inline(always)]
    fn of<T: Real, S: Simd<T, Vector = V>>(self, simd: S, x: V) -> V {
        simd.mul(simd.sub(simd.sub(x, self.centre), self.residue), self.root)
    }
}

/// Mean and root of a column, in two passes.
///
/// # Safety
/// The column at `x` is readable.
#[inline(always)]
unsafe fn statistics<T: Real, S: Simd<T>>(column: Column<T, S>, x: *const T, eps: f64) -> Statistics<T> {
    let rows = (column.full + column.tail) as f64;
    // SAFETY: the caller's promise.
    unsafe {
        // Differences from one of its own values lose no digits where all are large.
        let (offset, _) = moments(column, x, *x);
        let centre = T::nearest((*x).to_f64() + offset / rows);
        let (offset, squares) = moments(column, x, centre);
        let residue = offset / rows;
        let variance = squares / rows - residue * residue;
        Statistics { centre, residue: T::nearest(residue), root: T::nearest(1.0 / (variance + eps).sqrt()) }
    }
}

/// `Σ (x − centre)` and `Σ (x − centre)²`.
///
/// # Safety
/// The column at `x` is readable.
#[inline(always)]
unsafe fn moments<T: Real, S: Simd<T>>(column: Column<T, S>, x: *const T, centre: T) -> (f64, f64) {
    let Column { simd, full, tail, .. } = column;
    let (zero, centre) = (simd.splat(T::zero()), simd.splat(centre));
    let (mut total, mut total_squares) = (0.0, 0.0);
    let mut first = 0;
    while first < full {
        let end = full.min(first + CHUNK * S::LANES);
        // Two chains of each, so that an addition need not wait for the one before.
        let (mut sums, mut squares) = ([zero; 2], [zero; 2]);
        let pairs = end - (end - first) % (2 * S::LANES);
        for i in (first..pairs).step_by(2 * S::LANES) {
            for chain in 0..2 {
                // SAFETY: the vector lies in the column.
                let difference = simd.sub(unsafe { simd.load(x.add(i + chain * S::LANES)) }, centre);
                sums[chain] = simd.add(sums[chain], difference);
                squares[chain] = simd.mul_add(difference, difference, squares[chain]);
            }
        }
        if pairs < end {
            // SAFETY: as above.
            let difference = simd.sub(unsafe { simd.load(x.add(pairs)) }, centre);
            sums[0] = simd.add(sums[0], difference);
            squares[0] = simd.mul_add(difference, difference, squares[0]);
        }
        total += simd.sum(simd.add(sums[0], sums[1])).to_f64();
        total_squares += simd.sum(simd.add(squares[0], squares[1])).to_f64();
        first = end;
    }
    if tail > 0 {
        // SAFETY: the tail lies in the column.
        let difference = simd.sub(unsafe { simd.load_partial(x.add(full), tail) }, centre);
        let difference = column.in_tail(difference, zero);
        total += simd.sum(difference).to_f64();
        total_squares += simd.sum(simd.mul(difference, difference)).to_f64();
    }
    (total, total_squares)
}

impl<T: Real> Kernel<T> for ColumnNormGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { x, d_y, mut d_x, adds_to_d_x, gamma, d_gamma, d_beta, eps, accumulate } = self;
        let rows = gamma.len();
        assert!(d_gamma.len() == rows && d_beta.len() == rows && x.len() == d_y.len(), "columns of {rows} values");
        assert!(x.is_empty() || (rows > 0 && x.len().is_multiple_of(rows)), "whole columns of {rows} values");
        assert!(d_x.as_ref().is_none_or(|d_x| d_x.len() == x.len()), "a gradient for each value");
        if !accumulate {
            d_gamma.fill(T::zero());
            d_beta.fill(T::zero());
        }
        let column = Column::new(simd, rows);
        for (b, (x, d_y)) in x.chunks_exact(rows.max(1)).zip(d_y.chunks_exact(rows.max(1))).enumerate() {
            let d_x = d_x.as_deref_mut().map(|d_x| d_x[b * rows..(b + 1) * rows].as_mut_ptr());
            let (x, d_y, gamma) = (x.as_ptr(), d_y.as_ptr(), gamma.as_ptr());
            // SAFETY: all are columns of `rows` values.
            unsafe {
                let statistics = statistics(column, x, eps);
                let place = Place { column, x, d_y, gamma, statistics };
                let means = place.parameters(d_gamma.as_mut_ptr(), d_beta.as_mut_ptr());
                match d_x {
                    Some(d_x) if adds_to_d_x => place.inputs::<true>(d_x, means),
                    Some(d_x) => place.inputs::<false>(d_x, means),
                    None => {}
                }
            }
        }
    }
}

/// One column and its gradient.
struct Place<T, S: Simd<T>> {
    column: Column<T, S>,
    x: *const T,
    d_y: *const T,
    gamma: *const T,
    statistics: Statistics<T>,
}

impl<T: Real, S: Simd<T>> Place<T, S> {
    /// Adds the column's share to the gradients of the parameters, and gives `mean g` and `mean(g ⊙ x̂)`.
    ///
    /// # Safety
    /// All are columns; those of the gradients are writable.
    #[inline(always)]
    unsafe fn parameters(&self, d_gamma: *mut T, d_beta: *mut T) -> [T; 2] {
        let Column { simd, full, tail, .. } = self.column;
        let zero = simd.splat(T::zero());
        let standard = Standard::new(simd, self.statistics);
        let mut totals = [0.0; 2];
        let mut first = 0;
        // SAFETY: whole vectors and the tail lie in the columns.
        unsafe {
            while first < full {
                let end = full.min(first + CHUNK * S::LANES);
                let mut sums = [zero; 2];
                for i in (first..end).step_by(S::LANES) {
                    let (x, d_y) = (standard.of(simd, simd.load(self.x.add(i))), simd.load(self.d_y.add(i)));
                    let g = simd.mul(d_y, simd.load(self.gamma.add(i)));
                    sums = [simd.add(sums[0], g), simd.mul_add(g, x, sums[1])];
                    simd.store(d_gamma.add(i), simd.mul_add(d_y, x, simd.load(d_gamma.add(i))));
                    simd.store(d_beta.add(i), simd.add(d_y, simd.load(d_beta.add(i))));
                }
                totals = [totals[0] + simd.sum(sums[0]).to_f64(), totals[1] + simd.sum(sums[1]).to_f64()];
                first = end;
            }
            if tail > 0 {
                let x = standard.of(simd, simd.load_partial(self.x.add(full), tail));
                // What lies behind the tail is zero in `d_y`, and so in all that follows, but for an infinite `x`.
                let x = self.column.in_tail(x, zero);
                let d_y = simd.load_partial(self.d_y.add(full), tail);
                let g = simd.mul(d_y, simd.load_partial(self.gamma.add(full), tail));
                totals = [totals[0] + simd.sum(g).to_f64(), totals[1] + simd.sum(simd.mul(g, x)).to_f64()];
                let (d_gamma, d_beta) = (d_gamma.add(full), d_beta.add(full));
                simd.store_partial(d_gamma, simd.mul_add(d_y, x, simd.load_partial(d_gamma, tail)), tail);
                simd.store_partial(d_beta, simd.add(d_y, simd.load_partial(d_beta, tail)), tail);
            }
        }
        let rows = (full + tail) as f64;
        totals.map(|total| T::nearest(total / rows))
    }

    /// `d_x = r·(g − mean g − x̂·mean(g ⊙ x̂))`, with `ADD` added to what is there.
    ///
    /// # Safety
    /// `d_x` is a writable column.
    #[inline(always)]
    unsafe fn inputs<const ADD: bool>(&self, d_x: *mut T, [mean, moment]: [T; 2]) {
        let Column { simd, full, tail, .. } = self.column;
        let standard = Standard::new(simd, self.statistics);
        let (mean, moment) = (simd.splat(mean), simd.splat(moment));
        // SAFETY: whole vectors and the tail lie in the columns.
        unsafe {
            for i in self.column.whole_vectors() {
                let x = standard.of(simd, simd.load(self.x.add(i)));
                let g = simd.mul(simd.load(self.d_y.add(i)), simd.load(self.gamma.add(i)));
                let d = simd.neg_mul_add(x, moment, simd.sub(g, mean));
                let d_x = d_x.add(i);
                let d = if ADD { simd.mul_add(standard.root, d, simd.load(d_x)) } else { simd.mul(standard.root, d) };
                simd.store(d_x, d);
            }
            if tail > 0 {
                let x = standard.of(simd, simd.load_partial(self.x.add(full), tail));
                let d_y = simd.load_partial(self.d_y.add(full), tail);
                let g = simd.mul(d_y, simd.load_partial(self.gamma.add(full), tail));
                let d = simd.neg_mul_add(x, moment, simd.sub(g, mean));
                let d_x = d_x.add(full);
                let d = if ADD {
                    simd.mul_add(standard.root, d, simd.load_partial(d_x, tail))
                } else {
                    simd.mul(standard.root, d)
                };
                simd.store_partial(d_x, d, tail);
            }
        }
    }
}
