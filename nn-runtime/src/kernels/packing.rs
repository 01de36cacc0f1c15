//! Panels of the left operand, copied to where the register tile reads them best.

use crate::Real;
use crate::simd::{Kernel, Simd};

/// How the panels of the left operand come to the tile.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Packing {
    /// Where they are: element `(r, k)` of the operand is at `r + k·a_step`.
    None,
    /// Copied, so that their columns follow one another: strides of a power of two share few sets of the caches.
    Copied,
    /// Copied from the transposed operand: element `(r, k)` is at `k + r·a_step`.
    Transposed,
}

impl Packing {
    /// Copying a panel pays where each of its columns has a page to itself, and enough columns of the result use it: the fewer,
    /// the farther the pages are from one another, and the taller the panel is.
    #[inline(always)]
    pub const fn copied_if_it_pays<T, S: Simd<T>>(step: usize, columns: usize) -> Self {
        let least = match step * size_of::<T>() {
            ..4096 => return Self::None,
            4096..8192 => 32,
            16384.. if S::REGISTERS == 32 => 8,
            _ => 24,
        };
        if columns >= least { Self::Copied } else { Self::None }
    }

    /// The same for the panels of a convolution, which are deep and met by every place.
    #[inline(always)]
    pub const fn copied_panels_if_it_pays<T>(step: usize, columns: usize) -> Self {
        if step * size_of::<T>() >= 1024 && columns >= 24 { Self::Copied } else { Self::None }
    }

    /// From one row of the operand to the next, and from one `k` to the next, for an operand with the given stride.
    #[inline(always)]
    pub const fn steps(self, step: usize) -> (usize, usize) {
        if matches!(self, Self::Transposed) { (step, 1) } else { (1, step) }
    }

    /// What the memory of a panel of `rows` and `depth` that begins at `from` consists of; nothing, if it is not packed.
    #[inline(always)]
    pub const fn lines<T>(self, (from, step): (*const T, usize), (rows, depth): (usize, usize)) -> Lines<T> {
        let (runs, length) = match self {
            Self::None => (0, 0),
            Self::Copied => (depth, rows),
            Self::Transposed => (rows, depth),
        };
        Lines { from, step, runs, length }
    }

    /// Brings a panel of `rows` and `depth` that begins at `from` to the tile; gives where it is and its step.
    ///
    /// # Safety
    /// The panel is readable, and `to` has room for it with rows and depth rounded up to whole vectors, if it is packed.
    #[inline(always)]
    pub unsafe fn pack<T: Real, S: Simd<T>>(
        self,
        simd: S,
        (from, step): (*const T, usize),
        (rows, depth): (usize, usize),
        to: *mut T,
    ) -> (*const T, usize) {
        let height = rows.next_multiple_of(S::LANES);
        if self == Self::None {
            return (from, step);
        }
        match self {
            Self::None => {}
            Self::Copied => simd.call(Pack { from, step, rows, depth, to, height }),
            Self::Transposed => simd.call(PackTransposed { from, step, rows, depth, to, height }),
        }
        (to, height)
    }
}

/// Memory that will be read soon: so many runs of values, each `step` after the one before.
#[derive(Clone, Copy)]
pub(super) struct Lines<T> {
    from: *const T,
    step: usize,
    runs: usize,
    length: usize,
}

impl<T: Real> Lines<T> {
    /// None at all.
    pub const NONE: Self = Self { from: core::ptr::null(), step: 0, runs: 0, length: 0 };

    /// Takes the first of `parts` parts.
    #[inline(always)]
    pub fn take(&mut self, parts: usize) -> Self {
        let runs = self.runs.div_ceil(parts);
        let part = Self { runs, ..*self };
        self.from = self.from.wrapping_add(runs * self.step);
        self.runs -= runs;
        part
    }

    /// Asks for one run of the memory, if there is one left.
    #[inline(always)]
    pub fn prefetch<S: Simd<T>>(&mut self, simd: S) {
        if self.runs == 0 {
            return;
        }
        let beside = self.from as usize % 64 / size_of::<T>();
        let from = self.from.wrapping_sub(beside);
        for line in (0..beside + self.length).step_by(64 / size_of::<T>()) {
            simd.prefetch(from.wrapping_add(line));
        }
        self.from = self.from.wrapping_add(self.step);
        self.runs -= 1;
    }
}

/// Built by [`Packing::pack`] alone, whose caller promises that the pointers are good.
struct Pack<T> {
    from: *const T,
    step: usize,
    rows: usize,
    depth: usize,
    to: *mut T,
    height: usize,
}

impl<T: Real> Kernel<T> for Pack<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let full = self.rows / S::LANES * S::LANES;
        for k in 0..self.depth {
            // SAFETY: the promise of `Packing::pack`'s caller.
            unsafe {
                let (from, to) = (self.from.add(k * self.step), self.to.add(k * self.height));
                for r in (0..full).step_by(S::LANES) {
                    simd.store(to.add(r), simd.load(from.add(r)));
                }
                if full < self.rows {
                    simd.store(to.add(full), simd.load_partial(from.add(full), self.rows - full));
                }
            }
        }
    }
}

/// Built by [`Packing::pack`] alone, whose caller promises that the pointers are good.
struct PackTransposed<T> {
    from: *const T,
    step: usize,
    rows: usize,
    depth: usize,
    to: *mut T,
    height: usize,
}

impl<T: Real> Kernel<T> for PackTransposed<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        for k in (0..self.depth).step_by(S::LANES) {
            for r in (0..self.rows).step_by(S::LANES) {
                let (deep, tall) = (S::LANES.min(self.depth - k), S::LANES.min(self.rows - r));
                // SAFETY: the promise of `Packing::pack`'s caller.
                unsafe {
                    let (from, to) = (self.from.add(k + r * self.step), self.to.add(r + k * self.height));
                    if deep == S::LANES && tall == S::LANES {
                        simd.transpose(from, self.step, to, self.height);
                    } else {
                        simd.call(PackCorner { from, step: self.step, tall, deep, to, height: self.height });
                    }
                }
            }
        }
    }
}

/// A block at the edge, filled up with zeros to a square of `LANES`.
struct PackCorner<T> {
    from: *const T,
    step: usize,
    tall: usize,
    deep: usize,
    to: *mut T,
    height: usize,
}

impl<T: Real> Kernel<T> for PackCorner<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut square = [T::zero(); 16 * 16];
        const { assert!(S::LANES <= 16) };
        // SAFETY: the promise of `Packing::pack`'s caller; the square has LANES columns of LANES values.
        unsafe {
            for r in 0..self.tall {
                let column = simd.load_partial(self.from.add(r * self.step), self.deep);
                simd.store(square.as_mut_ptr().add(r * S::LANES), column);
            }
            simd.transpose(square.as_ptr(), S::LANES, self.to, self.height);
        }
    }
}
