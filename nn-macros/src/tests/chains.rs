//! Dimensions and shapes along a chain, as the table on the struct shows them.

use super::{checked, errors_in};
use crate::check::Network;

/// `word output parameters receptive-field` for each layer.
fn layers(source: &str) -> Vec<String> {
    checked(source, |network| {
        let layer = |node: usize| {
            let checked = &network.nodes[node];
            let receptive: Vec<_> = checked.receptive_field.iter().map(ToString::to_string).collect();
            let params = params(network, node);
            format!("{} {} {params} {}", checked.word, checked.layer.output, receptive.join("×"))
        };
        (0..network.nodes.len()).map(layer).collect()
    })
}

fn params(network: &Network, node: usize) -> String {
    network.nodes[node].parameters().map_or("-".into(), |parameters| parameters.count().to_string())
}

#[test]
fn numbers() {
    let found = layers("struct Net([1, 28, 28]) -> [10] { a: tanh -> flatten, b: dense(5) -> relu, c: dense(10), }");
    let expected = [
        "tanh [1, 28, 28] - 1×1",
        "flatten [784] - 1×1",
        "dense [5] 3925 28×28",
        "relu [5] - 28×28",
        "dense [10] 60 28×28",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_sequence_goes_step_by_step_until_it_is_flattened() {
    let source = "struct Net(sequence [20, 8]) -> [3] { a: dense(4) -> softmax -> flatten -> dense(3), }";
    let expected =
        ["dense sequence [20, 4] 36 1", "softmax sequence [20, 4] - 1", "flatten [80] - 1", "dense [3] 243 20"];
    assert_eq!(layers(source), expected);
}

#[test]
fn expressions_keep_their_meaning_beside_operators() {
    let source =
        "struct Net([A + 1]) -> [2] { a: dense(N - 1), b: dense(2 * M), c: dense({ N as usize }), d: dense(2), }";
    let expected = [
        "dense [N - 1] (N - 1) * (A + 1) + (N - 1) A + 1",
        "dense [2 * M] 2 * M * (N - 1) + 2 * M A + 1",
        "dense [N as usize] (N as usize) * 2 * M + (N as usize) A + 1",
        "dense [2] 2 * (N as usize) + 2 A + 1",
    ];
    assert_eq!(layers(source), expected);
}

#[test]
fn arithmetic_of_numbers_is_done() {
    let source =
        "struct Net([28 * 28]) -> [5] { a: dense({ 2 + 3 * 4 }), b: dense((17 / 3) % 8 - 0x1), c: dense(5usize), }";
    let expected = ["dense [14] 10990 784", "dense [4] 60 784", "dense [5] 25 784"];
    assert_eq!(layers(source), expected);
    for (written, found) in [("2 - 3", "2 - 3"), ("1 / 0", "1 / 0"), ("3 - 3", "3 - 3")] {
        let message = format!("a dimension is a whole number from 1 or a const expression, found `{found}`");
        assert_eq!(errors_in("[3]", "[3]", &format!("out: dense({written})")), [message]);
    }
}

#[test]
fn a_default_may_be_computed_from_the_sizes_before_it() {
    let source = "struct Net([8]) -> [8] { a: mlp(8), b: mlp(8, 3), c: mlp(8, narrow = 2) }
        block mlp(width, hidden = 4 * width, narrow = hidden / 2) {
            inner: dense(hidden) -> relu -> dense(narrow) -> relu,
            out: dense(CONFIG.width),
        }";
    let found = crate::tests::compile_errors(crate::expand_network(crate::tests::tokens(source)));
    assert!(found.iter().all(|error| error.contains("CONFIG.width")), "{found:?}");
    let source = source.replace("CONFIG.width", "width");
    super::modelled(&source, |model| {
        let widths = |block: &Network| {
            block.nodes.iter().map(|node| node.layer.output.to_string()).collect::<Vec<_>>().join(" ")
        };
        let found: Vec<_> = model.blocks.iter().map(widths).collect();
        assert_eq!(found, ["[32] [32] [16] [16] [8]", "[3] [3] [1] [1] [8]", "[32] [32] [2] [2] [8]"]);
    });
}
