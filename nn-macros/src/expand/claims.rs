//! What the compiler verifies, at the user's words: the macro's shapes against the runtime's, and the dimensions that only
//! the compiler knows.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::fields::Fields;
use super::types;
use crate::check::{Network, Node, Output, Source};
use crate::dimension::Dim;
use crate::shape::{Kind, Shape};
use crate::syntax::plain;
use crate::table::spatial::extent;
use crate::table::{Cached, Form, Parameters, Plain, Sizes};

/// A constant for each claim. In a generic declaration they are constants of the type, which the compiler evaluates for each
/// choice of its sizes that the program makes.
pub fn expand(network: &Network, fields: &Fields) -> TokenStream {
    let outputs = network.outputs.iter().filter(|_| network.block.is_none()).filter_map(|output| output.shape.as_ref());
    let inputs = network.inputs.iter().filter(|_| network.block.is_none()).filter_map(|input| input.shape.as_ref());
    let ports = inputs.chain(outputs).flat_map(|shape| &shape.dims);
    let sizes = network.nodes.iter().flat_map(|node| node.layer.output.dims.iter().filter(|dim| !inherited(node, dim)));
    let mut claims: Vec<_> = ports.chain(sizes).filter_map(dimension).collect();
    claims.extend((0..network.nodes.len()).map(|node| layer(network, node)));
    claims.extend(
        network.assumptions.iter().map(|(span, claim)| (*span, located(&quote!(::monograd::claims::#claim), *span))),
    );
    claims.extend(contracts(network));
    claims.extend(buffers_at_the_end(network, fields));
    if network.generics.is_empty() {
        let constant = |(span, claim): &(Span, TokenStream)| quote_spanned!(*span=> #[allow(clippy::all, clippy::pedantic)] const _: () = #claim;);
        return claims.iter().map(constant).collect();
    }
    let claims = claims.iter().map(|(span, claim)| quote_spanned!(*span=> #claim;));
    let (sizes, ty) = (types::sizes(network), types::of(network, &quote!(T)));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real> #ty {
            #[doc(hidden)]
            const CLAIMS: () = { #(#claims)* };
        }
    }
}

/// Running statistics lie at the end of the network: so only the last type from elsewhere can have some.
fn buffers_at_the_end(network: &Network, fields: &Fields) -> Vec<(Span, TokenStream)> {
    let mut modules = super::tables::modules_in_memory(network, fields);
    if network.block.is_none() {
        modules.pop();
    }
    let claim = |node: usize| {
        let checked = &network.nodes[node];
        let (module, name) = (types::qualified(network, checked, &quote!(f32)), plain(&checked.link.word));
        let span = checked.link.word.span();
        let in_block = network.block.is_some();
        (span, quote_spanned!(span=> ::monograd::claims::no_buffers(#name, #module::BUFFERS_LEN, #in_block)))
    };
    modules.into_iter().map(claim).collect()
}

/// A dimension that the layer took over, and that was claimed before.
fn inherited(node: &Node, dim: &Dim) -> bool {
    !matches!(node.layer.form, Form::Parameterised(_)) || node.input.dims.iter().any(|input| same(input, dim))
}

fn same(a: &Dim, b: &Dim) -> bool {
    a.to_string() == b.to_string()
}

/// An expression is at least 1.
fn dimension(dim: &Dim) -> Option<(Span, TokenStream)> {
    let span = dim.span()?;
    Some((span, quote_spanned!(span=> ::monograd::claims::dimension(#dim))))
}

/// The layer word, as the documented item that it names, with what the macro says of it.
fn layer(network: &Network, node: usize) -> (Span, TokenStream) {
    let checked = &network.nodes[node];
    let word = &checked.link.word;
    let claim = match &checked.layer.form {
        Form::Parameterised(_) => {
            let parameters = checked.parameters().expect("the layer has parameters");
            parameterised(network, checked, parameters)
        }
        Form::Pointwise(pointwise) => {
            let cached = match pointwise.cached {
                Cached::Input => quote!(Input),
                Cached::Output => quote!(Output),
            };
            let value = &pointwise.value;
            quote_spanned! {word.span()=>
                ::monograd::claims::activation(
                    ::monograd::words::#word::cached(::monograd::activations::#value),
                    ::monograd::activations::Cached::#cached,
                )
            }
        }
        Form::Plain(Plain { value, .. }) => {
            let (ends, value) = (ends(checked), located(value, word.span()));
            quote_spanned! {word.span()=>
                {
                    ::monograd::claims::word::<::monograd::words::#word>();
                    let layer = ::monograd::layers::#value;
                    ::monograd::claims::extents([layer.input(), layer.output()], #ends)
                }
            }
        }
        Form::Noise(value) => {
            let value = located(value, word.span());
            quote_spanned! {word.span()=>
                {
                    ::monograd::claims::word::<::monograd::words::#word>();
                    _ = ::monograd::layers::#value;
                }
            }
        }
        Form::Block(block) if block.copies.is_none() => {
            let name = &block.name;
            quote_spanned!(word.span()=> { _ = ::core::mem::size_of::<#name<f32>>(); })
        }
        Form::Module(module) => {
            let ty = located(&module.ty(&quote!(f32)), word.span());
            let input = &module.input;
            quote_spanned!(word.span()=> ::monograd::claims::module::<f32, #input, #ty>())
        }
        Form::Softmax | Form::View | Form::Merge(_) | Form::Block(_) => {
            quote_spanned!(word.span()=> ::monograd::claims::word::<::monograd::words::#word>())
        }
    };
    (word.span(), claim)
}

fn parameterised(network: &Network, node: &Node, parameters: &Parameters) -> TokenStream {
    let word = &node.link.word;
    let generics = parameters.generics.iter().map(types::generic(network));
    let (params, values, macs) = (parameters.count(), node.layer.output.len(), &node.layer.macs);
    match &parameters.sizes {
        Sizes::ByType { applied_to, gives } => quote_spanned! {word.span()=>
            ::monograd::claims::layer::<::monograd::words::#word<f32, #(#generics),*>>(
                &[#(#applied_to),*],
                &[#(#gives),*],
                #params,
                #values,
                #macs,
            )
        },
        Sizes::Convolution { constant, transposed } => {
            let constant = located(constant, word.span());
            let (input, output) = (extent(&node.input), extent(&node.layer.output));
            let ends = if *transposed { quote!([#output, #input]) } else { quote!([#input, #output]) };
            quote_spanned! {word.span()=>
                {
                    let sizes = ::monograd::#constant;
                    ::monograd::claims::extents([sizes.input(), sizes.output()], #ends);
                    ::monograd::claims::macs(sizes.macs(), #macs);
                    ::monograd::claims::parameters::<::monograd::words::#word<f32, #(#generics),*>>(#params)
                }
            }
        }
        Sizes::ByConstant(constant) => {
            let (ends, constant) = (ends(node), located(constant, word.span()));
            quote_spanned! {word.span()=>
                {
                    let sizes = ::monograd::#constant;
                    ::monograd::claims::extents([sizes.input(), sizes.output()], #ends);
                    ::monograd::claims::parameters::<::monograd::words::#word<f32, #(#generics),*>>(#params)
                }
            }
        }
    }
}

/// The same tokens, which mean what they meant, but stand at `span` for messages.
pub fn located(tokens: &TokenStream, span: Span) -> TokenStream {
    let at_span = |token: TokenTree| {
        let mut token = match token {
            TokenTree::Group(group) => Group::new(group.delimiter(), located(&group.stream(), span)).into(),
            other => other,
        };
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.clone().into_iter().map(at_span).collect()
}

/// What a layer takes and what it gives, as the runtime has them.
fn ends(node: &Node) -> TokenStream {
    let (input, output) = (extent(&node.input), extent(&node.layer.output));
    quote!([#input, #output])
}

/// Each output has the declared shape, where only the compiler can tell.
fn contracts(network: &Network) -> Vec<(Span, TokenStream)> {
    let outputs = network.outputs.iter().filter(|_| network.block.is_none());
    outputs.filter_map(|output| contract(network, output)).collect()
}

fn contract(network: &Network, output: &Output) -> Option<(Span, TokenStream)> {
    let (result, declared) = (output.value?, output.shape.as_ref()?);
    let found = network.shape(result);
    if found.differs(declared).is_some() || found.kind == Kind::Open {
        return None;
    }
    let (line, span) = match result {
        Source::Input(input) => (network.input_names()[input].clone(), output.span),
        Source::Node(node) => {
            let node = &network.nodes[node];
            (plain(&network.lines[node.line].line.name), node.link.word.span())
        }
    };
    let (found, declared) = (Shape::tokens(found), declared.tokens());
    Some((span, quote_spanned!(span=> ::monograd::claims::contract(#line, &#found, &#declared))))
}
