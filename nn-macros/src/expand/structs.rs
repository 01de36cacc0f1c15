//! The structs of parameters, and their plain-data views.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::fields::{BufferFields, Fields, LineField, LineLayers, parameters, structs};
use crate::check::Network;
use crate::dimension::Dim;
use crate::syntax::plain;
use crate::table::count;

/// A field of parameters: what it is, and its type for a scalar.
struct Field {
    attributes: TokenStream,
    visibility: TokenStream,
    name: Ident,
    /// `None` for a field without parameters.
    filling: Option<Filling>,
}

/// What fills a field.
struct Filling {
    ty: TokenStream,
    /// The field behind it that fills up to the next boundary, and how many values lie before that.
    padding: Option<(Ident, Dim)>,
}

/// What a field of a layer holds: its parameters, or its running statistics.
#[derive(Clone, Copy)]
enum Content {
    Parameters,
    Buffers,
}

/// The network's struct, one for each line with several layers, and those of the running statistics.
pub fn expand(network: &Network, fields: &Fields) -> TokenStream {
    let declaration = network.declaration;
    let lines = line_structs(network, &fields.lines, Content::Parameters);
    let attributes = &declaration.attributes;
    let table = docs::network(network);
    let scalar = fields.unused_name("_scalar".into());
    let mut all: Vec<_> =
        fields.lines.iter().map(|field| line_field(network, fields, field, Content::Parameters)).collect();
    all.extend(fields.buffers.as_ref().map(|buffers| buffers_field(network, buffers)));
    let attributes = quote!(#attributes #table);
    let net = parameter_struct(&declaration.name, &attributes, &declaration.visibility, &all, &scalar.to_string());
    let buffers = fields.buffers.as_ref().map(|buffers| buffer_structs(network, fields, buffers));
    quote!(#net #lines #buffers)
}

/// The structs of lines with several layers.
fn line_structs(network: &Network, lines: &[LineField], content: Content) -> TokenStream {
    let declaration = network.declaration;
    let what = match content {
        Content::Parameters => "layers with parameters",
        Content::Buffers => "running statistics",
    };
    let lines = structs(lines).map(|(name, layers)| {
        let fields = layers.iter().map(|(field, node)| layer_field(network, field, *node, content));
        let doc = format!(" The {what} of a line of [`{}`].", plain(&declaration.name));
        parameter_struct(name, &quote!(#[doc = #doc]), &declaration.visibility, &fields.collect::<Vec<_>>(), "_scalar")
    });
    lines.collect()
}

/// The field of the running statistics, behind those of the parameters.
fn buffers_field(network: &Network, buffers: &BufferFields) -> Field {
    let BufferFields { field, name, .. } = buffers;
    let attributes = quote! {
        /// Running statistics: saved with the parameters, but not optimised.
    };
    let visibility = network.declaration.visibility.clone();
    Field {
        attributes,
        visibility,
        name: field.clone(),
        filling: Some(Filling { ty: quote!(#name<T>), padding: None }),
    }
}

/// The struct of the running statistics, and one for each line with several layers that have some.
fn buffer_structs(network: &Network, fields: &Fields, buffers: &BufferFields) -> TokenStream {
    let lines = line_structs(network, &buffers.lines, Content::Buffers);
    let all: Vec<_> = buffers.lines.iter().map(|line| line_field(network, fields, line, Content::Buffers)).collect();
    let doc =
        format!(" The running statistics of [`{}`], in the fields of its lines.", plain(&network.declaration.name));
    let scalar = fields.unused_name("_scalar".into()).to_string();
    let whole = parameter_struct(&buffers.name, &quote!(#[doc = #doc]), &network.declaration.visibility, &all, &scalar);
    quote!(#whole #lines)
}

/// The field of a line.
fn line_field(network: &Network, fields: &Fields, field: &LineField, content: Content) -> Field {
    let line = field.line;
    let doc = docs::line(network, field);
    let user = &line.attributes;
    let visibility = line.visibility.clone().unwrap_or_else(|| network.declaration.visibility.clone());
    let padding = || fields.unused_name(format!("_{}_padding", plain(&line.name)));
    let filling = match &field.layers {
        LineLayers::None => None,
        LineLayers::One(node) => Some(layer_filling(network, *node, padding(), content)),
        // Each layer in it is padded by itself.
        LineLayers::Several { name, .. } => Some(Filling { ty: quote!(#name<T>), padding: None }),
    };
    Field { attributes: quote!(#user #doc), visibility, name: line.name.clone(), filling }
}

/// The field of a layer in the struct of its line.
fn layer_field(network: &Network, name: &Ident, node: usize, content: Content) -> Field {
    let attributes = docs::layer(network, node);
    let visibility = network.declaration.visibility.clone();
    let filling = Some(layer_filling(network, node, format_ident!("_{name}_padding"), content));
    Field { attributes, visibility, name: name.clone(), filling }
}

/// `::monograd::layers::Dense<T, 784, 128>`.
fn layer_filling(network: &Network, node: usize, padding: Ident, content: Content) -> Filling {
    let parameters = parameters(network, node).expect("the layer has parameters");
    let (name, generics, tensors) = match content {
        Content::Parameters => (parameters.name, &parameters.generics, &parameters.tensors),
        Content::Buffers => {
            let buffers = parameters.buffers.as_ref().expect("the layer has running statistics");
            (buffers.name, &buffers.generics, &buffers.tensors)
        }
    };
    let name = format_ident!("{name}");
    let generics = generics.iter().map(Dim::generic);
    let ty = quote!(::monograd::layers::#name<T, #(#generics),*>);
    Filling { ty, padding: Some((padding, count(tensors))) }
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
    let lengths = fields.iter().filter_map(|field| field.filling.as_ref()).map(|Filling { ty, padding }| {
        let layer = padding.as_ref().map(|(_, len)| quote!(::monograd::aligned(#len)));
        layer.unwrap_or_else(|| quote!(<#ty as ::monograd::Flat<T>>::LEN))
    });
    let scalar = format_ident!("{scalar}");
    quote! {
        #attributes
        #[allow(clippy::manual_midpoint)]
        #[repr(C, align(64))]
        #visibility struct #name<T = f32> {
            #(#definitions)*
            #[doc(hidden)]
            #scalar: ::core::marker::PhantomData<T>,
        }

        // SAFETY: `repr(C)` over values of `T`; `exact_len` verifies that there are no gaps.
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(unsafe_code)]
        unsafe impl<T: ::monograd::Real> ::monograd::Flat<T> for #name<T> {
            const LEN: usize = ::monograd::exact_len::<T, Self>(&[#(#lengths),*]);
        }
    }
}

/// A field, and the zeros behind it up to the next boundary.
fn field_definition(field: &Field) -> TokenStream {
    let Field { attributes, visibility, name, filling } = field;
    let ty = filling.as_ref().map_or_else(|| quote!(::monograd::layers::Empty), |filling| filling.ty.clone());
    let padding = filling.as_ref().and_then(|filling| filling.padding.as_ref()).map(|(name, len)| {
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
