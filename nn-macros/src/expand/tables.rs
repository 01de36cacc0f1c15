//! The constants of a network: its layers, its tensors, its sizes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::claims::located;
use super::docs;
use super::fields::{BufferFields, Fields, parameters};
use crate::check::Network;
use crate::plan::Plans;
use crate::syntax::plain;
use crate::table::{Sizes, Tensor};

/// `LAYERS`, `TENSORS` and the sizes of the workspaces.
pub fn expand(network: &Network, plans: &Plans, fields: &Fields) -> TokenStream {
    let layers = (0..network.nodes.len()).map(|node| layer_info(network, node));
    let tensors: Vec<_> = fields
        .layers()
        .flat_map(|(path, node)| {
            let tensors = &parameters(network, node).expect("a field has parameters").tensors;
            tensors.iter().map(|tensor| tensor_info(network, &path, &path, tensor)).collect::<Vec<_>>()
        })
        .collect();
    let tensors = tensor_tables(network, fields, &tensors);
    let scratch = scratch(network);
    let training = plans.training.as_ref().map(|_| quote!(::core::option::Option::Some(Self::TRAINING_PLAN.size)));
    let training = training.unwrap_or_else(|| quote!(::core::option::Option::None));
    let receptive_field = network.output_receptive_field();
    quote! {
        const RECEPTIVE_FIELD: &'static [usize] = &[#(#receptive_field),*];
        const LAYERS: &'static [::monograd::LayerInfo] = &[#(#layers),*];
        #tensors
        #scratch
        const INFERENCE_SIZE: usize = Self::INFERENCE_PLAN.size;
        const INFERENCE_BOUND: usize = Self::INFERENCE_PLAN.bound;
        const TRAINING_SIZE: ::core::option::Option<usize> = #training;
    }
}

fn layer_info(network: &Network, node: usize) -> TokenStream {
    let checked = &network.nodes[node];
    let line = plain(&network.lines[checked.line].line.name);
    let (layer, kind) = (checked.link.text(), checked.row.word);
    let output = &checked.layer.output.dims;
    let params = docs::params(&checked.layer.form);
    let activations = checked.layer.output.len();
    let macs = &checked.layer.macs;
    let receptive_field = &checked.receptive_field;
    quote! {
        ::monograd::LayerInfo {
            line: #line,
            layer: #layer,
            kind: #kind,
            output: &[#(#output),*],
            params: #params,
            activations: #activations,
            macs: #macs,
            receptive_field: &[#(#receptive_field),*],
            inner: &[],
        }
    }
}

/// `TENSORS`, and of running statistics `BUFFER_TENSORS`, and how many values they are.
fn tensor_tables(network: &Network, fields: &Fields, tensors: &[TokenStream]) -> TokenStream {
    let Some(BufferFields { field, name, .. }) = &fields.buffers else {
        return quote!(const TENSORS: &'static [::monograd::TensorEntry] = &[#(#tensors),*];);
    };
    let buffers = fields.buffered_layers().flat_map(|(path, node)| {
        let buffers = parameters(network, node).and_then(|parameters| parameters.buffers.as_ref());
        let place: Vec<_> = core::iter::once(field).chain(&path).cloned().collect();
        let tensors = buffers.map_or(&[][..], |buffers| &buffers.tensors);
        tensors.iter().map(|tensor| tensor_info(network, &path, &place, tensor)).collect::<Vec<_>>()
    });
    quote! {
        const TENSORS: &'static [::monograd::TensorEntry] = &[#(#tensors),*];
        const BUFFER_TENSORS: &'static [::monograd::TensorEntry] = &[#(#buffers),*];
        const BUFFERS_LEN: usize = <#name<T> as ::monograd::Flat<T>>::LEN;
    }
}

/// The room that the kernels need, if a layer of the network says so.
fn scratch(network: &Network) -> Option<TokenStream> {
    let constants: Vec<_> = (0..network.nodes.len())
        .filter_map(|node| match &parameters(network, node)?.sizes {
            Sizes::ByConstant(constant) | Sizes::Convolution { constant, .. } => {
                let constant = located(constant, network.nodes[node].link.word.span());
                Some(quote!(::monograd::#constant))
            }
            Sizes::ByType { .. } => None,
        })
        .collect();
    (!constants.is_empty()).then(|| {
        quote! {
            const INFERENCE_SCRATCH: usize = ::monograd::kernels::largest_scratch(&[#(#constants.inference_scratch()),*]);
            const TRAINING_SCRATCH: usize = ::monograd::kernels::largest_scratch(&[#(#constants.training_scratch()),*]);
        }
    })
}

/// A tensor of the layer `path`, which lies in the field `place`.
fn tensor_info(network: &Network, path: &[Ident], place: &[Ident], tensor: &Tensor) -> TokenStream {
    let net = &network.declaration.name;
    let field = Ident::new(tensor.name, proc_macro2::Span::call_site());
    let names: Vec<_> = path.iter().map(plain).chain([tensor.name.to_string()]).collect();
    let name = names.join(".");
    let Tensor { shape, order, .. } = tensor;
    let order = order.iter().map(|axis| proc_macro2::Literal::usize_unsuffixed(*axis));
    quote! {
        ::monograd::TensorEntry::Tensor {
            name: #name,
            shape: &[#(#shape),*],
            order: &[#(#order),*],
            offset: ::core::mem::offset_of!(#net<f32>, #(#place).*.#field) / ::core::mem::size_of::<f32>(),
        }
    }
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
