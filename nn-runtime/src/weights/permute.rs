//! Between the order of a file and the order of memory.

use crate::TensorInfo;

/// Visits every value of a tensor: `visit(m, f)` with its place `m` in memory, from the tensor's first value on, which
/// goes 0, 1, 2, …, and its place `f` in the file.
///
/// ```text
/// f = Σ index[a] · Π shape[a + 1 ..]     over the file's axes a, row-major
/// m                                      counts through the axes order[0], order[1], …, the last one fastest
/// ```
pub(crate) fn for_each_place(tensor: &TensorInfo, mut visit: impl FnMut(usize, usize)) {
    let axes = memory_axes(tensor);
    let Some((&(inner, stride), outer)) = axes.split_last() else {
        return visit(0, 0);
    };
    let mut index = vec![0; outer.len()];
    let mut row = 0;
    let rows = outer.iter().map(|&(len, _)| len).product::<usize>();
    for m in (0..rows).map(|row| row * inner) {
        (0..inner).for_each(|i| visit(m + i, row + i * stride));
        row = advance(&mut index, outer, row);
    }
}

/// Length and stride in the file of each axis, slowest in memory first.
fn memory_axes(tensor: &TensorInfo) -> Vec<(usize, usize)> {
    let stride = |axis: usize| tensor.shape[axis + 1..].iter().product();
    tensor.order.iter().map(|&axis| (tensor.shape[axis], stride(axis))).collect()
}

/// Counts `index` up by one, the last axis fastest; gives the place in the file that follows `place`.
fn advance(index: &mut [usize], axes: &[(usize, usize)], mut place: usize) -> usize {
    for (index, &(len, stride)) in index.iter_mut().zip(axes).rev() {
        *index += 1;
        place += stride;
        if *index < len {
            break;
        }
        place -= len * stride;
        *index = 0;
    }
    place
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(shape: &'static [usize], order: &'static [usize]) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        for_each_place(&TensorInfo { name: "t".into(), shape, order, offset: 7 }, |m, f| places.push((m, f)));
        places
    }

    #[test]
    fn a_vector_and_a_scalar_keep_their_order() {
        assert_eq!(places(&[3], &[0]), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(places(&[], &[]), [(0, 0)]);
        assert_eq!(places(&[0, 3], &[1, 0]), []);
    }

    #[test]
    fn a_dense_weight_is_transposed() {
        // File, row by row: w00 w01 w02 / w10 w11 w12. Memory, column by column: w00 w10, w01 w11, w02 w12.
        assert_eq!(places(&[2, 3], &[1, 0]), [(0, 0), (1, 3), (2, 1), (3, 4), (4, 2), (5, 5)]);
    }

    proptest! {
        /// By the definition: every index of the file, once, in its two places.
        #[test]
        fn every_order_of_up_to_five_axes(
            (shape, order) in (0_usize..6).prop_flat_map(|rank| (
                prop::collection::vec(1_usize..4, rank),
                Just((0..rank).collect::<Vec<_>>()).prop_shuffle(),
            ))
        ) {
            let (shape, order): (&'static [usize], &'static [usize]) = (shape.leak(), order.leak());
            let mut expected: Vec<_> = (0..shape.iter().product()).map(|file| {
                let mut index = vec![0; shape.len()];
                let mut rest = file;
                for axis in (0..shape.len()).rev() {
                    index[axis] = rest % shape[axis];
                    rest /= shape[axis];
                }
                (order.iter().fold(0, |memory, &axis| memory * shape[axis] + index[axis]), file)
            }).collect();
            expected.sort_unstable();
            prop_assert_eq!(places(shape, order), expected);
        }
    }
}
