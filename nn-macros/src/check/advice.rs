//! Advice that needs more than one layer to be seen.

use super::{Network, Node, Source};
use crate::dimension::Dim;
use crate::shape::Shape;
use crate::syntax::plain;
use crate::table::Form;

/// How many saturating activations in a row, without a normalisation between, are many.
const DEEP: usize = 5;

/// What the layers that are computed say to each other.
pub fn check(network: &mut Network) {
    let live = network.live(true);
    for node in (0..network.nodes.len()).filter(|node| live[*node]) {
        stacked_linear(network, node);
        bias_before_norm(network, node);
        saturating_stack(network, node);
    }
}

/// What depends on which layers the outputs are.
pub fn check_outputs(network: &mut Network) {
    training_outputs(network);
    let ends: Vec<_> = network.outputs.iter().filter_map(|output| output.value).collect();
    for end in ends {
        let Source::Node(node) = end else { continue };
        if network.nodes[node].word == "softmax" {
            let text = "`softmax` at the output: `SoftmaxCrossEntropy` applies it itself, and applied twice it blurs the \
                 gradient; leave it out, and take the softmax of what `forward` gives where probabilities are wanted";
            network.advise(node, "softmax_output", text);
        }
    }
}

/// What only training is to have, inference does not depend on.
fn training_outputs(network: &mut Network) {
    let inferred = network.live(false);
    let outputs = network.outputs.iter().filter(|output| output.in_training);
    let nodes = outputs.filter_map(|output| match output.value? {
        Source::Node(node) if inferred[node] => Some((node, output.name.as_ref().map(plain).unwrap_or_default())),
        _ => None,
    });
    for (node, name) in nodes.collect::<Vec<_>>() {
        let text = format!(
            "`{name}` is an output of training alone, but those of inference are computed from it; begin the line behind it with \
             the name of another value, or leave out `in training`"
        );
        network.advise(node, "training_output", &text);
    }
}

/// The only layer that a value comes from, past those that `skip`.
fn behind(network: &Network, mut source: Source, skip: fn(&Node) -> bool) -> Option<usize> {
    while let Source::Node(node) = source {
        let checked = &network.nodes[node];
        if !skip(checked) {
            return Some(node);
        }
        source = checked.sources[0];
    }
    None
}

/// What changes no value in inference.
fn is_noise(node: &Node) -> bool {
    matches!(node.layer.form, Form::Noise(_)) || node.word == "linear"
}

/// The family of a layer that is linear: a product of weights and what it takes, and a bias.
fn linear(node: &Node) -> Option<&'static str> {
    node.parameters()?;
    match node.word.as_str() {
        "dense" => Some("dense"),
        word => word.starts_with("conv").then_some("convolution"),
    }
}

/// Two linear layers in a row are one.
fn stacked_linear(network: &mut Network, node: usize) {
    let after = &network.nodes[node];
    let Some(family) = linear(after) else { return };
    // Running statistics scale and shift.
    let skip = |node: &Node| is_noise(node) || node.word == "batch_norm";
    let before = behind(network, after.sources[0], skip);
    let Some(before) = before.filter(|before| linear(&network.nodes[*before]) == Some(family)) else { return };
    if is_factorisation(&network.nodes[before], after) {
        return;
    }
    let text = format!(
        "`{}` and `{}` follow each other without an activation between: two linear layers in a row compute no more than one",
        network.nodes[before].link.text(),
        after.link.text()
    );
    network.advise(node, "stacked_linear", &text);
}

/// Whether two linear layers have a reason to be two: fewer parameters than the one that they make, since the values between
/// are fewer than those around, or since channels go by groups.
fn is_factorisation(before: &Node, after: &Node) -> bool {
    let width = |shape: &Shape| shape.channels().or(shape.dims.last()).and_then(Dim::literal);
    let [first, middle, last] = [&before.input, &before.layer.output, &after.layer.output].map(width);
    let narrow = middle.zip(first.zip(last)).is_some_and(|(middle, (first, last))| middle < first && middle < last);
    let grouped = |node: &Node| {
        node.link.arguments().iter().any(|argument| argument.name.as_ref().is_some_and(|name| name == "groups"))
    };
    narrow || grouped(before) || grouped(after)
}

/// A normalisation takes off what the bias before it adds.
fn bias_before_norm(network: &mut Network, node: usize) {
    if network.nodes[node].word != "batch_norm" {
        return;
    }
    let Source::Node(before) = network.nodes[node].sources[0] else { return };
    let layer = &network.nodes[before];
    let biased = linear(layer).is_some()
        && layer.parameters().is_some_and(|parameters| parameters.tensors.iter().any(|tensor| tensor.name == "bias"));
    let only = network.nodes.iter().filter(|node| node.sources.contains(&Source::Node(before))).count() == 1;
    let shown = network.outputs.iter().any(|output| output.value == Some(Source::Node(before)));
    if biased && only && !shown {
        let text = format!(
            "the bias of `{}` is without effect: `batch_norm` takes the mean off again; write `bias = false`",
            layer.link.text()
        );
        network.advise(before, "bias_before_norm", &text);
    }
}

/// Gradients shrink by each activation that saturates.
fn saturating_stack(network: &mut Network, node: usize) {
    let saturates = |node: &Node| node.word == "logistic" || node.word == "tanh";
    if !saturates(&network.nodes[node]) {
        return;
    }
    let mut count = 1;
    let mut at = network.nodes[node].sources[0];
    while let Source::Node(before) = at {
        let checked = &network.nodes[before];
        if checked.word.ends_with("norm")
            || matches!(checked.layer.form, Form::Merge(_) | Form::Block(_) | Form::Module(_))
        {
            break;
        }
        count += usize::from(saturates(checked));
        if count > DEEP {
            break;
        }
        at = checked.sources[0];
    }
    if count == DEEP {
        let word = plain(&network.nodes[node].link.word);
        let text = format!(
            "`{word}` is the fifth saturating activation in a row without a normalisation between: each shrinks the \
             gradient that passes it, so that the first layers hardly learn; `relu` does not, `batch_norm` helps"
        );
        network.advise(node, "saturating_stack", &text);
    }
}
