//! The field of a line that has no parameters.

/// The field of a line that has no parameters, such as `flatten`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;
