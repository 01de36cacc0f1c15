//! A checked network and its plan to code.

mod advice;
mod claims;
mod docs;
pub mod fields;
mod passes;
mod structs;
mod tables;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::check::{Network, SCALAR};
use crate::dimension::Dim;
use crate::plan::Plans;
use crate::shape::Shape;
use crate::syntax::plain;
use fields::Fields;

/// Everything that a correct declaration becomes.
pub fn network(plans: &Plans, network: &Network) -> TokenStream {
    let fields = Fields::new(network);
    let structs = structs::expand(network, &fields);
    let inherent = inherent(network, &fields);
    let plan_constants = passes::plan_constants(network, plans);
    let trait_items = [tables::expand(network, plans, &fields), passes::initialize(network, &fields)];
    let infer = passes::infer(network, plans, &fields);
    let fold = passes::fold(network, plans, &fields);
    let network_trait = network_trait(network, &quote!(#(#trait_items)* #infer #fold));
    let trainable = plans.training.as_ref().map(|training| passes::trainable(network, training, &fields));
    let claims = claims::expand(network);
    let advice = advice::expand(network);
    quote!(#structs #inherent #plan_constants #network_trait #trainable #claims #advice)
}

/// What a declaration with mistakes becomes: the same items without work in them, so that the rest of the program is
/// checked, and completed by the editor, as if the declaration were right.
///
/// A network with the name of its scalar type has none: the code would take one for the other, and every item would be a
/// mistake of its own.
pub fn stub(network: &Network) -> TokenStream {
    if network.declaration.name == SCALAR {
        return TokenStream::new();
    }
    let fields = Fields::new(network);
    let structs = structs::expand(network, &fields);
    let inherent = inherent(network, &fields);
    let network_trait = network_trait(network, &passes::stub_network());
    let trainable = passes::stub_trainable(network);
    quote!(#structs #inherent #network_trait #trainable)
}

/// The number of values of a port as a type: `Const<784>`; of one value if its shape could not be read.
fn columns(shape: Option<&Shape>) -> TokenStream {
    let len = shape.map_or(Dim::Literal(1), |shape| shape.len().clone()).generic();
    quote!(::monograd::nalgebra::Const<#len>)
}

/// `&[784]`.
fn static_shape(shape: Option<&Shape>) -> TokenStream {
    let dims = shape.map(|shape| shape.dims.clone()).unwrap_or_default();
    quote!(&[#(#dims),*])
}

/// `impl<T: Real> Network for Net<T> { … }`.
fn network_trait(network: &Network, items: &impl ToTokens) -> TokenStream {
    let name = &network.declaration.name;
    let text = plain(name);
    let (input, output) = (columns(network.input.as_ref()), columns(network.output.as_ref()));
    let (input_shape, output_shape) = (static_shape(network.input.as_ref()), static_shape(network.output.as_ref()));
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl<T: ::monograd::Real> ::monograd::Network for #name<T> {
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

/// The struct's own methods: constructors and constants for `f32`, `forward` for both scalars.
fn inherent(network: &Network, fields: &Fields) -> TokenStream {
    let name = &network.declaration.name;
    let visibility = &network.declaration.visibility;
    let constants = tables::inherent_constants(visibility);
    let forward = forward(network);
    let debug = debug(network, fields);
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(dead_code)]
        impl #name<f32> {
            #constants

            /// A network with initialised parameters, by seed 0. For `f64`: `Net::<f64>::new()`.
            #[must_use]
            #visibility fn new() -> ::std::boxed::Box<Self> {
                <Self as ::monograd::Network>::new()
            }

            /// A network with initialised parameters: the same for the same seed, on every machine.
            #[must_use]
            #visibility fn seeded(seed: u64) -> ::std::boxed::Box<Self> {
                <Self as ::monograd::Network>::seeded(seed)
            }

            /// A network of zeros: to load weights into, or to hold gradients.
            #[must_use]
            #visibility fn zeroed() -> ::std::boxed::Box<Self> {
                <Self as ::monograd::Network>::zeroed()
            }

            /// A workspace for inference with up to `samples` samples a call.
            #[must_use]
            #visibility fn workspace(samples: usize) -> ::monograd::Inference<Self> {
                ::monograd::Inference::new(samples)
            }

            /// The table of layers; it can be displayed.
            #[must_use]
            #visibility fn summary() -> ::monograd::Summary {
                <Self as ::monograd::Network>::summary()
            }
        }
        #forward
        #debug
    }
}

fn forward(network: &Network) -> TokenStream {
    let name = &network.declaration.name;
    let visibility = &network.declaration.visibility;
    let (input, output) = (columns(network.input.as_ref()), columns(network.output.as_ref()));
    let doc = docs::forward(network);
    quote! {
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(dead_code)]
        impl<T: ::monograd::Real> #name<T> {
            #doc
            #[inline]
            #[track_caller]
            #visibility fn forward<'work, B, S>(
                &self,
                input: &::monograd::nalgebra::Matrix<T, #input, B, S>,
                work: &'work mut ::monograd::Inference<Self>,
            ) -> ::monograd::nalgebra::MatrixView<'work, T, #output, B>
            where
                B: ::monograd::nalgebra::Dim,
                S: ::monograd::nalgebra::RawStorage<T, #input, B> + ::monograd::nalgebra::IsContiguous,
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
    let names = core::iter::once(&network.declaration.name)
        .chain(buffers.map(|buffers| &buffers.name))
        .chain(fields::structs(&fields.lines).chain(fields::structs(buffer_lines)).map(|(name, _)| name));
    names
        .map(|name| {
            let text = plain(name);
            quote! {
                    #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic)]
                    impl<T> ::core::fmt::Debug for #name<T> {
                        fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                            formatter.debug_struct(#text).finish_non_exhaustive()
                        }
                    }
                }
        })
        .collect()
}
