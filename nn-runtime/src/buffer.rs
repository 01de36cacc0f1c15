//! Zeroed memory on cache-line boundaries.

use core::ops::{Deref, DerefMut};

use bytemuck::{Pod, Zeroable};

use crate::Real;

/// How many values every layer, and every buffer, starts on a multiple of: 64 bytes of `f32`, 128 of `f64`.
///
/// The number does not depend on the scalar, so that a layout is one constant for both.
pub const ALIGN: usize = 16;

/// `n` rounded up to a multiple of [`ALIGN`].
#[must_use]
pub const fn aligned(n: usize) -> usize {
    n.next_multiple_of(ALIGN)
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line<T>([T; ALIGN]);

// SAFETY: an array of a zeroable type.
unsafe impl<T: Real> Zeroable for Line<T> {}
// SAFETY: an array of plain data; 16 values fill the 64 or 128 bytes of a line without padding.
unsafe impl<T: Real> Pod for Line<T> {}

/// A slice of `T` on the heap, zeroed at first and on a 64-byte boundary.
pub struct Buffer<T> {
    lines: Box<[Line<T>]>,
    len: usize,
}

impl<T: Real> Buffer<T> {
    /// `len` zeros.
    #[must_use]
    pub fn zeroed(len: usize) -> Self {
        Self { lines: bytemuck::zeroed_slice_box(len.div_ceil(ALIGN)), len }
    }
}

impl<T: Real> Default for Buffer<T> {
    fn default() -> Self {
        Self::zeroed(0)
    }
}

impl<T: Real> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self { lines: self.lines.clone(), len: self.len }
    }
}

impl<T: Real> core::fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Real> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }
}

impl<T: Real> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_zeroed_aligned_and_exactly_as_long_as_asked() {
        for len in [0, 1, 15, 16, 17, 1000] {
            let buffer = Buffer::<f64>::zeroed(len);
            assert_eq!(&*buffer, vec![0.0; len]);
            assert_eq!(buffer.as_ptr() as usize % 64, 0);
        }
    }
}
