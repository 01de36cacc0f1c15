//! What every declared network is: the trait that trainers, optimisers and tools are written against.

/// One tensor of a network's parameters: its name, where it lies, and how a file lays it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// The field's path in the declaration, dotted: `hidden.weight`.
    pub name: &'static str,
    /// The shape in a file, as PyTorch has it: `[out, in]` for a dense weight.
    pub shape: &'static [usize],
    /// The file's axes in the order in which memory holds them, slowest first: `[1, 0]` for a dense weight, whose
    /// memory is column-major.
    pub order: &'static [usize],
    /// Where it begins in the flat parameter slice.
    pub offset: usize,
}

impl TensorInfo {
    /// How many values it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        let mut len = 1;
        let mut i = 0;
        while i < self.shape.len() {
            len *= self.shape[i];
            i += 1;
        }
        len
    }

    /// Whether it holds no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
