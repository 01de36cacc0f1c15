//! Which field each layer with parameters becomes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::check::{CheckedLine, Network};
use crate::syntax::{Line, plain};
use crate::table::{Form, Parameters};

/// The fields of a network, line by line.
pub struct Fields<'a> {
    pub lines: Vec<LineField<'a>>,
}

/// The field of a line.
pub struct LineField<'a> {
    pub line: &'a Line,
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
        let layers = |line: &CheckedLine| {
            let nodes: Vec<_> =
                line.nodes.iter().copied().filter(|node| parameters(network, *node).is_some()).collect();
            match nodes[..] {
                [] => LineLayers::None,
                [node] => LineLayers::One(node),
                _ => LineLayers::Several {
                    name: struct_name(&network.declaration.name, &line.line.name),
                    layers: layer_names(network, &nodes),
                },
            }
        };
        let lines = network.lines.iter().map(|line| LineField { line: line.line, layers: layers(line) }).collect();
        Self { lines }
    }

    /// The structs of lines with several layers: their names and their layers.
    pub fn structs(&self) -> impl Iterator<Item = (Ident, &[(Ident, usize)])> {
        self.lines.iter().filter_map(|field| match &field.layers {
            LineLayers::Several { name, layers } => Some((name.clone(), &layers[..])),
            _ => None,
        })
    }

    /// Every layer with parameters: its path of fields, and its node.
    pub fn layers(&self) -> impl Iterator<Item = (Vec<Ident>, usize)> {
        self.lines.iter().flat_map(|field| {
            let line = &field.line.name;
            match &field.layers {
                LineLayers::None => Vec::new(),
                LineLayers::One(node) => vec![(vec![line.clone()], *node)],
                LineLayers::Several { layers, .. } => {
                    layers.iter().map(|(name, node)| (vec![line.clone(), name.clone()], *node)).collect()
                }
            }
        })
    }

    /// The path of a layer's field: `hidden`, `body.dense_2`.
    pub fn path(&self, node: usize) -> TokenStream {
        let (path, _) = self.layers().find(|(_, layer)| *layer == node).expect("a layer with parameters has a field");
        quote!(#(#path).*)
    }
}

/// The parameters of a node that has some.
pub fn parameters<'a>(network: &'a Network, node: usize) -> Option<&'a Parameters> {
    match &network.nodes[node].layer.form {
        Form::Parameterised(parameters) => Some(parameters),
        _ => None,
    }
}

/// `LeNet5` and `stage_one` to `LeNet5StageOne`.
fn struct_name(network: &Ident, line: &Ident) -> Ident {
    let line: String = plain(line)
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
        })
        .collect();
    Ident::new(&format!("{}{line}", plain(network)), network.span())
}

/// The layer words, numbered from the second of a kind: `dense`, `dense_2`.
fn layer_names(network: &Network, nodes: &[usize]) -> Vec<(Ident, usize)> {
    let word = |node: usize| network.nodes[node].row.word;
    nodes
        .iter()
        .enumerate()
        .map(|(place, node)| {
            let before = nodes[..place].iter().filter(|earlier| word(**earlier) == word(*node)).count();
            let name = Ident::new(word(*node), Span::call_site());
            (if before == 0 { name } else { format_ident!("{name}_{}", before + 1) }, *node)
        })
        .collect()
}
