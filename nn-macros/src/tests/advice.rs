//! Warnings: what they say, when they are given, and how they are silenced.

use super::{checked, tokens};
use crate::expand_network;

/// The advice of each layer of a chain over an image of `i`×`i`.
fn advice(i: usize, chain: &str) -> Vec<String> {
    let source = format!("struct Net([1, {i}, {i}]) -> [N] {{ a: {chain}, out: flatten -> dense(N), }}");
    checked(&source, |network| {
        network.nodes.iter().filter_map(|node| node.layer.advice.as_ref()).map(|advice| advice.text.clone()).collect()
    })
}

fn skips(stride: usize, layer: &str, what: &str, instead: &str) -> String {
    format!(
        "with a stride of {stride}, no window of `{layer}` reads {what}; {instead}, or a window of one tap says that this \
         is meant; `#[allow(skipped_input)]` on the line or the network silences this"
    )
}

#[test]
fn a_stride_that_skips_input() {
    let pool = skips(2, "max_pool2d(2)", "the last of 27 rows", "`ceil_mode = true` reads all");
    assert_eq!(advice(27, "max_pool2d(2)"), [pool]);
    let pool = "avg_pool2d(2, stride = 3)";
    assert_eq!(advice(3, pool), [skips(3, pool, "the last of 3 rows", "a smaller stride reads all")]);
    let conv = "conv2d(8, 3, stride = 2)";
    assert_eq!(advice(224, conv), [skips(2, conv, "the last of 224 rows", "`padding = 1` reads all")]);
    let conv = "conv2d(8, 5, stride = 4)";
    assert_eq!(advice(23, conv), [skips(4, conv, "the last 2 of 23 rows", "`padding = 1` reads all")]);
    let gaps = "conv2d(8, 2, stride = 3)";
    assert_eq!(advice(8, gaps), [skips(3, gaps, "2 of 8 rows", "a stride of at most 2 reads all")]);
    let gaps = "conv2d(8, [1, 3], stride = [2, 4])";
    assert_eq!(advice(7, gaps), [skips(4, gaps, "1 of 7 columns", "a stride of at most 3 reads all")]);
    let dilated = "conv2d(8, 3, stride = 2, dilation = 2)";
    assert_eq!(advice(9, dilated), [skips(2, dilated, "4 of 9 rows", "a smaller stride reads all")]);
}

#[test]
fn what_skips_nothing_but_padding_is_quiet() {
    // AlexNet.
    let alexnet = "conv2d(64, 11, stride = 4, padding = 2) -> relu -> max_pool2d(3, stride = 2) \
        -> conv2d(192, 5, padding = 2) -> relu -> max_pool2d(3, stride = 2) -> conv2d(384, 3, padding = 1) \
        -> max_pool2d(3, stride = 2) -> adaptive_avg_pool2d([6, 6])";
    assert!(advice(224, alexnet).is_empty());
    // ResNet: its first layers, the halves, and the shortcuts of one tap.
    let resnet = "conv2d(64, 7, stride = 2, padding = 3) -> max_pool2d(3, stride = 2, padding = 1) \
        -> conv2d(128, 3, stride = 2, padding = 1) -> relu -> conv2d(256, 1, stride = 2)";
    assert!(advice(224, resnet).is_empty());
    let vgg = "conv2d(64, 3, padding = 1) -> max_pool2d(2) -> max_pool2d(2) -> max_pool2d(2) -> max_pool2d(2) -> max_pool2d(2)";
    assert!(advice(224, vgg).is_empty());
    assert!(advice(32, "conv2d(6, 5) -> avg_pool2d(2) -> conv2d(16, 5) -> avg_pool2d(2)").is_empty());
    assert!(advice(27, "max_pool2d(2, ceil_mode = true)").is_empty());
    assert!(advice(9, "conv2d(8, 3, dilation = 2)").is_empty());
    assert!(advice(9, "max_pool2d(1, stride = 2)").is_empty());
}

#[test]
fn it_is_a_warning_at_the_layer_unless_it_is_allowed() {
    let warns = |network: &str, line: &str| {
        let source = format!("{network} struct Net([1, 5, 5]) -> [4] {{ {line} out: max_pool2d(2) -> flatten, }}");
        expand_network(tokens(&source)).to_string().contains("deprecated")
    };
    assert!(warns("", ""));
    assert!(warns("#[allow(unused_value)]", "#[allow(dead_code)]"));
    assert!(!warns("#[allow(skipped_input)]", ""));
    assert!(!warns("", "#[allow(skipped_input)]"));
}
