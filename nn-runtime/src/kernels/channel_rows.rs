//! How the channels of an image fall into vectors, and passes over all places that have something to say of each channel.
//!
//! Values lie channels last, so that an image is a matrix with a row for each place. Where a place has fewer channels than
//! a vector has lanes, several places make one row: it holds whole vectors, and the values that belong to channels are
//! repeated along it.

use core::mem::MaybeUninit;

use crate::Real;
use crate::simd::Simd;

/// More than the longest row of several places.
const MOST_REPEATED: usize = 256;

/// How many places are summed in `T` before the sum goes on in `f64`.
const CHUNK: usize = 128;

/// How many vectors of a row are summed at a time.
const ABREAST: usize = 4;

/// More than the values of as many vectors.
const MOST_ABREAST: usize = ABREAST * 16;

/// How long the rows are.
#[inline(always)]
fn width<T, S: Simd<T>>(channels: usize) -> usize {
    const { assert!(S::LANES <= 16 && S::LANES.is_power_of_two()) };
    let mut width = channels;
    while channels > 0 && channels < S::LANES && (!width.is_multiple_of(S::LANES) || 2 * width <= ABREAST * S::LANES) {
        width *= 2;
    }
    width
}

/// Values of channels, repeated along a row.
pub(super) struct Repeated<T>([MaybeUninit<T>; MOST_REPEATED]);

impl<T: Real> Repeated<T> {
    #[inline(always)]
    pub fn new() -> Self {
        Self([const { MaybeUninit::uninit() }; MOST_REPEATED])
    }

    /// A row of `values`, which stays readable as long as both live.
    #[inline(always)]
    pub fn row<S: Simd<T>>(&mut self, values: &[T]) -> *const T {
        let width = width::<T, S>(values.len());
        if width == values.len() {
            return values.as_ptr();
        }
        for places in self.0[..width].chunks_exact_mut(values.len()) {
            for (to, &value) in places.iter_mut().zip(values) {
                to.write(value);
            }
        }
        self.0.as_ptr().cast()
    }
}

/// What is done to each value, a vector at a time.
pub(super) trait AtVector<T> {
    /// The values from `offset` on, at `column` of their row: a whole vector, or `count` values if it is partial.
    ///
    /// # Safety
    /// The implementor's slices hold them.
    unsafe fn at<S: Simd<T>, const PARTIAL: bool>(&self, simd: S, offset: usize, column: usize, count: usize);
}

/// Runs `work` over all `len` values.
///
/// # Safety
/// As [`AtVector::at`].
#[inline(always)]
pub(super) unsafe fn each_vector<T, S: Simd<T>>(simd: S, channels: usize, len: usize, work: &impl AtVector<T>) {
    let width = width::<T, S>(channels).max(1);
    for first in (0..len).step_by(width) {
        let width = width.min(len - first);
        let full = width - width % S::LANES;
        // SAFETY: the caller's promise; the columns are those of a row, of which the last may be shorter.
        unsafe {
            for column in (0..full).step_by(S::LANES) {
                work.at::<S, false>(simd, first + column, column, S::LANES);
            }
            if full < width {
                work.at::<S, true>(simd, first + full, full, width - full);
            }
        }
    }
}

/// Two terms of each value, whose sums over the places are wanted for each channel.
pub(super) trait Terms<T> {
    /// The terms of the values from `offset` on, at `column` of their row; those behind a partial vector are zero.
    ///
    /// # Safety
    /// The implementor's slices hold the values.
    unsafe fn of<S: Simd<T>, const PARTIAL: bool>(
        &self,
        simd: S,
        offset: usize,
        column: usize,
        count: usize,
    ) -> [S::Vector; 2];

    /// Takes the two sums of a channel, after which its terms are not asked for again.
    fn take(&mut self, channel: usize, sums: [f64; 2]);
}

/// Sums the terms over `len` values.
///
/// # Safety
/// As [`Terms::of`].
#[inline(always)]
pub(super) unsafe fn sum_terms<T: Real, S: Simd<T>>(simd: S, channels: usize, len: usize, terms: &mut impl Terms<T>) {
    let rows = Rows { width: width::<T, S>(channels).max(1), len };
    // Of the channels that are repeated: fewer than lanes.
    let mut folded = [[0.0; 2]; 16];
    for first in (0..rows.width).step_by(ABREAST * S::LANES) {
        let count = (ABREAST * S::LANES).min(rows.width - first);
        let mut sums = [[0.0; MOST_ABREAST]; 2];
        // SAFETY: the caller's promise.
        unsafe {
            if count == ABREAST * S::LANES {
                rows.sum::<T, S, ABREAST, false>(simd, terms, first, S::LANES, &mut sums);
            } else {
                for v in (0..count).step_by(S::LANES) {
                    let mut one = [[0.0; MOST_ABREAST]; 2];
                    let lanes = S::LANES.min(count - v);
                    if lanes == S::LANES {
                        rows.sum::<T, S, 1, false>(simd, terms, first + v, lanes, &mut one);
                    } else {
                        rows.sum::<T, S, 1, true>(simd, terms, first + v, lanes, &mut one);
                    }
                    for (sums, one) in sums.iter_mut().zip(&one) {
                        sums[v..v + lanes].copy_from_slice(&one[..lanes]);
                    }
                }
            }
        }
        for column in first..first + count {
            let sums = [sums[0][column - first], sums[1][column - first]];
            if rows.width == channels {
                terms.take(column, sums);
            } else {
                let folded = &mut folded[column % channels];
                *folded = [folded[0] + sums[0], folded[1] + sums[1]];
            }
        }
    }
    if rows.width != channels {
        for (channel, &sums) in folded.iter().enumerate().take(channels) {
            terms.take(channel, sums);
        }
    }
}

/// `len` values in rows; the last may be shorter.
#[derive(Clone, Copy)]
struct Rows {
    width: usize,
    len: usize,
}

impl Rows {
    /// Adds the sums of `V` vectors of columns from `first` on, of which the only one has `lanes` if it is partial.
    ///
    /// # Safety
    /// As [`Terms::of`].
    #[inline(always)]
    unsafe fn sum<T: Real, S: Simd<T>, const V: usize, const PARTIAL: bool>(
        self,
        simd: S,
        terms: &impl Terms<T>,
        first: usize,
        lanes: usize,
        sums: &mut [[f64; MOST_ABREAST]; 2],
    ) {
        let whole = self.len / self.width;
        let mut row = 0;
        while row < whole {
            let end = whole.min(row + CHUNK);
            let mut chunk = [[simd.splat(T::zero()); 2]; V];
            while row < end {
                for (v, [a, b]) in chunk.iter_mut().enumerate() {
                    let column = first + v * S::LANES;
                    // SAFETY: the caller's promise.
                    let terms = unsafe { terms.of::<S, PARTIAL>(simd, row * self.width + column, column, lanes) };
                    (*a, *b) = (simd.add(*a, terms[0]), simd.add(*b, terms[1]));
                }
                row += 1;
            }
            for (v, &terms) in chunk.iter().enumerate() {
                add(simd, terms, v * S::LANES, sums);
            }
        }
        let rest = self.len - whole * self.width;
        for v in 0..V {
            let column = first + v * S::LANES;
            if column < rest {
                let lanes = S::LANES.min(rest - column);
                // SAFETY: the caller's promise; the last row has as many values from there on.
                let terms = unsafe { terms.of::<S, true>(simd, whole * self.width + column, column, lanes) };
                add(simd, terms, v * S::LANES, sums);
            }
        }
    }
}

/// Adds both terms, lane by lane, to the sums from `first` on.
#[inline(always)]
fn add<T: Real, S: Simd<T>>(simd: S, terms: [S::Vector; 2], first: usize, sums: &mut [[f64; MOST_ABREAST]; 2]) {
    for (term, sums) in terms.into_iter().zip(sums) {
        let mut lanes = [T::zero(); 16];
        // SAFETY: there is room for a vector.
        unsafe { simd.store(lanes.as_mut_ptr(), term) };
        for (sum, lane) in sums[first..].iter_mut().zip(&lanes[..S::LANES]) {
            *sum += lane.to_f64();
        }
    }
}

/// `count` values, or a whole vector.
///
/// # Safety
/// They are readable.
#[inline(always)]
pub(super) unsafe fn load<T, S: Simd<T>, const PARTIAL: bool>(simd: S, from: *const T, count: usize) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe { if PARTIAL { simd.load_partial(from, count) } else { simd.load(from) } }
}

/// `count` values, or a whole vector.
///
/// # Safety
/// They are writable.
#[inline(always)]
pub(super) unsafe fn store<T, S: Simd<T>, const PARTIAL: bool>(simd: S, to: *mut T, v: S::Vector, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { if PARTIAL { simd.store_partial(to, v, count) } else { simd.store(to, v) } }
}
