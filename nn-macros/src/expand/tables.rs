//! The constants of a network: its layers, its tensors, its sizes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::claims::located;
use super::fields::{self, Fields};
use super::passes::Part;
use super::types;
use crate::check::{Network, Node, Source};
use crate::shape::{Kind, Shape};
use crate::syntax::plain;
use crate::table::{Form, Sizes, Tensor};

/// `LAYERS`, `TENSORS` and the sizes of the workspaces.
pub fn expand(part: &Part) -> TokenStream {
    let network = part.network;
    let tables = layer_and_tensor_tables(network, part.fields);
    let buffers_len = buffers_len(network, part.fields);
    let scratch = [scratch(network, "INFERENCE_SCRATCH", false), scratch(network, "TRAINING_SCRATCH", true)];
    let training = part.plans.training.as_ref().map(|_| quote!(::core::option::Option::Some(Self::TRAINING_PLAN.size)));
    let training = training.unwrap_or_else(|| quote!(::core::option::Option::None));
    let receptive_field = network.output_receptive_field();
    quote! {
        const RECEPTIVE_FIELD: &'static [usize] = &[#(#receptive_field),*];
        #tables
        #buffers_len
        #(#scratch)*
        const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
        const INFERENCE_BOUND: usize = Self::INFERENCE_PLAN.bound;
        const TRAINING_SIZE: ::core::option::Option<usize> = #training;
    }
}

/// The same of a block.
pub fn block(part: &Part) -> TokenStream {
    let network = part.network;
    let tables = layer_and_tensor_tables(network, part.fields);
    let scratch = scratch_of_block(network, "INFERENCE_SCRATCH", false);
    let (input, output) = (network.shape(Source::Input(0)).len().clone(), network.output_shape());
    let output = output.len();
    let buffers = match &part.fields.buffers {
        Some(buffers) => types::named(network, &buffers.name, &types::scalar()),
        None => quote!(::monograd::layers::Empty),
    };
    quote! {
        type Buffers = #buffers;
        const INPUT: usize = #input;
        const OUTPUT: usize = #output;
        const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
        #scratch
        #tables
    }
}

/// The constants of a block that training needs.
pub fn trainable_block(part: &Part) -> TokenStream {
    let scratch = scratch_of_block(part.network, "TRAINING_SCRATCH", true);
    quote! {
        const TAPE: usize = Self::TAPE_PLAN.size;
        const TRAINING_SIZE: usize = Self::TRAINING_PLAN.size;
        #scratch
    }
}

fn layer_and_tensor_tables(network: &Network, fields: &Fields) -> TokenStream {
    let layers = (0..network.nodes.len()).map(|node| layer_info(network, node));
    let tensors = tensors(network, fields);
    let buffers = buffer_tensors(network, fields);
    quote! {
        const LAYERS: &'static [::monograd::LayerInfo] = &[#(#layers),*];
        const TENSORS: &'static [::monograd::TensorEntry] = &[#(#tensors),*];
        const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[#(#buffers),*];
    }
}

fn layer_info(network: &Network, node: usize) -> TokenStream {
    let checked = &network.nodes[node];
    let line = if network.transparent { String::new() } else { plain(&network.lines[checked.line].line.name) };
    let (layer, kind) = (checked.link.text(), &checked.word);
    let output = shape_slice(&checked.layer.output);
    let (params, activations, macs) = (checked.layer.params(), checked.layer.activations(), &checked.layer.macs);
    let receptive_field = &checked.receptive_field;
    let inner = match checked.layer.form {
        Form::Block(_) | Form::Module(_) => {
            let block = types::qualified(network, checked, &quote!(f32));
            quote!(#block::LAYERS)
        }
        _ => quote!(&[]),
    };
    quote! {
        ::monograd::LayerInfo {
            line: #line,
            layer: #layer,
            kind: #kind,
            output: #output,
            params: #params,
            activations: #activations,
            macs: #macs,
            receptive_field: &[#(#receptive_field),*],
            inner: #inner,
        }
    }
}

/// `&[10]`.
fn shape_slice(shape: &Shape) -> TokenStream {
    if shape.kind == Kind::Open {
        let marker = shape.marker();
        return quote!(<#marker as ::monograd::shapes::Shape>::DIMS);
    }
    let dims = &shape.dims;
    quote!(&[#(#dims),*])
}

/// An entry for each tensor, and one for each block.
fn tensors(network: &Network, fields: &Fields) -> Vec<TokenStream> {
    let net = types::of(network, &quote!(f32));
    let entries = fields.layers().flat_map(|(path, node)| {
        let checked = &network.nodes[node];
        match checked.parameters() {
            Some(parameters) => {
                parameters.tensors.iter().map(|tensor| tensor_entry(&net, &path, &path, tensor)).collect()
            }
            None => vec![group(&net, &path, &path, &entries_of(network, node, "TENSORS"))],
        }
    });
    entries.collect()
}

/// The same for running statistics, those of types from elsewhere among them.
fn buffer_tensors(network: &Network, fields: &Fields) -> Vec<TokenStream> {
    let mut entries = Vec::new();
    for (path, node) in fields.buffered_layers() {
        let buffers = fields.buffers.as_ref().expect("a layer has running statistics");
        let (owner, place) = if network.block.is_some() {
            (types::named(network, &buffers.name, &quote!(f32)), path.clone())
        } else {
            (types::of(network, &quote!(f32)), core::iter::once(&buffers.field).chain(&path).cloned().collect())
        };
        match network.nodes[node].parameters().and_then(|parameters| parameters.buffers.as_ref()) {
            Some(buffers) => {
                entries.extend(buffers.tensors.iter().map(|tensor| tensor_entry(&owner, &path, &place, tensor)));
            }
            None => entries.push(group(&owner, &path, &place, &entries_of(network, node, "BUFFER_TENSORS"))),
        }
    }
    if network.block.is_none() {
        let net = types::of(network, &quote!(f32));
        let modules = fields.layers().filter(|(_, node)| fields::is_module(network, *node));
        entries.extend(
            modules.map(|(path, node)| group(&net, &path, &path, &entries_of(network, node, "BUFFER_TENSORS"))),
        );
    }
    entries
}

/// The table of a block.
fn entries_of(network: &Network, node: usize, table: &str) -> TokenStream {
    let (block, table) = (types::qualified(network, &network.nodes[node], &quote!(f32)), format_ident!("{table}"));
    quote!(#block::#table)
}

/// `stage1.body`.
fn dotted(path: &[Ident], last: Option<&str>) -> String {
    path.iter().map(plain).chain(last.map(String::from)).collect::<Vec<_>>().join(".")
}

/// The tensors of the block `path`, which lies in the field `place`.
fn group(owner: &TokenStream, path: &[Ident], place: &[Ident], entries: &TokenStream) -> TokenStream {
    let name = dotted(path, None);
    quote! {
        ::monograd::TensorEntry::Group {
            name: #name,
            offset: ::core::mem::offset_of!(#owner, #(#place).*) / ::core::mem::size_of::<f32>(),
            copies: ::core::option::Option::None,
            entries: #entries,
        }
    }
}

/// A tensor of the layer `path`, which lies in the field `place`.
fn tensor_entry(owner: &TokenStream, path: &[Ident], place: &[Ident], tensor: &Tensor) -> TokenStream {
    let field = Ident::new(tensor.name, Span::call_site());
    let name = dotted(path, Some(tensor.name));
    let Tensor { shape, order, .. } = tensor;
    let order = order.iter().map(|axis| proc_macro2::Literal::usize_unsuffixed(*axis));
    quote! {
        ::monograd::TensorEntry::Tensor {
            name: #name,
            shape: &[#(#shape),*],
            order: &[#(#order),*],
            offset: ::core::mem::offset_of!(#owner, #(#place).*.#field) / ::core::mem::size_of::<f32>(),
        }
    }
}

/// How many values at the end are running statistics: those of the network, and before them those of the last type from
/// elsewhere.
fn buffers_len(network: &Network, fields: &Fields) -> Option<TokenStream> {
    let own = fields.buffers.as_ref().map(|buffers| {
        let ty = types::named(network, &buffers.name, &types::scalar());
        quote!(<#ty as ::monograd::Flat<T>>::LEN)
    });
    let last = modules_in_memory(network, fields).pop().map(|node| {
        let node = &network.nodes[node];
        let (module, ty) =
            (types::qualified(network, node, &types::scalar()), types::field(network, node, &types::scalar()));
        quote!(::monograd::trailing(#module::BUFFERS_LEN, <#ty as ::monograd::Flat<T>>::LEN))
    });
    let terms: Vec<_> = own.into_iter().chain(last).collect();
    (!terms.is_empty()).then(|| quote!(const BUFFERS_LEN: usize = #(#terms)+*;))
}

/// The types from elsewhere, as they follow each other in memory.
pub fn modules_in_memory(network: &Network, fields: &Fields) -> Vec<usize> {
    let lines = fields::lines_in_memory(network, &fields.lines);
    let nodes = lines.into_iter().flat_map(|line| line.nodes.iter().copied());
    nodes.filter(|node| fields::is_module(network, *node)).collect()
}

/// The room that the kernels need, if a layer of the network says so.
fn scratch(network: &Network, name: &str, training: bool) -> Option<TokenStream> {
    let needs = needs_of_kernels(network, training);
    (!needs.is_empty()).then(|| scratch_of(name, &needs))
}

fn scratch_of_block(network: &Network, name: &str, training: bool) -> TokenStream {
    scratch_of(name, &needs_of_kernels(network, training))
}

fn scratch_of(name: &str, needs: &[TokenStream]) -> TokenStream {
    let name = format_ident!("{name}");
    quote!(const #name: usize = ::monograd::kernels::largest_scratch(&[#(#needs),*]);)
}

fn needs_of_kernels(network: &Network, training: bool) -> Vec<TokenStream> {
    let need = |node: &Node| {
        let block = |training| {
            let of = if training { types::qualified_training } else { types::qualified };
            let name = if training { quote!(TRAINING_SCRATCH) } else { quote!(INFERENCE_SCRATCH) };
            let block = of(network, node, &types::scalar());
            quote!(#block::#name)
        };
        match &node.layer.form {
            Form::Block(use_) => (use_.trainable || !training).then(|| block(training)),
            Form::Module(_) => Some(block(training)),
            _ => match &node.parameters()?.sizes {
                Sizes::ByConstant(constant) | Sizes::Convolution { constant, .. } => {
                    let constant = located(constant, node.link.word.span());
                    let function = if training { quote!(training_scratch) } else { quote!(inference_scratch) };
                    Some(quote!(::monograd::#constant.#function()))
                }
                Sizes::ByType { .. } => None,
            },
        }
    };
    network.nodes.iter().filter_map(need).collect()
}

/// The constants of the trait once more, on the `f32` network, so that `Net::PARAMS` needs no annotation.
pub fn inherent_constants(visibility: &TokenStream) -> TokenStream {
    quote! {
        /// Parameters in all, without padding.
        #visibility const PARAMS: usize = <Self as ::monograd::Network>::PARAMS;
        /// Values that the layers give for a sample, in all.
        #visibility const ACTIVATIONS: usize = <Self as ::monograd::Network>::ACTIVATIONS;
        /// Multiply-accumulates a sample.
        #visibility const MACS: usize = <Self as ::monograd::Network>::MACS;
        /// Bytes of an inference workspace for one sample, its output included.
        #visibility const INFERENCE_BYTES: usize = <Self as ::monograd::Network>::INFERENCE_BYTES;
        /// Bytes of a training workspace: those it has in any case, and those for each sample.
        #visibility const TRAINING_BYTES: ::core::option::Option<(usize, usize)> =
            <Self as ::monograd::Network>::TRAINING_BYTES;
        /// How much of the input one value of the output depends on, by axis without the channels.
        #visibility const RECEPTIVE_FIELD: &'static [usize] = <Self as ::monograd::Network>::RECEPTIVE_FIELD;
    }
}
