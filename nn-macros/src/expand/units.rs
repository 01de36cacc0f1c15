//! A network that is one dense layer, alone or with `step` behind it, says so: rules for single layers ask for that.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::fields::Fields;
use super::types;
use crate::check::{Network, Source};
use crate::shape::Kind;
use crate::table::Form;

/// The implementation of `LinearUnits` or `ThresholdUnits`; nothing for any other network.
pub fn expand(network: &Network, fields: &Fields) -> Option<TokenStream> {
    let (name, dense) = single_layer(network)?;
    let (name, field) = (Ident::new(name, Span::call_site()), fields.path(dense));
    let (sizes, ty) = (types::sizes(network), types::of(network, &types::scalar()));
    Some(quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real> ::monograd::units::#name for #ty {
            #[inline]
            fn weight_and_bias(&mut self) -> (&mut [T], &mut [T]) {
                (self.#field.weight.as_mut_slice(), self.#field.bias.as_mut_slice())
            }
        }
    })
}

/// Which trait the network implements, and its dense layer. What changes no value, `flatten` and `linear`, does not count.
fn single_layer(network: &Network) -> Option<(&'static str, usize)> {
    let ([_], [output]) = (&network.inputs[..], &network.outputs[..]) else { return None };
    if network.shape(output.value?).kind != Kind::Vector {
        return None;
    }
    let way = way_back(network, output.value?);
    let layers = network.nodes.iter().filter(|node| !matches!(node.layer.form, Form::View)).count();
    match way[..] {
        [dense] if layers == 1 && is_dense(network, dense) => Some(("LinearUnits", dense)),
        [step, dense] if layers == 2 && is_step(network, step) && is_dense(network, dense) => {
            Some(("ThresholdUnits", dense))
        }
        _ => None,
    }
}

/// The layers from a value back to the input, without views; of a merge the way to its first branch.
fn way_back(network: &Network, mut value: Source) -> Vec<usize> {
    let mut way = Vec::new();
    while let Source::Node(node) = value {
        if !matches!(network.nodes[node].layer.form, Form::View) {
            way.push(node);
        }
        value = network.nodes[node].sources[0];
    }
    way
}

/// A dense layer on a vector; on a sequence it is one for each step.
fn is_dense(network: &Network, node: usize) -> bool {
    let node = &network.nodes[node];
    node.input.kind == Kind::Vector && node.parameters().is_some_and(|parameters| parameters.name == "Dense")
}

fn is_step(network: &Network, node: usize) -> bool {
    let node = &network.nodes[node];
    node.word == "step" && matches!(node.layer.form, Form::Pointwise(_))
}
