//! Syntax to a checked network: which layer each word is, what shape each value has, and whether the whole keeps its promise.

use core::fmt::Write;
use std::collections::{HashMap, HashSet};

use proc_macro2::Ident;

use crate::dimension::{Dim, dimension};
use crate::errors::{Errors, Mistake, nearest};
use crate::receptive::Field;
use crate::shape::{Kind, Shape};
use crate::syntax::{Declaration, Line, Link, Port, is_name, plain};
use crate::table::{self, Form, Initial, Layer, Parameters, Row, Suits};

/// The kinds of advice, by the name under which `#[allow(…)]` on a declaration or a line silences them.
pub const ADVICE: &[&str] = &["unused_value", "skipped_input"];

/// The type parameter of the generated code.
pub const SCALAR: &str = "T";

/// How many values a trail shows before it leaves out those in the middle.
const MOST_STATIONS: usize = 8;

/// A declaration whose words and shapes are known, as far as they are right.
pub struct Network<'a> {
    pub declaration: &'a Declaration,
    pub input: Option<Shape>,
    pub output: Option<Shape>,
    /// Every layer that could be checked, in order.
    pub nodes: Vec<Node<'a>>,
    /// The lines, in order.
    pub lines: Vec<CheckedLine<'a>>,
    /// The finished lines that a chain may begin with, by name.
    values: HashMap<String, usize>,
    /// The value of the output.
    pub result: Option<Source>,
}

/// A layer in its place.
pub struct Node<'a> {
    /// Which line it stands in.
    pub line: usize,
    pub link: &'a Link,
    pub row: &'static Row,
    pub layer: Layer,
    /// The values that it reads, in order; at least one.
    pub sources: Vec<Source>,
    /// The shape of the first.
    pub input: Shape,
    /// What one of its values sees of the network's input, by axis.
    fields: Vec<Field>,
    /// The same as numbers of values.
    pub receptive_field: Vec<Dim>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Input,
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

/// The rules, in order.
pub fn declaration<'a>(declaration: &'a Declaration, errors: &Errors) -> Network<'a> {
    let input = port_shape(&declaration.input, errors);
    let output = port_shape(&declaration.output, errors);
    let (nodes, lines, values) = (Vec::new(), Vec::new(), HashMap::new());
    let mut network = Network { declaration, input, output, nodes, lines, values, result: None };
    check_network_name(declaration, errors);
    check_port_names(declaration, errors);
    check_lines(&mut network, errors);
    check_result(&mut network, errors);
    network
}

/// The generated code has a type parameter of its own.
fn check_network_name(declaration: &Declaration, errors: &Errors) {
    if declaration.name == SCALAR {
        errors.at(declaration.name.span(), "`T` is the scalar type within a network, and cannot be its name");
    }
}

/// A declared shape; `None` if it is wrong.
fn port_shape(port: &Port, errors: &Errors) -> Option<Shape> {
    let written = port.dimensions.as_ref()?;
    let mut dims = Vec::new();
    for tokens in written {
        match dimension(tokens) {
            Ok(dim) => dims.push(dim),
            Err(mistake) if tokens.is_empty() => errors.at(port.span, mistake),
            Err(mistake) => errors.at_tokens(tokens, mistake),
        }
    }
    let kind = kind(port, written.len())
        .map_err(|mistake| errors.at(port.kind.as_ref().map_or(port.span, Ident::span), mistake))
        .ok()?;
    if dims.len() < written.len() {
        return None;
    }
    let shape = Shape::new(kind, dims);
    if shape.is_none() {
        errors.at(port.span, "this shape has more values than fit in memory");
    }
    shape
}

/// What the axes of a declared shape mean.
fn kind(port: &Port, rank: usize) -> Result<Kind, Mistake> {
    const KINDS: [&str; 2] = ["sequence", "signal"];
    let word = port.kind.as_ref().map(plain);
    match (word.as_deref(), rank) {
        (None, 1) => Ok(Kind::Vector),
        (None, 3) => Ok(Kind::Image),
        (None, 4) => Ok(Kind::Volume),
        (Some("sequence"), 2) => Ok(Kind::Sequence),
        (Some("signal"), 2) => Ok(Kind::Signal),
        (None, 2) => Err(Mistake::new("a shape of two dimensions says which it is")
            .help("write `sequence [T, F]` for T steps of F features, or `signal [C, L]` for C channels of length L")),
        (None, _) => Err(Mistake::new(format!("a shape has 1 to 4 dimensions, found {rank}"))
            .note("`[F]` is a vector, `[C, H, W]` an image, `[C, D, H, W]` a volume")),
        (Some(word), _) if KINDS.contains(&word) => Err(format!("a {word} has two dimensions, found {rank}").into()),
        (Some(word), _) => {
            let mistake = Mistake::new(format!("there is no kind of shape `{word}`"));
            Err(match nearest(word, KINDS) {
                Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
                None => mistake.note("the kinds are sequence and signal"),
            })
        }
    }
}

fn check_port_names(declaration: &Declaration, errors: &Errors) {
    for port in [&declaration.input, &declaration.output] {
        if let Some(name) = &port.name {
            check_name(name, "a value", errors);
        }
    }
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

fn check_lines(network: &mut Network, errors: &Errors) {
    let Declaration { lines, name, damaged, .. } = network.declaration;
    if lines.is_empty() && !damaged {
        errors.at(name.span(), Mistake::new(format!("`{name}` has no lines")).help("write `out: dense(10),`"));
    }
    let mut arriving = network.input.as_ref().map(|_| Source::Input);
    for (index, line) in lines.iter().enumerate() {
        let is_field = check_line_name(network, line, errors);
        network.lines.push(CheckedLine { line, is_field, nodes: Vec::new(), value: None });
        arriving = check_chain(network, line, arriving, errors);
        network.lines[index].value = arriving;
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
    if network.names_input(&name) {
        errors.at(line.name.span(), format!("`{name}` is the name of the network's input"));
        return false;
    }
    if network.values.contains_key(&name) {
        errors.at(line.name.span(), format!("there is already a line `{name}`"));
        return false;
    }
    true
}

/// Follows one chain; gives its value, `None` after a mistake.
fn check_chain<'a>(
    network: &mut Network<'a>,
    line: &'a Line,
    arriving: Option<Source>,
    errors: &Errors,
) -> Option<Source> {
    let mut value = arriving;
    for (place, link) in line.chain.iter().enumerate() {
        // Behind an arrow stands a layer, also where a line has the same name.
        let is_layer = place > 0 && table::row(&plain(&link.word)).is_some();
        value = if is_layer || !network.is_value(link) {
            check_link(network, link, value, place == 0, errors)
        } else if place == 0 {
            network.value(&link.word)
        } else {
            let word = &link.word;
            let mistake = Mistake::new(format!("`{word}` is a value, and can only begin a chain"));
            errors.at(word.span(), mistake.help(format!("begin a line with it: `name: {word} -> …`")));
            None
        };
    }
    value.filter(|_| line.whole)
}

/// One layer: its word, its arguments, its shape rule.
fn check_link<'a>(
    network: &mut Network<'a>,
    link: &'a Link,
    value: Option<Source>,
    head: bool,
    errors: &Errors,
) -> Option<Source> {
    let Some(row) = table::row(&plain(&link.word)) else {
        errors.at(link.word.span(), unknown_word(network, link, head));
        return None;
    };
    let Some(source) = value else {
        check_arguments_only(row, link, errors);
        return None;
    };
    let input = network.shape(source).clone();
    let call = table::call(row, link, &input, network.giver(source), errors)?;
    match (row.layer)(&call) {
        Ok(layer) => Some(network.add_node(link, row, layer, source, input)),
        Err(mistake) => {
            let trail = mistake.about_shape.then(|| network.trail(source));
            errors.at(link.word.span(), trail.into_iter().fold(mistake, Mistake::note));
            None
        }
    }
}

/// After a mistake the shape is unknown, but the arguments can still be wrong by themselves.
fn check_arguments_only(row: &'static Row, link: &Link, errors: &Errors) {
    let unknown = Shape::vector(Dim::Literal(1));
    table::call(row, link, &unknown, String::new(), errors);
}

/// A word that is neither a value nor a layer.
fn unknown_word(network: &Network, link: &Link, head: bool) -> Mistake {
    let word = plain(&link.word);
    if word == "_" {
        return Mistake::new("`_` is the value that arrives at a merge, and here is none")
            .help("leave it out: a chain starts from the value of the line before");
    }
    let could_be_value = head && link.arguments.is_none();
    let values = if could_be_value { network.value_names() } else { Vec::new() };
    let is_line = network.declaration.lines.iter().any(|line| plain(&line.name) == word);
    if could_be_value && is_line {
        let itself = network.lines.last().is_some_and(|line| plain(&line.line.name) == word);
        let what = if itself { "uses itself" } else { "is used before it exists" };
        return Mistake::new(format!("`{word}` {what}")).note(format!("the values here are {}", values.join(", ")));
    }
    table::unknown(&word, &values)
}

/// The output is a line of the declaration, and has the shape that was promised.
fn check_result(network: &mut Network, errors: &Errors) {
    let Some(line) = result_line(network, errors) else { return };
    let (value, line) = (line.value, line.line);
    network.result = value;
    let (Some(value), Some(declared)) = (value, &network.output) else { return };
    let found = network.shape(value);
    if found.differs(declared) == Some(true) {
        let name = plain(&line.name);
        let last = line.chain.last().map_or(line.name.span(), |link| link.word.span());
        let mistake = Mistake::new(format!("the declared output is {declared}, but `{name}` gives {found}"));
        errors.at(last, mistake.note(network.trail(value)));
    }
}

/// The line of the output's name, or the last one.
fn result_line<'n, 'a>(network: &'n Network<'a>, errors: &Errors) -> Option<&'n CheckedLine<'a>> {
    let Some(name) = &network.declaration.output.name else {
        // What could not be read may have been the last line.
        return network.lines.last().filter(|_| !network.declaration.damaged);
    };
    let line = network.values.get(&plain(name)).map(|line| &network.lines[*line]);
    if line.is_none() && !network.declaration.damaged {
        let lines: Vec<_> = network.lines.iter().map(|line| plain(&line.line.name)).collect();
        let note = format!("the lines are {}", lines.join(", "));
        errors.at(name.span(), Mistake::new(format!("the output `{name}` is not a line")).note(note));
    }
    line
}

impl<'a> Network<'a> {
    fn add_node(&mut self, link: &'a Link, row: &'static Row, layer: Layer, source: Source, input: Shape) -> Source {
        let fields = layer.reach.fields(&self.fields(source));
        let axes = self.shape(Source::Input).extent();
        let receptive_field = fields.iter().zip(axes).map(|(field, axis)| field.shown(axis)).collect();
        let (line, node) = (self.lines.len() - 1, self.nodes.len());
        let sources = vec![source];
        self.nodes.push(Node { line, link, row, layer, sources, input, fields, receptive_field });
        self.lines[line].nodes.push(node);
        Source::Node(node)
    }

    /// What one of its values sees of the network's input, by axis.
    fn fields(&self, source: Source) -> Vec<Field> {
        match source {
            Source::Input => vec![Field::of_input(); self.shape(Source::Input).extent().len()],
            Source::Node(node) => self.nodes[node].fields.clone(),
        }
    }

    /// The shape of a value.
    pub fn shape(&self, source: Source) -> &Shape {
        match source {
            Source::Input => self.input.as_ref().expect("a value comes from an input whose shape is known"),
            Source::Node(node) => &self.nodes[node].layer.output,
        }
    }

    /// Whether a bare word names the input or an earlier line.
    fn is_value(&self, link: &Link) -> bool {
        let word = plain(&link.word);
        link.arguments.is_none() && (self.names_input(&word) || self.values.contains_key(&word))
    }

    /// The value of that name; `None` if its shape is unknown after a mistake.
    fn value(&self, name: &Ident) -> Option<Source> {
        match self.values.get(&plain(name)) {
            Some(line) => self.lines[*line].value,
            None => self.input.as_ref().map(|_| Source::Input),
        }
    }

    /// Whether a word is `input`, or the input's own name.
    fn names_input(&self, word: &str) -> bool {
        word == "input" || self.declaration.input.name.as_ref().is_some_and(|name| plain(name) == word)
    }

    /// What a chain of the line being checked may begin with.
    fn value_names(&self) -> Vec<String> {
        let input = self.declaration.input.name.as_ref().map_or("input".into(), plain);
        let lines = self.lines.iter().map(|line| plain(&line.line.name));
        core::iter::once(input).chain(lines.filter(|name| self.values.contains_key(name))).collect()
    }

    /// Who gives a value, for a message that goes on with its shape.
    fn giver(&self, source: Source) -> String {
        match source {
            Source::Input => "the input is".into(),
            Source::Node(node) => format!("`{}` gives", self.label(node)),
        }
    }

    /// What the value of a layer is called: by its line if that ends with it, else by its own word.
    fn label(&self, node: usize) -> String {
        let line = &self.lines[self.nodes[node].line];
        if line.value == Some(Source::Node(node)) { plain(&line.line.name) } else { plain(&self.nodes[node].link.word) }
    }

    /// The way from the input to a value: `input [784] → hidden [128] → out [10]`. Finished lines are one station, the
    /// line being checked shows each of its layers. Of a layer that reads several values, the way to the first.
    fn trail(&self, end: Source) -> String {
        let mut stations = Vec::new();
        let mut source = end;
        while let Source::Node(node) = source {
            let line = &self.lines[self.nodes[node].line];
            if line.value.is_none_or(|value| value == source) {
                stations.push(format!("{} {}", self.label(node), self.shape(source)));
            }
            source = self.nodes[node].sources[0];
        }
        let input = self.declaration.input.name.as_ref().map_or("input".into(), plain);
        let mut trail = format!("{input} {}", self.shape(Source::Input));
        let shown = stations.len().min(MOST_STATIONS);
        if shown < stations.len() {
            trail += " → …";
        }
        for station in stations[..shown].iter().rev() {
            write!(trail, " → {station}").expect("writing to a string");
        }
        trail
    }

    /// The layers that the output depends on, by node.
    pub fn live(&self) -> Vec<bool> {
        let mut live = vec![false; self.nodes.len()];
        let mut waiting: Vec<_> = self.result.into_iter().collect();
        while let Some(source) = waiting.pop() {
            let Source::Node(node) = source else { continue };
            if !core::mem::replace(&mut live[node], true) {
                waiting.extend(&self.nodes[node].sources);
            }
        }
        live
    }

    /// Lines that end with a layer whose value nothing uses.
    pub fn unused(&self) -> impl Iterator<Item = &Line> {
        let mut used: HashSet<_> = self.nodes.iter().flat_map(|node| node.sources.iter().copied()).collect();
        used.extend(self.result);
        let unused = move |line: &&CheckedLine| {
            let last = line.nodes.last().map(|node| Source::Node(*node));
            last.is_some_and(|last| !used.contains(&last))
        };
        self.lines.iter().filter(unused).map(|line| line.line)
    }

    /// The family of initialisers for each layer: that of the activation behind it, also behind a view, a pool or a
    /// normalisation. What is never computed has no say for what is.
    pub fn suits(&self) -> Vec<Suits> {
        let live = self.live();
        let mut suits = vec![Suits::Xavier; self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate().rev() {
            let suit = match &node.layer.form {
                Form::Pointwise(activation) => activation.suits,
                // A normalisation draws nothing: the activation behind it is that of the layer before it.
                Form::View
                | Form::Plain(_)
                | Form::Noise(_)
                | Form::Parameterised(Parameters { initializer: Initial::Fixed, .. }) => suits[place],
                Form::Parameterised(_) | Form::Softmax => continue,
            };
            for source in &node.sources {
                if let Source::Node(before) = source
                    && (live[place] || !live[*before])
                {
                    suits[*before] = suit;
                }
            }
        }
        suits
    }

    /// How much of the network's input one value of the output depends on, by axis.
    pub fn output_receptive_field(&self) -> Vec<Dim> {
        match self.result {
            Some(Source::Node(node)) => self.nodes[node].receptive_field.clone(),
            _ => vec![Dim::Literal(1); self.input.as_ref().map_or(0, |input| input.extent().len())],
        }
    }

    /// Whether gradients can train it: no live layer is without a useful derivative.
    pub fn trainable(&self) -> bool {
        let live = self.live();
        self.nodes.iter().zip(live).all(|(node, live)| match &node.layer.form {
            Form::Pointwise(activation) => activation.differentiable || !live,
            _ => true,
        })
    }
}
