//! The structs of parameters, and their plain-data views.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::docs;
use super::fields::{Fields, LineField, LineLayers, parameters};
use crate::check::Network;
use crate::syntax::plain;

/// A field of parameters: what it is, and its type for a scalar.
struct Field {
    attributes: TokenStream,
    visibility: TokenStream,
    name: Ident,
    /// `None` for a field without parameters.
    parameters: Option<Box<dyn Fn(&TokenStream) -> TokenStream>>,
}

/// The network's struct, and one for each line with several layers.
pub fn expand(network: &Network, fields: &Fields) -> TokenStream {
    let declaration = network.declaration;
    let lines = fields.structs().map(|(name, layers)| {
        let fields = layers.iter().map(|(field, node)| layer_field(network, field, *node));
        let doc = format!("The layers with parameters of a line of [`{}`].", plain(&declaration.name));
        parameter_struct(&name, &quote!(#[doc = #doc]), &declaration.visibility, fields.collect())
    });
    let lines: TokenStream = lines.collect();
    let attributes = &declaration.attributes;
    let table = docs::network(network);
    let fields = fields.lines.iter().map(|field| line_field(network, field)).collect();
    let net = parameter_struct(&declaration.name, &quote!(#attributes #table), &declaration.visibility, fields);
    quote!(#net #lines)
}

/// The field of a line.
fn line_field(network: &Network, field: &LineField) -> Field {
    let line = field.line;
    let doc = docs::line(network, line);
    let user = &line.attributes;
    let visibility = line.visibility.clone().unwrap_or_else(|| network.declaration.visibility.clone());
    let parameters: Option<Box<dyn Fn(&TokenStream) -> TokenStream>> = match &field.layers {
        LineLayers::None => None,
        LineLayers::One(node) => Some(layer_type(network, *node)),
        LineLayers::Several { name, .. } => {
            let name = name.clone();
            Some(Box::new(move |scalar| quote!(#name<#scalar>)))
        }
    };
    Field { attributes: quote!(#user #doc), visibility, name: line.name.clone(), parameters }
}

/// The field of a layer in the struct of its line.
fn layer_field(network: &Network, name: &Ident, node: usize) -> Field {
    let doc = docs::layer(network, node);
    let visibility = network.declaration.visibility.clone();
    Field { attributes: doc, visibility, name: name.clone(), parameters: Some(layer_type(network, node)) }
}

/// `::monograd::layers::Dense<T, 784, 128>`, for any `T`.
fn layer_type(network: &Network, node: usize) -> Box<dyn Fn(&TokenStream) -> TokenStream> {
    let parameters = parameters(network, node).expect("the layer has parameters");
    let name = format_ident!("{}", parameters.name);
    let generics: Vec<_> = parameters.generics.iter().map(crate::shape::Dim::generic).collect();
    Box::new(move |scalar| quote!(::monograd::layers::#name<#scalar, #(#generics),*>))
}

/// A struct of fields, each padded to the next boundary, and the proof that it is plain data.
fn parameter_struct(
    name: &Ident,
    attributes: &impl ToTokens,
    visibility: &TokenStream,
    fields: Vec<Field>,
) -> TokenStream {
    let definitions = fields.iter().map(field_definition);
    let scalar = quote!(T);
    let filled = fields.iter().filter_map(|field| field.parameters.as_ref());
    let lengths = filled.map(|of| {
        let ty = of(&scalar);
        quote!(::monograd::aligned(<#ty as ::monograd::Flat<T>>::LEN))
    });
    quote! {
        #attributes
        #[repr(C, align(64))]
        #visibility struct #name<T = f32> {
            #(#definitions)*
            #[doc(hidden)]
            _scalar: ::core::marker::PhantomData<T>,
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
    let Some(of) = parameters else {
        return quote!(#attributes #visibility #name: ::monograd::layers::Empty,);
    };
    let (ty, single) = (of(&quote!(T)), of(&quote!(f32)));
    let padding = format_ident!("_{}_padding", plain(name));
    quote! {
        #attributes
        #visibility #name: #ty,
        #[doc(hidden)]
        #padding: [T; ::monograd::padding(<#single as ::monograd::Flat<f32>>::LEN)],
    }
}
