//! Which field each layer with parameters becomes.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::check::{CheckedLine, Network, camel_case, unused_name};
use crate::syntax::{Line, is_name, plain};
use crate::table::Form;

/// The fields of a network or a block, line by line.
pub struct Fields<'a> {
    pub lines: Vec<LineField<'a>>,
    /// The path of each layer's field: `hidden`, `body.dense_2`.
    paths: HashMap<usize, Vec<Ident>>,
    /// The names of all lines.
    names: HashSet<String>,
    pub buffers: Option<BufferFields<'a>>,
}

/// The running statistics: a struct of the same lines, those that have some.
pub struct BufferFields<'a> {
    /// The field of the network; a block is given them.
    pub field: Ident,
    /// Its type.
    pub name: Ident,
    pub lines: Vec<LineField<'a>>,
}

/// The field of a line.
pub struct LineField<'a> {
    pub line: &'a Line,
    /// The line's name; in a repeated chain the layer's word.
    pub name: Ident,
    /// All layers of the line, the ones without parameters too.
    pub nodes: Vec<usize>,
    pub layers: LineLayers,
}

/// The layers with parameters of a line.
pub enum LineLayers {
    None,
    /// The field is the layer.
    One(usize),
    /// The field is a struct of the layers.
    Several {
        name: Ident,
        layers: Vec<(Ident, usize)>,
    },
}

impl<'a> Fields<'a> {
    /// `structs`: the names that are taken.
    pub fn new(network: &Network<'a>, structs: &mut HashSet<String>) -> Self {
        let lines = network.lines.iter().filter(|line| line.is_field);
        let lines: Vec<_> = if network.transparent {
            lines.flat_map(|line| chain_fields(network, line)).collect()
        } else {
            lines.map(|line| line_field(network, line, structs)).collect()
        };
        let names = lines.iter().map(|field| plain(&field.name)).collect();
        let paths = lines.iter().flat_map(layer_paths).map(|(path, node)| (node, path)).collect();
        let mut fields = Self { lines, paths, names, buffers: None };
        fields.buffers = fields.buffer_fields(network, structs);
        fields
    }

    fn buffer_fields(&self, network: &Network<'a>, structs: &mut HashSet<String>) -> Option<BufferFields<'a>> {
        let lines: Vec<_> = self.lines.iter().filter_map(|line| buffer_line(network, line, structs)).collect();
        let name = network.buffers_name.clone();
        (!lines.is_empty()).then(|| BufferFields { field: self.unused_name("buffers".into()), name, lines })
    }

    /// The path of a layer's running statistics within their struct: `body.batch_norm`; `None` if it has none.
    pub fn buffers_path(&self, node: usize) -> Option<TokenStream> {
        let BufferFields { lines, .. } = self.buffers.as_ref()?;
        let (path, _) = lines.iter().flat_map(layer_paths).find(|(_, layer)| *layer == node)?;
        Some(quote!(#(#path).*))
    }

    /// Every layer with running statistics, in the order of the declaration: its path of fields, and its node.
    pub fn buffered_layers(&self) -> impl Iterator<Item = (Vec<Ident>, usize)> {
        self.buffers.iter().flat_map(|buffers| buffers.lines.iter().flat_map(layer_paths))
    }

    /// Every layer with parameters, in the order of the declaration: its path of fields, and its node.
    pub fn layers(&self) -> impl Iterator<Item = (Vec<Ident>, usize)> {
        self.lines.iter().flat_map(layer_paths)
    }

    /// The path of a layer's field: `hidden`, `body.dense_2`.
    pub fn path(&self, node: usize) -> TokenStream {
        let path = &self.paths[&node];
        quote!(#(#path).*)
    }

    /// A name for a field that no line has: `name`, or that with underscores behind it.
    pub fn unused_name(&self, mut name: String) -> Ident {
        while self.names.contains(&name) {
            name.push('_');
        }
        Ident::new(&name, Span::call_site())
    }
}

/// The structs of lines with several layers: their names and their layers.
pub fn structs<'f>(lines: &'f [LineField]) -> impl Iterator<Item = (&'f Ident, &'f [(Ident, usize)])> {
    lines.iter().filter_map(|field| match &field.layers {
        LineLayers::Several { name, layers } => Some((name, &layers[..])),
        _ => None,
    })
}

/// In the order of memory: types from elsewhere stand last, for their running statistics to lie at the end.
pub fn in_memory<'f>(network: &Network, layers: &'f [(Ident, usize)]) -> Vec<&'f (Ident, usize)> {
    let mut layers: Vec<_> = layers.iter().collect();
    layers.sort_by_key(|(_, node)| is_module(network, *node));
    layers
}

/// As [`in_memory`], for the lines.
pub fn lines_in_memory<'f, 'a>(network: &Network, lines: &'f [LineField<'a>]) -> Vec<&'f LineField<'a>> {
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|line| line.nodes.iter().any(|node| is_module(network, *node)));
    lines
}

/// Whether a layer is a type from elsewhere.
pub fn is_module(network: &Network, node: usize) -> bool {
    matches!(network.nodes[node].layer.form, Form::Module(_))
}

/// The layers of a line that have running statistics.
fn buffer_line<'a>(network: &Network, field: &LineField<'a>, structs: &mut HashSet<String>) -> Option<LineField<'a>> {
    let buffered = |node: usize| network.nodes[node].has_buffers();
    let layers = match &field.layers {
        LineLayers::One(node) if buffered(*node) => LineLayers::One(*node),
        LineLayers::Several { layers, .. } => {
            let layers: Vec<_> = layers.iter().filter(|(_, node)| buffered(*node)).cloned().collect();
            if layers.is_empty() {
                return None;
            }
            let prefix = format!("{}Buffers", plain(&network.name));
            LineLayers::Several { name: struct_name(&prefix, &field.name, structs), layers }
        }
        LineLayers::None | LineLayers::One(_) => return None,
    };
    Some(LineField { line: field.line, name: field.name.clone(), nodes: field.nodes.clone(), layers })
}

fn line_field<'a>(network: &Network<'a>, line: &CheckedLine<'a>, structs: &mut HashSet<String>) -> LineField<'a> {
    let nodes = line.nodes.clone();
    let filled = filled(network, line);
    let name = line.line.name.clone();
    let layers = match filled[..] {
        [] => LineLayers::None,
        [node] => LineLayers::One(node),
        _ => LineLayers::Several {
            name: struct_name(&plain(&network.name), &name, structs),
            layers: layer_names(network, &filled),
        },
    };
    LineField { line: line.line, name, nodes, layers }
}

/// The layers of a repeated chain, each a field.
fn chain_fields<'a>(network: &Network<'a>, line: &CheckedLine<'a>) -> Vec<LineField<'a>> {
    let layers = layer_names(network, &filled(network, line)).into_iter();
    layers
        .map(|(name, node)| LineField { line: line.line, name, nodes: vec![node], layers: LineLayers::One(node) })
        .collect()
}

/// The layers that are fields.
fn filled(network: &Network, line: &CheckedLine) -> Vec<usize> {
    line.nodes.iter().copied().filter(|node| network.nodes[*node].is_field()).collect()
}

fn layer_paths(field: &LineField) -> Vec<(Vec<Ident>, usize)> {
    let line = &field.name;
    match &field.layers {
        LineLayers::None => Vec::new(),
        LineLayers::One(node) => vec![(vec![line.clone()], *node)],
        LineLayers::Several { layers, .. } => {
            layers.iter().map(|(name, node)| (vec![line.clone(), name.clone()], *node)).collect()
        }
    }
}

/// `LeNet5` and `stage_one` to `LeNet5StageOne`; numbered if another line has come to the same.
fn struct_name(prefix: &str, line: &Ident, structs: &mut HashSet<String>) -> Ident {
    let name = unused_name(&format!("{prefix}{}", camel_case(&plain(line))), structs);
    Ident::new(&name, line.span())
}

/// The layer words, numbered from the second of a kind: `dense`, `dense_2`.
fn layer_names(network: &Network, nodes: &[usize]) -> Vec<(Ident, usize)> {
    let mut taken = HashSet::new();
    let name = |node: &usize| (field_name(&unused_name(&network.nodes[*node].word, &mut taken)), *node);
    nodes.iter().map(name).collect()
}

/// `r#move` for a type `Move`.
fn field_name(word: &str) -> Ident {
    let name = Ident::new(word, Span::call_site());
    if is_name(&name) { name } else { Ident::new_raw(word, Span::call_site()) }
}
