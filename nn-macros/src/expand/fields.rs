//! Which field each layer with parameters becomes.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::check::{CheckedLine, Network};
use crate::syntax::{Line, plain};
use crate::table::{Form, Parameters};

/// The fields of a network, line by line.
pub struct Fields<'a> {
    pub lines: Vec<LineField<'a>>,
    /// The path of each layer's field: `hidden`, `body.dense_2`.
    paths: HashMap<usize, Vec<Ident>>,
    /// The names of all lines.
    names: HashSet<String>,
    pub buffers: Option<BufferFields<'a>>,
}

/// The running statistics of a network: a struct of the same lines, those that have some.
pub struct BufferFields<'a> {
    /// The field of the network.
    pub field: Ident,
    /// Its type.
    pub name: Ident,
    pub lines: Vec<LineField<'a>>,
}

/// The field of a line.
pub struct LineField<'a> {
    pub line: &'a Line,
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
    pub fn new(network: &Network<'a>) -> Self {
        let mut structs = HashSet::from([plain(&network.declaration.name)]);
        let lines = network.lines.iter().filter(|line| line.is_field);
        let lines: Vec<_> = lines.map(|line| line_field(network, line, &mut structs)).collect();
        let names = lines.iter().map(|field| plain(&field.line.name)).collect();
        let paths = lines.iter().flat_map(layer_paths).map(|(path, node)| (node, path)).collect();
        let mut fields = Self { lines, paths, names, buffers: None };
        fields.buffers = fields.buffer_fields(network, &mut structs);
        fields
    }

    fn buffer_fields(&self, network: &Network<'a>, structs: &mut HashSet<String>) -> Option<BufferFields<'a>> {
        let lines: Vec<_> = self.lines.iter().filter_map(|line| buffer_line(network, line, structs)).collect();
        let name = unused_struct_name(&format!("{}Buffers", plain(&network.declaration.name)), structs);
        let name = Ident::new(&name, network.declaration.name.span());
        (!lines.is_empty()).then(|| BufferFields { field: self.unused_name("buffers".into()), name, lines })
    }

    /// The path of a layer's running statistics: `buffers.body.batch_norm`; `None` if it has none.
    pub fn buffers_path(&self, node: usize) -> Option<TokenStream> {
        let BufferFields { field, lines, .. } = self.buffers.as_ref()?;
        let (path, _) = lines.iter().flat_map(layer_paths).find(|(_, layer)| *layer == node)?;
        Some(quote!(#field.#(#path).*))
    }

    /// Every layer with running statistics, in the order of memory: its path of fields, and its node.
    pub fn buffered_layers(&self) -> impl Iterator<Item = (Vec<Ident>, usize)> {
        self.buffers.iter().flat_map(|buffers| buffers.lines.iter().flat_map(layer_paths))
    }

    /// Every layer with parameters, in the order of memory: its path of fields, and its node.
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

/// The layers of a line that have running statistics.
fn buffer_line<'a>(network: &Network, field: &LineField<'a>, structs: &mut HashSet<String>) -> Option<LineField<'a>> {
    let buffered = |node: usize| parameters(network, node).is_some_and(|parameters| parameters.buffers.is_some());
    let layers = match &field.layers {
        LineLayers::One(node) if buffered(*node) => LineLayers::One(*node),
        LineLayers::Several { layers, .. } => {
            let layers: Vec<_> = layers.iter().filter(|(_, node)| buffered(*node)).cloned().collect();
            if layers.is_empty() {
                return None;
            }
            let prefix = format!("{}Buffers", plain(&network.declaration.name));
            LineLayers::Several { name: struct_name(&prefix, &field.line.name, structs), layers }
        }
        LineLayers::None | LineLayers::One(_) => return None,
    };
    Some(LineField { line: field.line, nodes: field.nodes.clone(), layers })
}

fn line_field<'a>(network: &Network<'a>, line: &CheckedLine<'a>, structs: &mut HashSet<String>) -> LineField<'a> {
    let nodes = line.nodes.clone();
    let filled: Vec<_> = nodes.iter().copied().filter(|node| parameters(network, *node).is_some()).collect();
    let layers = match filled[..] {
        [] => LineLayers::None,
        [node] => LineLayers::One(node),
        _ => LineLayers::Several {
            name: struct_name(&plain(&network.declaration.name), &line.line.name, structs),
            layers: layer_names(network, &filled),
        },
    };
    LineField { line: line.line, nodes, layers }
}

fn layer_paths(field: &LineField) -> Vec<(Vec<Ident>, usize)> {
    let line = &field.line.name;
    match &field.layers {
        LineLayers::None => Vec::new(),
        LineLayers::One(node) => vec![(vec![line.clone()], *node)],
        LineLayers::Several { layers, .. } => {
            layers.iter().map(|(name, node)| (vec![line.clone(), name.clone()], *node)).collect()
        }
    }
}

/// The parameters of a node that has some.
pub fn parameters<'a>(network: &'a Network, node: usize) -> Option<&'a Parameters> {
    match &network.nodes[node].layer.form {
        Form::Parameterised(parameters) => Some(parameters),
        _ => None,
    }
}

/// `LeNet5` and `stage_one` to `LeNet5StageOne`; numbered if another line has come to the same.
fn struct_name(prefix: &str, line: &Ident, structs: &mut HashSet<String>) -> Ident {
    let plain_line = plain(line);
    let words = plain_line.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    let name = unused_struct_name(&format!("{prefix}{}", words.collect::<String>()), structs);
    Ident::new(&name, line.span())
}

/// The name, numbered if it is taken.
fn unused_struct_name(name: &str, structs: &mut HashSet<String>) -> String {
    let mut numbered = name.to_owned();
    let mut number = 1;
    while !structs.insert(numbered.clone()) {
        number += 1;
        numbered = format!("{name}_{number}");
    }
    numbered
}

/// The layer words, numbered from the second of a kind: `dense`, `dense_2`.
fn layer_names(network: &Network, nodes: &[usize]) -> Vec<(Ident, usize)> {
    let mut counts = HashMap::new();
    let name = |node: &usize| {
        let word = network.nodes[*node].row.word;
        let count = counts.entry(word).or_insert(0);
        *count += 1;
        let name = Ident::new(word, Span::call_site());
        (if *count == 1 { name } else { format_ident!("{name}_{count}") }, *node)
    };
    nodes.iter().map(name).collect()
}
