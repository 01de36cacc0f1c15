//! From an image or a volume to a vector.

/// `flatten`: an image `[C, H, W]`, a volume or any other shape becomes the vector of its values, row-major.
///
/// | | shape |
/// |---|---|
/// | input | any |
/// | output | `[F]`, with F the product of the dimensions |
///
/// No parameters, and no work: the memory of a value is the same in both shapes.
///
/// In `network!`: `flatten -> dense(120)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;
