//! McCulloch–Pitts units, and networks that are a single layer.

use super::{checked, errors, errors_in, tokens};
use crate::expand_network;
use crate::table::Form;
use crate::text::text;

/// The messages for a unit on three inputs.
fn unit(layer: &str) -> Vec<String> {
    errors_in("[3]", "[1]", &format!("out: {layer}"))
}

/// The value that the unit becomes.
fn value(layer: &str) -> String {
    let source = format!("struct Net([3]) -> [1] {{ out: {layer} }}");
    checked(&source, |network| match &network.nodes[0].layer.form {
        Form::Plain(plain) => text(&plain.value),
        _ => panic!("a unit is a layer without parameters"),
    })
}

#[test]
fn a_unit_is_a_constant() {
    assert_eq!(value("threshold(2)"), "Threshold::new(3, 2)");
    assert_eq!(value("threshold(-1)"), "Threshold::new(3, -1)");
    assert_eq!(value("threshold(THETA)"), "Threshold::new(3, THETA)");
    assert_eq!(value("threshold({ 2 * THETA })"), "Threshold::new(3, 2 * THETA)");
    assert_eq!(value("threshold(0, inhibitory = [0])"), "Threshold::new(3, 0).inhibitory(&[0])");
    let both = "Threshold::new(3, 1).excitatory(&[0, 2]).inhibitory(&[FIRST + 1])";
    assert_eq!(value("threshold(1, inhibitory = [FIRST + 1], excitatory = [0, 2])"), both);
}

#[test]
fn thresholds() {
    let wrong = |found: &str| vec![format!("`theta` is a whole number or an `i64` const expression, found `{found}`")];
    assert_eq!(unit("threshold(1.5)"), wrong("1.5"));
    assert_eq!(unit("threshold(\"two\")"), wrong("\"two\""));
    assert_eq!(unit("threshold(true)"), wrong("true"));
    let missing = "`threshold` needs how many inputs have to be active\nhelp: write `threshold(2)`";
    assert_eq!(unit("threshold"), [missing]);
    assert_eq!(unit("threshold(inhibitory = [1])"), [missing]);
    let more = "`threshold` takes one size, how many inputs have to be active; `2` is one too many\n\
        help: write `threshold(2)`";
    assert_eq!(unit("threshold(1, 2)"), [more]);
}

#[test]
fn lists_of_inputs() {
    let list = "`inhibitory` is a list of input indexes, counted from 0, found `1`\nhelp: write `inhibitory = [1]`";
    assert_eq!(unit("threshold(1, inhibitory = 1)"), [list]);
    let empty = "`excitatory` is a list of input indexes, counted from 0, found `[]`\n\
        help: leave `excitatory` out, or write `excitatory = [0]`";
    assert_eq!(unit("threshold(1, excitatory = [])"), [empty]);
    let negative = "an index of `inhibitory` is a whole number from 0 or a const expression, found `-1`";
    assert_eq!(unit("threshold(1, inhibitory = [0, -1])"), [negative]);
    let range = "there is no input 3: the input is [3]\nnote: input [3]\nhelp: indexes are 0 to 2";
    assert_eq!(unit("threshold(1, inhibitory = [0, 3])"), [range]);
    let only = "there is no input 1: `a` gives [1]\nnote: input [3] → a [1]\nhelp: its only index is 0";
    assert_eq!(errors_in("[3]", "[1]", "a: threshold(2), out: threshold(1, excitatory = [1])"), [only]);
    assert_eq!(unit("threshold(1, excitatory = [2, 0, 2])"), ["the input 2 is listed twice"]);
    let both = "the input 2 is both excitatory and inhibitory\n\
        help: leave `excitatory` out if all inputs count that are not inhibitory";
    assert_eq!(unit("threshold(1, excitatory = [0, 2], inhibitory = [2])"), [both]);
    assert_eq!(unit("threshold(1, inhibitory = [0], inhibitory = [1])"), ["`inhibitory` is given twice"]);
}

#[test]
fn a_unit_takes_a_vector() {
    let image = "`threshold` needs a vector, but the input is [1, 2, 2]\n\
        note: input [1, 2, 2]\n\
        help: write `flatten -> threshold(2)` (4 values)";
    assert_eq!(errors_in("[1, 2, 2]", "[1]", "out: threshold(2)"), [image]);
}

#[test]
fn other_names() {
    assert_eq!(
        unit("mcculloch_pitts(2)"),
        ["there is no layer `mcculloch_pitts`\nhelp: it is called `threshold` here"]
    );
    assert_eq!(unit("treshold(2)"), ["there is no layer `treshold`\nhelp: did you mean `threshold`?"]);
}

#[test]
fn gradients_do_not_train_a_unit() {
    let trainable = |source: &str| {
        assert_eq!(errors(source), [""; 0]);
        text(&expand_network(tokens(source))).contains("::monograd::Trainable for")
    };
    assert!(!trainable("struct Net([2]) -> [1] { out: dense(2) -> threshold(1) }"));
    assert!(!trainable("struct Net([2]) -> [1] { out: unit() } block unit() { out: dense(2) -> threshold(1) }"));
    assert!(trainable("struct Net([2]) -> [2] { aside: threshold(1), out: input -> dense(2) }"));
}

/// The traits for single layers that a network implements.
fn traits(source: &str) -> Vec<&'static str> {
    assert_eq!(errors(source), [""; 0]);
    let expansion = text(&expand_network(tokens(source)));
    let names = ["LinearUnits", "ThresholdUnits"];
    names.into_iter().filter(|name| expansion.contains(&format!("::monograd::units::{name} for"))).collect()
}

#[test]
fn a_single_layer_says_so() {
    let net = |lines: &str| traits(&format!("struct Net([2]) -> [3] {{ {lines} }}"));
    assert_eq!(net("out: dense(3)"), ["LinearUnits"]);
    assert_eq!(net("out: linear -> dense(3, bias = false) -> linear"), ["LinearUnits"]);
    assert_eq!(net("out: dense(3) -> step"), ["ThresholdUnits"]);
    assert_eq!(net("units: dense(3, bias = false), out: step, same: linear"), ["ThresholdUnits"]);
    assert_eq!(traits("struct Net([1, 2, 2]) -> [3] { out: flatten -> dense(3) -> step }"), ["ThresholdUnits"]);
    assert_eq!(traits("struct Net<const N: usize>([N]) -> [3] { out: dense(3) }"), ["LinearUnits"]);
}

#[test]
fn other_networks_do_not() {
    let net = |lines: &str| traits(&format!("struct Net([3]) -> [3] {{ {lines} }} block step {{ out: tanh }}"));
    for lines in [
        "hidden: dense(4) -> step, out: dense(3) -> step",
        "out: dense(3) -> tanh",
        "out: step",
        "out: tanh",
        "aside: dense(3), out: input -> step",
        "out: step -> dense(3)",
        "out: dense(3) -> step()",
        "out: add(dense(3), dense(3))",
        "out: repeat(1, dense(3))",
    ] {
        assert_eq!(net(lines), [""; 0], "{lines}");
    }
    assert_eq!(traits("struct Net(sequence [4, 3]) -> sequence [4, 2] { out: dense(2) }"), [""; 0]);
    assert_eq!(traits("struct Net(a: [3], b: [3]) -> [2] { out: concat(a, b) -> dense(2) }"), [""; 0]);
}
