//! What the layers over images say, word for word.

use super::errors_in;

/// The messages for a line on that input.
fn on(input: &str, chain: &str) -> Vec<String> {
    errors_in(input, "[10]", &format!("out: {chain} -> flatten -> dense(10)"))
}

/// The messages for a line on an image of 16 channels of 8×6.
fn image(chain: &str) -> Vec<String> {
    on("[16, 8, 6]", chain)
}

const TRAIL: &str = "note: input [16, 8, 6]";

#[test]
fn a_window_larger_than_its_input() {
    let kernel = "the kernel of `conv2d` reaches over 7 columns, but the width of its input is only 6\n\
        note: input [16, 8, 6]\n\
        help: write `padding = 1`, or a kernel of at most 6";
    assert_eq!(image("conv2d(4, 7)"), [kernel]);
    let trail = "the kernel of `conv2d` reaches over 11 rows, but the height of its padded input is only 6\n\
        note: input [1, 8, 8] → a [4, 4, 4]\n\
        help: write `padding = 4`, or a kernel of at most 6";
    assert_eq!(
        errors_in("[1, 8, 8]", "[10]", "a: conv2d(4, 5), b: conv2d(4, 11, padding = 1), out: flatten -> dense(10)"),
        [trail]
    );
    let dilated = "the kernel of `conv1d` reaches over 9 values (3 taps, 4 apart), but the length of its input is only 8\n\
        note: input signal [2, 8]\n\
        help: write `padding = 1`, or a kernel of at most 2";
    assert_eq!(on("signal [2, 8]", "conv1d(4, 3, dilation = 4)"), [dilated]);
    let pool = "the window of `max_pool3d` reaches over 2 slices, but the depth of its input is only 1\n\
        note: input [2, 1, 8, 8]\n\
        help: write a window of at most 1";
    assert_eq!(on("[2, 1, 8, 8]", "max_pool3d(2)"), [pool]);
}

#[test]
fn a_shape_of_another_kind() {
    let vector = "`conv2d` needs an image, but the input is [784]\n\
        note: a vector has no places, only features\n\
        note: input [784]\n\
        help: declare the input as an image `[C, H, W]`, and `flatten` it later";
    assert_eq!(on("[784]", "conv2d(4, 3)"), [vector]);
    let volume = "`conv2d` needs an image, but the input is [3, 16, 8, 8]\n\
        note: input [3, 16, 8, 8]\n\
        help: write `conv3d(4, 3)` for a volume";
    assert_eq!(on("[3, 16, 8, 8]", "conv2d(4, 3)"), [volume]);
    let signal = "`max_pool2d` needs an image, but the input is signal [3, 16]\n\
        note: input signal [3, 16]\n\
        help: write `max_pool1d(2)` for a signal";
    assert_eq!(on("signal [3, 16]", "max_pool2d(2)"), [signal]);
    let sequence = "`conv_transpose1d` needs a signal, but the input is sequence [20, 8]\n\
        note: input sequence [20, 8]\n\
        help: declare the input as `signal [C, L]`, C channels of length L";
    assert_eq!(on("sequence [20, 8]", "conv_transpose1d(4, 3)"), [sequence]);
    let global = "`global_avg_pool` needs an image, a volume, a signal or a sequence, but `relu` gives [8]\n\
        note: a vector has no places, only features\n\
        note: input [8] → relu [8]\n\
        help: declare the input as an image `[C, H, W]`, and `flatten` it later";
    assert_eq!(on("[8]", "relu -> global_avg_pool"), [global]);
    let dropout = on("[8]", "dropout2d(0.5)");
    assert!(
        dropout[0].starts_with("`dropout2d` needs an image, a volume or a signal, but the input is [8]"),
        "{dropout:?}"
    );
    let dense = "`dense` needs a vector, but `conv2d` gives [4, 6, 4]\n\
        note: input [16, 8, 6] → conv2d [4, 6, 4]\n\
        help: write `flatten -> dense(10)` (96 values)";
    assert_eq!(errors_in("[16, 8, 6]", "[10]", "out: conv2d(4, 3) -> dense(10)"), [dense]);
}

#[test]
fn groups() {
    let inputs =
        format!("3 groups do not divide the 16 input channels of `conv2d`\n{TRAIL}\nhelp: `groups` can be 1, 2 or 4");
    assert_eq!(image("conv2d(12, 3, groups = 3)"), [inputs]);
    let outputs = "4 groups do not divide the 6 output channels of `conv_transpose2d`\nhelp: `groups` can be 1 or 2";
    assert_eq!(image("conv_transpose2d(6, 3, groups = 4)"), [outputs]);
    let prime = "2 groups do not divide the 7 output channels of `conv2d`\nhelp: `groups` can be only 1";
    assert_eq!(image("conv2d(7, 3, groups = 2)"), [prime]);
    let norm = format!("3 groups do not divide the 16 channels of `group_norm`\n{TRAIL}");
    assert_eq!(image("group_norm(3)"), [norm]);
    assert_eq!(
        image("conv2d(7, 3, groups = 0)"),
        ["`groups` is a whole number from 1 or a const expression, found `0`"]
    );
}

#[test]
fn sizes_by_axis() {
    let three = "`[3, 3, 3]` has 3 sizes for 2 axes\nhelp: write `[height, width]`, or one number for every axis";
    assert_eq!(image("conv2d(4, [3, 3, 3])"), [three]);
    let one = "`[1]` has 1 size for 2 axes\nhelp: write `[height, width]`, or one number for every axis";
    assert_eq!(image("conv2d(4, 3, padding = [1])"), [one]);
    let two = "`[1, 2]` has 2 sizes for 1 axis\nhelp: write `[length]`, or one number for every axis";
    assert_eq!(on("signal [4, 9]", "conv1d(4, 3, stride = [1, 2])"), [two]);
    assert_eq!(image("conv2d(4, [])"), ["a size is a whole number, or one for each axis, found `[]`"]);
    assert_eq!(image("conv2d(4, [3, 0])"), ["a size is a whole number from 1 or a const expression, found `0`"]);
    assert_eq!(image("pad([0, -1])"), ["a size is a whole number from 0 or a const expression, found `-1`"]);
    let whole = "`stride` is a whole number from 1 or a const expression, found";
    assert_eq!(image("conv2d(4, 3, stride = 0)"), [format!("{whole} `0`")]);
    assert_eq!(image("conv2d(4, 3, stride = [1, ,])").len(), 1);
    assert_eq!(image("conv2d(4)"), ["`conv2d` needs the size of the kernel\nhelp: write `conv2d(16, 3)`"]);
    let many = "`conv2d` takes 2 sizes: the number of output channels, the size of the kernel; `5` is one too many\n\
        help: write `conv2d(16, 3)`; a size for each axis is `[3, 5]`";
    assert_eq!(image("conv2d(4, 3, 5)"), [many]);
    assert!(image("conv2d(4, [3, 5,], stride = [1, 2], padding = [1, 0])").is_empty());
}

#[test]
fn padding() {
    let word = "`padding` is a whole number, `[1, 2]`, `valid`, `same`, `half` or `full`, found";
    assert_eq!(image("conv2d(4, 3, padding = smae)"), [format!("{word} `smae`\nhelp: did you mean `same`?")]);
    assert_eq!(image("conv2d(4, 3, padding = zeros)"), [format!("{word} `zeros`")]);
    let stride = "`padding = same` keeps the size, which a stride of 2 does not\n\
        help: write `padding = half`: for an odd kernel, the size divided by the stride";
    assert_eq!(image("conv2d(4, 3, padding = same, stride = 2)"), [stride]);
    let pool = "`padding = same` keeps the size, which its stride of 3 does not\nhelp: write `stride = 1` with it";
    assert_eq!(image("max_pool2d(3, padding = same)"), [pool]);
    let half = "the padding of `avg_pool2d` is at most half the window's 3, found 2\n\
        note: a window in the padding alone would have no values\n\
        help: write `padding = 1`, or put `pad` before it";
    assert_eq!(image("avg_pool2d(3, padding = 2)"), [half]);
    let output = "`output_padding` is smaller than the stride of 2, found `2`\n\
        note: it chooses among the sizes that a convolution with this stride makes the same";
    assert_eq!(image("conv_transpose2d(4, 3, stride = 2, output_padding = 2)"), [output]);
    assert!(image("conv_transpose2d(4, 3, dilation = 3, output_padding = 2)").is_empty());
    let nothing = "a padding of 12 in all leaves nothing of a width of 8\n\
        note: the padding of a transposed convolution is that of the convolution it reverses\n\
        note: input [16, 8, 6]\n\
        help: write a padding of at most 3";
    assert_eq!(image("conv_transpose2d(4, 3, padding = [1, 6])"), [nothing]);
}

#[test]
fn pad_and_crop() {
    assert_eq!(
        image("pad"),
        ["`pad` needs to know how much\nhelp: write `pad(1)`, or `pad(before = [0, 1], after = [1, 0])`"]
    );
    let sides = "a size is for both sides, `before` and `after` are for one\nhelp: write `crop(before = 1, after = 2)`";
    assert_eq!(image("crop(1, after = 2)"), [sides]);
    let nothing = format!("`crop(3)` cuts 6 off a width of 6: nothing is left\n{TRAIL}");
    assert_eq!(image("crop(3)"), [nothing]);
    assert_eq!(image("crop(9)").len(), 1);
    assert_eq!(image("pad(1, value = none)").len(), 0, "it may be a constant");
    assert_eq!(image("pad(1, value = \"0\")"), ["`value` is a number, found `\"0\"`"]);
}

#[test]
fn subsample() {
    let fewer = format!(
        "`subsample(8)` gives 8 channels, but 16 arrive\n{TRAIL}\n\
        help: it adds channels of zeros: write at least 16"
    );
    assert_eq!(image("subsample(8)"), [fewer]);
    assert!(image("subsample(16)").is_empty() && image("subsample(C, stride = [1, S])").is_empty());
    let missing = "`subsample` needs how many channels it gives\nhelp: write `subsample(32, stride = 2)`";
    assert_eq!(image("subsample"), [missing]);
    assert_eq!(
        image("subsample(32, stride = 0)"),
        ["`stride` is a whole number from 1 or a const expression, found `0`"]
    );
    let vector = on("[8]", "subsample(16)");
    assert!(
        vector[0].starts_with("`subsample` needs an image, a volume or a signal, but the input is [8]"),
        "{vector:?}"
    );
}

#[test]
fn numbers() {
    let p = "`p` is a number from 0 to less than 1, found";
    for value in ["1", "1.5", "-0.5", "50"] {
        assert_eq!(image(&format!("dropout({value})")), [format!("{p} `{value}`")]);
    }
    assert_eq!(image("dropout"), ["`dropout` needs the probability to drop a value\nhelp: write `dropout(0.5)`"]);
    assert_eq!(image("batch_norm(momentum = 2)"), ["`momentum` is a number from 0 to 1, found `2`"]);
    assert_eq!(image("batch_norm(eps = 0)"), ["`eps` is a positive number, found `0`"]);
    let eps = "`batch_norm` takes no sizes; `16` is one too many\nhelp: write `batch_norm(eps = 16)`";
    assert_eq!(image("batch_norm(16)"), [eps]);
}

#[test]
fn upsampling() {
    let corners = "`align_corners` goes with `mode = bilinear`";
    assert_eq!(image("upsample(2, align_corners = true)"), [corners]);
    let volume = "`mode = bilinear` needs an image, but the input is signal [2, 8]\n\
        note: input signal [2, 8]\n\
        help: leave it out: the nearest value is taken";
    assert_eq!(on("signal [2, 8]", "upsample(2, mode = bilinear)"), [volume]);
}

#[test]
fn sizes_that_no_memory_holds() {
    let too_large = "this layer has more values than fit in memory";
    for layer in [
        "conv2d(9_999_999_999_999, 3)",
        "upsample(99_999_999)",
        "pad(9_999_999_999_999_999_999)",
        "conv2d(4, 3, padding = 9_223_372_036_854_775_807)",
        "conv2d(4, 9_223_372_036_854_775_807, dilation = 3)",
        "conv_transpose2d(4, 3, stride = 9_223_372_036_854_775_807)",
        "adaptive_avg_pool2d(9_999_999_999)",
    ] {
        assert_eq!(image(layer), [too_large], "{layer}");
    }
}

#[test]
fn what_other_libraries_call_it() {
    for (word, called) in [
        ("batchnorm", "`batch_norm`"),
        ("BatchNorm2d", "`batch_norm`"),
        ("batch_norm2d", "`batch_norm`"),
        ("maxpool", "`max_pool1d`, `max_pool2d` or `max_pool3d`"),
        ("max_pool", "`max_pool1d`, `max_pool2d` or `max_pool3d`"),
        ("MaxPool2d", "`max_pool2d`"),
        ("avg_pool", "`avg_pool1d`, `avg_pool2d` or `avg_pool3d`"),
        ("deconv2d", "`conv_transpose2d`"),
        ("conv", "`conv1d`, `conv2d` or `conv3d`"),
        ("lrn", "`local_response_norm`"),
        ("interpolate", "`upsample`"),
    ] {
        assert_eq!(
            image(&format!("{word}(3)")),
            [format!("there is no layer `{word}`\nhelp: it is called {called} here")]
        );
    }
}
