//! The cases of Dumoulin and Visin, “A guide to convolution arithmetic for deep learning” (2016), by their relationships: `i`
//! inputs, `k` taps, a stride of `s`, a padding of `p`; a primed letter is of the transposed convolution.

use super::checked;
use crate::dimension::Dim;

/// The size of the axes that a layer gives of an image of `i`×`i`.
fn size(i: usize, layer: &str) -> usize {
    checked(&format!("struct Net([1, {i}, {i}]) -> [N] {{ a: {layer}, out: flatten -> dense(N), }}"), |network| {
        let dims: Vec<_> = network.nodes[0].layer.output.dims.iter().map(Dim::literal).collect();
        assert_eq!(dims[1], dims[2]);
        dims[1].expect("a number")
    })
}

#[test]
fn relationship_1_no_padding_unit_strides() {
    for (i, k) in [(4, 3), (5, 3), (28, 5), (7, 7), (3, 1)] {
        assert_eq!(size(i, &format!("conv2d(1, {k})")), (i - k) + 1);
        assert_eq!(size(i, &format!("conv2d(1, {k}, padding = valid)")), (i - k) + 1);
    }
}

#[test]
fn relationship_2_padding_unit_strides() {
    for (i, k, p) in [(5, 4, 2), (5, 3, 1), (6, 2, 3)] {
        assert_eq!(size(i, &format!("conv2d(1, {k}, padding = {p})")), (i + 2 * p - k) + 1);
    }
}

#[test]
fn relationship_3_half_padding() {
    for (i, k) in [(5, 3), (6, 5), (7, 1), (3, 7)] {
        assert_eq!(size(i, &format!("conv2d(1, {k}, padding = half)")), i);
        assert_eq!(size(i, &format!("conv2d(1, {k}, padding = same)")), i);
    }
    // Of an even kernel the half is ⌊k/2⌋, and the same size has one more behind than before.
    assert_eq!(size(5, "conv2d(1, 4, padding = half)"), 6);
    assert_eq!(size(5, "conv2d(1, 4, padding = same)"), 5);
}

#[test]
fn relationship_4_full_padding() {
    for (i, k) in [(5, 3), (6, 4), (2, 5)] {
        assert_eq!(size(i, &format!("conv2d(1, {k}, padding = full)")), i + (k - 1));
    }
}

#[test]
fn relationship_5_no_padding_strides() {
    // An odd and an even input.
    for (i, k, s) in [(5, 3, 2), (6, 3, 2), (227, 11, 4)] {
        assert_eq!(size(i, &format!("conv2d(1, {k}, stride = {s})")), (i - k) / s + 1);
    }
}

#[test]
fn relationship_6_padding_strides() {
    // Odd inputs, and even ones that give the same size.
    for (i, k, s, p) in [(5, 3, 2, 1), (6, 3, 2, 1), (224, 7, 2, 3), (224, 11, 4, 2)] {
        assert_eq!(size(i, &format!("conv2d(1, {k}, stride = {s}, padding = {p})")), (i + 2 * p - k) / s + 1);
    }
}

#[test]
fn relationship_7_pooling() {
    for (i, k, s) in [(5, 3, 1), (55, 3, 2), (28, 2, 2), (27, 2, 2)] {
        for word in ["max_pool2d", "avg_pool2d"] {
            assert_eq!(size(i, &format!("{word}({k}, stride = {s})")), (i - k) / s + 1);
        }
    }
}

#[test]
fn relationship_8_transposed_no_padding_unit_strides() {
    for (i, k) in [(2, 3), (5, 4)] {
        assert_eq!(size(i, &format!("conv_transpose2d(1, {k})")), i + (k - 1));
        assert_eq!(size(size(i, &format!("conv_transpose2d(1, {k})")), &format!("conv2d(1, {k})")), i);
    }
}

#[test]
fn relationship_9_transposed_padding_unit_strides() {
    for (i, k, p) in [(6, 4, 2), (5, 3, 1)] {
        assert_eq!(size(i, &format!("conv_transpose2d(1, {k}, padding = {p})")), i + (k - 1) - 2 * p);
    }
}

#[test]
fn relationship_10_transposed_half_padding() {
    for (i, k) in [(5, 3), (6, 5)] {
        assert_eq!(size(i, &format!("conv_transpose2d(1, {k}, padding = half)")), i);
        assert_eq!(size(i, &format!("conv_transpose2d(1, {k}, padding = same)")), i);
    }
}

#[test]
fn relationship_11_transposed_full_padding() {
    for (i, k) in [(7, 3), (6, 4)] {
        assert_eq!(size(i, &format!("conv_transpose2d(1, {k}, padding = full)")), i - (k - 1));
    }
}

#[test]
fn relationship_12_transposed_no_padding_strides() {
    for (i, k, s) in [(2, 3, 2), (64, 2, 2)] {
        assert_eq!(size(i, &format!("conv_transpose2d(1, {k}, stride = {s})")), s * (i - 1) + k);
    }
}

#[test]
fn relationship_13_transposed_padding_strides() {
    for (i, k, s, p) in [(3, 3, 2, 1), (4, 4, 2, 1)] {
        let transposed = format!("conv_transpose2d(1, {k}, stride = {s}, padding = {p})");
        assert_eq!(size(i, &transposed), s * (i - 1) + k - 2 * p);
    }
}

#[test]
fn relationship_14_transposed_padding_strides_odd() {
    // An even input of the convolution, of which it leaves out a row: `a` more.
    for (i, k, s, p, a) in [(3, 3, 2, 1, 1), (5, 3, 3, 1, 2)] {
        let window = format!("{k}, stride = {s}, padding = {p}");
        let whole = s * (i - 1) + a + k - 2 * p;
        assert_eq!(size(i, &format!("conv_transpose2d(1, {window}, output_padding = {a})")), whole);
        assert_eq!((whole + 2 * p - k) % s, a);
        assert_eq!(size(whole, &format!("conv2d(1, {window})")), i);
    }
}

#[test]
fn relationship_15_dilated() {
    for (i, k, s, p, d) in [(7, 3, 1, 0, 2), (8, 3, 2, 1, 2), (16, 4, 3, 2, 3)] {
        let layer = format!("conv2d(1, {k}, stride = {s}, padding = {p}, dilation = {d})");
        assert_eq!(size(i, &layer), (i + 2 * p - k - (k - 1) * (d - 1)) / s + 1);
    }
    // Its transpose, and the words, go by what the window reaches over.
    assert_eq!(size(3, "conv_transpose2d(1, 3, dilation = 2)"), 7);
    assert_eq!(size(9, "conv2d(1, 3, padding = half, dilation = 2)"), 9);
    assert_eq!(size(9, "conv2d(1, 4, padding = same, dilation = 3)"), 9);
    assert_eq!(size(9, "conv2d(1, 3, padding = full, dilation = 2)"), 13);
}

#[test]
fn a_window_that_reaches_beyond_the_end() {
    for (i, layer, o) in [
        (6, "max_pool2d(3, stride = 2, ceil_mode = true)", 3),
        (5, "max_pool2d(2, ceil_mode = true)", 3),
        (4, "max_pool2d(2, ceil_mode = true)", 2),
        // It begins in the padding behind, and does not count.
        (3, "avg_pool2d(2, stride = 4, padding = 1, ceil_mode = true)", 1),
        (1, "max_pool2d(1, stride = 3, ceil_mode = true)", 1),
    ] {
        assert_eq!(size(i, layer), o, "{layer} of {i}");
    }
}
