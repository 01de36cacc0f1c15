//! The pieces of calls that forward and backward passes share.

use proc_macro2::{Ident, Literal, Span, TokenStream};

use super::{Part, quote};
use crate::check::{Network, Source};
use crate::dimension::Dim;
use crate::expand::types;
use crate::plan::Order;
use crate::shape::{Kind, Shape};
use crate::table::{Form, Merge, Plain, Pointwise, Sizes};

/// The constant by which the runtime knows a layer's sizes, and the comma behind it.
pub fn settings(network: &Network, node: usize) -> Option<TokenStream> {
    let constant = constant(network, node)?;
    Some(quote!(#constant,))
}

/// `&const { Convolution::new(…) }`.
pub fn constant(network: &Network, node: usize) -> Option<TokenStream> {
    match &network.nodes[node].parameters()?.sizes {
        Sizes::ByConstant(constant) | Sizes::Convolution { constant, .. } => {
            Some(quote!(&const { ::monograd::#constant }))
        }
        Sizes::ByType { .. } => None,
    }
}

/// `const { MaxPool2d::new(…) }`.
pub fn plain_value(network: &Network, node: usize) -> TokenStream {
    let Form::Plain(Plain { value, .. }) = &network.nodes[node].layer.form else {
        unreachable!("a layer without parameters comes from one")
    };
    quote!(const { ::monograd::layers::#value })
}

/// The noise of a layer on what lies at `values`: the same forward and back.
pub fn noise(network: &Network, node: usize, values: &TokenStream) -> TokenStream {
    let Form::Noise(value) = &network.nodes[node].layer.form else { unreachable!("noise comes from noise") };
    let site = Literal::usize_unsuffixed(node);
    quote!(const { ::monograd::layers::#value }.apply(level, noise, #site, #values);)
}

/// A transposition that brings values of that shape into this order.
pub fn reorder(shape: &Shape, order: Order, from: &TokenStream, to: &TokenStream) -> TokenStream {
    let (channels, places) = match shape.kind {
        Kind::Open => {
            let marker = shape.marker();
            let of = quote!(::monograd::shapes::channels_and_places::<#marker>());
            (quote!(const { #of[0] }), quote!(const { #of[1] }))
        }
        _ => {
            let channels = shape.channels().expect("what has two orders has channels");
            let places = Dim::product(shape.extent()).expect("the shape has been checked");
            (quote!(#channels), quote!(#places))
        }
    };
    let (rows, columns) = match order {
        Order::ChannelsLast => (channels, places),
        Order::ChannelsFirst => (places, channels),
    };
    quote!(level.transpose(::monograd::kernels::Transpose { x: #from, y: #to, rows: #rows, columns: #columns });)
}

pub fn linear() -> TokenStream {
    quote!(::monograd::activations::Activation::Linear)
}

/// The activation of an epilogue.
pub fn epilogue(network: &Network, activation: Option<usize>) -> TokenStream {
    activation.map_or_else(linear, |node| activation_value(network, node))
}

/// `Activation::from(Relu)`.
pub fn activation_value(network: &Network, node: usize) -> TokenStream {
    let Form::Pointwise(Pointwise { value, .. }) = &network.nodes[node].layer.form else {
        unreachable!("an activation comes from an activation")
    };
    quote!(::monograd::activations::Activation::from(::monograd::activations::#value))
}

/// The rows of the columns that a softmax runs over.
pub fn rows(network: &Network, node: usize) -> Dim {
    network.shape(Source::Node(node)).dims.last().expect("a shape has dimensions").clone()
}

/// The field of a layer.
pub fn field(part: &Part, node: usize) -> TokenStream {
    let path = part.fields.path(node);
    quote!(self.#path)
}

/// Where the running statistics of a layer lie, without the borrow.
pub fn buffers(part: &Part, node: usize) -> Option<TokenStream> {
    let path = part.fields.buffers_path(node)?;
    Some(if part.is_block() {
        quote!(buffers.#path)
    } else {
        let field = &part.fields.buffers.as_ref()?.field;
        quote!(self.#field.#path)
    })
}

/// Where those of the batch lie.
pub fn batch_buffers(part: &Part, node: usize) -> Option<TokenStream> {
    let path = part.fields.buffers_path(node)?;
    Some(if part.is_block() {
        quote!(d_buffers.#path)
    } else {
        let field = &part.fields.buffers.as_ref()?.field;
        quote!(gradient.#field.#path)
    })
}

/// The noise within a block.
pub fn noise_within(node: usize) -> TokenStream {
    let site = Literal::usize_unsuffixed(node);
    quote!(noise.within(#site))
}

/// `Block::infer`, of the block or the type from elsewhere that a node is.
pub fn block_function(part: &Part, node: usize, name: &str, training: bool) -> TokenStream {
    let checked = &part.network.nodes[node];
    let name = Ident::new(name, Span::call_site());
    let of = if training { types::qualified_training } else { types::qualified };
    let block = of(part.network, checked, &types::scalar());
    quote!(#block::#name)
}

/// Whether a node is a type from elsewhere, which keeps its running statistics itself.
pub fn is_module(network: &Network, node: usize) -> bool {
    matches!(network.nodes[node].layer.form, Form::Module(_))
}

/// How a merge along an axis lies in memory.
pub struct Rows {
    /// How many there are for a sample.
    pub count: Dim,
    /// The values of each branch in one, and how many are before them.
    pub widths: Vec<(Dim, Dim)>,
    /// All of them.
    pub total: Dim,
}

impl Rows {
    pub fn new(network: &Network, node: usize) -> Self {
        let Form::Merge(Merge::Concat { axis }) = network.nodes[node].layer.form else {
            unreachable!("a concatenation comes from one")
        };
        let (shapes, output) = (&network.nodes[node].sources, network.shape(Source::Node(node)));
        let (before, after) = around(output, axis);
        let product = |dims: &[Dim]| Dim::product(dims).expect("the shape has been checked");
        let inner = product(&after);
        let mut offset = Dim::Literal(0);
        let mut widths = Vec::new();
        for source in shapes {
            let width = network.shape(*source).dims[axis].times(&inner).expect("the shape has been checked");
            let next = offset.plus(&width).expect("the shape has been checked");
            widths.push((width, core::mem::replace(&mut offset, next)));
        }
        Self { count: product(&before), widths, total: offset }
    }
}

/// The dimensions that lie outside and inside of an axis in memory, where channels come last.
fn around(shape: &Shape, axis: usize) -> (Vec<Dim>, Vec<Dim>) {
    let mut order: Vec<usize> = (0..shape.dims.len()).collect();
    if shape.channels().is_some() {
        order.rotate_left(1);
    }
    let place = order.iter().position(|dim| *dim == axis).expect("the axis has been checked");
    let dims = |places: &[usize]| places.iter().map(|dim| shape.dims[*dim].clone()).collect();
    (dims(&order[..place]), dims(&order[place + 1..]))
}

/// The lengths of values and how many are before each.
pub fn stretches(lens: impl Iterator<Item = Dim>) -> Vec<(Dim, Dim)> {
    let mut before = Dim::Literal(0);
    lens.map(|len| {
        let next = before.plus(&len).expect("each was checked to fit memory");
        (len, core::mem::replace(&mut before, next))
    })
    .collect()
}
