//! What is shown on hover and in the documentation: the table of layers.

use proc_macro2::TokenStream;
use quote::quote;

use super::fields::LineField;
use crate::check::{Input, Network};
use crate::dimension::Dim;
use crate::shape::Shape;
use crate::syntax::{Link, plain};

/// The table, after the user's own words on the struct.
pub fn network(network: &Network) -> TokenStream {
    if network.inputs.iter().any(|input| input.shape.is_none()) {
        return TokenStream::new();
    }
    let mut lines = after(&network.declaration.attributes);
    lines.extend(network.block.as_ref().map(|block| format!("`{block}`, for this input.")));
    lines.extend(network.block.as_ref().map(|_| String::new()));
    lines.extend([
        inputs(network),
        String::new(),
        "| line | layer | output | parameters | activations | multiply-accumulates | receptive field |".into(),
        "|---|---|---|--:|--:|--:|--:|".into(),
    ]);
    let mut sums = [Some(0), Some(0), Some(0)];
    let mut previous = None;
    for checked in &network.nodes {
        let line = if network.transparent { String::new() } else { plain(&network.lines[checked.line].line.name) };
        let shown = if previous == Some(checked.line) || line.is_empty() { String::new() } else { format!("`{line}`") };
        previous = Some(checked.line);
        let counts = [checked.layer.params(), checked.layer.activations(), checked.layer.macs.clone()];
        for (sum, count) in sums.iter_mut().zip(&counts) {
            *sum = sum.zip(count.literal()).and_then(|(sum, count): (usize, usize)| sum.checked_add(count));
        }
        let [params, activations, macs] = counts.map(|count| number(&count));
        let receptive = checked.receptive_field.iter().map(number).collect::<Vec<_>>().join(" × ");
        let (layer, output) = (cell(&checked.link.text()), cell(&checked.layer.output.to_string()));
        lines.push(format!("| {shown} | `{layer}` | `{output}` | {params} | {activations} | {macs} | {receptive} |"));
    }
    let [params, activations, macs] = sums.map(|sum| sum.map(|n| number(&Dim::Literal(n))).unwrap_or_default());
    lines.push(format!("| total | | | {params} | {activations} | {macs} | |"));
    doc(lines)
}

/// ``Input `[784]`.``
fn inputs(network: &Network) -> String {
    let shape = |input: &Input| input.shape.as_ref().map(ToString::to_string).unwrap_or_default();
    match &network.inputs[..] {
        [input] => format!("Input `{}`.", shape(input)),
        inputs => {
            let named = |(input, name): (&Input, String)| format!("`{name}: {}`", shape(input));
            let named: Vec<_> = inputs.iter().zip(network.input_names()).map(named).collect();
            format!("Inputs {}.", named.join(", "))
        }
    }
}

/// The field of a line: the line itself and its shapes.
pub fn line(network: &Network, field: &LineField) -> TokenStream {
    let chain: Vec<_> = field.line.chain.iter().map(Link::text).collect();
    let shapes = match (field.nodes.first(), field.nodes.last()) {
        (Some(first), Some(last)) => {
            format!(": `{}` → `{}`", network.nodes[*first].input, network.nodes[*last].layer.output)
        }
        _ => String::new(),
    };
    let mut lines = after(&field.line.attributes);
    lines.push(format!("`{}`{shapes}.", chain.join(" -> ")));
    doc(lines)
}

/// The field of a layer in the struct of its line.
pub fn layer(network: &Network, node: usize) -> TokenStream {
    let checked = &network.nodes[node];
    doc([format!("`{}`: `{}` → `{}`.", checked.link.text(), checked.input, checked.layer.output)])
}

/// `forward`.
pub fn forward(network: &Network, on_threads: bool) -> TokenStream {
    let of = |shape: &Option<Shape>| shape.as_ref().map(ToString::to_string).unwrap_or_default();
    let inputs: Vec<_> = network.inputs.iter().map(|input| of(&input.shape)).collect();
    let outputs = network.outputs.iter().filter(|output| !output.in_training).map(|output| of(&output.shape));
    let (input, output) = (inputs.join(", "), outputs.collect::<Vec<_>>().join(", "));
    let threads = [
        String::new(),
        "They are computed on the threads of `pool`, as many as `work` has room for; their bits do not depend on that."
            .into(),
    ];
    let first = [
        format!("The outputs `{output}` for samples `{input}`: one sample is one column, row-major."),
        String::new(),
        "The batch may be static, dynamic or a view of columns.".into(),
    ];
    let last = [String::new(), "# Panics".into(), "If there are more columns than `work` was made for.".into()];
    let threads = threads.into_iter().filter(|_| on_threads);
    doc(first.into_iter().chain(threads).chain(last))
}

/// A new paragraph, if the user's words come before.
fn after(attributes: &TokenStream) -> Vec<String> {
    if attributes.is_empty() { Vec::new() } else { vec![String::new()] }
}

/// Text for a cell of the table, which a bar would end.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// `#[doc]` attributes, one a line.
fn doc(lines: impl IntoIterator<Item = String>) -> TokenStream {
    lines
        .into_iter()
        .map(|line| {
            let line = format!(" {line}");
            quote!(#[doc = #line])
        })
        .collect()
}

/// `100,480`; an expression in code letters.
fn number(dim: &Dim) -> String {
    let Some(n) = dim.literal() else { return format!("`{}`", cell(&dim.to_string())) };
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
