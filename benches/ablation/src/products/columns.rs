//! What lies under each place of a kernel, copied together: a convolution is then a dense product (im2col).

use monograd::geometry::Convolution;

/// How many values the columns of a sample have.
pub fn len(geometry: &Convolution) -> usize {
    geometry.window.taps() * geometry.inputs * geometry.output().places()
}

/// Runs `product` on the columns of each sample, one for each place of the output, in the order of the weight: tap after
/// tap, the inputs of each. It gets the rest of `scratch`.
///
/// # Panics
/// If the convolution has padding, strides, dilations or groups: no network here has.
pub fn of_each_sample(
    geometry: &Convolution,
    x: &[f32],
    y: &mut [f32],
    scratch: &mut [f32],
    mut product: impl FnMut(&[f32], &mut [f32], &mut [f32]),
) {
    let [_, height, width] = geometry.window.axes;
    let is_plain = |axis: monograd::geometry::Axis| axis.output + axis.size == axis.input + 1 && axis.dilation == 1;
    assert!(geometry.groups == 1 && is_plain(height) && is_plain(width), "a kernel wherever it fits");
    let (columns, scratch) = scratch.split_at_mut(len(geometry));
    let (sample, result) = (geometry.input().len(), geometry.output().len());
    for (x, y) in x.chunks_exact(sample).zip(y.chunks_exact_mut(result)) {
        copy(geometry, x, columns);
        product(columns, y, scratch);
    }
}

/// The columns of one sample: of each place, the rows under the kernel.
fn copy(geometry: &Convolution, x: &[f32], columns: &mut [f32]) {
    let ([_, height, width], channels) = (geometry.window.axes, geometry.inputs);
    let (row, run) = (width.input * channels, width.size * channels);
    let places = (0..height.output).flat_map(|y| (0..width.output).map(move |x| (y, x)));
    for ((top, left), column) in places.zip(columns.chunks_exact_mut(height.size * run)) {
        for (tap, part) in column.chunks_exact_mut(run).enumerate() {
            part.copy_from_slice(&x[(top + tap) * row + left * channels..][..run]);
        }
    }
}

#[cfg(test)]
mod tests {
    use monograd::geometry::Axis;

    use super::*;

    #[test]
    fn a_column_is_what_lies_under_the_kernel() {
        let axis = |size| Axis::new(size, 2, 1, 1, 0, 0);
        let geometry = Convolution::new([Axis::NONE, axis(2), axis(3)], 2, 1, 1);
        let x: Vec<f32> = (0..12_u8).map(f32::from).collect();
        let (mut y, mut scratch) = (vec![0.0; 2], vec![0.0; len(&geometry)]);
        let mut found = Vec::new();
        of_each_sample(&geometry, &x, &mut y, &mut scratch, |columns, _, _| found.extend_from_slice(columns));
        let expected = [[0, 1, 2, 3, 6, 7, 8, 9], [2, 3, 4, 5, 8, 9, 10, 11]];
        assert_eq!(found, expected.as_flattened().iter().map(|&value: &u8| f32::from(value)).collect::<Vec<_>>());
    }
}
