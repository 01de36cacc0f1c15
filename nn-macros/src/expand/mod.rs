//! A checked network and its plan to code.

mod advice;
mod claims;
mod docs;
pub mod fields;
mod passes;
mod ports;
mod structs;
mod tables;
mod types;
mod units;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::check::{Model, Network, SCALAR};
use crate::dimension::Dim;
use crate::plan::{self, Plans};
use crate::shape::Shape;
use crate::syntax::plain;
pub use advice::unused_block;
use fields::Fields;
use passes::Part;

/// Everything that a correct declaration becomes.
pub fn model(model: &Model) -> TokenStream {
    let (plans, block_plans) = plan::all(model);
    let mut structs = model.structs.clone();
    let network = network(&model.network, &plans, &mut structs);
    let blocks = model.blocks.iter().zip(&block_plans).map(|(part, plans)| block(part, plans, &mut structs));
    let blocks: TokenStream = blocks.collect();
    quote!(#network #blocks)
}

fn network(network: &Network, plans: &Plans, structs: &mut std::collections::HashSet<String>) -> TokenStream {
    let fields = Fields::new(network, structs);
    let part = Part::new(network, plans, &fields);
    let structs = structs::expand(network, &fields);
    let inherent = inherent(network, &fields);
    let plan_constants = passes::plan_constants(&part);
    let items = [tables::expand(&part), ports::constants(network), passes::initialize(&part), passes::infer(&part)];
    let fold = passes::fold(&part);
    let network_trait = network_trait(network, &quote!(#(#items)* #fold));
    let trainable = plans.training.as_ref().map(|training| {
        let (regions, outputs) = (passes::output_regions(training), ports::training_constants(network));
        passes::trainable(&part, training, &quote!(#regions #outputs))
    });
    let ports = ports::expand(network, plans.training.is_some());
    let claims = claims::expand(network, &fields);
    let advice = advice::expand(network);
    let units = units::expand(network, &fields);
    quote!(#structs #inherent #plan_constants #network_trait #trainable #ports #units #claims #advice)
}

/// What one block of a declaration becomes, for one choice of its sizes and one shape that arrives.
fn block(network: &Network, plans: &Plans, structs: &mut std::collections::HashSet<String>) -> TokenStream {
    let fields = Fields::new(network, structs);
    let part = Part::new(network, plans, &fields);
    let structs = structs::expand(network, &fields);
    let debug = debug(network, &fields);
    let plan_constants = passes::plan_constants(&part);
    let items = [tables::block(&part), passes::initialize(&part), passes::infer(&part), passes::fold(&part)];
    let (sizes, ty) = (types::sizes(network), types::of(network, &types::scalar()));
    let trainable = plans.training.as_ref();
    let trainable = trainable.map(|training| passes::trainable(&part, training, &tables::trainable_block(&part)));
    let claims = claims::expand(network, &fields);
    let advice = advice::expand(network);
    quote! {
        #structs
        #debug
        #plan_constants
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real> ::monograd::Block<T> for #ty {
            #(#items)*
        }
        #trainable
        #claims
        #advice
    }
}

/// What a declaration with mistakes becomes: the same items without work in them, so that the rest of the program is
/// checked, and completed by the editor, as if the declaration were right.
///
/// A network with the name of its scalar type has none: the code would take one for the other, and every item would be a
/// mistake of its own.
pub fn stub(model: &Model) -> TokenStream {
    let network = &model.network;
    if network.declaration.name == SCALAR {
        return TokenStream::new();
    }
    let mut structs = model.structs.clone();
    let fields = Fields::new(network, &mut structs);
    let blocks = model.blocks.iter().map(|block| {
        let fields = Fields::new(block, &mut structs);
        let (definitions, debug) = (structs::expand(block, &fields), debug(block, &fields));
        quote!(#definitions #debug)
    });
    let blocks: TokenStream = blocks.collect();
    let structs = structs::expand(network, &fields);
    let inherent = inherent(network, &fields);
    let ports = ports::constants(network);
    let stub = passes::stub_network(network);
    let network_trait = network_trait(network, &quote!(#ports #stub));
    let trainable = passes::stub_trainable(network);
    let ports = ports::expand(network, true);
    quote!(#structs #blocks #inherent #network_trait #trainable #ports)
}

/// The number of values of ports as a type: `Const<784>`; of one value if a shape could not be read.
fn columns<'s>(network: &Network, shapes: impl Iterator<Item = Option<&'s Shape>>) -> TokenStream {
    let len = shapes.map(|shape| Some(shape?.len().clone()));
    let len = len.reduce(|sum, len| sum?.plus(&len?)).flatten().unwrap_or(Dim::Literal(1));
    let len = types::generic(network)(&len);
    quote!(::monograd::nalgebra::Const<#len>)
}

/// All inputs, and all outputs of inference.
fn ends(network: &Network) -> [TokenStream; 2] {
    let outputs = network.outputs.iter().filter(|output| !output.in_training);
    [
        columns(network, network.inputs.iter().map(|input| input.shape.as_ref())),
        columns(network, outputs.map(|output| output.shape.as_ref())),
    ]
}

/// `impl<T: Real> Network for Net<T> { … }`.
fn network_trait(network: &Network, items: &impl ToTokens) -> TokenStream {
    let text = plain(&network.name);
    let [input, output] = ends(network);
    let [input_shape, output_shape] = ports::shapes(network);
    let (sizes, ty) = (types::sizes(network), types::of(network, &types::scalar()));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<#sizes T: ::monograd::Real> ::monograd::Network for #ty {
            type Scalar = T;
            type Input = #input;
            type Output = #output;
            const NAME: &'static str = #text;
            const INPUT_SHAPE: &'static [usize] = #input_shape;
            const OUTPUT_SHAPE: &'static [usize] = #output_shape;
            #items
        }
    }
}

/// The struct's own methods: constructors and constants for `f32`, `forward` for both scalars. They are inline so that a library
/// has no machine code of networks that it declares, but for those that it uses.
fn inherent(network: &Network, fields: &Fields) -> TokenStream {
    let visibility = &network.visibility;
    let constants = tables::inherent_constants(visibility);
    let forward = if ports::has_names(network) { ports::forward(network) } else { forward(network) };
    let (sizes, ty) = (types::sizes(network), types::of(network, &quote!(f32)));
    let debug = debug(network, fields);
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(dead_code)]
        impl<#sizes> #ty {
            #constants

            /// A network with initialised parameters, by seed 0. For `f64`: `Net::<f64>::new()`.
            #[must_use]
            #[inline]
            #visibility fn new() -> ::std::boxed::Box<Self> {
                <Self as ::monograd::Network>::new()
            }

            /// A network with initialised parameters: the same for the same seed, on every machine.
            #[must_use]
            #[inline]
            #visibility fn seeded(seed: u64) -> ::std::boxed::Box<Self> {
                <Self as ::monograd::Network>::seeded(seed)
            }

            /// A network of zeros: to load weights into, or to hold gradients.
            #[must_use]
            #[inline]
            #visibility fn zeroed() -> ::std::boxed::Box<Self> {
                <Self as ::monograd::Network>::zeroed()
            }

            /// A workspace for inference with up to `samples` samples a call.
            #[must_use]
            #[inline]
            #visibility fn workspace(samples: usize) -> ::monograd::Inference<Self> {
                ::monograd::Inference::new(samples)
            }

            /// The table of layers; it can be displayed.
            #[must_use]
            #[inline]
            #visibility fn summary() -> ::monograd::Summary {
                <Self as ::monograd::Network>::summary()
            }
        }
        #forward
        #debug
    }
}

fn forward(network: &Network) -> TokenStream {
    let visibility = &network.visibility;
    let [input, output] = ends(network);
    let doc = docs::forward(network, false);
    let [batch, storage] = ["B", "S"].map(|name| types::free(network, name));
    let (sizes, ty) = (types::sizes(network), types::of(network, &types::scalar()));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(dead_code)]
        impl<#sizes T: ::monograd::Real> #ty {
            #doc
            #[inline]
            #[track_caller]
            #visibility fn forward<'work, #batch, #storage>(
                &self,
                input: &::monograd::nalgebra::Matrix<T, #input, #batch, #storage>,
                work: &'work mut ::monograd::Inference<Self>,
            ) -> ::monograd::nalgebra::MatrixView<'work, T, #output, #batch>
            where
                #batch: ::monograd::nalgebra::Dim,
                #storage: ::monograd::nalgebra::RawStorage<T, #input, #batch> + ::monograd::nalgebra::IsContiguous,
            {
                work.run(self, input)
            }
        }
    }
}

/// `Debug` by name: the parameters themselves would fill pages.
fn debug(network: &Network, fields: &Fields) -> TokenStream {
    let buffers = fields.buffers.as_ref();
    let buffer_lines = buffers.map_or(&[][..], |buffers| &buffers.lines);
    let sizes = types::sizes(network);
    let names = core::iter::once(&network.name)
        .chain(buffers.map(|buffers| &buffers.name))
        .chain(fields::structs(&fields.lines).chain(fields::structs(buffer_lines)).map(|(name, _)| name));
    names
        .map(|name| {
            let (text, ty) = (plain(name), types::named(network, name, &types::scalar()));
            quote! {
                    #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic)]
                    impl<#sizes T> ::core::fmt::Debug for #ty {
                        fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                            formatter.debug_struct(#text).finish_non_exhaustive()
                        }
                    }
                }
        })
        .collect()
}
