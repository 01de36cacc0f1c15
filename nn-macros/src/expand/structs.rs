//! The structs of parameters, and their plain-data views.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::fields::{self, BufferFields, Fields, LineField, LineLayers, structs};
use super::{docs, types};
use crate::check::{Network, Node};
use crate::dimension::Dim;
use crate::syntax::plain;
use crate::table::{Form, count};

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

/// The struct of a network or a block, one for each line with several layers, and those of the running statistics.
pub fn expand(network: &Network, fields: &Fields) -> TokenStream {
    let lines = line_structs(network, &fields.lines, Content::Parameters);
    let attributes = &network.declaration.attributes;
    let table = docs::network(network);
    let scalar = fields.unused_name("_scalar".into());
    let in_memory = fields::lines_in_memory(network, &fields.lines);
    let mut all: Vec<_> =
        in_memory.into_iter().map(|field| line_field(network, fields, field, Content::Parameters)).collect();
    if network.block.is_none() {
        all.extend(fields.buffers.as_ref().map(|buffers| buffers_field(network, buffers)));
    }
    let attributes = quote!(#attributes #table);
    let net = parameter_struct(network, &network.name, &attributes, &all, &scalar.to_string());
    let buffers = fields.buffers.as_ref().map(|buffers| buffer_structs(network, fields, buffers));
    quote!(#net #lines #buffers)
}

/// The structs of lines with several layers.
fn line_structs(network: &Network, lines: &[LineField], content: Content) -> TokenStream {
    let what = match content {
        Content::Parameters => "layers with parameters",
        Content::Buffers => "running statistics",
    };
    let lines = structs(lines).map(|(name, layers)| {
        let layers = fields::in_memory(network, layers).into_iter();
        let fields = layers.map(|(field, node)| layer_field(network, field, *node, content));
        let doc = format!(" The {what} of a line of [`{}`].", plain(&network.name));
        parameter_struct(network, name, &quote!(#[doc = #doc]), &fields.collect::<Vec<_>>(), "_scalar")
    });
    lines.collect()
}

/// The field of the running statistics, behind those of the parameters.
fn buffers_field(network: &Network, buffers: &BufferFields) -> Field {
    let BufferFields { field, name, .. } = buffers;
    let attributes = quote! {
        /// Running statistics: saved with the parameters, but not optimised.
    };
    let visibility = network.visibility.clone();
    let ty = types::named(network, name, &types::scalar());
    Field { attributes, visibility, name: field.clone(), filling: Some(Filling { ty, padding: None }) }
}

/// The struct of the running statistics, and one for each line with several layers that have some.
fn buffer_structs(network: &Network, fields: &Fields, buffers: &BufferFields) -> TokenStream {
    let lines = line_structs(network, &buffers.lines, Content::Buffers);
    let all: Vec<_> = buffers.lines.iter().map(|line| line_field(network, fields, line, Content::Buffers)).collect();
    let doc = format!(" The running statistics of [`{}`], in the fields of its lines.", plain(&network.name));
    let scalar = fields.unused_name("_scalar".into()).to_string();
    let whole = parameter_struct(network, &buffers.name, &quote!(#[doc = #doc]), &all, &scalar);
    quote!(#whole #lines)
}

/// The field of a line.
fn line_field(network: &Network, fields: &Fields, field: &LineField, content: Content) -> Field {
    let line = field.line;
    let doc = docs::line(network, field);
    let user = &line.attributes;
    let visibility = line.visibility.clone().unwrap_or_else(|| network.visibility.clone());
    let padding = || fields.unused_name(format!("_{}_padding", plain(&field.name)));
    let filling = match &field.layers {
        LineLayers::None => None,
        LineLayers::One(node) => Some(layer_filling(network, *node, padding(), content)),
        // Each layer in it is padded by itself.
        LineLayers::Several { name, .. } => {
            Some(Filling { ty: types::named(network, name, &types::scalar()), padding: None })
        }
    };
    Field { attributes: quote!(#user #doc), visibility, name: field.name.clone(), filling }
}

/// The field of a layer in the struct of its line.
fn layer_field(network: &Network, name: &Ident, node: usize, content: Content) -> Field {
    let attributes = docs::layer(network, node);
    let visibility = network.visibility.clone();
    let filling = Some(layer_filling(network, node, format_ident!("_{}_padding", plain(name)), content));
    Field { attributes, visibility, name: name.clone(), filling }
}

/// `::monograd::layers::Dense<T, 784, 128>`.
fn layer_filling(network: &Network, node: usize, padding: Ident, content: Content) -> Filling {
    let node = &network.nodes[node];
    let scalar = types::scalar();
    let (ty, len) = match content {
        Content::Parameters => (types::field(network, node, &scalar), parameters_len(network, node)),
        Content::Buffers => buffers_filling(network, node),
    };
    Filling { ty, padding: len.map(|len| (padding, len)) }
}

/// How many values fill a field that is padded; blocks are padded in themselves.
fn parameters_len(network: &Network, node: &Node) -> Option<Dim> {
    match &node.layer.form {
        Form::Block(_) => None,
        Form::Module(_) => {
            let ty = types::field(network, node, &quote!(f32));
            Some(Dim::atom(quote!(<#ty as ::monograd::Flat<f32>>::LEN)))
        }
        _ => Some(node.layer.params()),
    }
}

/// The type of running statistics, and how many values they are.
fn buffers_filling(network: &Network, node: &Node) -> (TokenStream, Option<Dim>) {
    if let Form::Block(block) = &node.layer.form {
        return (types::block_buffers(network, block, &types::scalar()), None);
    }
    let buffers = node.parameters().and_then(|parameters| parameters.buffers.as_ref());
    let buffers = buffers.expect("the layer has running statistics");
    let (name, generics) = (format_ident!("{}", buffers.name), buffers.generics.iter().map(types::generic(network)));
    (quote!(::monograd::layers::#name<T, #(#generics),*>), Some(count(&buffers.tensors)))
}

/// A struct of fields, each padded to the next boundary, and the proof that it is plain data.
///
/// In a generic declaration there is no padding: an array of computed size is not to be had on stable Rust.
fn parameter_struct(
    network: &Network,
    name: &Ident,
    attributes: &TokenStream,
    fields: &[Field],
    scalar: &str,
) -> TokenStream {
    let padded = network.generics.is_empty();
    let definitions = fields.iter().map(|field| field_definition(field, padded));
    let lengths = fields.iter().filter_map(|field| field.filling.as_ref()).map(|Filling { ty, padding }| {
        let layer = padding.as_ref().filter(|_| padded).map(|(_, len)| quote!(::monograd::aligned(#len)));
        layer.unwrap_or_else(|| quote!(<#ty as ::monograd::Flat<T>>::LEN))
    });
    let scalar = format_ident!("{scalar}");
    let (visibility, sizes) = (&network.visibility, types::sizes(network));
    let ty = types::named(network, name, &types::scalar());
    let layout = if padded { quote!(#[repr(C, align(64))]) } else { quote!(#[repr(C)]) };
    quote! {
        #attributes
        #[allow(clippy::manual_midpoint)]
        #layout
        #visibility struct #name<#sizes T = f32> {
            #(#definitions)*
            #[doc(hidden)]
            #scalar: ::core::marker::PhantomData<T>,
        }

        // SAFETY: `repr(C)` over values of `T`; `exact_len` verifies that there are no gaps.
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        #[allow(unsafe_code)]
        unsafe impl<#sizes T: ::monograd::Real> ::monograd::Flat<T> for #ty {
            const LEN: usize = ::monograd::exact_len::<T, Self>(&[#(#lengths),*]);
        }
    }
}

/// A field, and the zeros behind it up to the next boundary.
fn field_definition(field: &Field, padded: bool) -> TokenStream {
    let Field { attributes, visibility, name, filling } = field;
    let ty = filling.as_ref().map_or_else(|| quote!(::monograd::layers::Empty), |filling| filling.ty.clone());
    let padding = filling.as_ref().and_then(|filling| filling.padding.as_ref()).filter(|_| padded);
    let padding = padding.map(|(name, len)| {
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
