//! Parameters as one flat slice: the plain-data view of a struct of matrices.

use core::marker::PhantomData;
use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::ptr::NonNull;

use nalgebra::{ArrayStorage, Const, Matrix};

use crate::Real;

/// A struct that is nothing but values of `T`, so that it can be read and written as one slice.
///
/// `network!` implements it for what it declares, and has the compiler check the promise.
///
/// # Safety
/// The type is `LEN` values of `T` one after the other, without gaps, and aligned as they are; any values are allowed.
pub unsafe trait Flat<T: Real>: Sized {
    /// How many values there are.
    const LEN: usize;

    /// All values, in the order of the fields.
    #[inline]
    fn as_flat(&self) -> &[T] {
        // What has no values need not lie where a `T` could.
        if Self::LEN == 0 {
            return &[];
        }
        // SAFETY: the implementor's promise.
        unsafe { core::slice::from_raw_parts(core::ptr::from_ref(self).cast(), Self::LEN) }
    }

    /// All values, in the order of the fields.
    #[inline]
    fn as_flat_mut(&mut self) -> &mut [T] {
        if Self::LEN == 0 {
            return &mut [];
        }
        // SAFETY: the implementor's promise.
        unsafe { core::slice::from_raw_parts_mut(core::ptr::from_mut(self).cast(), Self::LEN) }
    }

    /// Zeros, allocated in place: the value is never on the stack.
    #[must_use]
    fn zeroed_box() -> Box<Self> {
        let layout = Layout::new::<Self>();
        if layout.size() == 0 {
            // SAFETY: a box of a type without size owns no memory.
            return unsafe { Box::from_raw(NonNull::dangling().as_ptr()) };
        }
        // SAFETY: the layout has a size. Zeros are values of `T`, and so a `Self`, by the implementor's promise.
        unsafe {
            let memory = alloc_zeroed(layout).cast::<Self>();
            if memory.is_null() {
                handle_alloc_error(layout);
            }
            Box::from_raw(memory)
        }
    }
}

// SAFETY: a matrix with static dimensions is an array of its values.
unsafe impl<T: Real, const R: usize, const C: usize> Flat<T> for Matrix<T, Const<R>, Const<C>, ArrayStorage<T, R, C>> {
    const LEN: usize = R * C;
}

// SAFETY: itself.
unsafe impl<T: Real> Flat<T> for T {
    const LEN: usize = 1;
}

// SAFETY: an array has no gaps beside those of its elements.
unsafe impl<T: Real, F: Flat<T>, const N: usize> Flat<T> for [F; N] {
    const LEN: usize = N * F::LEN;
}

// SAFETY: it has no values.
unsafe impl<T: Real, Marker> Flat<T> for PhantomData<Marker> {
    const LEN: usize = 0;
}

/// How many values follow a field of `len` values, so that the next one starts on [`ALIGN`](crate::ALIGN).
#[must_use]
pub const fn padding(len: usize) -> usize {
    crate::aligned(len) - len
}

/// How many values at the end of a padded field of `len` values are no parameters, of which `buffers` are running statistics.
#[must_use]
pub const fn trailing(buffers: usize, len: usize) -> usize {
    if buffers == 0 { 0 } else { buffers + padding(len) }
}

/// Checks that `fields` values of `T` fill `Self` exactly, and gives that number.
///
/// # Panics
/// If they do not: at compile time, in the constant that `network!` writes.
#[must_use]
pub const fn exact_len<T, Whole>(fields: &[usize]) -> usize {
    let mut len = 0;
    let mut i = 0;
    while i < fields.len() {
        len += fields[i];
        i += 1;
    }
    assert!(len == 0 || align_of::<Whole>() >= align_of::<T>(), "a struct of parameters is packed");
    assert!(len * size_of::<T>() == size_of::<Whole>(), "a struct of parameters has gaps");
    len
}
