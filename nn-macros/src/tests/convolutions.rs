//! The layers over images: what they give, what they cost, what they see, and the runtime's values that they become.

use quote::ToTokens;

use super::checked;
use crate::check::Network;
use crate::table::{Form, Initial, Parameters, Sizes, Suits};
use crate::text::text;

fn net(input: &str, chain: &str) -> String {
    format!("struct Net({input}) -> [N] {{ a: {chain} -> flatten -> dense(N), }}")
}

/// `output parameters macs receptive-field` of the layers of a chain.
fn layers(input: &str, chain: &str) -> Vec<String> {
    checked(&net(input, chain), |network| {
        let layer = |node: usize| {
            let checked = &network.nodes[node];
            let receptive: Vec<_> = checked.receptive_field.iter().map(ToString::to_string).collect();
            let params = network.nodes[node].parameters().map_or("-".into(), |p| p.count().to_string());
            format!("{} {params} {} {}", checked.layer.output, checked.layer.macs, receptive.join("×"))
        };
        (0..network.nodes.len() - 2).map(layer).collect()
    })
}

/// The value that the last layer of a chain becomes.
fn value(input: &str, chain: &str) -> String {
    checked(&net(input, chain), |network| match &network.nodes[network.nodes.len() - 3].layer.form {
        Form::Parameterised(Parameters { name, generics, sizes, .. }) => {
            let (Sizes::ByConstant(constant) | Sizes::Convolution { constant, .. }) = sizes else {
                panic!("{name} has a constant")
            };
            let generics: Vec<_> = generics.iter().map(ToString::to_string).collect();
            format!("{name}<{}> {}", generics.join(", "), text(constant))
        }
        Form::Plain(plain) => {
            format!("{}{}", text(&plain.value), if plain.reads_input { " reads its input" } else { "" })
        }
        Form::Noise(value) => text(value),
        Form::Pointwise(pointwise) => text(&pointwise.value),
        _ => panic!("it has no value"),
    })
}

/// `name [shape] [order]` of the tensors of the first layer.
fn tensors(input: &str, layer: &str) -> Vec<String> {
    checked(&net(input, layer), |network| {
        let Form::Parameterised(parameters) = &network.nodes[0].layer.form else { panic!("it has parameters") };
        let buffers = parameters.buffers.iter().flat_map(|buffers| &buffers.tensors);
        let tensor = |tensor: &crate::table::Tensor| {
            let shape: Vec<_> = tensor.shape.iter().map(ToString::to_string).collect();
            format!("{} [{}] {:?}", tensor.name, shape.join(", "), tensor.order)
        };
        parameters.tensors.iter().chain(buffers).map(tensor).collect()
    })
}

#[test]
fn the_course_s_lenet() {
    let source = "struct LeNet5([1, 32, 32]) -> [10] {
        c1: conv2d(6, 5) -> tanh,
        s2: avg_pool2d(2),
        c3: conv2d(16, 5) -> tanh,
        s4: avg_pool2d(2) -> flatten,
        c5: dense(120) -> tanh,
        f6: dense(84, bias = false) -> tanh,
        out: dense(10, bias = false),
    }";
    let line = |network: &Network, name: &str| {
        let line = network.lines.iter().find(|line| line.line.name == name).expect("a line");
        let node = line.nodes[0];
        let params = network.nodes[node].parameters().map_or(0, |p| p.count().literal().unwrap());
        let checked = &network.nodes[node];
        let receptive: Vec<_> = checked.receptive_field.iter().map(|size| size.literal().unwrap()).collect();
        (params, checked.layer.output.len().literal().unwrap(), receptive[0])
    };
    checked(source, |network| {
        let table = ["c1", "s2", "c3", "s4", "c5", "f6", "out"].map(|name| line(network, name));
        let expected = [
            (156, 4704, 5),
            (0, 1176, 6),
            (2416, 1600, 14),
            (0, 400, 16),
            (48120, 120, 32),
            (10080, 84, 32),
            (840, 10, 32),
        ];
        assert_eq!(table, expected);
    });
}

#[test]
fn costs() {
    assert_eq!(layers("[3, 8, 8]", "conv2d(16, 3, padding = 1)"), ["[16, 8, 8] 448 27648 3×3"]);
    assert_eq!(layers("[16, 8, 8]", "conv2d(16, 3, groups = 16, bias = false)"), ["[16, 6, 6] 144 5184 3×3"]);
    assert_eq!(layers("[16, 8, 8]", "conv_transpose2d(8, 2, stride = 2)"), ["[8, 16, 16] 520 32768 1×1"]);
    assert_eq!(layers("[4, 8, 8]", "conv_transpose2d(8, 3, groups = 4)"), ["[8, 10, 10] 80 4608 3×3"]);
    assert_eq!(layers("signal [2, 100]", "conv1d(4, 10, stride = 5)"), ["signal [4, 19] 84 1520 10"]);
    assert_eq!(layers("[3, 16, 12, 10]", "conv3d(4, [3, 2, 1])"), ["[4, 14, 11, 10] 76 110880 3×2×1"]);
    assert_eq!(layers("[3, 16, 8, 8]", "max_pool3d([1, 2, 2])"), ["[3, 16, 4, 4] - 0 1×2×2"]);
    assert_eq!(layers("[8, 4, 4]", "batch_norm"), ["[8, 4, 4] 16 0 1×1"]);
    assert_eq!(layers("[8, 4, 4]", "layer_norm"), ["[8, 4, 4] 256 0 4×4"]);
    assert_eq!(layers("[8, 4, 4]", "group_norm(2)"), ["[8, 4, 4] 16 0 4×4"]);
    assert_eq!(layers("[8, 4, 4]", "instance_norm"), ["[8, 4, 4] 0 0 4×4"]);
    assert_eq!(layers("[8, 4, 4]", "instance_norm(affine = true)"), ["[8, 4, 4] 16 0 4×4"]);
    assert_eq!(layers("sequence [5, 8]", "layer_norm"), ["sequence [5, 8] 16 0 1"]);
    assert_eq!(layers("sequence [5, 8]", "global_avg_pool"), ["[8] - 0 5"]);
    assert_eq!(layers("[8, 4, 4]", "dropout2d(0.25) -> relu6 -> global_max_pool").last().unwrap(), "[8] - 0 4×4");
    assert_eq!(layers("[16, 32, 31]", "subsample(32)"), ["[32, 16, 16] - 0 1×1"]);
    assert_eq!(layers("signal [3, 10]", "subsample(3, stride = 3)"), ["signal [3, 4] - 0 1"]);
    assert_eq!(layers("[2, 5, 4, 4]", "subsample(4, stride = [1, 2, 3])"), ["[4, 5, 2, 2] - 0 1×1×1"]);
    assert_eq!(
        layers("[8, 9, 9]", "pad([1, 2]) -> crop(before = [0, 1])"),
        ["[8, 11, 13] - 0 1×1", "[8, 11, 12] - 0 1×1"]
    );
}

#[test]
fn receptive_fields() {
    let field = |input: &str, chain: &str| {
        checked(&net(input, chain), |network| {
            let sizes = &network.nodes[network.nodes.len() - 3].receptive_field;
            sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
        })
    };
    let image = "[1, 512, 512]";
    assert_eq!(field(image, "conv2d(1, 3) -> conv2d(1, 3)"), "5×5");
    assert_eq!(field(image, "conv2d(1, 3) -> subsample(4, stride = [2, 3]) -> conv2d(1, 3)"), "7×9");
    assert_eq!(field(image, "conv2d(1, 3, dilation = 2) -> conv2d(1, 3, dilation = 4)"), "13×13");
    let vgg_block = "conv2d(1, 3, padding = 1) -> conv2d(1, 3, padding = 1) -> max_pool2d(2)";
    assert_eq!(field(image, &format!("{vgg_block} -> {vgg_block}")), "16×16");
    // Two neighbours of what was upsampled may be the same value, or two.
    assert_eq!(field(image, "upsample(2) -> conv2d(1, 2)"), "2×2");
    assert_eq!(field(image, "upsample(2) -> conv2d(1, 3)"), "2×2");
    assert_eq!(field(image, "upsample(2) -> conv2d(1, 4)"), "3×3");
    assert_eq!(field(image, "max_pool2d(2) -> upsample(2) -> conv2d(1, 2)"), "4×4");
    assert_eq!(field(image, "upsample([2, 3], mode = bilinear)"), "2×2");
    assert_eq!(field(image, "upsample(2, mode = bilinear) -> conv2d(1, 3)"), "3×3");
    assert_eq!(field(image, "max_pool2d(2) -> upsample(2) -> conv2d(1, 3)"), "4×4");
    assert_eq!(field(image, "conv_transpose2d(1, 4, stride = 2)"), "2×2");
    assert_eq!(field(image, "conv_transpose2d(1, 3, stride = 2)"), "2×2");
    assert_eq!(field(image, "conv_transpose2d(1, 3, stride = 2, dilation = 2)"), "3×3");
    assert_eq!(field(image, "conv_transpose2d(1, 3, stride = 2, dilation = 3)"), "4×4");
    assert_eq!(field(image, "adaptive_avg_pool2d([6, 1])"), "86×512");
    assert_eq!(field(image, "adaptive_avg_pool2d(128) -> conv2d(1, 3)"), "12×12");
    let u_net = "conv2d(1, 3) -> max_pool2d(2) -> conv2d(1, 3) -> conv_transpose2d(1, 2, stride = 2) -> conv2d(1, 3)";
    assert_eq!(field(image, u_net), "10×10");
    // No value sees more than there is.
    assert_eq!(field("[1, 6, 6]", "conv2d(1, 5, padding = 2) -> conv2d(1, 5, padding = 2)"), "6×6");
    assert_eq!(field("[1, N, 6]", "conv2d(1, [K, 3]) -> conv2d(1, [3, 3])"), "K + 2×5");
    assert_eq!(field("[1, N, 6]", "conv2d(1, [K, 3], stride = [S, 1]) -> conv2d(1, 3, padding = 1)"), "2 * S + K×5");
    assert_eq!(field("[1, N, 6]", "upsample([S, 1]) -> conv2d(1, [4, 1])"), "(S + 2) / S + 1×1");
    assert_eq!(field("[1, N, 6]", "conv2d(1, [K, 3]) -> layer_norm -> conv2d(1, 1)"), "N×6");
}

#[test]
fn expressions() {
    let output = |input: &str, chain: &str| {
        checked(&net(input, chain), |network| {
            network.nodes[network.nodes.len() - 3].layer.output.dims.last().expect("an axis").to_string()
        })
    };
    let of_n = |chain: &str| output("signal [1, N]", chain);
    assert_eq!(of_n("conv1d(1, 5)"), "N - 4");
    assert_eq!(of_n("conv1d(1, 5) -> conv1d(1, 3) -> conv1d(1, 3, padding = 2)"), "N - 4");
    assert_eq!(of_n("conv1d(1, 3, padding = 1)"), "N");
    assert_eq!(of_n("conv1d(1, K, padding = same)"), "N");
    assert_eq!(of_n("conv1d(1, K)"), "N - K + 1");
    assert_eq!(of_n("conv1d(1, 5, stride = 2, padding = P)"), "(N + 2 * P - 5) / 2 + 1");
    assert_eq!(of_n("conv1d(1, 5, stride = 2)"), "(N - 5) / 2 + 1");
    assert_eq!(of_n("conv1d(1, K, stride = S, padding = P)"), "(N + 2 * P - K) / S + 1");
    assert_eq!(of_n("conv1d(1, K, dilation = 2)"), "N - 2 * (K - 1)");
    assert_eq!(of_n("conv1d(1, 3, stride = 2, padding = 1)"), "(N + 1) / 2");
    assert_eq!(of_n("max_pool1d(2)"), "N / 2");
    assert_eq!(of_n("max_pool1d(2) -> conv1d(1, 3) -> max_pool1d(2)"), "(N / 2 - 2) / 2");
    assert_eq!(of_n("max_pool1d(3, stride = 2, ceil_mode = true)"), "N / 2");
    assert_eq!(of_n("max_pool1d(2, ceil_mode = true)"), "(N + 1) / 2");
    assert_eq!(of_n("conv_transpose1d(1, 2, stride = 2)"), "2 * N");
    assert_eq!(of_n("conv_transpose1d(1, K, stride = S)"), "(N - 1) * S + K");
    assert_eq!(of_n("upsample(2) -> conv1d(1, 3)"), "2 * N - 2");
    assert_eq!(of_n("pad(2) -> crop(before = 1) -> upsample(S)"), "(N + 3) * S");
    assert_eq!(of_n("subsample(1)"), "N.div_ceil(2)");
    assert_eq!(
        layers("[C, N, 9]", "conv2d(8, 3, groups = G)"),
        ["[8, N - 2, 7] 8 * (C / G) * 3 * 3 + 8 8 * (C / G) * 3 * 3 * (N - 2) * 7 3×3"]
    );
}

#[test]
fn values_of_windows() {
    let none = "::monograd::geometry::Axis::NONE";
    let axis = |arguments: &str| format!("::monograd::geometry::Axis::{arguments}");
    let conv = value("[1, 32, 32]", "conv2d(6, 5)");
    let five = axis("new(32, 5, 1, 1, 0, 0)");
    assert_eq!(conv, format!("Conv2d<1, 6, 5, 5> geometry::Convolution::new([{none}, {five}, {five}], 1, 6, 1)"));
    let same = axis("new(9, 4, 1, 2, 3, 3)");
    let conv = value("signal [4, 9]", "conv1d(6, 4, padding = same, dilation = 2, groups = 2, bias = false)");
    assert_eq!(conv, format!("Conv1d<2, 6, 4, 0> geometry::Convolution::new([{none}, {none}, {same}], 4, 6, 2)"));
    let behind = axis("new(9, 2, 1, 1, 0, 1)");
    assert!(value("signal [4, 9]", "conv1d(6, 2, padding = same)").contains(&behind));
    let transposed = axis("transposed(8, 3, 2, 1, 1, 1, 1)");
    let conv = value("[16, 8, 8]", "conv_transpose2d(4, 3, stride = 2, padding = 1, output_padding = 1, groups = 2)");
    let axes = format!("[{none}, {transposed}, {transposed}]");
    assert_eq!(conv, format!("ConvTranspose2d<16, 2, 3, 3, 4> geometry::Convolution::new({axes}, 4, 16, 2)"));
    let direct = value("[16, 8, 8]", "conv2d(16, 3, winograd = false)");
    assert!(direct.ends_with("16, 16, 1).direct()"), "{direct}");
    let axes = format!("::monograd::geometry::Window {{ axes: [{none}, {0}, {0}] }}", axis("new(6, 2, 2, 1, 0, 0)"));
    assert_eq!(value("[3, 6, 6]", "max_pool2d(2)"), format!("MaxPool2d::new({axes}, 3) reads its input"));
    assert_eq!(value("[3, 6, 6]", "avg_pool2d(2)"), format!("AvgPool2d::new({axes}, 3, true)"));
    let axes = axes.replace("new(6, 2, 2, 1, 0, 0)", "ceil(6, 2, 2, 1, 1, 1)");
    let pool = "avg_pool2d(2, padding = 1, ceil_mode = true, count_padding = false)";
    assert_eq!(value("[3, 6, 6]", pool), format!("AvgPool2d::new({axes}, 3, false)"));
}

#[test]
fn values_of_the_others() {
    let image = "::monograd::geometry::Extent { channels: 3, axes: [1, 6, 8] }";
    let of_image = |layer: &str| value("[3, 6, 8]", layer);
    assert_eq!(of_image("adaptive_avg_pool2d([2, 4])"), format!("AdaptiveAvgPool2d::new({image}, [2, 4])"));
    assert_eq!(of_image("global_avg_pool"), format!("GlobalAvgPool::new({image})"));
    assert_eq!(of_image("global_max_pool"), format!("GlobalMaxPool::new({image}) reads its input"));
    let mode = "::monograd::layers::UpsampleMode";
    assert_eq!(of_image("upsample([2, 3])"), format!("Upsample::new({image}, [1, 2, 3], {mode}::Nearest)"));
    let bilinear = format!("Upsample::new({image}, [1, 2, 2], {mode}::Bilinear {{ align_corners: true }})");
    assert_eq!(of_image("upsample(2, mode = bilinear, align_corners = true)"), bilinear);
    assert_eq!(of_image("pad([1, 2], value = -1)"), format!("Pad::new({image}, [0, 1, 2], [0, 1, 2], -1.0)"));
    assert_eq!(of_image("subsample(8)"), format!("Subsample::new({image}, 8, [1, 2, 2])"));
    assert_eq!(of_image("crop(after = [1, 0])"), format!("Crop::new({image}, [0, 0, 0], [0, 1, 0])"));
    let norm = format!("LocalResponseNorm::new({image}, 5, 0.0001, 0.75, 2.0) reads its input");
    assert_eq!(of_image("local_response_norm(5, k = 2)"), norm);
    let norm = format!("BatchNorm<3> layers::BatchNormSettings::new({image}, 0.00001, 0.1)");
    assert_eq!(of_image("batch_norm"), norm);
    assert_eq!(
        of_image("layer_norm"),
        format!("LayerNorm<6 * 8, 3> layers::NormSettings::layer({image}, 0.00001)").replace("6 * 8", "48")
    );
    assert_eq!(of_image("group_norm(3)"), format!("GroupNorm<3> layers::NormSettings::group({image}, 3, 0.00001)"));
    let norm = format!("GroupNorm<3, 0> layers::NormSettings::group({image}, 1, 0.001)");
    assert_eq!(of_image("group_norm(1, eps = 1e-3, affine = false)"), norm);
    let norm = format!("InstanceNorm<3, 0> layers::NormSettings::instance({image}, 0.00001)");
    assert_eq!(of_image("instance_norm"), norm);
    assert_eq!(of_image("dropout(0.5)"), "Dropout::new(0.5)");
    assert_eq!(of_image("dropout(P)"), "Dropout::new(const { P })");
    assert_eq!(of_image("dropout2d(0)"), format!("Dropout2d::new(0.0, {image})"));
    assert_eq!(of_image("relu6"), "Relu6");
    let sequence = "::monograd::geometry::Extent { channels: 8, axes: [1, 1, 20] }";
    let norm = format!("LayerNorm<1, 8> layers::NormSettings::layer({sequence}, 0.00001)");
    assert_eq!(value("sequence [20, 8]", "layer_norm"), norm);
    let vector = "::monograd::geometry::Extent { channels: 8, axes: [1, 1, 1] }";
    let norm = format!("BatchNorm<8> layers::BatchNormSettings::new({vector}, 0.00001, 0.5)");
    assert_eq!(value("[8]", "batch_norm(momentum = 0.5)"), norm);
}

#[test]
fn tensors_of_files() {
    assert_eq!(
        tensors("[4, 9, 9]", "conv2d(6, [3, 5], groups = 2)"),
        ["weight [6, 2, 3, 5] [2, 3, 1, 0]", "bias [6] [0]"]
    );
    assert_eq!(tensors("signal [4, 9]", "conv1d(6, 3, bias = false)"), ["weight [6, 4, 3] [2, 1, 0]"]);
    assert_eq!(tensors("[4, 9, 9, 9]", "conv3d(6, 3)")[0], "weight [6, 4, 3, 3, 3] [2, 3, 4, 1, 0]");
    let transposed = ["weight [4, 3, 3, 5] [2, 3, 0, 1]", "bias [6] [0]"];
    assert_eq!(tensors("[4, 9, 9]", "conv_transpose2d(6, [3, 5], groups = 2)"), transposed);
    assert_eq!(tensors("signal [4, 9]", "conv_transpose1d(6, 3)")[0], "weight [4, 6, 3] [2, 0, 1]");
    assert_eq!(tensors("[4, 9, 9, 9]", "conv_transpose3d(6, 3)")[0], "weight [4, 6, 3, 3, 3] [2, 3, 4, 0, 1]");
    let statistics = ["gamma [4] [0]", "beta [4] [0]", "running_mean [4] [0]", "running_var [4] [0]"];
    assert_eq!(tensors("[4, 9, 9]", "batch_norm"), statistics);
    assert_eq!(tensors("[4, 9, 8]", "layer_norm"), ["gamma [4, 9, 8] [1, 2, 0]", "beta [4, 9, 8] [1, 2, 0]"]);
    assert_eq!(tensors("signal [4, 9]", "layer_norm")[0], "gamma [4, 9] [1, 0]");
    assert_eq!(tensors("[4, 9, 8, 7]", "layer_norm")[0], "gamma [4, 9, 8, 7] [1, 2, 3, 0]");
    assert_eq!(tensors("sequence [9, 4]", "layer_norm")[0], "gamma [4] [0]");
}

#[test]
fn the_initialiser_suits_the_activation_behind_norms_pools_and_noise() {
    let suits = |chain: &str| checked(&net("[3, 8, 8]", chain), |network| network.suits()[0]);
    for between in ["batch_norm", "group_norm(1)", "max_pool2d(2)", "dropout(0.5)", "upsample(2) -> pad(1)", "flatten"]
    {
        assert_eq!(suits(&format!("conv2d(4, 3) -> {between} -> relu")), Suits::He, "{between}");
        assert_eq!(suits(&format!("conv2d(4, 3) -> {between} -> tanh")), Suits::Xavier, "{between}");
    }
    assert_eq!(suits("conv2d(4, 3) -> conv2d(4, 3) -> relu6"), Suits::Xavier);
    let initializers = checked(&net("[3, 8, 8]", "conv2d(4, 3, init = normal, std = 0.1) -> batch_norm"), |network| {
        let initializer = |node: usize| match &network.nodes[node].layer.form {
            Form::Parameterised(Parameters { initializer: Initial::Given(given), .. }) => {
                given.to_token_stream().to_string()
            }
            Form::Parameterised(Parameters { initializer: Initial::Fixed, .. }) => "fixed".into(),
            _ => "suited".into(),
        };
        [initializer(0), initializer(1)]
    });
    assert_eq!(initializers, ["Normal { mean : 0.0 , std : 0.1 }", "fixed"]);
}
