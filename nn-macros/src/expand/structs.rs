//! The structs of parameters, and their plain-data views.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::fields::{Fields, LineField, LineLayers, parameters};
use crate::check::Network;
use crate::dimension::Dim;
use crate::syntax::plain;

/// A field of parameters: what it is, and its type for a scalar.
struct Field {
    attributes: TokenStream,
    visibility: TokenStream,
    name: Ident,
    /// `None` for a field without parameters.
    parameters: Option<Parameters>,
}

/// What fills a field.
struct Parameters {
    ty: TokenStream,
    /// The field behind it that fills up to the next boundary, and how many values lie before that.
    padding: Option<(Ident, Dim)>,
}

/// The network's struct, and one for each line with several layers.
pub fn expand(network: &Network, fields: &Fields) -> TokenStream {
    let declaration = network.declaration;
    let lines = fields.structs().map(|(name, layers)| {
        let fields = layers.iter().map(|(field, node)| layer_field(network, field, *node));
        let doc = format!(" The layers with parameters of a line of [`{}`].", plain(&declaration.name));
        parameter_struct(name, &quote!(#[doc = #doc]), &declaration.visibility, &fields.collect::<Vec<_>>(), "_scalar")
    });
    let lines: TokenStream = lines.collect();
    let attributes = &declaration.attributes;
    let table = docs::network(network);
    let scalar = fields.unused_name("_scalar".into());
    let fields = fields.lines.iter().map(|field| line_field(network, fields, field)).collect::<Vec<_>>();
    let attributes = quote!(#attributes #table);
    let net = parameter_struct(&declaration.name, &attributes, &declaration.visibility, &fields, &scalar.to_string());
    quote!(#net #lines)
}

/// The field of a line.
fn line_field(network: &Network, fields: &Fields, field: &LineField) -> Field {
    let line = field.line;
    let doc = docs::line(network, field);
    let user = &line.attributes;
    let visibility = line.visibility.clone().unwrap_or_else(|| network.declaration.visibility.clone());
    let padding = || fields.unused_name(format!("_{}_padding", plain(&line.name)));
    let parameters = match &field.layers {
        LineLayers::None => None,
        LineLayers::One(node) => Some(layer_parameters(network, *node, padding())),
        // Each layer in it is padded by itself.
        LineLayers::Several { name, .. } => Some(Parameters { ty: quote!(#name<T>), padding: None }),
    };
    Field { attributes: quote!(#user #doc), visibility, name: line.name.clone(), parameters }
}

/// The field of a layer in the struct of its line.
fn layer_field(network: &Network, name: &Ident, node: usize) -> Field {
    let attributes = docs::layer(network, node);
    let visibility = network.declaration.visibility.clone();
    let parameters = Some(layer_parameters(network, node, format_ident!("_{name}_padding")));
    Field { attributes, visibility, name: name.clone(), parameters }
}

/// `::monograd::layers::Dense<T, 784, 128>`.
fn layer_parameters(network: &Network, node: usize, padding: Ident) -> Parameters {
    let parameters = parameters(network, node).expect("the layer has parameters");
    let name = format_ident!("{}", parameters.name);
    let generics = parameters.generics.iter().map(Dim::generic);
    let ty = quote!(::monograd::layers::#name<T, #(#generics),*>);
    Parameters { ty, padding: Some((padding, parameters.count())) }
}

/// A struct of fields, each padded to the next boundary, and the proof that it is plain data.
fn parameter_struct(
    name: &Ident,
    attributes: &TokenStream,
    visibility: &TokenStream,
    fields: &[Field],
    scalar: &str,
) -> TokenStream {
    let definitions = fields.iter().map(field_definition);
    let lengths =
        fields.iter().filter_map(|field| field.parameters.as_ref()).map(|Parameters { ty, padding }| match padding {
            Some((_, len)) => quote!(::monograd::aligned(#len)),
            None => quote!(<#ty as ::monograd::Flat<T>>::LEN),
        });
    let scalar = format_ident!("{scalar}");
    quote! {
        #attributes
        #[repr(C, align(64))]
        #visibility struct #name<T = f32> {
            #(#definitions)*
            #[doc(hidden)]
            #scalar: ::core::marker::PhantomData<T>,
        }

        // SAFETY: every field is zeroable.
        #[automatically_derived]
        #[allow(unsafe_code)]
        unsafe impl<T: ::monograd::Real> ::monograd::bytemuck::Zeroable for #name<T> {}

        // SAFETY: `repr(C)` over values of `T`; `exact_len` verifies that there are no gaps.
        #[automatically_derived]
        #[allow(unsafe_code)]
        unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for #name<T> {
            const LEN: usize = ::monograd::exact_len::<T, Self>(&[#(#lengths),*]);
        }
    }
}

/// A field, and the zeros behind it up to the next boundary.
fn field_definition(field: &Field) -> TokenStream {
    let Field { attributes, visibility, name, parameters } = field;
    let ty = parameters.as_ref().map_or_else(|| quote!(::monograd::layers::Empty), |parameters| parameters.ty.clone());
    let padding = parameters.as_ref().and_then(|parameters| parameters.padding.as_ref()).map(|(name, len)| {
        quote! {
            #[doc(hidden)]
            #name: [T; ::monograd::padding(#len)],
        }
    });
    quote! {
        #attributes
        #visibility #name: #ty,
        #padding
    }
}
