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
        Self { lines, paths, names }
    }

    /// The structs of lines with several layers: their names and their layers.
    pub fn structs(&self) -> impl Iterator<Item = (&Ident, &[(Ident, usize)])> {
        self.lines.iter().filter_map(|field| match &field.layers {
            LineLayers::Several { name, layers } => Some((name, &layers[..])),
            _ => None,
        })
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

fn line_field<'a>(network: &Network<'a>, line: &CheckedLine<'a>, structs: &mut HashSet<String>) -> LineField<'a> {
    let nodes = line.nodes.clone();
    let filled: Vec<_> = nodes.iter().copied().filter(|node| parameters(network, *node).is_some()).collect();
    let layers = match filled[..] {
        [] => LineLayers::None,
        [node] => LineLayers::One(node),
        _ => LineLayers::Several {
            name: struct_name(&network.declaration.name, &line.line.name, structs),
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
fn struct_name(network: &Ident, line: &Ident, structs: &mut HashSet<String>) -> Ident {
    let plain_line = plain(line);
    let words = plain_line.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    let name = format!("{}{}", plain(network), words.collect::<String>());
    let mut numbered = name.clone();
    let mut number = 1;
    while !structs.insert(numbered.clone()) {
        number += 1;
        numbered = format!("{name}_{number}");
    }
    Ident::new(&numbered, line.span())
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
