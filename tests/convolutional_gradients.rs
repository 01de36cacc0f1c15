//! Networks of the convolutional family against central differences: every parameter, and the input.

mod differences;

use differences::{check_in_training, check_network};
use monograd::prelude::*;

/// A network as it is declared, and its test.
macro_rules! networks {
    ($check:ident: $($test:ident: $net:ident $input:tt -> $output:tt { $($body:tt)* })*) => {$(
        network! {
            #[allow(skipped_input, bias_before_norm, stacked_linear)]
            struct $net $input -> $output { $($body)* }
        }

        #[test]
        fn $test() {
            $check::<$net<f64>>();
        }
    )*};
}

networks! { check_network:
    a_convolution: Convolution([2, 5, 4]) -> [3, 3, 2] { y: conv2d(3, 3) }
    a_convolution_of_one_channel: OneChannel([1, 6, 6]) -> [2, 4, 4] { y: conv2d(2, 3) -> tanh }
    padded: Padded([3, 5, 4]) -> [4, 5, 4] { y: conv2d(4, 3, padding = 1) -> tanh }
    strided: Strided([3, 7, 6]) -> [4, 4, 3] { y: conv2d(4, 3, stride = 2, padding = 1) -> tanh }
    dilated: Dilated([2, 7, 7]) -> [3, 3, 3] { y: conv2d(3, 3, dilation = 2) }
    of_each_axis: Axes([2, 7, 8]) -> [3, 4, 3] { y: conv2d(3, [2, 3], stride = [2, 2], padding = [1, 1], dilation = [1, 2]) }
    same: Same([2, 5, 5]) -> [3, 5, 5] { y: conv2d(3, 4, padding = same) }
    half_and_full: HalfFull([1, 4, 4]) -> [2, 6, 6] { a: conv2d(2, 3, padding = half) -> tanh, b: conv2d(2, 3, padding = full) }
    grouped: Grouped([4, 5, 5]) -> [6, 3, 3] { y: conv2d(6, 3, groups = 2) }
    depthwise: Depthwise([5, 5, 5]) -> [5, 3, 3] { y: conv2d(5, 3, groups = 5, stride = 2, padding = 1) }
    depthwise_with_a_multiplier: Multiplier([3, 4, 4]) -> [6, 4, 4] { y: conv2d(6, 3, groups = 3, padding = 1) }
    without_bias: NoBias([2, 4, 4]) -> [3, 2, 2] { y: conv2d(3, 3, bias = false) }
    wide: Wide([17, 2, 2]) -> [19, 2, 1] { y: conv2d(19, [1, 2]) }
    one_by_one: Pointwise([4, 3, 3]) -> [5, 3, 3] { y: conv2d(5, 1) -> silu }
    a_signal: Signal(signal [2, 9]) -> (y: signal [3, 4]) { y: conv1d(3, 3, stride = 2) -> tanh }
    a_volume: Volume([2, 3, 4, 4]) -> [3, 3, 4, 4] { y: conv3d(3, 3, padding = 1) -> tanh }
    transposed: Transposed([3, 3, 4]) -> [2, 7, 9] { y: conv_transpose2d(2, 3, stride = 2) -> tanh }
    transposed_padded: TransposedPadded([3, 3, 3]) -> [2, 6, 6] {
        y: conv_transpose2d(2, 3, stride = 2, padding = 1, output_padding = 1)
    }
    transposed_grouped: TransposedGrouped([4, 3, 3]) -> [6, 5, 5] { y: conv_transpose2d(6, 3, groups = 2, bias = false) }
    transposed_signal: TransposedSignal(signal [2, 4]) -> (y: signal [3, 9]) { y: conv_transpose1d(3, 3, stride = 2) }
    transposed_volume: TransposedVolume([2, 2, 2, 2]) -> [2, 4, 4, 4] { y: conv_transpose3d(2, 2, stride = 2) }
    maxima: Maxima([2, 6, 6]) -> [3, 2, 2] { a: conv2d(3, 3) -> tanh -> max_pool2d(2) }
    maxima_that_overlap: Overlap([2, 5, 5]) -> [2, 3, 3] { a: max_pool2d(3, stride = 2, padding = 1) }
    means: Means([3, 4, 6]) -> [3, 2, 3] { a: avg_pool2d(2) -> tanh }
    means_with_padding: PaddedMeans([2, 5, 5]) -> [2, 3, 3] { a: avg_pool2d(3, stride = 2, padding = 1, count_padding = false) }
    adaptive_means: Adaptive([2, 5, 7]) -> [2, 2, 3] { a: adaptive_avg_pool2d([2, 3]) }
    one_mean: GlobalMean([3, 4, 4]) -> [2] { a: conv2d(4, 3) -> global_avg_pool -> dense(2) }
    one_maximum: GlobalMaximum([3, 4, 4]) -> [2] { a: conv2d(4, 3) -> global_max_pool -> dense(2) }
    upsampled: Upsampled([2, 3, 3]) -> [2, 6, 6] { a: tanh -> upsample(2) }
    upsampled_in_lines: Bilinear([2, 3, 3]) -> [2, 6, 9] { a: upsample([2, 3], mode = bilinear) }
    padded_and_cropped: PadCrop([2, 3, 3]) -> [3, 3, 3] { a: pad(2) -> conv2d(3, 3) -> crop(1) }
    subsampled: Subsampled([2, 5, 4]) -> [3, 2, 1] { a: conv2d(3, 3, padding = 1) -> tanh -> subsample(5), b: conv2d(3, [2, 2]) }
    subsampled_signal: SubsampledSignal(signal [3, 7]) -> (a: signal [4, 3]) { a: tanh -> subsample(4, stride = 3) }
    subsampled_volume: SubsampledVolume([2, 3, 2, 4]) -> [4, 3, 1, 2] { a: subsample(4, stride = [1, 2, 2]) -> tanh }
    responses: Responses([7, 3, 3]) -> [7, 3, 3] { a: local_response_norm(3, alpha = 0.5, beta = 0.75, k = 2) }
    layer_normed: LayerNormed([3, 3, 3]) -> [3, 3, 3] { a: conv2d(3, 3, padding = 1) -> layer_norm -> tanh }
    layer_normed_vector: LayerNormedVector([5]) -> [3] { a: dense(6) -> layer_norm -> relu, b: dense(3) }
    group_normed: GroupNormed([4, 3, 3]) -> [4, 3, 3] { a: group_norm(2) -> tanh }
    instance_normed: InstanceNormed([3, 3, 4]) -> [3, 3, 4] { a: instance_norm -> silu, b: instance_norm(affine = true) }
    rectified_at_six: Relu6Net([5]) -> [3] { a: dense(6) -> relu6, b: dense(3) }
    flattened: Flattened([2, 5, 5]) -> [3] { a: conv2d(4, 3) -> tanh -> flatten -> dense(5) -> tanh, out: dense(3) }
    flattened_output: FlattenedOutput([2, 4, 4]) -> [12] { a: conv2d(3, 3) -> flatten }
    pooled_first: PooledFirst([2, 6, 6]) -> [3] { a: avg_pool2d(2) -> conv2d(4, 2) -> tanh, b: flatten -> dense(3) }
    activated_first: ActivatedFirst([2, 4, 4]) -> [3, 2, 2] { a: tanh -> conv2d(3, 3) }
    without_parameters: WithoutParameters([2, 4, 4]) -> [8] { a: tanh -> avg_pool2d(2) -> flatten }
    lenet: SmallLeNet([1, 12, 12]) -> [4] {
        c1: conv2d(3, 3) -> tanh,
        s2: avg_pool2d(2),
        c3: conv2d(4, 2) -> tanh,
        s4: max_pool2d(2) -> flatten,
        out: dense(4),
    }
}

networks! { check_in_training:
    normed: Normed([2, 4, 4]) -> [3, 2, 2] { a: conv2d(3, 3, bias = false) -> batch_norm -> tanh }
    normed_twice: NormedTwice([2, 4, 4]) -> [2] {
        a: conv2d(3, 3, bias = false) -> batch_norm -> relu -> conv2d(4, 2) -> batch_norm(eps = 0.01, momentum = 0.2) -> tanh,
        b: flatten -> dense(2),
    }
    normed_first: NormedFirst([3, 3, 3]) -> [2] { a: batch_norm -> flatten -> dense(2) }
    normed_vector: NormedVector([5]) -> [3] { a: dense(6) -> batch_norm -> tanh, b: dense(3) }
    dropped: Dropped([4]) -> [3] { a: dense(9) -> tanh -> dropout(0.5), b: dense(3) }
    dropped_after_its_input_is_kept: DroppedGelu([4]) -> [3] { a: dense(9) -> gelu -> dropout(0.3) -> silu, b: dense(3) }
    dropped_maps: DroppedMaps([2, 4, 4]) -> [3] { a: conv2d(6, 3) -> tanh -> dropout2d(0.4), b: flatten -> dense(3) }
    dropped_input: DroppedInput([8]) -> [3] { a: dropout(0.25) -> dense(3) }
}
