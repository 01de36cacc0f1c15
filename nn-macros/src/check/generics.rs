//! What stable Rust can express of a generic declaration: a size that depends on a parameter is one in types, such as the
//! outputs of a layer with weights, only as the parameter itself.

use proc_macro2::{Ident, Span};

use super::{Model, Network};
use crate::dimension::Dim;
use crate::errors::{Errors, Mistake};
use crate::shape::Shape;
use crate::table::{Buffers, Form};

/// The sizes that are arguments of types.
pub fn check(model: &Model, errors: &Errors) {
    if model.network.generics.is_empty() {
        return;
    }
    for network in core::iter::once(&model.network).chain(&model.blocks) {
        for node in &network.nodes {
            let (sizes, span) = (sizes(&node.layer.form), node.link.word.span());
            if let Form::Module(_) = node.layer.form {
                let mistake = Mistake::new("a type from elsewhere cannot stand in a generic declaration");
                errors.at(
                    span,
                    mistake.note("its parameters begin at boundaries that those of a generic declaration do not have"),
                );
            }
            report(network, sizes.into_iter(), span, errors);
        }
    }
    let network = &model.network;
    check_ports(network, errors);
    let inputs = network.inputs.iter().filter_map(|input| input.shape.as_ref());
    let outputs = network.outputs.iter().filter_map(|output| output.shape.as_ref());
    report(network, inputs.chain(outputs).map(Shape::len), network.name.span(), errors);
}

/// Several values have sizes of their own in many types, and so has what comes from elsewhere.
fn check_ports(network: &Network, errors: &Errors) {
    let several = network.inputs.len() > 1 || network.outputs.len() > 1;
    let shapes =
        network.inputs.iter().map(|input| &input.shape).chain(network.outputs.iter().map(|output| &output.shape));
    let mentions = |shape: &Shape| shape.dims.iter().any(|dim| dim.mentions(&network.generics));
    if several && shapes.flatten().any(mentions) {
        let message = "of several inputs or outputs none can have the size of a parameter";
        errors.at(
            network.name.span(),
            Mistake::new(message).help("give the declaration one input and one output, or numbers"),
        );
    }
}

/// The first that stable Rust has not.
fn report<'s>(network: &Network, sizes: impl Iterator<Item = &'s Dim>, span: Span, errors: &Errors) {
    let computed = |size: &&Dim| size.mentions(&network.generics) && size.parameter(&network.generics).is_none();
    if let Some(size) = { sizes }.find(computed) {
        let names: Vec<_> = network.generics.iter().map(Ident::to_string).collect();
        let mistake = Mistake::new(format!("`{size}` is computed from a parameter, and stable Rust has no such types"));
        let mistake = mistake.note(format!("`{}` can stand alone as a size", names.join("`, `")));
        errors.at(
            span,
            mistake.help("give the declaration a parameter for it: `<const HIDDEN: usize, const WIDE: usize>`"),
        );
    }
}

fn sizes(form: &Form) -> Vec<&Dim> {
    match form {
        Form::Parameterised(parameters) => {
            let buffers = parameters.buffers.iter().flat_map(|Buffers { generics, .. }| generics);
            parameters.generics.iter().chain(buffers).collect()
        }
        Form::Block(block) => block.copies.iter().collect(),
        _ => Vec::new(),
    }
}
