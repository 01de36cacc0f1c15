//! Where the gradient of an input goes.

/// Where the gradient with respect to what a layer took goes.
///
/// A value that several layers take has the sum of the gradients that each of them gives: the first overwrites, the others
/// add, each in its own registers.
///
/// ```
/// use nn_runtime::layers::InputGradient;
///
/// let mut values = [1.0_f32, 2.0];
/// assert!(InputGradient::add(&mut values).accumulate);
/// assert!(!InputGradient::overwrite(&mut values).accumulate);
/// ```
#[derive(Debug, PartialEq)]
pub struct InputGradient<'a, T> {
    /// As many values as the layer took.
    pub values: &'a mut [T],
    /// Whether the gradient is added to what is there; else it overwrites it.
    pub accumulate: bool,
}

impl<'a, T> InputGradient<'a, T> {
    /// Whatever is there is overwritten.
    #[inline]
    pub fn overwrite(values: &'a mut [T]) -> Self {
        Self { values, accumulate: false }
    }

    /// What is there is added to.
    #[inline]
    pub fn add(values: &'a mut [T]) -> Self {
        Self { values, accumulate: true }
    }
}
