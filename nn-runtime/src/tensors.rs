//! The table of a network's tensors: where each parameter lies, and how a file calls it and lays it out.

/// An entry of a table of tensors, as the compiler knows it: a tensor, or a group of them under a name.
///
/// Names and offsets are those within the entry's group, so that a block has one table wherever it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorEntry {
    /// One tensor.
    Tensor {
        /// The field's name: `weight`.
        name: &'static str,
        /// As [`TensorInfo::shape`].
        shape: &'static [usize],
        /// As [`TensorInfo::order`].
        order: &'static [usize],
        /// Where it begins, counted in values from the beginning of its group.
        offset: usize,
    },
    /// The tensors of a field that is a struct of more of them, or an array of such structs.
    Group {
        /// The field's name; an empty one adds nothing to the path.
        name: &'static str,
        /// Where it begins, counted in values from the beginning of the group around it.
        offset: usize,
        /// For an array: its elements, of which each has all of the entries.
        copies: Option<Copies>,
        /// The entries.
        entries: &'static [TensorEntry],
    },
}

/// The elements of an array of groups, which are named `0`, `1`, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// How many there are.
    pub count: usize,
    /// How many values lie between the beginnings of two neighbours.
    pub stride: usize,
}

/// One tensor of a network's parameters: its name, where it lies, and how a file lays it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// The field's path in the declaration, dotted: `hidden.weight`, `stage1.0.body.conv2d.weight`.
    pub name: String,
    /// The shape in a file, as PyTorch has it: `[out, in]` for a dense weight.
    pub shape: &'static [usize],
    /// The file's axes in the order in which memory holds them, slowest first: `[1, 0]` for a dense weight, whose
    /// memory is column-major.
    pub order: &'static [usize],
    /// Where it begins in the network's values.
    pub offset: usize,
}

impl TensorInfo {
    /// How many values it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Every tensor of a table in the order of memory, by its whole name and its place from the beginning of the table.
///
/// ```
/// use nn_runtime::{Copies, TensorEntry, resolve};
///
/// const UNIT: &[TensorEntry] = &[TensorEntry::Tensor { name: "weight", shape: &[8], order: &[0], offset: 4 }];
/// let copies = Some(Copies { count: 2, stride: 16 });
/// let tensors = resolve(&[TensorEntry::Group { name: "stage", offset: 32, copies, entries: UNIT }]);
/// assert_eq!((&*tensors[0].name, tensors[0].offset), ("stage.0.weight", 36));
/// assert_eq!((&*tensors[1].name, tensors[1].offset), ("stage.1.weight", 52));
/// ```
#[must_use]
pub fn resolve(entries: &[TensorEntry]) -> Vec<TensorInfo> {
    let mut tensors = Vec::new();
    visit(entries, "", 0, &mut tensors);
    tensors
}

fn visit(entries: &[TensorEntry], path: &str, start: usize, tensors: &mut Vec<TensorInfo>) {
    for entry in entries {
        match *entry {
            TensorEntry::Tensor { name, shape, order, offset } => {
                tensors.push(TensorInfo { name: dotted(path, name), shape, order, offset: start + offset });
            }
            TensorEntry::Group { name, offset, copies: None, entries } => {
                visit(entries, &dotted(path, name), start + offset, tensors);
            }
            TensorEntry::Group { name, offset, copies: Some(Copies { count, stride }), entries } => {
                let path = dotted(path, name);
                for copy in 0..count {
                    visit(entries, &dotted(&path, &copy.to_string()), start + offset + copy * stride, tensors);
                }
            }
        }
    }
}

/// `path.name`; one of them if the other is empty.
fn dotted(path: &str, name: &str) -> String {
    let dot = if path.is_empty() || name.is_empty() { "" } else { "." };
    format!("{path}{dot}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tensor(name: &'static str, shape: &'static [usize], offset: usize) -> TensorEntry {
        TensorEntry::Tensor { name, shape, order: &[0], offset }
    }

    const fn group(
        name: &'static str,
        offset: usize,
        copies: Option<Copies>,
        entries: &'static [TensorEntry],
    ) -> TensorEntry {
        TensorEntry::Group { name, offset, copies, entries }
    }

    /// A network with a layer of its own and an array of two arrays of two blocks, of which each has a layer and a nameless
    /// group.
    #[test]
    fn groups_within_groups_are_named_and_placed() {
        const BLOCK: &[TensorEntry] = &[
            group("body", 1, None, &[tensor("weight", &[2], 0), tensor("bias", &[1], 2)]),
            group("", 4, None, &[tensor("last", &[1], 1)]),
        ];
        const INNER: &[TensorEntry] = &[group("", 0, Some(Copies { count: 2, stride: 8 }), BLOCK)];
        const NET: &[TensorEntry] =
            &[tensor("first", &[3], 0), group("stage", 16, Some(Copies { count: 2, stride: 16 }), INNER)];
        let found = resolve(NET);
        let mut expected = vec![("first".to_string(), 0)];
        for (outer, inner) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let start = 16 + 16 * outer + 8 * inner;
            for (name, offset) in [("body.weight", 1), ("body.bias", 3), ("last", 5)] {
                expected.push((format!("stage.{outer}.{inner}.{name}"), start + offset));
            }
        }
        let found: Vec<_> = found.into_iter().map(|tensor| (tensor.name, tensor.offset)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_tensor_has_as_many_values_as_its_shape_says() {
        let tensors = resolve(&[tensor("t", &[2, 3, 4], 0), tensor("none", &[2, 0], 24), tensor("one", &[], 24)]);
        assert_eq!(tensors.iter().map(TensorInfo::len).collect::<Vec<_>>(), [24, 0, 1]);
        assert_eq!(tensors.iter().map(TensorInfo::is_empty).collect::<Vec<_>>(), [false, true, false]);
    }
}
