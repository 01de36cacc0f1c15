//! The field of a line that has no parameters.

use crate::{Flat, Real};

/// The field of a line that has no parameters, such as `flatten`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

// SAFETY: it has no values.
unsafe impl<T: Real> Flat<T> for Empty {
    const LEN: usize = 0;
}
