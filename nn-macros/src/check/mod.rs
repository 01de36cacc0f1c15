//! Syntax to a checked network: which layer each word is, what shape each value has, and whether the whole keeps its promise.
//!
//! A block is checked like a network of its own, once for each shape that arrives at it.

mod advice;
mod chains;
mod generics;
mod merges;
mod modules;
mod network;
mod ports;

pub use modules::marker as module_marker;

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};

use crate::blocks::Instances;
use crate::dimension::Dim;
use crate::errors::{Errors, Mistake};
use crate::receptive::Field;
use crate::shape::{Kind, Shape};
use crate::syntax::{Declaration, Line, Link, is_name, plain};
use crate::table::{Advice, Layer};

/// The kinds of advice, by the name under which `#[allow(…)]` on a declaration, a block or a line silences them.
pub const ADVICE: &[&str] = &[
    "unused_value",
    "unused_block",
    "training_output",
    "skipped_input",
    "stacked_linear",
    "softmax_output",
    "bias_before_norm",
    "saturating_stack",
];

/// The type parameter of the generated code.
pub const SCALAR: &str = "T";

/// A declaration with all blocks that it uses.
pub struct Model<'a> {
    pub network: Network<'a>,
    /// Each behind those that it uses itself.
    pub blocks: Vec<Network<'a>>,
    /// The names of the structs so far.
    pub structs: HashSet<String>,
}

/// A declaration, or a block of it, whose words and shapes are known, as far as they are right.
pub struct Network<'a> {
    pub declaration: &'a Declaration,
    /// The name of its struct.
    pub name: Ident,
    /// The name of the struct of its running statistics, if it has some.
    pub buffers_name: Ident,
    /// What the struct takes over from the declaration that it belongs to.
    pub visibility: TokenStream,
    pub generics: Vec<Ident>,
    /// The advice that it turns off.
    pub allowed: Vec<String>,
    /// The use that a block stands for: `basic(16)`.
    pub block: Option<String>,
    /// A repeated chain: its layers are the fields.
    pub transparent: bool,
    pub inputs: Vec<Input>,
    pub outputs: Vec<Output>,
    /// Every layer that could be checked, in order.
    pub nodes: Vec<Node<'a>>,
    /// The lines, in order.
    pub lines: Vec<CheckedLine<'a>>,
    /// The finished lines that a chain may begin with, by name.
    values: HashMap<String, usize>,
    /// What only the compiler can verify of shapes that it alone knows, each a call of one of the runtime's `claims`.
    pub assumptions: Vec<(Span, TokenStream)>,
}

/// A value that the caller gives.
pub struct Input {
    pub name: Option<Ident>,
    pub shape: Option<Shape>,
}

/// A value that the caller gets.
pub struct Output {
    pub name: Option<Ident>,
    /// What was declared.
    pub shape: Option<Shape>,
    pub value: Option<Source>,
    pub in_training: bool,
    pub span: Span,
}

/// A layer in its place.
pub struct Node<'a> {
    /// Which line it stands in.
    pub line: usize,
    pub link: &'a Link,
    /// The layer's word, or that of the block; of a type from elsewhere its name in `snake_case`.
    pub word: String,
    pub layer: Layer,
    /// The values that it reads, in order; at least one.
    pub sources: Vec<Source>,
    /// The shape of the first.
    pub input: Shape,
    /// What one of its values sees of the network's input, by axis.
    pub fields: Vec<Field>,
    /// The same as numbers of values.
    pub receptive_field: Vec<Dim>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Input(usize),
    Node(usize),
}

/// A line, and what it came to.
pub struct CheckedLine<'a> {
    pub line: &'a Line,
    /// Its name is one that a field can have.
    pub is_field: bool,
    pub nodes: Vec<usize>,
    /// Its value; `None` until it is finished, and after a mistake.
    pub value: Option<Source>,
}

/// What all parts of a declaration share while they are checked.
struct Context<'a> {
    declaration: &'a Declaration,
    instances: &'a Instances<'a>,
    blocks: Vec<Network<'a>>,
    /// The checked blocks by instance and arriving shape; `None` after a mistake.
    checked: HashMap<(usize, String), Option<usize>>,
    /// Blocks with a mistake that has been reported, which they would have again for another shape.
    failed: HashSet<Origin>,
    /// The names of all structs.
    structs: HashSet<String>,
}

/// What an instance was filled in from.
#[derive(PartialEq, Eq, Hash)]
enum Origin {
    Block(usize),
    /// A repeated chain: of this instance alone.
    Chain(usize),
}

/// The rules, in order.
/// `names` are those of all networks of the `network!`.
pub fn model<'a>(
    declaration: &'a Declaration,
    instances: &'a Instances<'a>,
    names: &[&Ident],
    errors: &Errors,
) -> Model<'a> {
    let of_ports = |name: &&Ident| ["", "Inputs", "Outputs"].map(|end| format!("{}{end}", plain(name)));
    let structs = names.iter().flat_map(of_ports).collect();
    let (blocks, checked, failed) = (Vec::new(), HashMap::new(), HashSet::new());
    let mut context = Context { declaration, instances, blocks, checked, failed, structs };
    check_names(declaration, errors);
    let mut network = Network::new(&mut context, declaration, declaration.name.clone());
    ports::declare(&mut network, errors);
    check_lines(&mut context, &mut network, errors);
    ports::check_outputs(&mut network, errors);
    let model = Model { network, blocks: context.blocks, structs: context.structs };
    generics::check(&model, errors);
    model
}

/// The generated code has a type parameter of its own.
fn check_names(declaration: &Declaration, errors: &Errors) {
    if declaration.name == SCALAR {
        errors.at(declaration.name.span(), "`T` is the scalar type within a network, and cannot be its name");
    }
    for generic in declaration.generics.iter().filter(|generic| is_generated(&generic.to_string())) {
        errors.at(generic.span(), format!("`{generic}` is a type within a network; another name serves a size better"));
    }
}

/// Whether generated code has a type of that name: `T`, `S0`. Others give way to the names of sizes.
fn is_generated(name: &str) -> bool {
    let numbered = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
    name == SCALAR || name.strip_prefix(['A', 'S', 'U']).is_some_and(numbered)
}

/// A name that a value may have; a keyword would not make a field.
fn check_name(name: &Ident, what: &str, errors: &Errors) -> bool {
    let good = is_name(name);
    if name == "_" {
        errors.at(name.span(), format!("{what} needs a name; `_` is the value that arrives at a merge"));
    } else if !good {
        let mistake = Mistake::new(format!("`{name}` is a keyword of Rust, and cannot name {what}"));
        let raw = !["self", "Self", "super", "crate"].iter().any(|word| name == word);
        errors.at(name.span(), if raw { mistake.help(format!("write `r#{name}`")) } else { mistake });
    }
    good
}

fn check_lines<'a>(context: &mut Context<'a>, network: &mut Network<'a>, errors: &Errors) {
    let Declaration { lines, name, damaged, .. } = network.declaration;
    if lines.is_empty() && !damaged {
        errors.at(name.span(), Mistake::new(format!("`{name}` has no lines")).help("write `out: dense(10),`"));
    }
    let mut arriving = network.start();
    for (index, line) in lines.iter().enumerate() {
        let is_field = check_line_name(network, line, errors);
        network.lines.push(CheckedLine { line, is_field, nodes: Vec::new(), value: None });
        let value = chains::check(context, network, &line.chain, arriving, false, errors).filter(|_| line.whole);
        network.lines[index].value = value;
        arriving = chains::Arriving::of(value);
        if is_field {
            network.values.insert(plain(&line.name), index);
        }
    }
}

fn check_line_name(network: &Network, line: &Line, errors: &Errors) -> bool {
    if !check_name(&line.name, "a line", errors) {
        return false;
    }
    let name = plain(&line.name);
    if network.input_named(&name).is_some() {
        let whose = if network.block.is_some() { "block" } else { "network" };
        errors.at(line.name.span(), format!("`{name}` is the name of the {whose}'s input"));
        return false;
    }
    if network.values.contains_key(&name) {
        errors.at(line.name.span(), format!("there is already a line `{name}`"));
        return false;
    }
    true
}

impl<'a> Context<'a> {
    /// A block for the shape that arrives, checked when that arrives for the first time; `None` after a mistake.
    fn block(&mut self, instance: usize, input: &Shape, span: Span, errors: &Errors) -> Option<usize> {
        let key = (instance, input.to_string());
        if let Some(checked) = self.checked.get(&key) {
            return *checked;
        }
        // Until it is checked; a block that uses itself, which has been reported, ends here.
        self.checked.insert(key.clone(), None);
        let ignored = Errors::ignored();
        let found = Errors::new();
        let block = self.check_block(instance, input, span, &found);
        let failed = found.any() || block.is_none();
        let origin = self.instances.list[instance].block.map_or(Origin::Chain(instance), Origin::Block);
        found.move_to(if self.failed.contains(&origin) { &ignored } else { errors });
        if failed {
            self.failed.insert(origin);
        }
        let block = block.filter(|_| !failed);
        let index = block.map(|block| {
            self.blocks.push(block);
            self.blocks.len() - 1
        });
        self.checked.insert(key, index);
        index
    }

    fn check_block(&mut self, instance: usize, input: &Shape, span: Span, errors: &Errors) -> Option<Network<'a>> {
        let instances = self.instances;
        let instance = &instances.list[instance];
        if input.kind == Kind::Open {
            errors.at(span, modules::needs_contract(&instance.text));
            return None;
        }
        let name = self.struct_name(&instance.declaration.name);
        let mut network = Network::new(self, &instance.declaration, name);
        network.block = Some(instance.text.clone());
        network.transparent = instance.block.is_none();
        network.inputs.push(Input { name: None, shape: Some(input.clone()) });
        check_lines(self, &mut network, errors);
        let value = network.lines.last().and_then(|line| line.value)?;
        if network.shape(value).kind == Kind::Open && network.transparent {
            // Of what is repeated the output is what the next copy takes.
            network.assume_contract(value, input, span);
        }
        let shape = network.shape(value).clone();
        if shape.kind == Kind::Open {
            errors.at(span, modules::needs_contract(&instance.text));
            return None;
        }
        let output = Output { name: None, shape: Some(shape), value: Some(value), in_training: false, span };
        network.outputs.push(output);
        advice::check(&mut network);
        Some(network)
    }

    /// `ResNet20` and `basic` to `ResNet20Basic`; numbered if another block has come to the same.
    fn struct_name(&mut self, block: &Ident) -> Ident {
        let name = format!("{}{}", plain(&self.declaration.name), camel_case(&plain(block)));
        Ident::new(&unused_name(&name, &mut self.structs), block.span())
    }
}

/// `stage_one` to `StageOne`.
pub fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

/// The name, numbered if it is taken.
pub fn unused_name(name: &str, taken: &mut HashSet<String>) -> String {
    let mut numbered = name.to_owned();
    let mut number = 1;
    while !taken.insert(numbered.clone()) {
        number += 1;
        numbered = format!("{name}_{number}");
    }
    numbered
}

impl<'a> Network<'a> {
    fn new(context: &mut Context<'a>, declaration: &'a Declaration, name: Ident) -> Self {
        let buffers_name = unused_name(&format!("{}Buffers", plain(&name)), &mut context.structs);
        Self {
            declaration,
            buffers_name: Ident::new(&buffers_name, name.span()),
            name,
            visibility: context.declaration.visibility.clone(),
            generics: context.declaration.generics.clone(),
            allowed: context.declaration.allowed.clone(),
            block: None,
            transparent: false,
            inputs: Vec::new(),
            outputs: Vec::new(),
            nodes: Vec::new(),
            lines: Vec::new(),
            values: HashMap::new(),
            assumptions: Vec::new(),
        }
    }

    fn add_node(&mut self, link: &'a Link, word: String, layer: Layer, sources: Vec<Source>) -> Source {
        let taken: Vec<_> = sources.iter().map(|source| self.fields(*source)).collect();
        let axes = self.axes();
        let fields = layer.reach.fields(&Field::largest(taken, &axes));
        let receptive_field = fields.iter().zip(&axes).map(|(field, axis)| field.shown(axis)).collect();
        let (line, node) = (self.lines.len() - 1, self.nodes.len());
        let input = self.shape(sources[0]).clone();
        self.nodes.push(Node { line, link, word, layer, sources, input, fields, receptive_field });
        self.lines[line].nodes.push(node);
        Source::Node(node)
    }

    /// Advice on a layer that has none yet.
    fn advise(&mut self, node: usize, name: &'static str, text: &str) {
        let text = format!("{text}; `#[allow({name})]` on the line or the network silences this");
        self.nodes[node].layer.advice.get_or_insert(Advice { name, text });
    }
}
