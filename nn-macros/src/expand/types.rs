//! The types of what a network is made of, for a scalar.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::check::{Network, Node};
use crate::dimension::Dim;
use crate::plan::{Len, Room};
use crate::table::{BlockUse, Form};

/// `const N: usize,` for each size that the declaration is generic over.
pub fn sizes(network: &Network) -> TokenStream {
    let generics = &network.generics;
    quote!(#(const #generics: usize,)*)
}

/// `Net<N, T>`.
pub fn named(network: &Network, name: &Ident, scalar: &TokenStream) -> TokenStream {
    let generics = &network.generics;
    quote!(#name<#(#generics,)* #scalar>)
}

/// The struct itself.
pub fn of(network: &Network, scalar: &TokenStream) -> TokenStream {
    named(network, &network.name, scalar)
}

/// The name of a type parameter of generated code, or if a size of the declaration has it, one that none has: `B` or `B_`.
pub fn free(network: &Network, name: &str) -> Ident {
    let mut name = name.to_owned();
    while network.generics.iter().any(|size| *size == name) {
        name.push('_');
    }
    format_ident!("{name}")
}

/// `T`.
pub fn scalar() -> TokenStream {
    quote!(T)
}

/// The type of the field of a layer with parameters, a block or a type from elsewhere.
pub fn field(network: &Network, node: &Node, scalar: &TokenStream) -> TokenStream {
    match &node.layer.form {
        Form::Block(block) => {
            let ty = named(network, &block.name, scalar);
            match &block.copies {
                Some(copies) => {
                    let copies = array_len(network, copies);
                    quote!([#ty; #copies])
                }
                None => ty,
            }
        }
        Form::Module(module) => module.ty(scalar),
        _ => {
            let parameters = node.parameters().expect("a field has parameters");
            let (name, generics) =
                (format_ident!("{}", parameters.name), parameters.generics.iter().map(generic(network)));
            quote!(::monograd::layers::#name<#scalar, #(#generics),*>)
        }
    }
}

/// The running statistics of a block.
pub fn block_buffers(network: &Network, block: &BlockUse, scalar: &TokenStream) -> TokenStream {
    let Some(buffers) = &block.buffers else { return quote!(::monograd::layers::Empty) };
    let ty = named(network, buffers, scalar);
    match &block.copies {
        Some(copies) => {
            let copies = array_len(network, copies);
            quote!([#ty; #copies])
        }
        None => ty,
    }
}

fn array_len(network: &Network, copies: &Dim) -> TokenStream {
    let computed = copies.mentions(&network.generics) && copies.parameter(&network.generics).is_none();
    if computed { quote!(1) } else { quote!(#copies) }
}

/// A dimension as a generic argument: a parameter of the declaration stands alone, without braces.
pub fn generic<'n>(network: &'n Network) -> impl Fn(&Dim) -> TokenStream + 'n {
    |dim| match dim.parameter(&network.generics) {
        Some(name) => quote!(#name),
        // Only after that has been reported: stable Rust has no such types.
        None if dim.mentions(&network.generics) => quote!(1),
        None => dim.generic(),
    }
}

/// `<Block as Block<T>>` or `<Type as Module<T, In>>`.
pub fn qualified(network: &Network, node: &Node, scalar: &TokenStream) -> TokenStream {
    match &node.layer.form {
        Form::Module(module) => module.qualified(scalar),
        _ => {
            let ty = field(network, node, scalar);
            quote!(<#ty as ::monograd::Block<#scalar>>)
        }
    }
}

/// As [`qualified`], of what is needed in training.
pub fn qualified_training(network: &Network, node: &Node, scalar: &TokenStream) -> TokenStream {
    match &node.layer.form {
        Form::Module(module) => module.qualified(scalar),
        _ => {
            let ty = field(network, node, scalar);
            quote!(<#ty as ::monograd::TrainableBlock<#scalar>>)
        }
    }
}

/// How many values a slot has, as an expression that does not depend on the scalar.
pub fn len(network: &Network, len: &Len) -> TokenStream {
    let scalar = quote!(f32);
    match len {
        Len::Values(dim) => quote!(#dim),
        Len::Room { node, room } => {
            let node = &network.nodes[*node];
            match room {
                Room::Inference => {
                    let block = qualified(network, node, &scalar);
                    quote!(#block::INFERENCE_SIZE)
                }
                Room::Tape => {
                    let block = qualified_training(network, node, &scalar);
                    quote!(#block::TAPE)
                }
                Room::Training => {
                    let block = qualified_training(network, node, &scalar);
                    quote!(#block::TRAINING_SIZE)
                }
            }
        }
    }
}
