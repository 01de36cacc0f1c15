//! What the compiler verifies, at the user's words: the macro's shapes against the runtime's, and the dimensions that only
//! the compiler knows.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::fields::parameters;
use crate::check::{Network, Node, Source};
use crate::dimension::Dim;
use crate::shape::Shape;
use crate::syntax::plain;
use crate::table::spatial::extent;
use crate::table::{Cached, Form, Parameters, Plain, Sizes};

/// A constant for each claim.
pub fn expand(network: &Network) -> TokenStream {
    let ports = [&network.input, &network.output].into_iter().flatten().flat_map(|shape| &shape.dims);
    let sizes = network.nodes.iter().flat_map(|node| node.layer.output.dims.iter().filter(|dim| !inherited(node, dim)));
    let dimensions: TokenStream = ports.chain(sizes).map(dimension).collect();
    let layers: TokenStream = (0..network.nodes.len()).map(|node| layer(network, node)).collect();
    let contract = contract(network);
    quote!(#dimensions #layers #contract)
}

/// A dimension that the layer took over, and that was claimed before.
fn inherited(node: &Node, dim: &Dim) -> bool {
    !matches!(node.layer.form, Form::Parameterised(_)) || node.input.dims.iter().any(|input| same(input, dim))
}

fn same(a: &Dim, b: &Dim) -> bool {
    a.to_string() == b.to_string()
}

/// An expression is at least 1.
fn dimension(dim: &Dim) -> TokenStream {
    let Some(span) = dim.span() else { return TokenStream::new() };
    quote_spanned!(span=> #[allow(clippy::all, clippy::pedantic)] const _: () = ::monograd::claims::dimension(#dim);)
}

/// The layer word, as the documented item that it names, with what the macro says of it.
fn layer(network: &Network, node: usize) -> TokenStream {
    let checked = &network.nodes[node];
    let word = &checked.link.word;
    let claim = match &checked.layer.form {
        Form::Parameterised(_) => {
            let parameters = parameters(network, node).expect("the layer has parameters");
            parameterised(checked, parameters)
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
        Form::Softmax | Form::View => {
            quote_spanned!(word.span()=> ::monograd::claims::word::<::monograd::words::#word>())
        }
    };
    quote_spanned!(word.span()=> #[allow(clippy::all, clippy::pedantic)] const _: () = #claim;)
}

fn parameterised(node: &Node, parameters: &Parameters) -> TokenStream {
    let word = &node.link.word;
    let generics = parameters.generics.iter().map(Dim::generic);
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

/// The output has the declared shape, where only the compiler can tell.
fn contract(network: &Network) -> Option<TokenStream> {
    let (result, declared) = (network.result?, network.output.as_ref()?);
    let found = network.shape(result);
    if found.differs(declared).is_some() {
        return None;
    }
    let (line, span) = match result {
        Source::Input => ("input".into(), network.declaration.output.span),
        Source::Node(node) => {
            let node = &network.nodes[node];
            (plain(&network.lines[node.line].line.name), node.link.word.span())
        }
    };
    let (found, declared) = (Shape::tokens(found), declared.tokens());
    Some(
        quote_spanned!(span=> #[allow(clippy::all, clippy::pedantic)] const _: () = ::monograd::claims::contract(#line, &#found, &#declared);),
    )
}
